#include "engine/tokenizer/canonical_text.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/catch.h"

using moxie::engine::composeText;

namespace {

std::string composed(std::string_view text) {
    std::string storage;
    return std::string(composeText(text, storage));
}

}  // namespace

// Expected values are those of normalizers.NFC() of the tokenizers library.
TEST_CASE("text is composed as NFC says", "[engine][tokenizer]") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", ""},
        {"e\u0301", "\u00E9"},
        {"a\u0328\u0301", "\u0105\u0301"},
        {"a\u0301\u0328", "\u0105\u0301"},     // marks in the order of their class
        {"q\u0307\u0323x", "q\u0323\u0307x"},  // and nothing to compose
        {"\u1112\u1161\u11AB", "\uD55C"},      // Hangul from three
        {"\uD558\u11AB", "\uD55C"},            // and from two
        {"\uD55C\u11AB", "\uD55C\u11AB"},      // which is full
        {"\u212B\u2126", "\u00C5\u03A9"},      // singletons
        {"\u0958", "\u0915\u093C"},            // excluded from composition
        {"=\u0338", "\u2260"},
        {"\u0344", "\u0308\u0301"},
        {"a\u0315\u0300\u05AE\u0300b", "\u00E0\u05AE\u0300\u0315b"},
        {"\u0301x", "\u0301x"},  // a mark without a starter
        {"\U0001D15E", "\U0001D157\U0001D165"},
        {"\uF900", "\u8C48"},
        {"\u1100\u1161\u0301\u11A8", "\uAC00\u0301\u11A8"},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK(composed(text) == expected);
        CHECK(composed(composed(text)) == expected);
        CHECK(composed("0" + text + "e\u0301") == "0" + expected + "\u00E9");
    }
}

TEST_CASE("composed text is not copied", "[engine][tokenizer]") {
    std::string storage;
    const std::string text = "caf\u00E9 \u4F60\u597D \uD55C\uAE00 \U0001F600";
    CHECK(composeText(text, storage).data() == text.data());
}

TEST_CASE("nothing composes across malformed bytes, which stay", "[engine][tokenizer]") {
    CHECK(composed("e\xFF\u0301") == "e\xFF\u0301");
    CHECK(composed("\xE4\xBD"
                   "e\u0301\xFF") == "\xE4\xBD\u00E9\xFF");
}
