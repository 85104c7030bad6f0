// What a request says: paths, identifiers, stack frames and quoted strings in it are looked up as
// they stand; the rest are words. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

struct QueryWord {
    std::string text;  // as in the index
    int32_t count = 1;
    bool isInTitle = true;  // the first line says it
    bool isPair = false;    // two neighbours as one identifier: "trailing_comma", "trailingcomma"
};

struct QueryFrame {
    std::string path, function;  // either may be empty
    int32_t line = 0;
};

struct Query {
    std::vector<QueryWord> words;          // distinct
    std::vector<std::string> identifiers;  // exact case
    std::vector<std::string> paths;        // "src/a.c", "a.c"
    std::vector<std::string> quoted;       // without the quotes; error messages too
    std::vector<QueryFrame> frames;        // of stack traces and compiler messages
    bool isAboutTests = false;
    bool isAboutDocs = false;
    bool isAboutSamples = false;  // speaks of vendored or generated code
};

Query analyseQuery(std::string_view text);

}  // namespace moxie::indexer
