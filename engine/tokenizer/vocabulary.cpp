#include "engine/tokenizer/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/tokenizer/byte_alphabet.h"
#include "engine/tokenizer/name_table.h"

namespace moxie::engine {

namespace {

constexpr size_t kTokensMax = size_t(1) << 22;  // the largest published vocabulary has 2^18
constexpr size_t kTokenBytesMax = 4096;

// Names by which published models end a turn or a text; a file names only one of them as its end.
constexpr std::string_view kEndNames[] = {
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>",      "<|end_of_text|>", "<|end|>",
    "<|eom_id|>", "<|user|>",      "<|observation|>", "<|return|>",      "<|call|>"};

// For messages: tokens come from a file.
std::string quoted(std::string_view text) {
    return fmt::format("\"{}\"",
                       base::stripTerminalControl(base::toValidUtf8(base::cutUtf8(text, 40))));
}

bool isSpecial(TokenKind kind) {
    return kind == TokenKind::control || kind == TokenKind::userDefined;
}

base::Result<PairMerger::Pair> findMerge(const MergeNames& merge, const NameTable& ids) {
    const auto left = ids.idOf(merge.left);
    const auto right = ids.idOf(merge.right);
    const auto merged = ids.idOf(std::string(merge.left) + std::string(merge.right));
    if (left && right && merged)
        return PairMerger::Pair{.left = *left, .right = *right, .merged = *merged};
    return base::fail(base::Errc::corrupt, fmt::format("{} and {} or what they make is no token",
                                                       quoted(merge.left), quoted(merge.right)));
}

}  // namespace

base::Result<Vocabulary> Vocabulary::make(const VocabularySource& source) {
    Vocabulary vocabulary;
    TRY(vocabulary.addTokens(source));
    TRY(vocabulary.addMerges(source));
    TRY(vocabulary.addRoles(source));
    return vocabulary;
}

base::Status Vocabulary::addTokens(const VocabularySource& source) {
    const size_t n = source.tokens.size();
    if (n == 0 || n > kTokensMax)
        return base::fail(base::Errc::corrupt,
                          fmt::format("vocabulary has {} tokens, expected 1 to {}", n, kTokensMax));
    if (!source.kinds.empty() && source.kinds.size() != n)
        return base::fail(base::Errc::corrupt, fmt::format("vocabulary has {} tokens but {} kinds",
                                                           n, source.kinds.size()));
    byteTokens_.fill(-1);
    for (size_t i = 0; i < n; ++i) {
        const std::string_view text = source.tokens[i];
        const int64_t kind = source.kinds.empty() ? 1 : source.kinds[i];
        if (kind < 1 || kind > 6)
            return base::fail(base::Errc::corrupt,
                              fmt::format("token {} has kind {}, expected 1 to 6", i, kind));
        kinds_.push_back(TokenKind(int8_t(kind)));
        const bool mayBeEmpty = kinds_.back() == TokenKind::unused;
        if ((text.empty() && !mayBeEmpty) || text.size() > kTokenBytesMax)
            return base::fail(base::Errc::corrupt,
                              fmt::format("token {} has {} bytes, expected 1 to {}", i, text.size(),
                                          kTokenBytesMax));
        if (kinds_.back() == TokenKind::normal) {
            const auto bytes = bytesOfAlphabet(text);
            if (!bytes)
                return base::fail(
                    base::Errc::corrupt,
                    fmt::format("token {} {} is not in the byte alphabet", i, quoted(text)));
            if (bytes->size() == 1) byteTokens_[uint8_t(bytes->front())] = int32_t(i);
            arena_ += *bytes;
        } else {
            arena_ += text;
        }
        ends_.push_back(int64_t(arena_.size()));
    }
    return {};
}

base::Status Vocabulary::addMerges(const VocabularySource& source) {
    NameTable ids(source.tokens.size());
    for (size_t i = 0; i < source.tokens.size(); ++i) {
        if (source.tokens[i].empty()) continue;
        if (const auto other = ids.insert(source.tokens[i], int32_t(i)))
            return base::fail(
                base::Errc::corrupt,
                fmt::format("tokens {} and {} are both {}", *other, i, quoted(source.tokens[i])));
    }
    if (source.merges.size() > kTokensMax)
        return base::fail(base::Errc::corrupt,
                          fmt::format("vocabulary has {} merges, expected at most {}",
                                      source.merges.size(), kTokensMax));
    pairs_.reserve(source.merges.size());
    for (size_t i = 0; i < source.merges.size(); ++i) {
        auto pair = findMerge(source.merges[i], ids);
        if (!pair) return base::fail(std::move(pair).error().within(fmt::format("merge {}", i)));
        pairs_.push_back(*pair);
    }
    return {};
}

base::Status Vocabulary::addRoles(const VocabularySource& source) {
    std::vector<int64_t> roles(source.endTokens.begin(), source.endTokens.end());
    if (source.beginOfText) roles.push_back(*source.beginOfText);
    for (const auto& [id, matching] : source.matching)
        roles.push_back(id);
    for (const int64_t id : roles)
        if (id < 0 || id >= size())
            return base::fail(
                base::Errc::corrupt,
                fmt::format("special token id {} is outside the {} tokens", id, size()));
    matching_.assign(source.matching.begin(), source.matching.end());
    std::sort(matching_.begin(), matching_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (int32_t token = 0; token < int32_t(size()); ++token)
        if (isSpecial(kind(token))) {
            specials_[specialMatching(token).isLate ? 1 : 0].push_back(token);
            startsSpecial_[uint8_t(bytes(token).front())] = true;
        }
    for (auto& specials : specials_)
        std::sort(specials.begin(), specials.end(),
                  [this](int32_t a, int32_t b) { return bytes(a) < bytes(b); });
    if (source.beginOfText) beginOfText_ = int32_t(*source.beginOfText);
    addsBeginOfText_ = source.addBeginOfText && beginOfText_;
    for (const int64_t id : source.endTokens)
        endTokens_.push_back(int32_t(id));
    for (const auto name : kEndNames) {
        const auto token = special(name);
        if (token && kind(*token) == TokenKind::control) endTokens_.push_back(*token);
    }
    std::sort(endTokens_.begin(), endTokens_.end());
    return {};
}

std::string_view Vocabulary::bytes(int32_t token) const {
    if (token < 0 || token >= size()) return {};
    const int64_t begin = token == 0 ? 0 : ends_[size_t(token) - 1];
    return std::string_view(arena_).substr(size_t(begin), size_t(ends_[size_t(token)] - begin));
}

TokenKind Vocabulary::kind(int32_t token) const {
    if (token < 0 || token >= size()) return TokenKind::unused;
    return kinds_[size_t(token)];
}

std::optional<int32_t> Vocabulary::special(std::string_view name) const {
    for (const auto& specials : specials_) {
        const auto at = std::lower_bound(
            specials.begin(), specials.end(), name,
            [this](int32_t token, std::string_view n) { return bytes(token) < n; });
        if (at != specials.end() && bytes(*at) == name) return *at;
    }
    return std::nullopt;
}

std::optional<int32_t> Vocabulary::specialPrefix(std::string_view text, SpecialPass pass) const {
    if (text.empty() || !startsSpecial_[uint8_t(text.front())]) return std::nullopt;
    std::optional<int32_t> best;
    // Names that share the first `depth` bytes with the text: a range of the sorted names, the one
    // that ends there first.
    const auto& specials = specialsOf(pass);
    auto begin = specials.begin();
    auto end = specials.end();
    for (size_t depth = 0; depth < text.size() && begin != end; ++depth) {
        const auto byteOf = [&](int32_t token) { return uint8_t(bytes(token)[depth]); };
        const auto wanted = uint8_t(text[depth]);
        begin = std::lower_bound(begin, end, wanted,
                                 [&](int32_t token, uint8_t byte) { return byteOf(token) < byte; });
        end = std::upper_bound(begin, end, wanted,
                               [&](uint8_t byte, int32_t token) { return byte < byteOf(token); });
        if (begin != end && bytes(*begin).size() == depth + 1) best = *begin++;
    }
    return best;
}

SpecialMatching Vocabulary::specialMatching(int32_t token) const {
    const auto at =
        std::lower_bound(matching_.begin(), matching_.end(), token,
                         [](const auto& entry, int32_t wanted) { return entry.first < wanted; });
    return at != matching_.end() && at->first == token ? at->second : SpecialMatching{};
}

bool Vocabulary::endsGeneration(int32_t token) const {
    return std::binary_search(endTokens_.begin(), endTokens_.end(), token);
}

}  // namespace moxie::engine
