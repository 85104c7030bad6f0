#include "engine/grammar/byte_dfa.h"

#include <algorithm>
#include <map>
#include <utility>

namespace moxie::engine {

namespace {

bool isWritableByte(int byte) {
    return byte >= 0x20 || byte == '\b' || byte == '\f' || byte == '\n' || byte == '\r' ||
           byte == '\t';
}

bool beginsCharacter(uint8_t byte) {
    return (byte & 0xC0) != 0x80;
}

// Numbers states by what they stand for, in the order they are met.
template <class Key>
class Numbering {
public:
    int32_t numberOf(const Key& key) {
        const auto [at, isNew] = numbers_.try_emplace(key, int32_t(keys_.size()));
        if (isNew) keys_.push_back(key);
        return at->second;
    }

    const Key& keyOf(size_t number) const { return keys_[number]; }

    size_t size() const { return keys_.size(); }

private:
    std::map<Key, int32_t> numbers_;
    std::vector<Key> keys_;
};

}  // namespace

bool ByteDfa::accepts(std::string_view text) const {
    if (isEmpty()) return false;
    int32_t state = start();
    for (const char byte : text)
        if (state = step(state, uint8_t(byte)); state == kDead) return false;
    return accepts(state);
}

// Drops the states from which no text ends.
void ByteDfa::trim() {
    const auto count = accepts_.size();
    const auto width = size_t(classes_);
    std::vector<std::vector<int32_t>> from(count);
    for (size_t i = 0; i < next_.size(); ++i)
        if (next_[i] >= 0) from[size_t(next_[i])].push_back(int32_t(i / width));
    std::vector<bool> lives = accepts_;
    std::vector<int32_t> due;
    for (size_t i = 0; i < count; ++i)
        if (lives[i]) due.push_back(int32_t(i));
    while (!due.empty()) {
        const auto at = size_t(due.back());
        due.pop_back();
        for (const int32_t before : from[at])
            if (!lives[size_t(before)]) {
                lives[size_t(before)] = true;
                due.push_back(before);
            }
    }
    std::vector<int32_t> renamed(count, kDead);
    int32_t kept = 0;
    if (count > 0 && lives[0])
        for (size_t i = 0; i < count; ++i)
            if (lives[i]) renamed[i] = kept++;
    ByteDfa trimmed;
    trimmed.classOf_ = classOf_;
    trimmed.classes_ = classes_;
    for (size_t i = 0; i < count; ++i) {
        if (renamed[i] < 0) continue;
        trimmed.accepts_.push_back(accepts_[i]);
        for (size_t c = 0; c < width; ++c) {
            const int32_t to = next_[i * width + c];
            trimmed.next_.push_back(to < 0 ? kDead : renamed[size_t(to)]);
        }
    }
    *this = std::move(trimmed);
}

std::optional<ByteDfa> ByteDfa::both(const ByteDfa& a, const ByteDfa& b) {
    ByteDfa product;
    if (a.isEmpty() || b.isEmpty()) return product;
    Numbering<std::pair<uint8_t, uint8_t>> classes;
    for (size_t byte = 0; byte < 256; ++byte)
        product.classOf_[byte] = uint8_t(classes.numberOf({a.classOf_[byte], b.classOf_[byte]}));
    product.classes_ = int32_t(classes.size());
    Numbering<std::pair<int32_t, int32_t>> states;
    states.numberOf({start(), start()});
    for (size_t n = 0; n < states.size(); ++n) {
        if (states.size() > size_t(kStatesMax)) return std::nullopt;
        const auto [one, other] = states.keyOf(n);
        product.accepts_.push_back(a.accepts(one) && b.accepts(other));
        for (size_t c = 0; c < classes.size(); ++c) {
            const auto [classA, classB] = classes.keyOf(c);
            const int32_t toA = a.next_[size_t(one) * size_t(a.classes_) + classA];
            const int32_t toB = b.next_[size_t(other) * size_t(b.classes_) + classB];
            product.next_.push_back(toA < 0 || toB < 0 ? kDead : states.numberOf({toA, toB}));
        }
    }
    product.trim();
    return product;
}

std::optional<ByteDfa> ByteDfa::ofLengths(const Lengths& lengths) const {
    ByteDfa counted;
    if (isEmpty()) return counted;
    Numbering<std::pair<uint8_t, bool>> classes;
    for (size_t byte = 0; byte < 256; ++byte)
        counted.classOf_[byte] =
            uint8_t(classes.numberOf({classOf_[byte], beginsCharacter(uint8_t(byte))}));
    counted.classes_ = int32_t(classes.size());
    const bool isBounded = lengths.max != INT32_MAX;
    Numbering<std::pair<int32_t, int32_t>> states;  // and characters, as far as they matter
    states.numberOf({start(), 0});
    for (size_t n = 0; n < states.size(); ++n) {
        if (states.size() > size_t(kStatesMax)) return std::nullopt;
        const auto [state, count] = states.keyOf(n);
        counted.accepts_.push_back(accepts(state) && count >= lengths.min);
        for (size_t c = 0; c < classes.size(); ++c) {
            const auto [ownClass, opens] = classes.keyOf(c);
            const int32_t to = next_[size_t(state) * size_t(classes_) + ownClass];
            const bool isOver = isBounded && opens && count == lengths.max;
            const int32_t after = opens && (isBounded || count < lengths.min) ? count + 1 : count;
            counted.next_.push_back(to < 0 || isOver ? kDead : states.numberOf({to, after}));
        }
    }
    counted.trim();
    return counted;
}

ByteNfa::ByteNfa() {
    nodes_.push_back({.kind = Kind::end});
}

ByteNfa::Place ByteNfa::add(const Node& node) {
    if (isTooLarge()) return end();
    nodes_.push_back(node);
    return Place(nodes_.size()) - 1;
}

ByteNfa::Place ByteNfa::byte(uint8_t first, uint8_t last, Place to) {
    return add({.kind = Kind::byte, .first = first, .last = last, .to = to});
}

ByteNfa::Place ByteNfa::either(Place a, Place b) {
    return add({.kind = Kind::either, .to = a, .other = b});
}

ByteNfa::Place ByteNfa::atStart(Place to) {
    return add({.kind = Kind::atStart, .to = to});
}

ByteNfa::Place ByteNfa::atEnd(Place to) {
    return add({.kind = Kind::atEnd, .to = to});
}

ByteNfa::Place ByteNfa::open() {
    return add({.kind = Kind::either});
}

void ByteNfa::close(Place opened, Place to) {
    if (opened != end()) nodes_[size_t(opened)].to = to;
}

// The characters of a range as sequences of ranges of bytes: cut where the number of bytes
// changes, and where a byte's followers do not span all of 0x80..0xBF.
void ByteNfa::addSequences(Characters range, Place to, std::vector<Place>& starts) {
    constexpr uint32_t kCuts[] = {0x7F, 0x7FF, 0xD7FF, 0xDFFF, 0xFFFF, 0x10FFFF};
    for (const uint32_t cut : kCuts)
        if (range.first <= cut && cut < range.last) {
            addSequences({range.first, cut}, to, starts);
            addSequences({cut + 1, range.last}, to, starts);
            return;
        }
    if (range.first > range.last || range.last > 0x10FFFF) return;
    if (range.first >= 0xD800 && range.last <= 0xDFFF) return;  // no characters
    if (range.last < 0x80) {
        starts.push_back(byte(uint8_t(range.first), uint8_t(range.last), to));
        return;
    }
    const uint32_t followers = range.last < 0x800 ? 1 : range.last < 0x10000 ? 2 : 3;
    for (uint32_t i = 1; i <= followers; ++i) {
        const uint32_t mask = (1U << (6 * i)) - 1;
        if ((range.first & ~mask) == (range.last & ~mask)) continue;
        if ((range.first & mask) != 0) {
            addSequences({range.first, range.first | mask}, to, starts);
            addSequences({(range.first | mask) + 1, range.last}, to, starts);
            return;
        }
        if ((range.last & mask) != mask) {
            addSequences({range.first, (range.last & ~mask) - 1}, to, starts);
            addSequences({range.last & ~mask, range.last}, to, starts);
            return;
        }
    }
    Place at = to;
    for (uint32_t i = 0; i < followers; ++i)
        at = byte(uint8_t(0x80 | (range.first >> (6 * i) & 0x3F)),
                  uint8_t(0x80 | (range.last >> (6 * i) & 0x3F)), at);
    const uint32_t lead = followers == 1 ? 0xC0 : followers == 2 ? 0xE0 : 0xF0;
    starts.push_back(byte(uint8_t(lead | range.first >> (6 * followers)),
                          uint8_t(lead | range.last >> (6 * followers)), at));
}

ByteNfa::Place ByteNfa::character(const std::vector<Characters>& ranges, Place to) {
    std::vector<Place> starts;
    for (const Characters& range : ranges)
        addSequences(range, to, starts);
    if (starts.empty()) return byte(1, 0, to);  // nothing
    Place place = starts.back();
    for (size_t i = starts.size() - 1; i-- > 0;)
        place = either(starts[i], place);
    return place;
}

// The subset construction, with a bound on its work.
struct ByteNfa::Building {
    static constexpr int64_t kWorkMax = 20'000'000;

    const ByteNfa& nfa;
    std::vector<uint32_t> marks = std::vector<uint32_t>(nfa.nodes_.size());
    uint32_t round = 0;
    int64_t work = 0;

    enum class Gate { none, atStart, atEnd };

    // Where `from` leads without a byte: places of bytes, gates that are shut, the end.
    std::vector<Place> closure(std::vector<Place> from, Gate gate, bool isFirst) {
        ++round;
        std::vector<Place> found;
        while (!from.empty()) {
            const Place place = from.back();
            from.pop_back();
            ++work;
            if (place < 0 || marks[size_t(place)] == round) continue;
            marks[size_t(place)] = round;
            const Node& node = nfa.nodes_[size_t(place)];
            const bool passes = node.kind == Kind::either ||
                                (node.kind == Kind::atStart && isFirst) ||
                                (node.kind == Kind::atEnd && gate == Gate::atEnd);
            if (!passes) {
                if (node.kind != Kind::atStart) found.push_back(place);
                continue;
            }
            from.push_back(node.to);
            from.push_back(node.other);
        }
        std::ranges::sort(found);
        return found;
    }

    bool holdsEnd(const std::vector<Place>& places) const {
        return !places.empty() && places.front() == end();
    }

    std::vector<Place> settled(std::vector<Place> from, bool isFirst) {
        std::vector<Place> places = closure(std::move(from), Gate::none, isFirst);
        if (nfa.forever_ >= 0 && holdsEnd(places))
            return closure({nfa.forever_}, Gate::none, false);
        return places;
    }

    bool accepts(const std::vector<Place>& places, bool isFirst) {
        return holdsEnd(places) || holdsEnd(closure(places, Gate::atEnd, isFirst));
    }
};

std::optional<ByteDfa> ByteNfa::deterministic(Place start) const {
    if (isTooLarge()) return std::nullopt;
    ByteDfa dfa;
    std::array<bool, 257> cuts = {};
    for (const Node& node : nodes_) {
        if (node.kind != Kind::byte || node.first > node.last) continue;
        cuts[node.first] = true;
        cuts[size_t(node.last) + 1] = true;
    }
    std::vector<uint8_t> examples;
    for (int byte = 0; byte < 256; ++byte) {
        const bool isOther = byte > 0 && isWritableByte(byte) != isWritableByte(byte - 1);
        if (byte == 0 || cuts[size_t(byte)] || isOther) examples.push_back(uint8_t(byte));
        dfa.classOf_[size_t(byte)] = uint8_t(examples.size() - 1);
    }
    dfa.classes_ = int32_t(examples.size());
    Building building{*this};
    // The start may be met again as a place that is not at the start of the text.
    std::map<std::vector<Place>, int32_t> known;
    std::vector<std::vector<Place>> states = {building.settled({start}, true)};
    for (size_t n = 0; n < states.size(); ++n) {
        if (states.size() > size_t(ByteDfa::kStatesMax) || building.work > Building::kWorkMax)
            return std::nullopt;
        dfa.accepts_.push_back(building.accepts(states[n], n == 0));
        for (const uint8_t byte : examples) {
            std::vector<Place> to;
            for (const Place place : states[n]) {
                const Node& node = nodes_[size_t(place)];
                if (node.kind == Kind::byte && node.first <= byte && byte <= node.last)
                    to.push_back(node.to);
            }
            building.work += int64_t(states[n].size());
            if (to.empty() || !isWritableByte(byte)) {
                dfa.next_.push_back(ByteDfa::kDead);
                continue;
            }
            std::vector<Place> places = building.settled(std::move(to), false);
            const auto [at, isNew] = known.try_emplace(places, int32_t(states.size()));
            if (isNew) states.push_back(std::move(places));
            dfa.next_.push_back(at->second);
        }
    }
    dfa.trim();
    return dfa;
}

}  // namespace moxie::engine
