// The names of one state of the repository, in memory: who defines a name, who uses it, what is
// imported. Made from the index file at once, then only read. Threads: any thread.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/existence/builtins.h"
#include "indexer/existence/manifests.h"
#include "indexer/existence/outside_names.h"
#include "indexer/index.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct NameFacts {
    uint16_t kinds = 0;  // a bit per SymbolKind that is defined under this name
    std::array<int32_t, 2> users = {-1, -1};  // two of the blobs that use it
};

class NameTable {
public:
    // Manifests of packages are read from the work tree at `root`. Fails: corrupt, io. Cost: reads
    // every symbol and reference.
    static base::Result<std::shared_ptr<const NameTable>> load(const Reading& reading,
                                                               const std::filesystem::path& root);

    int64_t generation() const { return generation_; }

    NameWorld worldOf(int32_t blob) const { return worlds_[size_t(blob)]; }

    // Of the file at `path`, or -1.
    int32_t blobOf(std::string_view path) const;
    // Nothing is known: all zero.
    NameFacts find(NameWorld world, std::string_view name) const;
    // The file with this blob names it in an import.
    bool isImportedBy(int32_t blob, std::string_view name) const;
    // A file or folder whose path is, or ends with, `tail`; with or without its extension.
    bool hasPath(std::string_view tail) const;
    // A module, header or package as files of this world write it: a file here.
    bool isOwnModule(NameWorld world, std::string_view module) const;

    // A manifest of the repository names the package that this is in.
    bool isDeclaredPackage(NameWorld world, std::string_view module) const {
        return packages_.names(world, module);
    }

    // Some file in C includes the headers of Windows.
    bool includesWindows() const { return includesWindows_; }

    // Of libraries that C files include.
    const OutsideNames& outsideNames() const { return outsideNames_; }

    // Some file other than `blob` imports exactly this.
    bool isImportedElsewhere(NameWorld world, std::string_view module, int32_t blob) const;

private:
    using Facts = std::unordered_map<std::string, NameFacts>;  // by world and name

    base::Status loadSymbols(const Reading& reading, const std::vector<std::string>& names);
    base::Status loadReferences(const Reading& reading, const std::vector<std::string>& names);
    base::Status loadImports(const Reading& reading);
    void findOutsideNames();
    void loadPaths(const LiveView& view);
    void addPath(std::string_view path);

    int64_t generation_ = -1;
    std::vector<NameWorld> worlds_;  // of each blob
    Facts names_, imports_;
    DeclaredPackages packages_;
    OutsideNames outsideNames_;
    bool includesWindows_ = false;
    std::unordered_map<std::string, std::vector<int32_t>> importers_;  // blobs, by name
    std::unordered_map<std::string, int32_t> blobs_;                   // by path
    std::unordered_map<std::string, std::vector<std::string>> paths_;  // by last part
};

}  // namespace moxie::indexer
