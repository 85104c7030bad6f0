#include "indexer/language.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>
#include <vector>

#include "indexer/languages/disambiguation.h"
#include "indexer/languages/first_lines.h"

namespace moxie::indexer {
namespace {

struct Row {
    Language language;
    // Separated by '|'; extensions without the dot, lower case.
    std::string_view names, extensions, files, interpreters;
};

constexpr bool kIsData_code = false, kIsData_data = true;

constexpr Row kRows[] = {
    {{"Unknown", Grammar::none, true, Family::words}, "", "", "", ""},
#define LANGUAGE(name, kind, grammar, family, names, extensions, files, interpreters) \
    {{name, Grammar::grammar, kIsData_##kind, Family::family},                        \
     names,                                                                           \
     extensions,                                                                      \
     files,                                                                           \
     interpreters},
#define PREFERRED(extension, name)
#include "indexer/languages/languages.def"
#undef LANGUAGE
#undef PREFERRED
};

constexpr int32_t kRowCount = int32_t(std::size(kRows));

struct Preferred {
    std::string_view extension, name;
};

constexpr Preferred kPreferred[] = {
#define LANGUAGE(name, kind, grammar, family, names, extensions, files, interpreters)
#define PREFERRED(extension, name) {extension, name},
#include "indexer/languages/languages.def"
#undef LANGUAGE
#undef PREFERRED
};

// A guess above this is an id plus kShare times the number (from 1) of a shared extension.
constexpr int32_t kShare = 4096;
static_assert(kRowCount < kShare);

struct SharedExtension {
    std::string_view extension;
    std::vector<int32_t> languages;  // the preferred one first
};

struct Lookup {
    std::unordered_map<std::string_view, int32_t> byExtension;  // guesses
    std::unordered_map<std::string_view, int32_t> byFile, byInterpreter;
    std::unordered_map<std::string, int32_t> byLowerFile, byName;
    std::vector<SharedExtension> shared;
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return out;
}

template <class Visit>
void eachWord(std::string_view words, Visit visit) {
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find('|'));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        visit(word);
    }
}

// Extensions of one language are ids, of several entries of `shared`.
void enterExtensions(Lookup& made) {
    std::unordered_map<std::string_view, std::vector<int32_t>> owners;
    for (int32_t id = 0; id < kRowCount; id++)
        eachWord(kRows[id].extensions, [&](std::string_view word) {
            std::vector<int32_t>& ids = owners[word];
            if (ids.empty() || ids.back() != id) ids.push_back(id);
        });
    for (const Preferred& preferred : kPreferred) {
        const auto found = owners.find(preferred.extension);
        if (found == owners.end()) continue;
        std::vector<int32_t>& ids = found->second;
        const auto best = std::find_if(ids.begin(), ids.end(), [&](int32_t id) {
            return kRows[id].language.name == preferred.name;
        });
        if (best != ids.end()) std::rotate(ids.begin(), best, best + 1);
    }
    for (auto& [extension, ids] : owners) {
        int32_t guess = ids.front();
        if (ids.size() > 1) {
            made.shared.push_back({extension, ids});
            guess += kShare * int32_t(made.shared.size());
        }
        made.byExtension.emplace(extension, guess);
    }
}

Lookup makeLookup() {
    Lookup made;
    for (int32_t id = 1; id < kRowCount; id++) {
        const Row& row = kRows[id];
        made.byName.emplace(lower(row.language.name), id);
        eachWord(row.files, [&](std::string_view word) {
            made.byFile.emplace(word, id);
            made.byLowerFile.emplace(lower(word), id);
        });
        eachWord(row.interpreters,
                 [&](std::string_view word) { made.byInterpreter.emplace(word, id); });
    }
    for (int32_t id = 1; id < kRowCount; id++)
        eachWord(kRows[id].names, [&](std::string_view word) { made.byName.emplace(word, id); });
    enterExtensions(made);
    return made;
}

const Lookup& lookup() {
    static const Lookup tables = makeLookup();
    return tables;
}

template <class Map>
int32_t find(const Map& map, const typename Map::key_type& key) {
    const auto found = map.find(key);
    return found == map.end() ? kLanguageUnknown : found->second;
}

std::string_view fileName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

int32_t languageOfShebang(std::string_view text) {
    const std::string_view program = interpreterOf(text);
    if (program.empty()) return kLanguageUnknown;
    const int32_t id = find(lookup().byInterpreter, program);
    return id != kLanguageUnknown ? id : find(lookup().byInterpreter, withoutVersion(program));
}

int32_t languageOfModeline(std::string_view text) {
    const std::string_view name = modelineOf(text);
    return name.empty() || name.size() > 40 ? kLanguageUnknown : languageOfName(name);
}

int32_t languageOfFile(std::string_view name) {
    const int32_t id = find(lookup().byFile, name);
    return id != kLanguageUnknown ? id : find(lookup().byLowerFile, lower(name));
}

// The longest known end after a dot: "html.erb" before "erb".
int32_t guessOfExtension(std::string_view name) {
    for (size_t dot = name.find('.', 1); dot != name.npos; dot = name.find('.', dot + 1)) {
        const int32_t guess = find(lookup().byExtension, name.substr(dot + 1));
        if (guess != kLanguageUnknown) return guess;
    }
    return kLanguageUnknown;
}

// A C++ header fed to the C grammar yields rubbish slowly. Words at the start of a line decide.
bool looksLikeCpp(std::string_view text) {
    static constexpr std::string_view kWords[] = {
        "class ", "namespace ", "template<", "template <", "public:",       "private:",
        "using ", "protected:", "constexpr", "virtual ",   "static_assert",
    };
    bool inGuard = false;  // inside #ifdef __cplusplus, which C headers have too
    int64_t linesLeft = 4000;
    while (!text.empty() && linesLeft-- > 0) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.starts_with("#")) {
            if (line.find("__cplusplus") != line.npos) inGuard = true;
            if (line.starts_with("#endif") || line.starts_with("#else")) inGuard = false;
            continue;
        }
        if (inGuard) continue;
        if (line.starts_with("*") || line.starts_with("//") || line.starts_with("/*")) continue;
        if (line.find("std::") != line.npos) return true;
        for (const std::string_view word : kWords)
            if (line.starts_with(word)) return true;
    }
    return false;
}

bool isIn(const std::vector<int32_t>& ids, int32_t id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

int32_t languageOfShared(const SharedExtension& shared, std::string_view text) {
    if (const int32_t id = languageOfShebang(text); isIn(shared.languages, id)) return id;
    const std::string_view known = disambiguate(shared.extension, text);
    int32_t id = known.empty() ? kLanguageUnknown : languageOfName(known);
    static const int32_t c = languageOfName("C"), cpp = languageOfName("C++"),
                         xml = languageOfName("XML");
    if (id == kLanguageUnknown && isIn(shared.languages, xml) && startsAsXml(text)) return xml;
    if (id == kLanguageUnknown) id = shared.languages.front();
    if (shared.extension != "h" || (id != c && id != cpp)) return id;
    // C headers that C++ may include have C++ words too, inside a guard.
    const bool isGuarded = text.find("__cplusplus") != text.npos;
    if (looksLikeCpp(text)) return cpp;
    return isGuarded ? c : id;
}

}  // namespace

std::string_view toString(Grammar grammar) {
    static constexpr std::string_view kNames[] = {
        "", "c", "cpp", "python", "javascript", "typescript", "tsx", "go", "rust", "java",
#define GRAMMAR(value, module) module,
#include "indexer/languages/grammars.def"
#undef GRAMMAR
    };
    static_assert(std::size(kNames) == size_t(kGrammarCount));
    const auto at = static_cast<size_t>(grammar);
    return at < std::size(kNames) ? kNames[at] : std::string_view();
}

const Language& language(int32_t id) {
    if (id >= 0) id %= kShare;
    return kRows[id >= 0 && id < kRowCount ? id : kLanguageUnknown].language;
}

int32_t languageCount() {
    return kRowCount;
}

int32_t languageOfName(std::string_view name) {
    return find(lookup().byName, lower(name));
}

int32_t languageOfPath(std::string_view path) {
    const std::string_view whole = fileName(path);
    if (const int32_t id = languageOfFile(whole); id != kLanguageUnknown) return id;
    const std::string name = lower(whole);
    if (const int32_t guess = guessOfExtension(name); guess != kLanguageUnknown) {
        for (const std::string_view made : {".in", ".tmpl", ".template"})
            if (name.ends_with(made) && name.find('.') + made.size() < name.size()) {
                const int32_t inner =
                    guessOfExtension(std::string_view(name).substr(0, name.size() - made.size()));
                if (inner != kLanguageUnknown) return inner;
            }
        return guess;
    }
    for (const std::string_view made : {".in", ".tmpl", ".template"})
        if (name.ends_with(made) && name.size() > made.size())
            return languageOfPath(whole.substr(0, whole.size() - made.size()));
    if (name.starts_with("dockerfile.") || name.starts_with("dockerfile-"))
        return languageOfName("Dockerfile");
    if (name.starts_with("makefile.")) return languageOfName("Makefile");
    return kLanguageUnknown;
}

int32_t languageOfText(int32_t guess, std::string_view /*path*/, std::string_view text) {
    if (const int32_t id = languageOfModeline(text); id != kLanguageUnknown) return id;
    const int32_t share = guess / kShare;
    if (guess > 0 && share > 0 && share <= int32_t(lookup().shared.size()))
        return languageOfShared(lookup().shared[size_t(share - 1)], text);
    if (guess != kLanguageUnknown) return guess;
    if (const int32_t id = languageOfShebang(text); id != kLanguageUnknown) return id;
    if (startsAsXml(text)) return languageOfName("XML");
    if (startsAsManualPage(text)) return languageOfName("Roff Manpage");
    return kLanguageUnknown;
}

}  // namespace moxie::indexer
