// The distinct words of one text, and how often each stands in each of its pieces: the full text
// index of one file, counted by a worker. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "indexer/text_table.h"

namespace moxie::indexer {

struct WordCount {
    int32_t word = 0;  // in WordBag
    int32_t body = 0, names = 0;
};

class WordBag {
public:
    // Its words, by their numbers.
    const TextTable& words() const { return words_; }

    int32_t pieces() const { return int32_t(pieceEnds_.size()); }

    // Of one piece, each word once.
    std::span<const WordCount> piece(int32_t at) const {
        const uint32_t first = at == 0 ? 0 : pieceEnds_[size_t(at) - 1];
        return std::span(counts_).subspan(first, pieceEnds_[size_t(at)] - first);
    }

private:
    friend class WordCounting;

    TextTable words_;
    std::vector<WordCount> counts_;
    std::vector<uint32_t> pieceEnds_;  // in counts_
};

// Fills a bag piece by piece. An identifier is split once, however often it comes. The texts given
// must live as long as this.
class WordCounting {
public:
    explicit WordCounting(WordBag& bag) : bag_(bag), slots_(256, -1) {}

    // Both return how many words that were.
    int64_t addBody(std::string_view text) { return add(text, &WordCount::body); }

    int64_t addNames(std::string_view text) { return add(text, &WordCount::names); }

    void endPiece();

private:
    struct Identifier {
        std::string_view text;
        uint32_t hash = 0;
        int32_t first = 0, count = 0;  // in parts_
    };

    int64_t add(std::string_view text, int32_t WordCount::*column);
    const Identifier& identifier(std::string_view text);
    const Identifier& split(std::string_view text, uint32_t hash);
    int32_t wordNumber(std::string_view word);
    void grow();

    WordBag& bag_;
    std::vector<int32_t> slots_;  // by hash: numbers of identifiers; -1: free
    std::vector<Identifier> identifiers_;
    std::vector<int32_t> parts_;   // words of the identifiers
    std::vector<int64_t> places_;  // by word: where counts_ has it for this piece; below: older
    size_t pieceFirst_ = 0;
};

}  // namespace moxie::indexer
