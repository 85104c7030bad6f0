#include "indexer/existence/name_table.h"

#include <algorithm>
#include <array>

#include "indexer/outline/outline.h"
#include "indexer/uses.h"

namespace moxie::indexer {

namespace fs = std::filesystem;

namespace {

std::string keyOf(NameWorld world, std::string_view name) {
    std::string key(1, char(world));
    key += name;
    return key;
}

void addUser(NameFacts& facts, int32_t blob) {
    if (facts.users[0] < 0)
        facts.users[0] = blob;
    else if (facts.users[0] != blob)
        facts.users[1] = blob;
}

// By id; ids count from 1 without large holes.
base::Result<std::vector<std::string>> loadNames(const Database& database) {
    TRY_ASSIGN(const int64_t last, database.lastRowOf("name"));
    std::vector<std::string> names(size_t(last) + 1);
    TRY_ASSIGN(Statement query, database.prepare("SELECT id, text FROM name"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return names;
        const int64_t id = query.integer(0);
        if (id > 0 && id <= last) names[size_t(id)] = query.text(1);
    }
}

std::string_view lastPart(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == path.npos ? path : path.substr(slash + 1);
}

std::string_view withoutExtension(std::string_view path) {
    const size_t dot = path.rfind('.');
    const size_t slash = path.rfind('/');
    if (dot == path.npos || dot == 0 || (slash != path.npos && dot < slash + 2)) return path;
    return path.substr(0, dot);
}

bool endsWithPart(std::string_view path, std::string_view tail) {
    if (!path.ends_with(tail)) return false;
    return path.size() == tail.size() || path[path.size() - tail.size() - 1] == '/';
}

// "a.b.c", "a::b", "./a/b" as "a/b/c".
std::string pathOfModule(NameWorld world, std::string_view module) {
    std::string out;
    const bool hasDots =
        world == NameWorld::python || world == NameWorld::java || world == NameWorld::csharp;
    for (const char c : module)
        out.push_back((hasDots && c == '.') || c == ':' || c == '\\' ? '/' : c);
    for (size_t at; (at = out.find("//")) != out.npos;)
        out.erase(at, 1);
    const std::string_view skipped[] = {"/", "./", "../", "@/", "~/", "crate/", "self/", "super/"};
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view prefix : skipped)
            if (out.starts_with(prefix)) out.erase(0, prefix.size()), again = true;
    }
    while (out.ends_with('/') || out.ends_with("/.") || out == "." || out == "..")
        out.pop_back();
    return out;
}

}  // namespace

base::Result<std::shared_ptr<const NameTable>> NameTable::load(const Reading& reading,
                                                               const fs::path& root) {
    auto table = std::make_shared<NameTable>();
    table->generation_ = reading.view().generation;
    for (const LiveBlob& blob : reading.view().blobs)
        table->worlds_.push_back(nameWorldOf(language(blob.language)));
    table->loadPaths(reading.view());
    for (const LiveFile& file : reading.view().files)
        table->packages_.addFile(root, file.path);
    TRY_ASSIGN(const std::vector<std::string> names, loadNames(reading.database()));
    TRY(table->loadSymbols(reading, names));
    TRY(table->loadReferences(reading, names));
    TRY(table->loadImports(reading));
    table->findOutsideNames();
    table->findOutsideModules();
    return std::shared_ptr<const NameTable>(std::move(table));
}

base::Status NameTable::loadSymbols(const Reading& reading, const std::vector<std::string>& names) {
    TRY_ASSIGN(Statement query, reading.database().prepare("SELECT name, blob, kind FROM sym"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        const auto blob = reading.view().blobById.find(query.integer(1));
        const auto name = size_t(query.integer(0)), kind = size_t(query.integer(2));
        if (blob == reading.view().blobById.end() || name >= names.size() || kind > 15) continue;
        NameFacts& facts = names_[keyOf(worlds_[size_t(blob->second)], names[name])];
        facts.kinds |= uint16_t(1u << kind);
    }
}

base::Status NameTable::loadReferences(const Reading& reading,
                                       const std::vector<std::string>& names) {
    TRY_ASSIGN(UseReader reader, UseReader::make(reading.database()));
    const auto& blobs = reading.view().blobs;
    for (size_t blob = 0; blob < blobs.size(); blob++) {
        TRY_ASSIGN(const auto uses, reader.of(blobs[blob].id));
        for (const StoredUse& use : uses) {
            const auto name = size_t(use.name);
            if (name >= names.size()) continue;
            addUser(names_[keyOf(worlds_[blob], names[name])], int32_t(blob));
            if (use.role == Role::import) importers_[names[name]].push_back(int32_t(blob));
        }
    }
    return {};
}

base::Status NameTable::loadImports(const Reading& reading) {
    TRY_ASSIGN(Statement query, reading.database().prepare("SELECT blob, target FROM imp"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        const auto blob = reading.view().blobById.find(query.integer(0));
        if (blob == reading.view().blobById.end()) continue;
        const NameWorld world = worlds_[size_t(blob->second)];
        addUser(imports_[keyOf(world, query.text(1))], blob->second);
    }
}

void NameTable::findOutsideNames() {
    const std::string c(1, char(NameWorld::c));
    for (const auto& [key, facts] : names_) {
        if (!key.starts_with(c)) continue;
        const std::string_view name = std::string_view(key).substr(1);
        if (facts.kinds != 0)
            outsideNames_.addDefined(name);
        else
            outsideNames_.addUsed(name);
    }
    for (const auto& [key, facts] : imports_) {
        if (!key.starts_with(c)) continue;
        const std::string_view module = std::string_view(key).substr(1);
        includesWindows_ = includesWindows_ || module == "windows.h" || module == "winsock2.h" ||
                           module == "Windows.h";
        if (!isBuiltInModule(NameWorld::c, module) && !isWindowsModule(module) &&
            !isOwnModule(NameWorld::c, module))
            outsideNames_.addHeader(module);
    }
}

// Gems that come with Ruby and whose names are not among the built-in ones.
bool isBundledGem(std::string_view module) {
    constexpr std::array<std::string_view, 8> kGems = {"bundler", "irb",   "minitest", "racc",
                                                       "rake",    "rexml", "rinda",    "test"};
    return std::find(kGems.begin(), kGems.end(), module.substr(0, module.find('/'))) != kGems.end();
}

std::vector<std::string> NameTable::outsideParts(std::string_view module) const {
    std::vector<std::string> parts;
    if (module.empty() || module.starts_with('.') || (module.ends_with(".rb") && hasPath(module)))
        return parts;
    if (isBuiltInModule(NameWorld::ruby, module) && !isBundledGem(module)) return parts;
    for (size_t end = module.find('/');; end = module.find('/', end + 1)) {
        const std::string_view part = module.substr(0, end);
        if (!hasPath(std::string(part) + ".rb")) parts.push_back(squeezed(part));
        if (end == module.npos) return parts;
    }
}

void NameTable::findOutsideModules() {
    const std::string ruby(1, char(NameWorld::ruby));
    for (const auto& [key, facts] : imports_)
        if (key.starts_with(ruby))
            for (std::string& part : outsideParts(std::string_view(key).substr(1)))
                outsideModules_.insert(std::move(part));
}

std::string rubyModuleOf(std::string_view path) {
    std::string module = squeezed(path);
    for (size_t at; (at = module.find("::")) != module.npos;)
        module.replace(at, 2, "/");
    return module;
}

bool NameTable::isOutsideType(std::string_view path) const {
    return outsideModules_.contains(rubyModuleOf(path));
}

bool NameTable::isPackageLike(std::string_view constant) const {
    return isOutsideType(constant) || packages_.names(NameWorld::ruby, constant);
}

void NameTable::addPath(std::string_view path) {
    std::vector<std::string>& same = paths_[std::string(lastPart(path))];
    if (std::find(same.begin(), same.end(), path) == same.end()) same.emplace_back(path);
}

void NameTable::loadPaths(const LiveView& view) {
    std::string_view folderBefore;
    for (const LiveFile& file : view.files) {
        blobs_.emplace(file.path, file.blob);
        addPath(file.path);
        if (const auto stem = withoutExtension(file.path); stem != file.path) addPath(stem);
        std::string_view folder = file.path;
        folder = folder.substr(0, folder.size() - lastPart(folder).size());
        if (folder == folderBefore) continue;
        folderBefore = folder;
        while (folder.size() > 1) {
            folder.remove_suffix(1);
            addPath(folder);
            folder = folder.substr(0, folder.size() - lastPart(folder).size());
        }
    }
}

int32_t NameTable::blobOf(std::string_view path) const {
    const auto at = blobs_.find(std::string(path));
    return at == blobs_.end() ? -1 : at->second;
}

NameFacts NameTable::find(NameWorld world, std::string_view name) const {
    const auto at = names_.find(keyOf(world, name));
    return at == names_.end() ? NameFacts() : at->second;
}

bool NameTable::isImportedBy(int32_t blob, std::string_view name) const {
    const auto at = importers_.find(std::string(name));
    return at != importers_.end() &&
           std::find(at->second.begin(), at->second.end(), blob) != at->second.end();
}

bool NameTable::hasPath(std::string_view tail) const {
    if (tail.empty()) return false;
    const auto same = paths_.find(std::string(lastPart(tail)));
    if (same == paths_.end()) return false;
    return std::any_of(same->second.begin(), same->second.end(),
                       [&](const std::string& path) { return endsWithPart(path, tail); });
}

bool NameTable::isOwnModule(NameWorld world, std::string_view module) const {
    const std::string path = pathOfModule(world, module);
    if (path.empty()) return module.starts_with('.');  // the package itself
    if (hasPath(path) || hasPath(withoutExtension(path))) return true;
    // The last part may be a name inside the module; Go's paths begin outside the repository.
    const std::string_view last = lastPart(path);
    if (world == NameWorld::go) return hasPath(last);
    return last.size() < path.size() && world != NameWorld::c && world != NameWorld::javascript &&
           hasPath(std::string_view(path).substr(0, path.size() - last.size() - 1));
}

bool NameTable::isImportedElsewhere(NameWorld world, std::string_view module, int32_t blob) const {
    const auto at = imports_.find(keyOf(world, module));
    if (at == imports_.end()) return false;
    const auto& users = at->second.users;
    return users[0] != blob || users[1] >= 0;
}

}  // namespace moxie::indexer
