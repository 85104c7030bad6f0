// What language a file is written in: by name, extension, first line and, for C headers, content.
// Threads: any thread; tables are constant.
#pragma once
#include <cstdint>
#include <string_view>

namespace moxie::indexer {

// Grammars compiled in. `none`: the file gets words and a path entry, no symbols.
enum class Grammar : int8_t { none, c, cpp, python, javascript, typescript, tsx, go, rust, java };
inline constexpr int kGrammarCount = 10;

// A row of the language table. Ids are positions in the table: they are stored in the index, whose
// schema version changes with the table.
struct Language {
    std::string_view name;
    Grammar grammar = Grammar::none;
    bool isData = false;  // data or markup: ranked below code
};

const Language& language(int32_t id);

inline constexpr int32_t kLanguageUnknown = 0;

// By path alone; kLanguageUnknown if the name says nothing.
int32_t languageOfPath(std::string_view path);

// The final word: `guess` from languageOfPath, corrected by a shebang or, for .h files, by what the
// text looks like.
int32_t languageOfText(int32_t guess, std::string_view path, std::string_view text);

// Names that say the file was made by a program or fetched: lock files, minified scripts, vendored
// folders. Such files rank lower and are packed last.
bool isGeneratedPath(std::string_view path);
bool isVendoredPath(std::string_view path);
bool isTestPath(std::string_view path);

}  // namespace moxie::indexer
