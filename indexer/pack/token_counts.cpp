#include "indexer/pack/token_counts.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>

#include "base/file.h"

namespace moxie::indexer {
namespace {

constexpr size_t kUncachedBytes = 96;   // shorter texts are counted faster than found
constexpr size_t kFreshMin = 64;        // fewer are not worth a write
constexpr size_t kKeptMax = 2'000'000;  // then the file starts anew
constexpr int64_t kFileBytesMax = int64_t(kKeptMax) * 24 + 4096;
constexpr char kMagic[8] = {'M', 'X', 'T', 'O', 'K', 'N', '0', '1'};

struct CountsHeader {
    char magic[8] = {};
    uint64_t counterHigh = 0, counterLow = 0;
    uint64_t entries = 0;
    uint64_t sumHigh = 0, sumLow = 0;  // hash of the entries
};

}  // namespace

TokenCounts::TokenCounts(const CountTokens& count, const std::filesystem::path& indexFile,
                         std::string_view counterName)
    : count_(count),
      counter_(base::hash128(counterName)) {
    if (indexFile.empty() || counterName.empty()) return;
    file_ = indexFile;
    file_ += "." + counter_.hex().substr(0, 16) + ".tokens";
    load();
}

void TokenCounts::load() {
    const auto bytes = base::readFile(file_, kFileBytesMax);
    CountsHeader header;
    if (!bytes || bytes->size() < sizeof header) return;
    std::memcpy(&header, bytes->data(), sizeof header);
    const std::string_view body = std::string_view(*bytes).substr(sizeof header);
    const bool isOurs = std::memcmp(header.magic, kMagic, sizeof kMagic) == 0 &&
                        header.counterHigh == counter_.high && header.counterLow == counter_.low;
    if (!isOurs || body.size() % sizeof(Kept) != 0 || header.entries != body.size() / sizeof(Kept))
        return;
    const base::Hash128 sum = base::hash128(body);
    if (sum.high != header.sumHigh || sum.low != header.sumLow) return;
    kept_.resize(size_t(header.entries));
    if (!kept_.empty()) std::memcpy(kept_.data(), body.data(), body.size());
}

int64_t TokenCounts::keptCount(const base::Hash128& key, std::string_view text) const {
    const auto at = std::lower_bound(
        kept_.begin(), kept_.end(), key, [](const Kept& kept, const base::Hash128& wanted) {
            return std::tie(kept.high, kept.low) < std::tie(wanted.high, wanted.low);
        });
    if (at == kept_.end() || at->high != key.high || at->low != key.low) return -1;
    // No tokenizer makes more tokens than bytes: anything else was not written by us.
    return at->tokens <= int64_t(text.size()) ? at->tokens : -1;
}

int64_t TokenCounts::operator()(std::string_view text) {
    if (text.empty()) return 0;
    if (text.size() < kUncachedBytes) return std::max<int64_t>(0, count_(text));
    const base::Hash128 key = base::hash128(text);
    if (const int64_t kept = keptCount(key, text); kept >= 0) return kept;
    if (const auto known = fresh_.find(key); known != fresh_.end()) return known->second;
    const int64_t tokens = std::max<int64_t>(0, count_(text));
    fresh_.emplace(key, tokens);
    return tokens;
}

base::Status TokenCounts::save() const {
    if (file_.empty() || fresh_.size() < kFreshMin) return {};
    std::vector<Kept> all;
    if (kept_.size() + fresh_.size() <= kKeptMax) all = kept_;
    for (const auto& [key, tokens] : fresh_)
        all.push_back({key.high, key.low, tokens});
    std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) {
        return std::tie(a.high, a.low) < std::tie(b.high, b.low);
    });
    const std::string_view body(reinterpret_cast<const char*>(all.data()),
                                all.size() * sizeof(Kept));
    const base::Hash128 sum = base::hash128(body);
    CountsHeader header{.counterHigh = counter_.high,
                        .counterLow = counter_.low,
                        .entries = all.size(),
                        .sumHigh = sum.high,
                        .sumLow = sum.low};
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    bytes += body;
    return base::writeFileAtomically(file_, bytes, base::Durability::renameOnly);
}

}  // namespace moxie::indexer
