#include "indexer/existence/builtins.h"

#include <array>
#include <unordered_set>
#include <utility>

namespace moxie::indexer {
namespace {

using BuiltInSet = std::unordered_set<std::string_view>;

void addBuiltIns(BuiltInSet& out, std::string_view names) {
    while (!names.empty()) {
        const size_t end = names.find(' ');
        if (end > 0) out.insert(names.substr(0, end));
        if (end == names.npos) return;
        names.remove_prefix(end + 1);
    }
}

constexpr std::string_view kCNames =
#include "indexer/existence/builtins/c.inc"
    ;
constexpr std::string_view kCppNames =
#include "indexer/existence/builtins/cpp.inc"
    ;
constexpr std::string_view kPythonNames =
#include "indexer/existence/builtins/python.inc"
    ;
constexpr std::string_view kJavascriptNames =
#include "indexer/existence/builtins/javascript.inc"
    ;
constexpr std::string_view kJavaNames =
#include "indexer/existence/builtins/java.inc"
    ;
constexpr std::string_view kGoNames =
#include "indexer/existence/builtins/go.inc"
    ;
constexpr std::string_view kRustNames =
#include "indexer/existence/builtins/rust.inc"
    ;
constexpr std::string_view kCsharpNames =
#include "indexer/existence/builtins/csharp.inc"
    ;
constexpr std::string_view kRubyNames =
#include "indexer/existence/builtins/ruby.inc"
    ;
constexpr std::string_view kPhpNames =
#include "indexer/existence/builtins/php.inc"
    ;
constexpr std::string_view kCModules =
#include "indexer/existence/builtins/c_modules.inc"
    ;
constexpr std::string_view kWindowsNames =
#include "indexer/existence/builtins/windows.inc"
    ;
constexpr std::string_view kWindowsModules =
#include "indexer/existence/builtins/windows_modules.inc"
    ;
constexpr std::string_view kPythonModules =
#include "indexer/existence/builtins/python_modules.inc"
    ;
constexpr std::string_view kJavascriptModules =
#include "indexer/existence/builtins/javascript_modules.inc"
    ;
constexpr std::string_view kRubyModules =
#include "indexer/existence/builtins/ruby_modules.inc"
    ;

constexpr size_t kWorldCount = size_t(NameWorld::php) + 1;

BuiltInSet makeNames(NameWorld world) {
    static constexpr std::array<std::string_view, kWorldCount> kTables = {
        "",       kCNames,    kPythonNames, kJavascriptNames, kJavaNames,
        kGoNames, kRustNames, kCsharpNames, kRubyNames,       kPhpNames};
    BuiltInSet out;
    addBuiltIns(out, kTables[size_t(world)]);
    if (world == NameWorld::c) addBuiltIns(out, kCppNames);
    return out;
}

const BuiltInSet& namesOf(NameWorld world) {
    static const std::array<BuiltInSet, kWorldCount> kSets = [] {
        std::array<BuiltInSet, kWorldCount> made;
        for (size_t i = 0; i < kWorldCount; i++)
            made[i] = makeNames(static_cast<NameWorld>(i));
        return made;
    }();
    return kSets[size_t(world)];
}

BuiltInSet makeSet(std::initializer_list<std::string_view> lists) {
    BuiltInSet out;
    for (const std::string_view names : lists)
        addBuiltIns(out, names);
    return out;
}

// Names that compilers give by the thousand.
bool isCompilerName(std::string_view name) {
    for (const std::string_view prefix :
         {"__builtin_", "__sync_", "__atomic_", "_mm_", "_mm256_", "_mm512_", "__attribute",
          "__asm", "__m128", "__m256", "__m512", "__has_", "_Interlocked", "_ReadBarrier",
          "_WriteBarrier", "_ReadWriteBarrier"})
        if (name.starts_with(prefix)) return true;
    return false;
}

bool startsWithAny(std::string_view text, std::initializer_list<std::string_view> prefixes) {
    for (const std::string_view prefix : prefixes)
        if (text.starts_with(prefix)) return true;
    return false;
}

}  // namespace

NameWorld nameWorldOf(const Language& language) {
    static constexpr std::pair<std::string_view, NameWorld> kWorlds[] = {
        {"C", NameWorld::c},
        {"C++", NameWorld::c},
        {"Objective-C", NameWorld::c},
        {"Objective-C++", NameWorld::c},
        {"Cuda", NameWorld::c},
        {"Python", NameWorld::python},
        {"Cython", NameWorld::python},
        {"JavaScript", NameWorld::javascript},
        {"TypeScript", NameWorld::javascript},
        {"TSX", NameWorld::javascript},
        {"Vue", NameWorld::javascript},
        {"Svelte", NameWorld::javascript},
        {"Java", NameWorld::java},
        {"Kotlin", NameWorld::java},
        {"Scala", NameWorld::java},
        {"Groovy", NameWorld::java},
        {"Go", NameWorld::go},
        {"Rust", NameWorld::rust},
        {"C#", NameWorld::csharp},
        {"Ruby", NameWorld::ruby},
        {"PHP", NameWorld::php},
    };
    for (const auto& [name, world] : kWorlds)
        if (name == language.name) return world;
    return NameWorld::other;
}

bool isBuiltInName(NameWorld world, std::string_view name) {
    if (namesOf(world).contains(name)) return true;
    return world == NameWorld::c && isCompilerName(name);
}

bool isWindowsName(std::string_view name) {
    static const BuiltInSet kNames = makeSet({kWindowsNames});
    return kNames.contains(name);
}

bool isWindowsModule(std::string_view module) {
    static const BuiltInSet kModules = makeSet({kWindowsModules});
    return kModules.contains(module);
}

bool isBuiltInModule(NameWorld world, std::string_view module) {
    static const BuiltInSet kC = makeSet({kCModules}), kPython = makeSet({kPythonModules}),
                            kJavascript = makeSet({kJavascriptModules}),
                            kRuby = makeSet({kRubyModules});
    switch (world) {
        case NameWorld::c:
            return kC.contains(module);
        case NameWorld::python:
            return kPython.contains(module.substr(0, module.find('.')));
        case NameWorld::javascript:
            return kJavascript.contains(module);
        case NameWorld::java:
            return startsWithAny(module, {"java.", "javax.", "jdk.", "kotlin.", "scala."});
        case NameWorld::rust:
            return startsWithAny(module, {"std", "core::", "alloc::"});
        case NameWorld::csharp:
            return module == "System" || module.starts_with("System.");
        // Paths of Go's own library have no dot in their first part.
        case NameWorld::go:
            return module.substr(0, module.find('/')).find('.') == module.npos;
        case NameWorld::ruby:
            return kRuby.contains(module.substr(0, module.find('/')));
        case NameWorld::php:
        case NameWorld::other:
            return false;
    }
    return false;
}

}  // namespace moxie::indexer
