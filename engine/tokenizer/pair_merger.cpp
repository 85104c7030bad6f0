#include "engine/tokenizer/pair_merger.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr int32_t kNoRank = INT32_MAX;
constexpr int32_t kNoSymbol = -1;
constexpr uint64_t kEmptyKey = UINT64_MAX;  // tokens are not negative, so no pair has it
constexpr uint32_t kNoKey = UINT32_MAX;
constexpr uint32_t kPlaceBits = 7;  // of a key; a rank has 22 bits at most (Vocabulary)
static_assert(PairMerger::Scratch::kShortMax == size_t(1) << kPlaceBits);

uint64_t keyOf(int32_t left, int32_t right) {
    return uint64_t(uint32_t(left)) << 32 | uint32_t(right);
}

size_t slotOf(uint64_t key, size_t mask) {
    const uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15U;
    return size_t(mixed >> 32) & mask;
}

// Four at a time, so that the comparisons do not wait for each other.
uint32_t leastKey(const uint32_t* keys, uint32_t count) {
    uint32_t a = kNoKey, b = kNoKey, c = kNoKey, d = kNoKey;
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        a = std::min(a, keys[i]);
        b = std::min(b, keys[i + 1]);
        c = std::min(c, keys[i + 2]);
        d = std::min(d, keys[i + 3]);
    }
    for (; i < count; ++i)
        a = std::min(a, keys[i]);
    return std::min(std::min(a, b), std::min(c, d));
}

}  // namespace

PairMerger::PairMerger(const std::array<int32_t, 256>& byteTokens, int64_t pairs)
    : byteTokens_(byteTokens),
      slots_(std::bit_ceil(size_t(std::max<int64_t>(pairs, 1)) * 2), Slot{.key = kEmptyKey}) {}

bool PairMerger::addPair(const Pair& pair) {
    BASE_CHECK(size_t(nPairs_) < slots_.size() / 2);
    const uint64_t key = keyOf(pair.left, pair.right);
    const size_t mask = slots_.size() - 1;
    size_t at = slotOf(key, mask);
    while (slots_[at].key != kEmptyKey) {
        if (slots_[at].key == key) return false;
        at = (at + 1) & mask;
    }
    slots_[at] = {.key = key, .rank = nPairs_++, .merged = pair.merged};
    return true;
}

const PairMerger::Slot* PairMerger::findSlot(int32_t left, int32_t right) const {
    const uint64_t key = keyOf(left, right);
    const size_t mask = slots_.size() - 1;
    for (size_t at = slotOf(key, mask); slots_[at].key != kEmptyKey; at = (at + 1) & mask)
        if (slots_[at].key == key) return &slots_[at];
    return nullptr;
}

void PairMerger::rankPair(Scratch& scratch, int32_t symbol) const {
    auto& first = scratch.symbols[size_t(symbol)];
    first.rank = kNoRank;
    if (first.next == kNoSymbol) return;
    const Slot* slot = findSlot(first.token, scratch.symbols[size_t(first.next)].token);
    if (slot == nullptr) return;
    first.rank = slot->rank;
    first.merged = slot->merged;
}

// Joins a symbol with the next one and ranks the two pairs that change. The joined-away symbol
// keeps kNoRank, so that no stale candidate of it is taken.
void PairMerger::mergeAt(Scratch& scratch, int32_t symbol) const {
    auto& first = scratch.symbols[size_t(symbol)];
    auto& second = scratch.symbols[size_t(first.next)];
    first.token = first.merged;
    first.next = second.next;
    second.rank = kNoRank;
    if (second.next != kNoSymbol) scratch.symbols[size_t(second.next)].previous = symbol;
    rankPair(scratch, symbol);
    if (first.previous != kNoSymbol) rankPair(scratch, first.previous);
}

void PairMerger::mergeByHeap(Scratch& scratch) const {
    auto& heap = scratch.heap;
    heap.clear();
    const auto offer = [&](int32_t symbol) {
        if (symbol == kNoSymbol) return;
        const int32_t rank = scratch.symbols[size_t(symbol)].rank;
        if (rank == kNoRank) return;
        heap.push_back({rank, symbol});
        std::push_heap(heap.begin(), heap.end(), std::greater<>());
    };
    for (size_t i = 0; i < scratch.symbols.size(); ++i)
        offer(int32_t(i));
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), std::greater<>());
        const auto candidate = heap.back();
        heap.pop_back();
        // A neighbour's merge has changed this pair since; its new rank was offered then.
        if (scratch.symbols[size_t(candidate.symbol)].rank != candidate.rank) continue;
        mergeAt(scratch, candidate.symbol);
        offer(candidate.symbol);
        offer(scratch.symbols[size_t(candidate.symbol)].previous);
    }
}

void PairMerger::merge(Scratch& scratch, std::string_view piece, std::vector<int32_t>& out) const {
    BASE_CHECK(piece.size() < size_t(1) << 30);
    if (piece.size() <= Scratch::kShortMax) return mergeShort(scratch.shortPiece, piece, out);
    mergeLong(scratch, piece, out);
}

// `end`: the count of symbols, which stands for "none".
void PairMerger::rankShort(Scratch::Short& piece, uint32_t symbol, uint32_t end) const {
    const uint32_t next = piece.next[symbol];
    piece.keys[symbol] = kNoKey;
    if (next == end) return;
    const Slot* slot = findSlot(piece.tokens[symbol], piece.tokens[next]);
    if (slot == nullptr) return;
    piece.keys[symbol] = uint32_t(slot->rank) << kPlaceBits | symbol;
    piece.merged[symbol] = slot->merged;
}

void PairMerger::mergeShort(Scratch::Short& piece, std::string_view text,
                            std::vector<int32_t>& out) const {
    uint32_t end = 0;
    for (const char byte : text) {
        const int32_t token = byteTokens_[uint8_t(byte)];
        if (token < 0) continue;
        piece.tokens[end] = token;
        piece.previous[end] = uint8_t(end - 1);  // of the first: never read, see below
        piece.next[end] = uint8_t(end + 1);
        ++end;
    }
    if (end == 0) return;
    for (uint32_t i = 0; i < end; ++i)
        rankShort(piece, i, end);
    while (true) {
        const uint32_t best = leastKey(piece.keys.data(), end);
        if (best == kNoKey) break;
        // A symbol joins the next one, which stays in its place without a key.
        const uint32_t first = best & (Scratch::kShortMax - 1);
        const uint32_t second = piece.next[first];
        const uint32_t third = piece.next[second];
        piece.tokens[first] = piece.merged[first];
        piece.next[first] = uint8_t(third);
        piece.keys[second] = kNoKey;
        if (third != end) piece.previous[third] = uint8_t(first);
        rankShort(piece, first, end);
        if (first != 0) rankShort(piece, piece.previous[first], end);
    }
    for (uint32_t at = 0; at != end; at = piece.next[at])
        out.push_back(piece.tokens[at]);
}

void PairMerger::mergeLong(Scratch& scratch, std::string_view text,
                           std::vector<int32_t>& out) const {
    auto& symbols = scratch.symbols;
    symbols.clear();
    for (const char byte : text) {
        const int32_t token = byteTokens_[uint8_t(byte)];
        if (token < 0) continue;
        const auto at = int32_t(symbols.size());
        symbols.push_back({.token = token, .previous = at - 1, .next = at + 1});
    }
    if (symbols.empty()) return;
    symbols.back().next = kNoSymbol;
    for (size_t i = 0; i < symbols.size(); ++i)
        rankPair(scratch, int32_t(i));
    mergeByHeap(scratch);
    for (int32_t at = 0; at != kNoSymbol; at = symbols[size_t(at)].next)
        out.push_back(symbols[size_t(at)].token);
}

}  // namespace moxie::engine
