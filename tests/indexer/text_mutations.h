// Damaged texts out of sound ones, for asking readers of texts what they do with them. Everything
// follows from the seed. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::testing {

struct TextSample {
    std::string path;  // says the language
    std::string text;
};

// Those of tests/data/constructs, by path: for each language most of what one can write in it.
std::vector<TextSample> constructSamples();

class TextMutations {
public:
    explicit TextMutations(uint64_t seed) : random_(seed) {}

    // `text` with one to four changes; some take stretches of `other`. At most kBytesMax.
    std::string mutated(std::string_view text, std::string_view other);

    static constexpr size_t kBytesMax = 60'000;

    // Less than `end`, 0 if that is 0.
    size_t below(size_t end) { return end == 0 ? 0 : size_t(random_() % end); }

private:
    struct Stretch {
        size_t at = 0, size = 0;
    };

    Stretch token(std::string_view text);
    Stretch lines(std::string_view text);
    Stretch stretch(std::string_view text);
    std::string strangeName();
    void change(std::string& text, std::string_view other);

    std::mt19937_64 random_;
};

// The text without each of the named nodes of its syntax tree in turn, and with only the first byte
// of it: constructs without their usual parts. Every `stride`th of them, from `first`. Empty if the
// grammar of `path` is not there.
std::vector<std::string> withoutEachNode(const TextSample& sample, size_t first, size_t stride);

// The text with one node inside of another of the same kind, and what lies between them `depth`
// times: nested expressions, blocks, types. One text for each kind that the sample nests.
std::vector<std::string> deeplyNested(const TextSample& sample, size_t depth,
                                      size_t bytesMax = TextMutations::kBytesMax);

// The text with one node of each kind over and over, up to that size.
std::vector<std::string> repeatedNodes(const TextSample& sample, size_t bytes);

}  // namespace moxie::testing
