// What the files of one state import: which files that is, and which names it binds. Threads: any
// thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/links/module_paths.h"
#include "indexer/reader.h"

namespace moxie::indexer {

using BlobNumbers = std::vector<int32_t>;

struct Import {
    std::string target;
    BlobNumbers modules;  // empty: outside of the repository
};

// One name that an import brings into a file.
struct Binding {
    std::string here;       // "*": every name of the module
    std::string there;      // "": the module itself
    int32_t import = 0;     // of the file's imports
    bool passesOn = false;  // "export … from": others see it, the file itself does not
};

class Imports {
public:
    // `worlds` has one entry a blob. Fails: corrupt, io.
    static base::Result<std::unique_ptr<const Imports>> load(const Reading& reading,
                                                             const std::vector<NameWorld>& worlds,
                                                             const std::filesystem::path& root);

    std::span<const Import> importsOf(int32_t blob) const { return imports_[size_t(blob)]; }

    std::span<const Binding> bindingsOf(int32_t blob) const { return bindings_[size_t(blob)]; }

    // C: every file that this one includes, through others too, sorted; at most 4,000.
    std::shared_ptr<const BlobNumbers> reachedFrom(int32_t blob) const;

    const std::string& pathOf(int32_t blob) const {
        return files_[size_t(firstFile_[size_t(blob)])];
    }

    // "b" of package "a": -1 if there is no such file.
    int32_t submodule(int32_t blob, std::string_view name) const;
    // The files in the same folder.
    BlobNumbers folderOfBlob(int32_t blob) const;

private:
    void add(int32_t blob, std::string_view target, std::string_view names);
    void bind(int32_t blob, NameWorld world, std::string_view target, std::string_view names);
    void bindRust(int32_t blob, std::string_view prefix, std::string_view tree);

    BlobNumbers blobsOf(const FileNumbers& files) const;

    std::vector<std::string> files_;
    std::vector<int32_t> blobOfFile_, firstFile_;
    std::vector<NameWorld> worlds_;
    std::unique_ptr<const ModulePaths> paths_;
    std::vector<std::vector<Import>> imports_;
    std::vector<std::vector<Binding>> bindings_;
    std::unordered_map<std::string, BlobNumbers> found_;  // while loading: by folder and target
    mutable std::mutex mutex_;                            // guards reached_
    mutable std::unordered_map<int32_t, std::shared_ptr<const BlobNumbers>> reached_;
};

}  // namespace moxie::indexer
