#include "engine/grammar/token_masks.h"

#include <algorithm>
#include <utility>

namespace moxie::engine {

namespace {

constexpr size_t kForcedSymbolsMax = 512;

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
            entries_.push_back({vocabulary.bytes(token), token, 0});
    }
    std::ranges::sort(entries_, {}, &Entry::bytes);
    for (size_t i = 1; i < entries_.size(); ++i)
        entries_[i].shared = int32_t(sharedBytes(entries_[i - 1].bytes, entries_[i].bytes));
}

std::span<const TokenTable::Special> TokenTable::specialsOf(int32_t token) const {
    const auto found = std::ranges::equal_range(specials_, token, {}, &Special::token);
    return {found.begin(), found.end()};
}

TokenMasks::TokenMasks(std::shared_ptr<const TokenTable> table,
                       std::unique_ptr<AnswerGrammar> grammar)
    : table_(std::move(table)),
      grammar_(std::move(grammar)) {}

const TokenMask& TokenMasks::maskOf(Automaton::State state) {
    const auto [at, isNew] = masks_.try_emplace(state);
    if (isNew) walk(state, at->second);
    return at->second;
}

// Tokens that begin as one that was refused are passed over.
void TokenMasks::walk(Automaton::State state, TokenMask& mask) {
    mask.bits.assign(size_t(table_->size() + 63) / 64, 0);
    int64_t allowed = 0;
    const auto allow = [&](int32_t token) {
        uint64_t& word = mask.bits[size_t(token) / 64];
        const uint64_t bit = uint64_t{1} << (size_t(token) % 64);
        allowed += (word & bit) == 0 ? 1 : 0;
        word |= bit;
    };
    path_.assign(1, state);  // path_[n]: behind n bytes of the entry at hand
    for (const auto& entry : table_->entries()) {
        const auto shared = size_t(entry.shared);
        if (path_.size() <= shared && path_.back() == Automaton::kDead) continue;
        path_.resize(std::min(path_.size(), shared + 1));
        while (path_.size() <= entry.bytes.size() && path_.back() != Automaton::kDead)
            path_.push_back(automaton().step(path_.back(), uint8_t(entry.bytes[path_.size() - 1])));
        if (path_.back() != Automaton::kDead) allow(entry.token);
    }
    for (const auto& special : table_->specials())
        if (automaton().step(state, special.symbol) != Automaton::kDead) allow(special.token);
    mask.allowsAll = allowed == table_->size();
    mask.allowsNone = allowed == 0;
}

Automaton::State TokenMasks::after(Automaton::State state, int32_t token) {
    for (const auto& special : table_->specialsOf(token))
        if (const auto next = automaton().step(state, special.symbol); next != Automaton::kDead)
            return next;
    if (!table_->specialsOf(token).empty()) return Automaton::kDead;
    const std::string_view bytes = table_->tokenizer().vocabulary().bytes(token);
    if (bytes.empty()) return Automaton::kDead;
    for (const char byte : bytes)
        state = automaton().step(state, uint8_t(byte));
    return state;
}

std::optional<Symbol> TokenMasks::onlySymbol(Automaton::State state) {
    std::optional<Symbol> only;
    for (int32_t symbol = 0; symbol < kFirstMarker + automaton().markers(); ++symbol) {
        if (automaton().step(state, Symbol(symbol)) == Automaton::kDead) continue;
        if (only) return std::nullopt;
        only = Symbol(symbol);
    }
    return only;
}

const std::vector<int32_t>& TokenMasks::forcedAfter(Automaton::State state) {
    const auto [at, isNew] = forced_.try_emplace(state);
    std::vector<int32_t>& tokens = at->second;
    if (!isNew || automaton().isFree(state)) return tokens;
    std::string text;
    const auto flush = [&] {
        table_->tokenizer().encode(std::exchange(text, {}), TextKind::plain, tokens);
    };
    for (size_t n = 0; n < kForcedSymbolsMax; ++n) {
        const auto symbol = onlySymbol(state);
        if (!symbol || *symbol == kAnswerEnd || *symbol == kForeign) break;
        if (*symbol < kFirstMarker) {
            text += char(*symbol);
        } else {
            const auto special =
                std::ranges::find(table_->specials(), *symbol, &TokenTable::Special::symbol);
            if (special == table_->specials().end()) break;
            flush();
            tokens.push_back(special->token);
        }
        state = automaton().step(state, *symbol);
    }
    const size_t sure = tokens.size();
    flush();
    if (tokens.size() > sure) tokens.pop_back();
    return tokens;
}

TokenConstraint::TokenConstraint(std::shared_ptr<TokenMasks> masks) : masks_(std::move(masks)) {}

void TokenConstraint::restart() {
    enter(masks_->grammar().start);
}

void TokenConstraint::enter(Automaton::State state) {
    state_ = state;
    taken_ = 0;
    forced_ = masks_->forcedAfter(state);
}

std::span<const int32_t> TokenConstraint::forced() const {
    return std::span(forced_).subspan(taken_);
}

const TokenMask& TokenConstraint::mask() {
    return masks_->maskOf(state_);
}

bool TokenConstraint::isSyntax() const {
    return masks_->automaton().isSyntax(state_);
}

void TokenConstraint::accept(int32_t token) {
    const auto next = masks_->after(state_, token);
    if (taken_ < forced_.size()) {
        BASE_CHECK(token == forced_[taken_]);
        state_ = next;
        if (++taken_ == forced_.size()) enter(next);
        return;
    }
    enter(next);
}

}  // namespace moxie::engine
