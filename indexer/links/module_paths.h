// Which files an import means, by paths and by the manifests that rename them: the include path of
// C is guessed, Python's roots are the folders that are no package, tsconfig.json, package.json,
// go.mod and Cargo.toml are read. Threads: any thread once it is made.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/existence/builtins.h"

namespace moxie::indexer {

// Positions in the list of files; several for a package of Go or Java, or if it cannot be told.
using FileNumbers = std::vector<int32_t>;

std::string_view folderOf(std::string_view path);  // without the slash; "" at the root
std::string_view fileNameOf(std::string_view path);
// "deps/lua" of "deps/lua/src/lua.c"; "" if the file is our own.
std::string_view vendoredRootOf(std::string_view path);
// How many folders from the root two files share.
int commonFolders(std::string_view a, std::string_view b);

class ModulePaths {
public:
    // Manifests are read from the work tree at `root`; one that cannot be read says nothing.
    ModulePaths(const std::vector<std::string>& files, const std::filesystem::path& root);

    // What `target`, as the file at `from` writes it, means. Empty: nothing here.
    FileNumbers find(NameWorld world, std::string_view from, std::string_view target) const;
    // The file at a path without its extension, or its index or __init__ file; -1: none.
    int32_t scriptAt(const std::string& path) const;
    // The part of a Python package, Rust module or Go path that a name below it is; -1: none.
    int32_t submodule(NameWorld world, std::string_view modulePath, std::string_view name) const;
    FileNumbers filesIn(std::string_view folder) const;

    const std::string& path(int32_t file) const { return files_[size_t(file)]; }

private:
    struct Alias {
        std::string folder;   // of the manifest
        std::string pattern;  // "@app/*", a package's name, a module's path
        std::string target;   // a path from the root, with its own "*"
        NameWorld world = NameWorld::other;
    };

    void readManifest(const std::filesystem::path& root, const std::string& path);
    void readTsconfig(std::string_view folder, const std::string& text);
    int32_t at(std::string_view path) const;
    bool isPackage(std::string_view folder) const;

    FileNumbers findHeader(std::string_view from, std::string_view target) const;
    FileNumbers findPython(std::string_view from, std::string_view target) const;
    FileNumbers findScript(std::string_view from, std::string_view target) const;
    FileNumbers findGo(std::string_view target) const;
    FileNumbers findRust(std::string_view from, std::string_view target) const;
    FileNumbers findJava(std::string_view target) const;
    FileNumbers findRuby(std::string_view from, std::string_view target) const;
    // Of the files whose path ends so, the one that shares most folders with `from`.
    FileNumbers nearest(std::string_view from, std::string_view tail) const;

    const std::vector<std::string>& files_;
    std::unordered_map<std::string_view, int32_t> byPath_;
    std::unordered_map<std::string_view, FileNumbers> byName_;    // by the file's name
    std::unordered_map<std::string_view, FileNumbers> byFolder_;  // by the whole folder
    std::vector<Alias> aliases_;
};

}  // namespace moxie::indexer
