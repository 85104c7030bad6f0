#include "indexer/links/module_paths.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "indexer/language.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int64_t kManifestBytesMax = 1'000'000;
constexpr size_t kManifestsMax = 2'000, kMeaningsMax = 64;

// "a/b" and "../c/./d" as "a/c/d"; "" if it leaves the root.
std::string joined(std::string_view folder, std::string_view relative) {
    std::vector<std::string_view> parts;
    for (const std::string_view whole : {folder, relative})
        for (size_t i = 0; i < whole.size();) {
            const size_t end = std::min(whole.find('/', i), whole.size());
            const std::string_view part = whole.substr(i, end - i);
            i = end + 1;
            if (part.empty() || part == ".") continue;
            if (part != "..") {
                parts.push_back(part);
                continue;
            }
            if (parts.empty()) return {};
            parts.pop_back();
        }
    std::string out;
    for (const std::string_view part : parts)
        (out += out.empty() ? "" : "/") += part;
    return out;
}

std::string replacedAll(std::string_view text, std::string_view what, std::string_view with) {
    std::string out(text);
    for (size_t at = 0; (at = out.find(what, at)) != out.npos; at += with.size())
        out.replace(at, what.size(), with);
    return out;
}

bool endsWithPath(std::string_view path, std::string_view tail) {
    if (!path.ends_with(tail)) return false;
    return path.size() == tail.size() || path[path.size() - tail.size() - 1] == '/';
}

// The word behind "name =" or "module " in TOML and go.mod.
std::string wordAfter(const std::string& text, std::string_view key) {
    for (const std::string_view line : base::splitLines(text)) {
        if (!line.starts_with(key)) continue;
        std::string_view rest = base::trim(line.substr(key.size()));
        if (rest.starts_with('=')) rest = base::trim(rest.substr(1));
        const size_t first = rest.find_first_not_of("\"'");
        if (first == rest.npos) continue;
        return std::string(rest.substr(first, rest.find_first_of("\"' \t", first) - first));
    }
    return {};
}

}  // namespace

std::string_view folderOf(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string_view fileNameOf(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view vendoredRootOf(std::string_view path) {
    for (size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1)) {
        if (!isVendoredPath(path.substr(0, slash + 1))) continue;
        const size_t end = path.find('/', slash + 1);
        return path.substr(0, end == path.npos ? slash : end);
    }
    return {};
}

int commonFolders(std::string_view a, std::string_view b) {
    int count = 0;
    for (size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; i++)
        count += a[i] == '/';
    return count;
}

ModulePaths::ModulePaths(const std::vector<std::string>& files, const fs::path& root)
    : files_(files) {
    byPath_.reserve(files_.size());
    size_t manifests = 0;
    for (size_t i = 0; i < files_.size(); i++) {
        const std::string& path = files_[i];
        byPath_.emplace(path, int32_t(i));
        byName_[fileNameOf(path)].push_back(int32_t(i));
        byFolder_[folderOf(path)].push_back(int32_t(i));
        const std::string_view name = fileNameOf(path);
        const bool isManifest =
            name == "package.json" || name == "go.mod" || name == "Cargo.toml" ||
            (name.starts_with("tsconfig") && name.ends_with(".json")) || name == "jsconfig.json";
        if (isManifest && manifests++ < kManifestsMax) readManifest(root, path);
    }
}

void ModulePaths::readManifest(const fs::path& root, const std::string& path) {
    const auto text = base::readFile(root / path, kManifestBytesMax);
    if (!text) return;
    const std::string folder(folderOf(path));
    const std::string_view name = fileNameOf(path);
    if (name == "go.mod")
        aliases_.push_back({folder, wordAfter(*text, "module "), folder, NameWorld::go});
    if (name == "Cargo.toml")
        aliases_.push_back(
            {folder, replacedAll(wordAfter(*text, "name"), "-", "_"), folder, NameWorld::rust});
    if (name == "package.json") {
        const json parsed = json::parse(*text, nullptr, false, true);
        const auto own = parsed.is_object() ? parsed.find("name") : parsed.end();
        if (parsed.is_object() && own != parsed.end() && own->is_string())
            aliases_.push_back({folder, own->get<std::string>(), folder, NameWorld::javascript});
    }
    if (name.starts_with("tsconfig") || name == "jsconfig.json") readTsconfig(folder, *text);
}

void ModulePaths::readTsconfig(std::string_view folder, const std::string& text) {
    const json parsed = json::parse(text, nullptr, false, true);
    if (!parsed.is_object() || !parsed.contains("compilerOptions")) return;
    const json& options = parsed["compilerOptions"];
    if (!options.is_object()) return;
    std::string base(folder);
    if (options.contains("baseUrl") && options["baseUrl"].is_string()) {
        base = joined(folder, options["baseUrl"].get<std::string>());
        aliases_.push_back(
            {std::string(folder), "*", base.empty() ? "*" : base + "/*", NameWorld::javascript});
    }
    if (!options.contains("paths") || !options["paths"].is_object()) return;
    for (const auto& [pattern, targets] : options["paths"].items()) {
        if (!targets.is_array()) continue;
        for (const json& target : targets)
            if (target.is_string())
                aliases_.push_back({std::string(folder), pattern,
                                    joined(base, target.get<std::string>()),
                                    NameWorld::javascript});
    }
}

int32_t ModulePaths::at(std::string_view path) const {
    const auto found = byPath_.find(path);
    return found == byPath_.end() ? -1 : found->second;
}

bool ModulePaths::isPackage(std::string_view folder) const {
    return at(std::string(folder) + (folder.empty() ? "" : "/") + "__init__.py") >= 0;
}

FileNumbers ModulePaths::filesIn(std::string_view folder) const {
    const auto found = byFolder_.find(folder);
    return found == byFolder_.end() ? FileNumbers() : found->second;
}

FileNumbers ModulePaths::find(NameWorld world, std::string_view from,
                              std::string_view target) const {
    switch (world) {
        case NameWorld::c:
            return findHeader(from, target);
        case NameWorld::python:
            return findPython(from, target);
        case NameWorld::javascript:
            return findScript(from, target);
        case NameWorld::go:
            return findGo(target);
        case NameWorld::rust:
            return findRust(from, target);
        case NameWorld::java:
            return findJava(target);
        case NameWorld::ruby:
            return findRuby(from, target);
        default:
            return {};
    }
}

// Beside the file, else the file whose path ends so and is nearest; a header of the language only
// beside it.
FileNumbers ModulePaths::findHeader(std::string_view from, std::string_view target) const {
    if (const int32_t own = at(joined(folderOf(from), target)); own >= 0) return {own};
    if (isBuiltInModule(NameWorld::c, target)) return {};
    while (target.starts_with("../") || target.starts_with("./"))
        target.remove_prefix(target.find('/') + 1);
    return nearest(from, target);
}

FileNumbers ModulePaths::nearest(std::string_view from, std::string_view tail) const {
    const auto same = byName_.find(fileNameOf(tail));
    if (same == byName_.end()) return {};
    int32_t best = -1;
    std::pair<int, int64_t> rank = {-1, 0};
    for (const int32_t file : same->second) {
        const std::string& path = files_[size_t(file)];
        if (!endsWithPath(path, tail)) continue;
        const std::pair<int, int64_t> here = {commonFolders(path, from), -int64_t(path.size())};
        if (best < 0 || here > rank) best = file, rank = here;
    }
    return best < 0 ? FileNumbers() : FileNumbers{best};
}

FileNumbers ModulePaths::findPython(std::string_view from, std::string_view target) const {
    std::string folder(folderOf(from));
    if (target.starts_with('.')) {
        size_t dots = 0;
        while (dots < target.size() && target[dots] == '.')
            dots++;
        for (size_t i = 1; i < dots; i++)
            folder = folderOf(folder);
        const std::string rest = replacedAll(target.substr(dots), ".", "/");
        const int32_t file = scriptAt(joined(folder, rest.empty() ? "__init__" : rest));
        return file < 0 ? FileNumbers() : FileNumbers{file};
    }
    const std::string path = replacedAll(target, ".", "/");
    const std::string_view first = std::string_view(path).substr(0, path.find('/'));
    if (isBuiltInModule(NameWorld::python, first)) return {};
    int32_t best = -1;
    std::pair<int, int64_t> rank = {-1, 0};
    for (const std::string& tail : {path + ".py", path + "/__init__.py"}) {
        const auto same = byName_.find(fileNameOf(tail));
        if (same == byName_.end()) continue;
        for (const int32_t file : same->second) {
            const std::string& whole = files_[size_t(file)];
            if (!endsWithPath(whole, tail)) continue;
            const std::string_view rootFolder =
                folderOf(std::string_view(whole).substr(0, whole.size() - tail.size() + 1));
            if (isPackage(rootFolder)) continue;
            const std::pair<int, int64_t> here = {commonFolders(whole, from),
                                                  -int64_t(whole.size())};
            if (best < 0 || here > rank) best = file, rank = here;
        }
    }
    return best < 0 ? FileNumbers() : FileNumbers{best};
}

int32_t ModulePaths::scriptAt(const std::string& path) const {
    static constexpr std::array<std::string_view, 18> kEnds = {
        ".ts",  ".tsx",         ".d.ts",     ".js",        ".jsx",       ".mjs",
        ".cjs", ".mts",         "/index.ts", "/index.tsx", "/index.js",  "/index.d.ts",
        ".py",  "/__init__.py", ".vue",      ".svelte",    "/index.jsx", ".pyi"};
    if (const int32_t file = at(path); file >= 0) return file;
    for (const std::string_view end : kEnds)
        if (const int32_t file = at(path + std::string(end)); file >= 0) return file;
    // "./a.js" is written for a.ts.
    const size_t dot = path.rfind('.');
    if (dot != path.npos && path.substr(dot).starts_with(".j"))
        for (const std::string_view end : {".ts", ".tsx"})
            if (const int32_t file = at(path.substr(0, dot) + std::string(end)); file >= 0)
                return file;
    return -1;
}

FileNumbers ModulePaths::findScript(std::string_view from, std::string_view target) const {
    if (target.starts_with('.')) {
        const int32_t file = scriptAt(joined(folderOf(from), target));
        return file < 0 ? FileNumbers() : FileNumbers{file};
    }
    for (const Alias& alias : aliases_) {
        if (alias.world != NameWorld::javascript || alias.pattern.empty()) continue;
        if (!alias.folder.empty() && !from.starts_with(alias.folder + "/") &&
            alias.pattern.find('*') != alias.pattern.npos)
            continue;
        const size_t star = alias.pattern.find('*');
        std::string path;
        if (star != alias.pattern.npos) {
            const std::string_view head = std::string_view(alias.pattern).substr(0, star);
            if (!target.starts_with(head)) continue;
            path = replacedAll(alias.target, "*", target.substr(head.size()));
        } else if (target == alias.pattern) {
            path = alias.target;
        } else if (target.starts_with(alias.pattern + "/")) {
            path = alias.target + std::string(target.substr(alias.pattern.size()));
        } else {
            continue;
        }
        for (const std::string& tried : {path, path + "/src", path + "/lib"})
            if (const int32_t file = scriptAt(joined("", tried)); file >= 0) return {file};
    }
    return {};
}

FileNumbers ModulePaths::findGo(std::string_view target) const {
    for (const Alias& alias : aliases_) {
        if (alias.world != NameWorld::go || alias.pattern.empty()) continue;
        if (target != alias.pattern && !target.starts_with(alias.pattern + "/")) continue;
        const std::string folder = joined(alias.folder, target.substr(alias.pattern.size()));
        FileNumbers files = filesIn(folder);
        if (!files.empty()) return files;
    }
    return {};
}

// "crate::a::b": the file of the longest part that is one; the rest are names in it.
FileNumbers ModulePaths::findRust(std::string_view from, std::string_view target) const {
    std::string path = replacedAll(target, "::", "/");
    const std::string first = path.substr(0, path.find('/'));
    const std::string rest = first.size() < path.size() ? path.substr(first.size() + 1) : "";
    std::string folder;
    if (first == "self" || first == "super") {
        folder = folderOf(from);
        if (fileNameOf(from) != "mod.rs" && fileNameOf(from) != "lib.rs" && first == "self")
            folder = std::string(from.substr(0, from.size() - 3));
        if (first == "super" && fileNameOf(from) == "mod.rs") folder = folderOf(folder);
    } else {
        size_t longest = 0;
        for (const Alias& alias : aliases_) {
            if (alias.world != NameWorld::rust) continue;
            const bool isOwn =
                first == "crate" && (alias.folder.empty() || from.starts_with(alias.folder + "/"));
            if (!isOwn && alias.pattern != first) continue;
            if (alias.folder.size() + 1 > longest) {
                longest = alias.folder.size() + 1;
                folder = joined(alias.folder, "src");
            }
        }
        if (longest == 0) return {};
    }
    for (std::string part = rest;; part = folderOf(part)) {
        const std::string tried = joined(folder, part);
        for (const std::string_view end : {".rs", "/mod.rs", "/lib.rs", "/main.rs"})
            if (const int32_t file = at(tried + std::string(end)); file >= 0) return {file};
        if (part.empty()) return {};
    }
}

FileNumbers ModulePaths::findJava(std::string_view target) const {
    if (isBuiltInModule(NameWorld::java, target)) return {};
    std::string path = replacedAll(target, ".", "/");
    const bool isAll = path.ends_with("/*");
    if (isAll) path.resize(path.size() - 2);
    for (int i = 0; i < 3 && !path.empty(); i++, path = folderOf(path)) {
        const auto same = byName_.find(std::string(fileNameOf(path)) + ".java");
        if (same == byName_.end()) continue;
        for (const int32_t file : same->second)
            if (endsWithPath(files_[size_t(file)], path + ".java")) return {file};
    }
    if (!isAll) return {};
    path = replacedAll(target.substr(0, target.size() - 2), ".", "/");
    FileNumbers found;
    for (const auto& [folder, files] : byFolder_)
        if (endsWithPath(folder, path) && found.size() < kMeaningsMax)
            found.insert(found.end(), files.begin(), files.end());
    std::sort(found.begin(), found.end());
    return found;
}

// "./a" of require_relative is beside the file; others are below a folder of the load path, which
// is not known: the nearest file whose path ends so.
FileNumbers ModulePaths::findRuby(std::string_view from, std::string_view target) const {
    const std::string name = std::string(target) + (target.ends_with(".rb") ? "" : ".rb");
    if (target.starts_with('.')) {
        const int32_t file = at(joined(folderOf(from), name));
        return file < 0 ? FileNumbers() : FileNumbers{file};
    }
    return isBuiltInModule(NameWorld::ruby, target) ? FileNumbers() : nearest(from, name);
}

int32_t ModulePaths::submodule(NameWorld world, std::string_view modulePath,
                               std::string_view name) const {
    const std::string folder(folderOf(modulePath));
    const std::string below = folder.empty() ? std::string(name) : folder + "/" + std::string(name);
    if (world == NameWorld::python && fileNameOf(modulePath) == "__init__.py")
        return scriptAt(below);
    return -1;
}

}  // namespace moxie::indexer
