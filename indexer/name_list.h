// The names of all symbols in memory, folded, so that one can be found by a part of it. Names are
// only ever added, so it follows the index by reading what is new. Threads: any; it locks itself.
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/name_filter.h"
#include "indexer/reader.h"

namespace moxie::indexer {

class NameList {
public:
    // Numbers of the best `limit` names that contain `part`, in any case of ASCII: the equal one
    // first, then those equal but for case, those that begin with it, the others; short ones first
    // in each. Requires: the view. Fails: corrupt, io. Cost: microseconds; for parts of one or two
    // bytes about 0.1 ns a byte of the names.
    base::Result<std::vector<int64_t>> find(const Reading& reading, std::string_view part,
                                            size_t limit);

private:
    struct Name {
        int64_t id = 0;
        size_t first = 0;  // in texts_ and folded_
    };

    base::Status follow(const Reading& reading);
    base::Status readAll(const Database& database);
    base::Status readChanged(const Database& database);
    void add(int64_t id, std::string_view text);
    void finish();
    template <class Visit>
    void eachPlace(std::string_view wanted, Visit visit) const;
    // The name that the byte at `place` belongs to.
    size_t nameAt(size_t place) const;

    // Where the name begins, or would if there were one more.
    size_t firstOf(size_t name) const { return name < names_.size() ? names_[name].first : size_; }

    std::string_view text(size_t at) const {
        return std::string_view(texts_).substr(firstOf(at), firstOf(at + 1) - firstOf(at) - 1);
    }

    std::mutex mutex_;  // guards all below
    int64_t epoch_ = 0, generation_ = -1;
    std::vector<Name> names_;
    std::vector<bool> isListed_;             // by id
    std::string texts_, folded_;             // each name and a zero; folded_ has zeros behind that
    size_t size_ = 0;                        // of texts_
    NameFilter filter_;                      // by places in names_
    std::vector<uint32_t> nameOfBlock_;      // the first name of each 64 bytes, or the one around
    std::array<uint32_t, 256> counts_ = {};  // of each byte in folded_
};

}  // namespace moxie::indexer
