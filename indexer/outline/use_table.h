// The uses of names in one text, each kind once: number tables without an allocation for each
// entry. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "indexer/outline/outline.h"
#include "indexer/text_table.h"

namespace moxie::indexer {

struct Use {
    std::string_view name;  // lives as long as the table
    int32_t symbol = -1;
    Role role = Role::none;
    int32_t receiver = 0;  // a number
    bool operator==(const Use&) const = default;
};

class UseTable {
public:
    // The number given with the use when it first came: `number` if it is new.
    size_t add(const Use& use, size_t number) {
        if (entries_.size() * 2 >= slots_.size()) grow();
        const uint32_t hash = hashOf(use);
        size_t slot = hash & (slots_.size() - 1);
        for (; slots_[slot] >= 0; slot = (slot + 1) & (slots_.size() - 1)) {
            const Entry& known = entries_[size_t(slots_[slot])];
            if (known.hash == hash && known.use == use) return known.number;
        }
        slots_[slot] = int32_t(entries_.size());
        entries_.push_back({use, hash, number});
        return number;
    }

private:
    struct Entry {
        Use use;
        uint32_t hash = 0;
        size_t number = 0;
    };

    static uint32_t hashOf(const Use& use) {
        const auto rest = uint32_t(use.symbol + 1) * 0x9e3779b1U ^
                          uint32_t(use.role) * 0x85ebca6bU ^ uint32_t(use.receiver) * 0xc2b2ae35U;
        return hashOfText(use.name) ^ rest ^ rest >> 15;
    }

    void grow() {
        slots_.assign(slots_.empty() ? 256 : slots_.size() * 2, -1);
        for (size_t i = 0; i < entries_.size(); i++) {
            size_t slot = entries_[i].hash & (slots_.size() - 1);
            while (slots_[slot] >= 0)
                slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = int32_t(i);
        }
    }

    std::vector<Entry> entries_;
    std::vector<int32_t> slots_;  // by hash: positions in entries_; -1: free
};

// Places in a text.
class PlaceSet {
public:
    void add(uint32_t place) {
        if (count_ * 2 >= slots_.size()) grow();
        count_++;
        put(place);
    }

    bool has(uint32_t place) const {
        if (count_ == 0) return false;
        for (size_t slot = slotOf(place); slots_[slot] != kFree; slot = next(slot))
            if (slots_[slot] == place) return true;
        return false;
    }

private:
    static constexpr uint32_t kFree = 0xffffffff;

    size_t slotOf(uint32_t place) const { return place * 0x9e3779b1U & (slots_.size() - 1); }

    size_t next(size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

    void put(uint32_t place) {
        size_t slot = slotOf(place);
        while (slots_[slot] != kFree)
            slot = next(slot);
        slots_[slot] = place;
    }

    void grow() {
        std::vector<uint32_t> before(slots_.empty() ? 64 : slots_.size() * 2, kFree);
        before.swap(slots_);
        for (const uint32_t place : before)
            if (place != kFree) put(place);
    }

    std::vector<uint32_t> slots_;
    size_t count_ = 0;
};

}  // namespace moxie::indexer
