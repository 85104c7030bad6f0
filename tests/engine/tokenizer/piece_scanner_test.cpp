#include "engine/tokenizer/piece_scanner.h"

#include <string>
#include <vector>

#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/split_pattern.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

using SplitPieces = std::vector<std::string>;

SplitPieces piecesOf(const PreTokenizer& preTokenizer, std::string_view text) {
    PreTokenizer::Matcher matcher;
    SplitPieces out;
    preTokenizer.split(matcher, text, [&](std::string_view piece) { out.emplace_back(piece); });
    return out;
}

// What patterns tell apart, all known to Unicode 14, so that PCRE2 of Debian 12 knows them too.
const std::vector<std::string>& scannerParts() {
    static const std::vector<std::string> kParts = {"a",
                                                    "b",
                                                    "Z",
                                                    "Q",
                                                    "0",
                                                    "7",
                                                    "'",
                                                    "s",
                                                    "'s",
                                                    "'LL",
                                                    "'re",
                                                    "'T",
                                                    " ",
                                                    " ",
                                                    "  ",
                                                    "\t",
                                                    "\n",
                                                    "\r\n",
                                                    "\r",
                                                    "\v",
                                                    "\xC2\x85",
                                                    "\xC2\xA0",
                                                    "\xE3\x80\x80",
                                                    "\xE1\xA0\x8E",
                                                    "!",
                                                    "\"",
                                                    "/",
                                                    "_",
                                                    "$",
                                                    "+",
                                                    "`",
                                                    "\xC3\xA9",
                                                    "\xC3\x89",
                                                    "\xC5\xBF",
                                                    "\xCC\x81",
                                                    "\xE4\xB8\xAD",
                                                    "\xE6\x96\x87",
                                                    "\xE3\x80\x85",
                                                    "\xE3\x80\x87",
                                                    "\xE3\x81\x82",
                                                    "\xE3\x82\xA2",
                                                    "\xE3\x83\xBB",
                                                    "\xE3\x81\x80",
                                                    "\xE3\x82\x9B",
                                                    "\xE3\x82\x99",
                                                    "\xE3\x82\xA0",
                                                    "\xE3\x80\x82",
                                                    "\xEF\xBC\x8C",
                                                    "\xE2\x80\x8D",
                                                    "\x01",
                                                    "\x7F",
                                                    "\xEE\x80\x80",
                                                    "\xC2\xBD",
                                                    "\xE2\x85\xA7",
                                                    "\xD9\xA3",
                                                    "\xC7\x85",
                                                    "\xCA\xB0",
                                                    "\xC2\xAA",
                                                    "\xF0\x9F\x98\x80",
                                                    "\xF0\x9F\x8F\xBD",
                                                    "\xE2\x86\x92",
                                                    "\xF0\xA0\x80\x80",
                                                    "\xED\x95\x9C",
                                                    "\xE0\xA4\xA8",
                                                    "\xE0\xA4\xBF",
                                                    "\xE2\xBA\x80"};
    return kParts;
}

std::string scannerText(uint32_t& state, size_t parts) {
    std::string text;
    for (size_t i = 0; i < parts; ++i) {
        state = state * 1664525U + 1013904223U;
        text += scannerParts()[(state >> 8) % scannerParts().size()];
    }
    return text;
}

// The same as Kimi's pattern, whose class intersections PCRE2 does not have.
std::string kimiForPcre2(std::string pattern) {
    for (const std::string_view set : {R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]])",
                                       R"([\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]])"})
        for (size_t at = pattern.find(set); at != std::string::npos; at = pattern.find(set, at)) {
            const std::string plain(set.substr(0, set.find("&&")));
            const char count = pattern[at + set.size()];
            pattern.replace(at, set.size() + 1, "(?:(?!\\p{Han})" + plain + "])" + count);
        }
    return pattern;
}

}  // namespace

TEST_CASE("rules written out split as the patterns they stand for", "[engine][tokenizer]") {
    for (const auto& spec : preTokenizers()) {
        if (!spec.rule) continue;
        std::vector<std::string> patterns;
        for (const auto pattern : spec.patterns)
            patterns.push_back(kimiForPcre2(std::string(pattern)));
        const auto byRule = PreTokenizer::make(spec);
        const auto byPattern = PreTokenizer::make(patterns, PreTokenizer::Matching::patterns);
        REQUIRE(byRule.has_value());
        if (!byPattern) FAIL(byPattern.error().message());
        uint32_t state = 17;
        for (int round = 0; round < 1500; ++round) {
            const std::string text = scannerText(state, 1 + size_t(round) % 40);
            const auto expected = piecesOf(*byPattern, text);
            const auto found = piecesOf(*byRule, text);
            if (found == expected) continue;
            CAPTURE(spec.names.front(), round, text);
            REQUIRE(found == expected);
        }
    }
}

TEST_CASE("letters and emoji newer than PCRE2 are what the library takes them for",
          "[engine][tokenizer]") {
    const auto& keys = charKeys();
    // U+1FAE8, Unicode 15; U+1C89, Unicode 16; U+323AF, Unicode 15; U+0378 is nothing.
    CHECK(keys[0x1FAE8] == uint8_t(CharClass::symbol));
    CHECK(keys[0x1C89] == uint8_t(CharClass::upper));
    CHECK(keys[0x323AF] == uint8_t(CharClass::letter) + 16);
    CHECK(keys[0x378] == uint8_t(CharClass::other));
    CHECK(keys['\n'] == uint8_t(CharClass::newline));
    CHECK(keys[0x3000] == uint8_t(CharClass::space));
    CHECK(keys[0x180E] == uint8_t(CharClass::other));
}

TEST_CASE("DeepSeek's third pattern works inside what the second one found",
          "[engine][tokenizer]") {
    const auto preTokenizer = PreTokenizer::make(*findPreTokenizer("deepseek-v3"));
    REQUIRE(preTokenizer.has_value());
    // Katakana middle dot, a sign inside of the second pattern's range; the line end is outside.
    CHECK(piecesOf(*preTokenizer, "\xE3\x82\xA2\xE3\x83\xBB\xE3\x82\xA2\xE3\x83\xBB\n") ==
          SplitPieces{"\xE3\x82\xA2", "\xE3\x83\xBB", "\xE3\x82\xA2", "\xE3\x83\xBB", "\n"});
    CHECK(piecesOf(*preTokenizer, "\xE4\xBD\xA0  7") == SplitPieces{"\xE4\xBD\xA0", "  ", "7"});
}

TEST_CASE("patterns outside of the subset are refused with their place", "[engine][tokenizer]") {
    for (const char* pattern :
         {"a(",      "a)",    "[",    "[]",    "[a&&b]",   "[[:alpha:]]", "(a+)+", "(?:a*b)*",
          "(?<=a)b", "(?#x)", "\\w+", "\\b",   "\\x41",    "\\p{Latin}",  "\\pL",  "\\",
          "^a",      "a**",   "a{2",  "a{,2}", "a{99999}", "x{1,2}{3}",   "[\\S]", "(?m:a)"}) {
        CAPTURE(pattern);
        const auto rewritten = pcre2Pattern(pattern);
        REQUIRE_FALSE(rewritten.has_value());
        CHECK(rewritten.error().kind() == base::Errc::unsupported);
    }
    CHECK_FALSE(pcre2Pattern(std::string(5000, 'a')).has_value());
    CHECK_FALSE(PreTokenizer::make(std::vector<std::string>{"a*"}).has_value());
    CHECK_FALSE(PreTokenizer::make(std::vector<std::string>{}).has_value());
    CHECK_FALSE(PreTokenizer::make(std::vector<std::string>{"[z-a]"}).has_value());
}

TEST_CASE("patterns that no family has published are matched as written", "[engine][tokenizer]") {
    const auto lines =
        PreTokenizer::make(std::vector<std::string>{"\\s+$", literalPattern("a.b[")});
    REQUIRE(lines.has_value());
    CHECK(piecesOf(*lines, "x  \na.b[axb  ") == SplitPieces{"x", "  ", "\n", "a.b[", "axb", "  "});
    CHECK(canonicalPattern("[\r\n]") == "[\\r\\n]");
}
