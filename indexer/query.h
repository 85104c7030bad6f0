// What a request says: paths, identifiers and quoted strings in it are looked up as they stand;
// the rest are words. Threads: any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

struct Query {
    std::vector<std::string> words;        // distinct, as in the index
    std::vector<std::string> identifiers;  // exact case
    std::vector<std::string> paths;        // "src/a.c", "a.c"
    std::vector<std::string> quoted;       // without the quotes
    bool isAboutTests = false;
    bool isAboutDocs = false;
};

Query analyseQuery(std::string_view text);

}  // namespace moxie::indexer
