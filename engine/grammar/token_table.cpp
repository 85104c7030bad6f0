#include "engine/grammar/token_table.h"

#include <algorithm>

#include "engine/grammar/utf8_step.h"

namespace moxie::engine {

namespace {

constexpr int64_t kManyQuotes = 3;

size_t sharedBytes(std::string_view a, std::string_view b) {
    return size_t(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

TokenTable::TokenTable(const Tokenizer& tokenizer, const MarkerNames& markers,
                       const std::function<bool(int32_t)>& endsAnswer)
    : tokenizer_(tokenizer),
      size_(tokenizer.vocabulary().size()) {
    const Vocabulary& vocabulary = tokenizer.vocabulary();
    for (int32_t token = 0; token < int32_t(size_); ++token) {
        const TokenKind kind = vocabulary.kind(token);
        const bool isEnd = endsAnswer(token);
        const bool isNamed = kind == TokenKind::control || kind == TokenKind::userDefined || isEnd;
        const auto name = std::ranges::find(markers.all(), vocabulary.bytes(token));
        const bool isMarker = isNamed && name != markers.all().end();
        if (isEnd)
            specials_.push_back({token, kAnswerEnd});
        else if (isMarker)
            specials_.push_back({token, Symbol(kFirstMarker + (name - markers.all().begin()))});
        if (isEnd || isMarker) continue;
        if (kind == TokenKind::control || kind == TokenKind::unused || kind == TokenKind::unknown)
            specials_.push_back({token, kForeign});
        else if (!vocabulary.bytes(token).empty())
            tokens_.push_back(token);
    }
    std::ranges::sort(tokens_, {}, [&](int32_t token) { return bytes(token); });
    for (const int32_t token : tokens_)
        if (std::ranges::count(bytes(token), '"') >= kManyQuotes) manyQuotes_.push_back(token);
    std::vector<int32_t> open;
    for (size_t i = 0; i < tokens_.size(); ++i)
        addNodes(int32_t(i), i == 0 ? 0 : sharedBytes(bytes(tokens_[i - 1]), bytes(tokens_[i])),
                 open);
    for (const int32_t node : open)
        nodes_[size_t(node)].next = int32_t(nodes_.size());
    findPlain();
    countCharacters();
}

// The nodes of a token, of whose bytes `shared` are those of the token ahead of it. `open`: the
// nodes of that token, by depth.
void TokenTable::addNodes(int32_t at, size_t shared, std::vector<int32_t>& open) {
    const std::string_view text = bytes(tokens_[size_t(at)]);
    if (at > 0 && shared == text.size()) {
        ++nodes_.back().nTokens;  // the same bytes once more
        return;
    }
    for (; open.size() > shared; open.pop_back())
        nodes_[size_t(open.back())].next = int32_t(nodes_.size());
    for (size_t n = shared; n < text.size(); ++n) {
        open.push_back(int32_t(nodes_.size()));
        nodes_.push_back({.byte = uint8_t(text[n]),
                          .isPlainBelow = false,
                          .depth = int32_t(n) + 1,
                          .next = 0,
                          .firstToken = at,
                          .nTokens = n + 1 == text.size() ? 1 : 0,
                          .charactersBelow = 0});
    }
}

bool TokenTable::isPlain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\' && byte != '<' && byte != '>';
}

void TokenTable::findPlain() {
    std::vector<uint8_t> phases = {utf8::whole};  // by depth
    std::vector<bool> isWhole(nodes_.size());
    std::vector<int32_t> others = {0};  // nodes up to here that are not plain
    for (size_t i = 0; i < nodes_.size(); ++i) {
        const Node& node = nodes_[i];
        phases.resize(size_t(node.depth));
        phases.push_back(utf8::step(phases.back(), node.byte));
        const bool isText =
            phases.back() != utf8::none && (node.byte >= 0x80 || isPlain(node.byte));
        isWhole[i] = phases.back() == utf8::whole;
        others.push_back(others.back() + (isText ? 0 : 1));
    }
    for (size_t i = 0; i < nodes_.size(); ++i)
        nodes_[i].isPlainBelow = isWhole[i] && others[size_t(nodes_[i].next)] == others[i + 1];
}

// From the end, so that what lies below a node is counted ahead of it.
void TokenTable::countCharacters() {
    for (size_t i = nodes_.size(); i-- > 0;) {
        Node& node = nodes_[i];
        for (auto below = int32_t(i) + 1; below < node.next; below = nodes_[size_t(below)].next) {
            const Node& next = nodes_[size_t(below)];
            const int32_t opened = (next.byte & 0xC0) != 0x80 ? 1 : 0;
            node.charactersBelow = std::max(node.charactersBelow, next.charactersBelow + opened);
        }
        longestToken_ = std::max(longestToken_, node.charactersBelow + 1);
    }
}

std::span<const int32_t> TokenTable::tokensFrom(std::string_view beginning) const {
    const auto cut = [&](int32_t token) { return bytes(token).substr(0, beginning.size()); };
    const auto found = std::ranges::equal_range(tokens_, beginning, {}, cut);
    return {found.begin(), found.end()};
}

std::span<const TokenTable::Special> TokenTable::specialsOf(int32_t token) const {
    const auto found = std::ranges::equal_range(specials_, token, {}, &Special::token);
    return {found.begin(), found.end()};
}

}  // namespace moxie::engine
