#include "engine/tokenizer/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "engine/tokenizer/byte_alphabet.h"

namespace moxie::engine {

namespace {

constexpr size_t kTokensMax = size_t(1) << 22;  // the largest published vocabulary has 2^18
constexpr size_t kTokenBytesMax = 4096;

// Names by which published models end a turn or a text; a file names only one of them as its end.
constexpr std::string_view kEndNames[] = {"<|im_end|>",      "<|endoftext|>",  "<|eot_id|>",
                                          "<|end_of_text|>", "<|end|>",        "<|eom_id|>",
                                          "<|user|>",        "<|observation|>"};

using TokenIds = std::unordered_map<std::string_view, int32_t>;

// For messages: tokens come from a file.
std::string quoted(std::string_view text) {
    return fmt::format("\"{}\"",
                       base::stripTerminalControl(base::toValidUtf8(base::cutUtf8(text, 40))));
}

bool isSpecial(TokenKind kind) {
    return kind == TokenKind::control || kind == TokenKind::userDefined;
}

base::Result<PairMerger::Pair> parseMerge(std::string_view merge, const TokenIds& ids) {
    // The separator is the first space that is not the first character: the alphabet has no space.
    const size_t space = merge.find(' ', 1);
    if (merge.size() > 2 * kTokenBytesMax + 1 || space == std::string_view::npos ||
        space + 1 == merge.size())
        return base::fail(base::Errc::corrupt,
                          fmt::format("{} is not a pair of tokens", quoted(merge)));
    const auto left = ids.find(merge.substr(0, space));
    const auto right = ids.find(merge.substr(space + 1));
    std::string joined(merge.substr(0, space));
    joined += merge.substr(space + 1);
    const auto merged = ids.find(joined);
    if (left == ids.end() || right == ids.end() || merged == ids.end())
        return base::fail(base::Errc::corrupt,
                          fmt::format("{} names a token that does not exist", quoted(merge)));
    return PairMerger::Pair{.left = left->second, .right = right->second, .merged = merged->second};
}

}  // namespace

base::Result<Vocabulary> Vocabulary::make(const VocabularySource& source) {
    Vocabulary vocabulary;
    TRY(vocabulary.addTokens(source));
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
    TokenIds ids;
    ids.reserve(n);
    for (size_t i = 0; i < n; ++i) {
        const std::string_view text = source.tokens[i];
        const int64_t kind = source.kinds.empty() ? 1 : source.kinds[i];
        if (kind < 1 || kind > 6)
            return base::fail(base::Errc::corrupt,
                              fmt::format("token {} has kind {}, expected 1 to 6", i, kind));
        if (text.empty() || text.size() > kTokenBytesMax)
            return base::fail(base::Errc::corrupt,
                              fmt::format("token {} has {} bytes, expected 1 to {}", i, text.size(),
                                          kTokenBytesMax));
        kinds_.push_back(TokenKind(int8_t(kind)));
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
        const auto [known, isNew] = ids.emplace(text, int32_t(i));
        if (!isNew)
            return base::fail(base::Errc::corrupt, fmt::format("tokens {} and {} are both {}",
                                                               known->second, i, quoted(text)));
    }
    if (source.merges.size() > kTokensMax)
        return base::fail(base::Errc::corrupt,
                          fmt::format("vocabulary has {} merges, expected at most {}",
                                      source.merges.size(), kTokensMax));
    pairs_.reserve(source.merges.size());
    for (size_t i = 0; i < source.merges.size(); ++i) {
        auto pair = parseMerge(source.merges[i], ids);
        if (!pair) return base::fail(std::move(pair).error().within(fmt::format("merge {}", i)));
        pairs_.push_back(*pair);
    }
    return {};
}

base::Status Vocabulary::addRoles(const VocabularySource& source) {
    for (const auto& id : {source.beginOfText, source.endOfText, source.endOfTurn})
        if (id && (*id < 0 || *id >= size()))
            return base::fail(
                base::Errc::corrupt,
                fmt::format("special token id {} is outside the {} tokens", *id, size()));
    for (int32_t token = 0; token < int32_t(size()); ++token)
        if (isSpecial(kind(token))) {
            specials_.push_back(token);
            startsSpecial_[uint8_t(bytes(token).front())] = true;
        }
    std::sort(specials_.begin(), specials_.end(),
              [this](int32_t a, int32_t b) { return bytes(a) < bytes(b); });
    if (source.beginOfText) beginOfText_ = int32_t(*source.beginOfText);
    addsBeginOfText_ = source.addBeginOfText && beginOfText_;
    for (const auto& id : {source.endOfText, source.endOfTurn})
        if (id) endTokens_.push_back(int32_t(*id));
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
    const auto at =
        std::lower_bound(specials_.begin(), specials_.end(), name,
                         [this](int32_t token, std::string_view n) { return bytes(token) < n; });
    if (at == specials_.end() || bytes(*at) != name) return std::nullopt;
    return *at;
}

std::optional<int32_t> Vocabulary::specialPrefix(std::string_view text) const {
    if (text.empty() || !startsSpecial_[uint8_t(text.front())]) return std::nullopt;
    std::optional<int32_t> best;
    for (const int32_t token : specials_)
        if (text.starts_with(bytes(token)) && (!best || bytes(token).size() > bytes(*best).size()))
            best = token;
    return best;
}

bool Vocabulary::endsGeneration(int32_t token) const {
    return std::binary_search(endTokens_.begin(), endTokens_.end(), token);
}

}  // namespace moxie::engine
