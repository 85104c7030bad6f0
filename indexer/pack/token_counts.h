// Token counts by content, so that a text is counted once: within a pack always, and across packs
// in a file beside the index if the counter has a name. A lost or damaged file costs time only.
// Threads: one thread at a time; two processes may write one file, the later one wins.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace moxie::indexer {

using CountTokens = std::function<int64_t(std::string_view)>;

class TokenCounts {
public:
    // `indexFile` empty or `counterName` empty: nothing is kept. `count` must outlive this.
    TokenCounts(const CountTokens& count, const std::filesystem::path& indexFile,
                std::string_view counterName);

    // What `count` says of `text`, never negative.
    int64_t operator()(std::string_view text);

    // Writes what is new, if there is much of it. Fails: io, denied.
    base::Status save() const;

    int64_t countedAnew() const { return int64_t(fresh_.size()); }

private:
    struct Kept {
        uint64_t high = 0, low = 0;
        int64_t tokens = 0;
    };

    struct HashOf {
        size_t operator()(const base::Hash128& hash) const { return size_t(hash.low); }
    };

    void load();
    int64_t keptCount(const base::Hash128& key, std::string_view text) const;

    const CountTokens& count_;
    std::filesystem::path file_;
    base::Hash128 counter_;
    std::vector<Kept> kept_;  // sorted
    std::unordered_map<base::Hash128, int64_t, HashOf> fresh_;
};

}  // namespace moxie::indexer
