// Byte-pair merging: joins neighbouring tokens of a piece, best rank first, leftmost first among
// equals, until no pair has a merge. Not here: splitting text into pieces, special tokens.
// Threads: merge() from any thread with a Scratch of one's own.
// Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units" (2016).
#pragma once
#include <array>
#include <cstdint>
#include <queue>
#include <string_view>
#include <vector>

namespace moxie::engine {

class PairMerger {
public:
    struct Pair {
        int32_t left = 0;
        int32_t right = 0;
        int32_t merged = 0;  // the token they become; the rank is the place in the list
    };

    // Reused between calls so that merging allocates nothing for common words.
    struct Scratch {
        struct Symbol {
            int32_t token = 0;
            int32_t rank = 0;  // of the pair with the next symbol; kNoRank: none
            int32_t merged = 0;
            int32_t previous = 0;
            int32_t next = 0;
        };

        struct Candidate {
            int32_t rank = 0;
            int32_t symbol = 0;

            bool operator>(const Candidate& other) const {
                return rank != other.rank ? rank > other.rank : symbol > other.symbol;
            }
        };

        // Up to kShortMax symbols lie in arrays of their own, where the best pair is found without
        // following links. A key is the rank and the place: the least one is the next merge.
        static constexpr size_t kShortMax = 128;

        struct Short {
            std::array<uint32_t, kShortMax> keys = {};
            std::array<int32_t, kShortMax> tokens = {};
            std::array<int32_t, kShortMax> merged = {};
            std::array<uint8_t, kShortMax> previous = {};
            std::array<uint8_t, kShortMax> next = {};
        };

        Short shortPiece;
        std::vector<Symbol> symbols;
        std::vector<Candidate> heap;
    };

    // `byteTokens`: the token of each byte, -1 where the vocabulary has none.
    // Requires: no pair twice (see addPair).
    PairMerger(const std::array<int32_t, 256>& byteTokens, int64_t pairs);
    // Takes the next rank. False if the pair was added before.
    bool addPair(const Pair& pair);

    // Appends the tokens of one piece. A byte without a token is left out, as the tokenizers
    // library does. Requires: piece.size() < 2^30. Cost: O(n log n), O(n^2) up to 128 bytes.
    void merge(Scratch& scratch, std::string_view piece, std::vector<int32_t>& out) const;

private:
    struct Slot {
        uint64_t key = 0;
        int32_t rank = 0;
        int32_t merged = 0;
    };

    const Slot* findSlot(int32_t left, int32_t right) const;
    void rankPair(Scratch& scratch, int32_t symbol) const;
    void mergeAt(Scratch& scratch, int32_t symbol) const;
    void rankShort(Scratch::Short& piece, uint32_t symbol, uint32_t end) const;
    void mergeShort(Scratch::Short& piece, std::string_view text, std::vector<int32_t>& out) const;
    void mergeLong(Scratch& scratch, std::string_view text, std::vector<int32_t>& out) const;
    void mergeByHeap(Scratch& scratch) const;

    std::array<int32_t, 256> byteTokens_;
    std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
    int32_t nPairs_ = 0;
};

}  // namespace moxie::engine
