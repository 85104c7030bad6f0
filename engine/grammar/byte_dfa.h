// Languages of texts as automata over bytes: made from parts that follow, repeat and choose, then
// made deterministic, with every state on the way to an end. Text is UTF-8 without control
// characters that JSON spells by number.
// Source: Thompson's construction and the subset construction (Aho, Sethi, Ullman, chapter 3).
// Threads: plain values.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace moxie::engine {

class ByteDfa {
public:
    static constexpr int32_t kDead = -1;
    static constexpr int32_t kStatesMax = 20000;

    bool isEmpty() const { return accepts_.empty(); }

    // Of a language that is not empty.
    static constexpr int32_t start() { return 0; }

    int32_t step(int32_t state, uint8_t byte) const {
        return next_[size_t(state) * size_t(classes_) + classOf_[byte]];
    }

    bool accepts(int32_t state) const { return accepts_[size_t(state)]; }

    bool accepts(std::string_view text) const;

    int32_t states() const { return int32_t(accepts_.size()); }

    bool operator==(const ByteDfa&) const = default;

    struct Lengths {
        int32_t min = 0;  // characters
        int32_t max = INT32_MAX;
    };

    // What both take. Nullopt, here and below: more than kStatesMax states, or too much work.
    static std::optional<ByteDfa> both(const ByteDfa& a, const ByteDfa& b);
    // Its texts of so many characters.
    std::optional<ByteDfa> ofLengths(const Lengths& lengths) const;

private:
    friend class ByteNfa;

    void trim();

    std::array<uint8_t, 256> classOf_ = {};
    int32_t classes_ = 1;
    std::vector<int32_t> next_ = {};  // by state and class
    std::vector<bool> accepts_ = {};
};

// Parts are built from the end to the beginning: each function takes where its part leads to and
// gives where it begins.
class ByteNfa {
public:
    using Place = int32_t;

    struct Characters {
        uint32_t first;
        uint32_t last;
    };

    ByteNfa();

    // Where every text that ends there is taken.
    static constexpr Place end() { return 0; }

    Place byte(uint8_t first, uint8_t last, Place to);
    // One character of any of the ranges, written in UTF-8.
    Place character(const std::vector<Characters>& ranges, Place to);
    Place either(Place a, Place b);
    // Leads on only at the start of the text, or at its end.
    Place atStart(Place to);
    Place atEnd(Place to);
    // To close a loop: a place that leads nowhere yet.
    Place open();
    void close(Place opened, Place to);

    // From here on every text is taken: `place` loops over any character and leads to the end.
    void setForever(Place place) { forever_ = place; }

    bool isTooLarge() const { return nodes_.size() > kNodesMax; }

    std::optional<ByteDfa> deterministic(Place start) const;

private:
    static constexpr size_t kNodesMax = 50000;
    enum class Kind : uint8_t { end, byte, either, atStart, atEnd };

    struct Node {
        Kind kind = Kind::end;
        uint8_t first = 0;
        uint8_t last = 0;
        Place to = -1;
        Place other = -1;
    };

    struct Building;

    Place add(const Node& node);
    void addSequences(Characters range, Place to, std::vector<Place>& starts);

    std::vector<Node> nodes_;
    Place forever_ = -1;
};

}  // namespace moxie::engine
