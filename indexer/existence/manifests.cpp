#include "indexer/existence/manifests.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/file.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kBytesMax = 1'000'000;

std::optional<NameWorld> worldOfManifest(std::string_view path) {
    static constexpr std::pair<std::string_view, NameWorld> kNames[] = {
        {"package.json", NameWorld::javascript},
        {"deno.json", NameWorld::javascript},
        {"Cargo.toml", NameWorld::rust},
        {"go.mod", NameWorld::go},
        {"pyproject.toml", NameWorld::python},
        {"setup.py", NameWorld::python},
        {"setup.cfg", NameWorld::python},
        {"Pipfile", NameWorld::python},
        {"tox.ini", NameWorld::python},
        {"environment.yml", NameWorld::python},
        {"Gemfile", NameWorld::ruby},
        {"composer.json", NameWorld::php},
        {"pom.xml", NameWorld::java},
        {"build.gradle", NameWorld::java},
        {"build.gradle.kts", NameWorld::java},
    };
    const size_t slash = path.rfind('/');
    const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
    for (const auto& [known, world] : kNames)
        if (name == known) return world;
    if (name.starts_with("requirements") && name.ends_with(".txt")) return NameWorld::python;
    if (name.ends_with(".gemspec")) return NameWorld::ruby;
    if (name.ends_with(".csproj")) return NameWorld::csharp;
    return std::nullopt;
}

bool isPackageByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/' || c == '@';
}

// Registries of Python and Rust take "-" and "_", large and small letters as one.
std::string wordKey(NameWorld world, std::string_view word) {
    std::string key(1, char(world));
    if (world == NameWorld::ruby) return key + squeezed(word);
    key += word;
    if (world == NameWorld::python || world == NameWorld::rust)
        std::transform(key.begin() + 1, key.end(), key.begin() + 1, [](char c) {
            if (c == '-') return '_';
            return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
        });
    return key;
}

// What separates the parts of a module's name; a package is one or more of its first parts.
char separatorOf(NameWorld world) {
    switch (world) {
        case NameWorld::python:
        case NameWorld::java:
        case NameWorld::csharp:
            return '.';
        case NameWorld::rust:
            return ':';
        case NameWorld::php:
            return '\\';
        default:
            return '/';
    }
}

}  // namespace

std::string squeezed(std::string_view name) {
    std::string out;
    for (const char c : name)
        if (c != '_' && c != '-') out.push_back(c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c);
    return out;
}

void DeclaredPackages::add(std::string_view path, std::string_view text) {
    const auto world = worldOfManifest(path);
    if (!world || text.size() > size_t(kBytesMax)) return;
    worlds_ |= 1U << unsigned(*world);
    for (size_t i = 0; i < text.size();) {
        if (!isPackageByte(text[i])) {
            i++;
            continue;
        }
        const size_t begin = i;
        while (i < text.size() && isPackageByte(text[i]))
            i++;
        words_.insert(wordKey(*world, text.substr(begin, i - begin)));
    }
}

void DeclaredPackages::addFile(const std::filesystem::path& root, std::string_view path) {
    if (!worldOfManifest(path)) return;
    if (const auto text = base::readFile(root / path, kBytesMax)) add(path, *text);
}

bool DeclaredPackages::names(NameWorld world, std::string_view module) const {
    if (words_.empty() || module.empty() || module.front() == '.') return false;
    const char separator = separatorOf(world);
    for (size_t end = module.find(separator);; end = module.find(separator, end + 1)) {
        if (words_.contains(wordKey(world, module.substr(0, end)))) return true;
        if (end == module.npos) return false;
    }
}

}  // namespace moxie::indexer
