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
#include <unordered_set>
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

// What is usually required for "A::B", as squeezed() writes it: "a/b".
std::string rubyModuleOf(std::string_view path);

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

    // Some manifest of this world is there.
    bool hasManifest(NameWorld world) const { return packages_.hasAny(world); }

    // Ruby: the parts of "rack/utils" that are no files here, as squeezed() writes them; none of
    // what is Ruby's own.
    std::vector<std::string> outsideParts(std::string_view module) const;
    // Ruby: a package that files here require opens "A::B" as well.
    bool isOutsideType(std::string_view path) const;
    // Ruby: a constant that is called as a package is that files require or a manifest names.
    bool isPackageLike(std::string_view constant) const;

    // Ruby: some file requires what is neither here nor of Ruby's library.
    bool hasOutsideModules() const { return !outsideModules_.empty(); }

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
    void findOutsideModules();
    void loadPaths(const LiveView& view);
    void addPath(std::string_view path);

    int64_t generation_ = -1;
    std::vector<NameWorld> worlds_;  // of each blob
    Facts names_, imports_;
    DeclaredPackages packages_;
    OutsideNames outsideNames_;
    bool includesWindows_ = false;
    std::unordered_set<std::string> outsideModules_;  // Ruby: "a/b" as squeezed() writes it
    std::unordered_map<std::string, std::vector<int32_t>> importers_;  // blobs, by name
    std::unordered_map<std::string, int32_t> blobs_;                   // by path
    std::unordered_map<std::string, std::vector<std::string>> paths_;  // by last part
};

}  // namespace moxie::indexer
