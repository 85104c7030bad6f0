// All names of the index in memory, folded, so that one can be found by a part of it. Names are
// only ever added, so it follows the index by reading what is new. Threads: any; it locks itself.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"

namespace moxie::indexer {

class NameList {
public:
    // Numbers of the best `limit` names that contain `part`, in any case of ASCII: the equal one
    // first, then those equal but for case, those that begin with it, the others; short ones first
    // in each. Fails: corrupt, io. Cost: about 0.2 ns a byte of the names.
    base::Result<std::vector<int64_t>> find(const Database& database, std::string_view part,
                                            size_t limit);

private:
    struct Name {
        int64_t id = 0;
        size_t first = 0;  // in texts_ and folded_
    };

    base::Status follow(const Database& database);

    std::string_view text(size_t at) const {
        const size_t end = at + 1 < names_.size() ? names_[at + 1].first : texts_.size();
        return std::string_view(texts_).substr(names_[at].first, end - names_[at].first - 1);
    }

    std::mutex mutex_;  // guards all below
    int64_t epoch_ = 0;
    std::vector<Name> names_;
    std::string texts_, folded_;  // each name and a zero
};

}  // namespace moxie::indexer
