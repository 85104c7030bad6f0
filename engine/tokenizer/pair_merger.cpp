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
// Above this a heap beats scanning for the best pair.
constexpr size_t kScanSymbolsMax = 64;

uint64_t keyOf(int32_t left, int32_t right) {
    return uint64_t(uint32_t(left)) << 32 | uint32_t(right);
}

size_t slotOf(uint64_t key, size_t mask) {
    const uint64_t mixed = (key ^ key >> 29) * 0x9E3779B97F4A7C15U;
    return size_t(mixed >> 32) & mask;
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

void PairMerger::mergeByScan(Scratch& scratch) const {
    while (true) {
        int32_t best = kNoSymbol;
        int32_t bestRank = kNoRank;
        for (int32_t at = 0; at != kNoSymbol; at = scratch.symbols[size_t(at)].next)
            if (scratch.symbols[size_t(at)].rank < bestRank) {
                best = at;
                bestRank = scratch.symbols[size_t(at)].rank;
            }
        if (best == kNoSymbol) return;
        mergeAt(scratch, best);
    }
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
    auto& symbols = scratch.symbols;
    symbols.clear();
    for (const char byte : piece) {
        const int32_t token = byteTokens_[uint8_t(byte)];
        if (token < 0) continue;
        const auto at = int32_t(symbols.size());
        symbols.push_back({.token = token, .previous = at - 1, .next = at + 1});
    }
    if (symbols.empty()) return;
    symbols.back().next = kNoSymbol;
    for (size_t i = 0; i < symbols.size(); ++i)
        rankPair(scratch, int32_t(i));
    if (symbols.size() <= kScanSymbolsMax)
        mergeByScan(scratch);
    else
        mergeByHeap(scratch);
    for (int32_t at = 0; at != kNoSymbol; at = symbols[size_t(at)].next)
        out.push_back(symbols[size_t(at)].token);
}

}  // namespace moxie::engine
