// Finds the number of a name: a flat hash table, several times as fast as std::unordered_map on the
// hundred thousand short names of a vocabulary. Keeps views of the names.
// Threads: any thread once it is filled.
#pragma once
#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace moxie::engine {

class NameTable {
public:
    NameTable() = default;

    // Room for `names`, not more.
    explicit NameTable(size_t names) : slots_(std::bit_ceil(names + 1) * 2) {}

    bool empty() const { return slots_.empty(); }

    // The number that the name has already, or nothing and it has this one. Requires: id >= 0.
    std::optional<int32_t> insert(std::string_view name, int32_t id) {
        Slot& slot = slots_[find(name, hashOf(name))];
        if (slot.id >= 0) return slot.id;
        slot = {.name = name, .hash = hashOf(name), .id = id};
        return std::nullopt;
    }

    std::optional<int32_t> idOf(std::string_view name) const {
        if (slots_.empty()) return std::nullopt;
        const Slot& slot = slots_[find(name, hashOf(name))];
        return slot.id >= 0 ? std::optional(slot.id) : std::nullopt;
    }

private:
    struct Slot {
        std::string_view name = {};
        uint32_t hash = 0;
        int32_t id = -1;
    };

    static uint32_t hashOf(std::string_view name) {
        return uint32_t(std::hash<std::string_view>()(name) >> 16);
    }

    // Where the name is, or the empty slot where it would be.
    size_t find(std::string_view name, uint32_t hash) const {
        const size_t mask = slots_.size() - 1;
        size_t at = hash & mask;
        while (slots_[at].id >= 0 && (slots_[at].hash != hash || slots_[at].name != name))
            at = (at + 1) & mask;
        return at;
    }

    std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace moxie::engine
