// What stands out in a repository before anybody asked a question: its files by folder, the most
// used and most changed with the names they define. Values. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace moxie::indexer {

struct MapRequest {
    int64_t bytesMax = 28'000;  // of the text; about 3.5 bytes are a token
};

struct MapEntry {
    std::string path;
    double weight = 0;                    // 1 is the file that stands out most
    std::vector<std::string> names = {};  // the most used ones it defines, as far as they fit
};

struct OrientationMap {
    std::string text;               // by folder, at most bytesMax
    std::vector<MapEntry> entries;  // named in it, by weight
    int64_t filesLeftOut = 0;
};

}  // namespace moxie::indexer
