#include "indexer/text_table.h"

#include <cstring>

namespace moxie::indexer {
namespace {

constexpr size_t kSlotsMin = 64;
constexpr uint64_t kFactor = 0x9e3779b97f4a7c15ULL, kOther = 0xd6e8feb86659fd93ULL;

template <class T>
uint64_t load(const char* bytes) {
    T value = 0;
    std::memcpy(&value, bytes, sizeof(T));
    return value;
}

uint64_t mix(uint64_t value) {
    value *= kFactor;
    return value ^ (value >> 29);
}

// The last one to eight bytes of a text, those of longer ones overlapping what was read before.
uint64_t tailOf(const char* bytes, size_t size) {
    if (size >= 8) return load<uint64_t>(bytes + size - 8);
    if (size >= 4) return load<uint32_t>(bytes) | load<uint32_t>(bytes + size - 4) << 32;
    if (size == 0) return 0;
    return load<uint8_t>(bytes) | load<uint8_t>(bytes + size / 2) << 8 |
           load<uint8_t>(bytes + size - 1) << 16;
}

}  // namespace

uint32_t hashOfText(std::string_view text) {
    uint64_t hash = text.size() * kOther;
    size_t at = 0;
    for (; at + 8 < text.size(); at += 8)
        hash = mix(hash ^ load<uint64_t>(text.data() + at));
    hash = mix(hash ^ tailOf(text.data(), text.size()));
    return uint32_t(mix(hash) >> 32);
}

TextTable::Added TextTable::add(std::string_view text, uint32_t hash) {
    if (ends_.size() * 2 >= slots_.size()) grow();
    const size_t mask = slots_.size() - 1;
    size_t slot = hash & mask;
    for (; slots_[slot] >= 0; slot = (slot + 1) & mask) {
        const int32_t known = slots_[slot];
        if (hashes_[size_t(known)] == hash && this->text(known) == text) return {known, false};
    }
    const int32_t number = size();
    slots_[slot] = number;
    texts_.append(text);
    ends_.push_back(uint32_t(texts_.size()));
    hashes_.push_back(hash);
    return {number, true};
}

void TextTable::grow() {
    slots_.assign(slots_.empty() ? kSlotsMin : slots_.size() * 2, -1);
    const size_t mask = slots_.size() - 1;
    for (size_t i = 0; i < hashes_.size(); i++) {
        size_t slot = hashes_[i] & mask;
        while (slots_[slot] >= 0)
            slot = (slot + 1) & mask;
        slots_[slot] = int32_t(i);
    }
}

void TextTable::clear() {
    *this = {};
}

}  // namespace moxie::indexer
