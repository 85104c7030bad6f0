#include "engine/local/prompt_lookup.h"

#include <algorithm>

namespace moxie::engine {

uint64_t PromptLookup::keyOf(std::span<const int32_t> tokens) {
    uint64_t key = 0xcbf29ce484222325U;
    for (const int32_t token : tokens)
        key = (key ^ static_cast<uint32_t>(token)) * 0x100000001b3U;
    return key;
}

std::vector<int32_t> PromptLookup::propose(std::span<const int32_t> history, int64_t most) {
    const auto size = std::ssize(history);
    const auto run = [&](int64_t end) {
        return history.subspan(static_cast<size_t>(end - kMatchTokens), size_t{kMatchTokens});
    };
    // The run at the very end is looked for, not noted: it would find itself.
    noted_ = std::min(noted_, std::max<int64_t>(size - 1, 0));
    for (int64_t end = std::max(noted_ + 1, kMatchTokens); end < size; ++end)
        followers_[keyOf(run(end))] = end;
    noted_ = std::max<int64_t>(size - 1, 0);
    if (size < kMatchTokens || most <= 0) return {};
    const auto found = followers_.find(keyOf(run(size)));
    if (found == followers_.end() || found->second >= size) return {};
    const auto begin = history.begin() + found->second;
    if (!std::equal(begin - kMatchTokens, begin, history.end() - kMatchTokens)) return {};
    return {begin, begin + std::min<int64_t>(most, history.end() - begin)};
}

}  // namespace moxie::engine
