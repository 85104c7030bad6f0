#include "indexer/word_bag.h"

#include "indexer/words.h"

namespace moxie::indexer {
int32_t WordCounting::wordNumber(std::string_view word) {
    const auto [number, isNew] = bag_.words_.add(word);
    if (isNew) places_.push_back(-1);
    return number;
}

void WordCounting::grow() {
    slots_.assign(slots_.size() * 2, -1);
    for (size_t i = 0; i < identifiers_.size(); i++) {
        size_t slot = identifiers_[i].hash & (slots_.size() - 1);
        while (slots_[slot] >= 0)
            slot = (slot + 1) & (slots_.size() - 1);
        slots_[slot] = int32_t(i);
    }
}

const WordCounting::Identifier& WordCounting::split(std::string_view text, uint32_t hash) {
    Identifier made = {.text = text, .hash = hash, .first = int32_t(parts_.size())};
    eachWordOf(text, [&](std::string_view word) { parts_.push_back(wordNumber(word)); });
    made.count = int32_t(parts_.size()) - made.first;
    identifiers_.push_back(made);
    return identifiers_.back();
}

const WordCounting::Identifier& WordCounting::identifier(std::string_view text) {
    const uint32_t hash = hashOfText(text);
    size_t slot = hash & (slots_.size() - 1);
    for (; slots_[slot] >= 0; slot = (slot + 1) & (slots_.size() - 1)) {
        const Identifier& known = identifiers_[size_t(slots_[slot])];
        if (known.hash == hash && known.text == text) return known;
    }
    slots_[slot] = int32_t(identifiers_.size());
    if (identifiers_.size() * 2 > slots_.size()) {
        const Identifier& made = split(text, hash);
        grow();
        return made;
    }
    return split(text, hash);
}

int64_t WordCounting::add(std::string_view text, int32_t WordCount::*column) {
    int64_t added = 0;
    for (IdentifierReader reader(text);;) {
        const std::string_view found = reader.next();
        if (found.empty()) return added;
        const Identifier& known = identifier(found);
        added += known.count;
        for (int32_t i = known.first; i < known.first + known.count; i++) {
            const int32_t word = parts_[size_t(i)];
            int64_t& place = places_[size_t(word)];
            if (place < int64_t(pieceFirst_)) {
                place = int64_t(bag_.counts_.size());
                bag_.counts_.push_back({.word = word});
            }
            bag_.counts_[size_t(place)].*column += 1;
        }
    }
}

void WordCounting::endPiece() {
    pieceFirst_ = bag_.counts_.size();
    bag_.pieceEnds_.push_back(uint32_t(pieceFirst_));
}

}  // namespace moxie::indexer
