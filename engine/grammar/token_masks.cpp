#include "engine/grammar/token_masks.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/grammar/utf8_step.h"

namespace moxie::engine {

namespace {

constexpr size_t kForcedSymbolsMax = 512;
constexpr size_t kMasksMax = 256;  // 16 kB each for 130,000 tokens
constexpr size_t kFewTokens = 512;

size_t wordsOf(const TokenTable& table) {
    return size_t(table.size() + 63) / 64;
}

void allow(std::vector<uint64_t>& bits, int32_t token) {
    bits[size_t(token) / 64] |= uint64_t{1} << (size_t(token) % 64);
}

void refuse(std::vector<uint64_t>& bits, int32_t token) {
    bits[size_t(token) / 64] &= ~(uint64_t{1} << (size_t(token) % 64));
}

bool holds(const std::vector<uint64_t>& bits, int32_t token) {
    return (bits[size_t(token) / 64] >> (size_t(token) % 64) & 1) != 0;
}

void unite(std::vector<uint64_t>& bits, const std::vector<uint64_t>& more) {
    for (size_t i = 0; i < bits.size(); ++i)
        bits[i] |= more[i];
}

}  // namespace

TokenMasks::TokenMasks(std::shared_ptr<const TokenTable> table,
                       std::unique_ptr<AnswerGrammar> grammar)
    : table_(std::move(table)),
      grammar_(std::move(grammar)) {}

const TokenMask& TokenMasks::maskOf(Automaton::State state) {
    if (const auto known = masks_.find(state); known != masks_.end()) return known->second;
    if (masks_.size() >= kMasksMax) masks_.clear();
    TokenMask& mask = masks_[state];
    mask.bits.assign(wordsOf(*table_), 0);
    const auto stacks = automaton().stacksOf(state);
    for (const Automaton::Stack stack : std::vector(stacks.begin(), stacks.end()))
        unite(mask.bits, bitsOf(stack));
    int64_t allowed = 0;
    for (const uint64_t word : mask.bits)
        allowed += std::popcount(word);
    mask.allowsAll = allowed == table_->size();
    mask.allowsNone = allowed == 0;
    return mask;
}

TokenMasks::Bits TokenMasks::bitsOf(Automaton::Stack stack) {
    if (stack == 0) return Bits(wordsOf(*table_), 0);
    const Automaton::Core core = automaton().coreOf(stack, table_->longestToken());
    const CoreMask& mask = coreMask(core.state);
    Bits bits = mask.bits.empty() ? Bits(wordsOf(*table_), 0) : mask.bits;
    for (const int32_t token : mask.few)
        allow(bits, token);
    addTails(mask, core.rest, bits);
    takeRepeatedKeys(stack, bits);
    if (mask.leaves) addBelow(mask, core.rest, bits);
    return bits;
}

const TokenMasks::CoreMask& TokenMasks::coreMask(Automaton::State core) {
    const auto [at, isNew] = cores_.try_emplace(core);
    if (isNew) walkCore(core, at->second);
    return at->second;
}

void TokenMasks::walkCore(Automaton::State core, CoreMask& mask) {
    CoreWalk walk;
    std::vector<Automaton::State> path = {core};  // by depth
    const auto& nodes = table_->nodes();
    for (size_t n = 0; n < nodes.size();) {
        const TokenTable::Node& node = nodes[n];
        path.resize(size_t(node.depth));
        const Automaton::State state = automaton().step(path.back(), node.byte);
        path.push_back(state);
        if (node.depth == 1 && automaton().hasLeft(state)) mask.leavesAt.set(node.byte);
        const bool isPlain = node.isPlainBelow && automaton().isInside(state) &&
                             size_t(node.next) > n + 1 && node.charactersBelow <= plainRoom(state);
        if (isPlain) {
            const auto tokens = table_->tokensBelow(node);
            walk.fit.insert(walk.fit.end(), tokens.begin(), tokens.end());
        }
        if (!isPlain) addNode(node, state, walk);
        n = automaton().isInside(state) && !isPlain ? n + 1 : size_t(node.next);
    }
    walkMarkers(core, mask, walk.fit);
    mask.leaves = mask.leavesAt.any() || !mask.leavesAtMarkers.empty();
    linkTails(walk.tails);
    mask.tails = std::move(walk.tails);
    if (walk.fit.size() <= kFewTokens) {
        mask.few = std::move(walk.fit);
        return;
    }
    mask.bits.assign(wordsOf(*table_), 0);
    for (const int32_t token : walk.fit)
        allow(mask.bits, token);
}

void TokenMasks::addNode(const TokenTable::Node& node, Automaton::State state, CoreWalk& walk) {
    if (automaton().hasLeft(state) && node.depth > 1)
        for (const int32_t token : table_->tokensBelow(node))
            walk.tails.push_back({table_->bytes(token).substr(size_t(node.depth) - 1), token});
    if (!automaton().isInside(state)) return;
    const auto own = table_->tokensBelow(node).first(size_t(node.nTokens));
    walk.fit.insert(walk.fit.end(), own.begin(), own.end());
}

void TokenMasks::linkTails(std::vector<Tail>& tails) {
    if (!std::ranges::is_sorted(tails, {}, &Tail::text)) std::ranges::sort(tails, {}, &Tail::text);
    for (size_t bytes = 1; bytes <= 2; ++bytes) {
        auto next = int32_t(tails.size());
        for (size_t i = tails.size(); i-- > 0;) {
            tails[i].next[bytes - 1] = next;
            if (i > 0 && tails[i - 1].text.substr(0, bytes) != tails[i].text.substr(0, bytes))
                next = int32_t(i);
        }
    }
}

// How many plain characters may come without leaving the text.
int32_t TokenMasks::plainRoom(Automaton::State state) {
    const auto counted = automaton().countedText(state);
    if (counted) return isPlainText(counted->free) ? counted->left : -1;
    return isPlainText(state) ? INT32_MAX : -1;
}

// Whether plain text of any length leads back to the state, without leaving it.
bool TokenMasks::isPlainText(Automaton::State state) {
    const auto [at, isNew] = isPlainText_.try_emplace(state, false);
    if (!isNew) return at->second;
    for (int byte = 0; byte < 0x80; ++byte)
        if (TokenTable::isPlain(uint8_t(byte)) && automaton().step(state, Symbol(byte)) != state)
            return false;
    std::vector<CharacterPlace> met;
    return at->second =
               !automaton().hasLeft(state) && charactersLeadTo(state, {state, utf8::whole}, met);
}

// Whether each character outside ASCII leads from a place within a character to `state`.
bool TokenMasks::charactersLeadTo(Automaton::State state, CharacterPlace from,
                                  std::vector<CharacterPlace>& met) {
    if (std::ranges::find(met, from) != met.end()) return true;
    met.push_back(from);
    for (int byte = 0x80; byte < 0x100; ++byte) {
        const uint8_t phase = utf8::step(from.second, Symbol(byte));
        if (phase == utf8::none) continue;
        const auto to = automaton().step(from.first, Symbol(byte));
        if (!automaton().isInside(to) || automaton().hasLeft(to)) return false;
        if (phase == utf8::whole ? to != state : !charactersLeadTo(state, {to, phase}, met))
            return false;
    }
    return true;
}

void TokenMasks::walkMarkers(Automaton::State core, CoreMask& mask, std::vector<int32_t>& fit) {
    for (const auto& special : table_->specials()) {
        const auto state = automaton().step(core, special.symbol);
        if (automaton().isInside(state)) fit.push_back(special.token);
        const auto& known = mask.leavesAtMarkers;
        if (automaton().hasLeft(state) && std::ranges::find(known, special.symbol) == known.end())
            mask.leavesAtMarkers.push_back(special.symbol);
    }
}

// Tails that begin as one that was refused are passed over.
void TokenMasks::addTails(const CoreMask& mask, Automaton::Stack rest, Bits& bits) {
    if (rest == 0) return;
    if (path_.empty()) path_.emplace_back();
    path_[0].assign(1, rest);
    std::string_view last;
    size_t depth = 0;  // of `last`, as far as it could go
    for (size_t i = 0; i < mask.tails.size();) {
        const Tail& tail = mask.tails[i++];
        const auto shared = size_t(std::ranges::mismatch(tail.text, last).in1 - tail.text.begin());
        last = tail.text;
        if (shared > depth) continue;
        depth = shared;
        for (; depth < tail.text.size(); ++depth) {
            if (path_.size() < depth + 2) path_.emplace_back();
            automaton().stepStacks(path_[depth], uint8_t(tail.text[depth]), path_[depth + 1]);
            if (path_[depth + 1].empty()) break;
        }
        if (depth == tail.text.size())
            allow(bits, tail.token);
        else if (depth < tail.next.size())
            i = size_t(tail.next[depth]);
    }
}

// Tokens with which the item is left at once are those of what lies below.
void TokenMasks::addBelow(const CoreMask& mask, Automaton::Stack rest, Bits& bits) {
    Bits below = bitsOf(rest);
    const auto& nodes = table_->nodes();
    for (size_t n = 0; n < nodes.size() && !mask.leavesAt.all(); n = size_t(nodes[n].next))
        if (!mask.leavesAt.test(nodes[n].byte))
            for (const int32_t token : table_->tokensBelow(nodes[n]))
                refuse(below, token);
    for (const auto& special : table_->specials())
        if (std::ranges::find(mask.leavesAtMarkers, special.symbol) == mask.leavesAtMarkers.end())
            refuse(below, special.token);
    unite(bits, below);
}

// A core does not tell the keys of an object apart that its schema does not name.
void TokenMasks::takeRepeatedKeys(Automaton::Stack stack, Bits& bits) {
    if (!automaton().canRepeatKeys(stack)) return;
    for (const auto& end : automaton().repeatedKeys(stack))
        for (const int32_t token : table_->tokensFrom(end))
            refuse(bits, token);
    // Those that could end two keys.
    for (const int32_t token : table_->manyQuotes())
        if (holds(bits, token) && !fits(stack, table_->bytes(token))) refuse(bits, token);
}

bool TokenMasks::fits(Automaton::Stack stack, std::string_view bytes) {
    std::vector<Automaton::Stack> at = {stack};
    std::vector<Automaton::Stack> next;
    for (const char byte : bytes) {
        automaton().stepStacks(at, uint8_t(byte), next);
        at.swap(next);
    }
    return !at.empty();
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
