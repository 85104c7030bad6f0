// Patterns, lengths and bounds as automata, each against a second opinion.
#include <cmath>
#include <cstdio>
#include <random>
#include <regex>

#include "engine/grammar/json_schema.h"
#include "engine/grammar/number_texts.h"
#include "engine/grammar/text_pattern.h"
#include "tests/catch.h"

namespace moxie::engine {

namespace {

// Texts near what the patterns below take.
std::string anyText(std::mt19937& random) {
    constexpr std::string_view kLetters = "ab01-_.@ \n:/(x9Z";
    std::string text;
    for (size_t n = random() % 8; n > 0; --n)
        text += kLetters[random() % kLetters.size()];
    return text;
}

// An ASCII text that the automaton takes, by a walk of at most `most` bytes; empty: none was met.
std::string textOf(const ByteDfa& dfa, std::mt19937& random, size_t most) {
    std::string text;
    int32_t state = ByteDfa::start();
    while (text.size() < most && !(dfa.accepts(state) && random() % 4 == 0)) {
        std::string ways;
        for (int byte = 0; byte < 128; ++byte)
            if (dfa.step(state, uint8_t(byte)) != ByteDfa::kDead) ways += char(byte);
        if (ways.empty()) break;
        text += ways[random() % ways.size()];
        state = dfa.step(state, uint8_t(text.back()));
    }
    return dfa.accepts(state) ? text : std::string();
}

std::string notesOf(const std::string& schema) {
    SchemaTable table;
    (void)table.add(schema, "x");
    std::string notes;
    for (const auto& note : table.notes())
        notes += note + "\n";
    return notes;
}

}  // namespace

TEST_CASE("a pattern takes the texts that ECMA's regular expressions find it in",
          "[engine][grammar]") {
    for (const char* pattern : {"a",
                                "^a+$",
                                "^[a-b]{2,4}$",
                                "(ab|01)*x",
                                "^(a|b)*ab$",
                                "^[^ab]+$",
                                "^a.b",
                                "b$",
                                "^$",
                                "",
                                "^\\d+(\\.\\d+)?$",
                                "^\\w+@\\w+$",
                                "\\s",
                                "^\\S*$",
                                "^(?:a|ab)(?:c|bcd)?$",
                                "^a|b$",
                                "^(a?){3}b{0,2}$",
                                "[-_]",
                                "^[\\w.-]+$",
                                "a{2}?",
                                "^-?(0|[1-9]\\d*)$",
                                "(^a)|x",
                                "^\\x61\\u0062$",
                                "^[\\d_]*[@:/]"}) {
        CAPTURE(pattern);
        const auto dfa = textsWithMatch(pattern);
        REQUIRE(dfa);
        const std::regex oracle(pattern);
        std::mt19937 random(3);
        for (int n = 0; n < 2000; ++n) {
            const std::string text = anyText(random);
            CAPTURE(text);
            REQUIRE(dfa->accepts(text) == std::regex_search(text, oracle));
        }
        for (int n = 0; n < 200; ++n)
            if (const std::string text = textOf(*dfa, random, 30); !text.empty()) {
                CAPTURE(text);
                REQUIRE(std::regex_search(text, oracle));
            }
    }
}

TEST_CASE("what of a pattern we do not know is an error with its place", "[engine][grammar]") {
    const auto errorOf = [](const char* pattern) {
        const auto dfa = textsWithMatch(pattern);
        return dfa ? std::string("none") : dfa.error().message();
    };
    for (const char* pattern : {"(?=a)", "(?<!a)b", "\\bword", "(a)\\1", "\\p{L}", "a**b{", "(a",
                                "a)", "[b-a]", "*", "(((a{1000}){1000}){1000})"}) {
        CAPTURE(pattern);
        REQUIRE(errorOf(pattern) != "none");
    }
    REQUIRE(errorOf("ab(?=c)") == "looking ahead, or flags of a group, at character 4");
    REQUIRE(textsWithMatch("^[]$").value().isEmpty());
    REQUIRE(errorOf("^[\xE4\xBD\xA0-\xE5\xA5\xBD]+$") == "none");
    const auto chinese = textsWithMatch("^[一-龥]{2}$").value();
    REQUIRE(chinese.accepts("默契"));
    REQUIRE(!chinese.accepts("默"));
    REQUIRE(!chinese.accepts("ab"));
    REQUIRE(!chinese.accepts("\xE9\xBB\xE9"));
}

TEST_CASE("a pattern that asks for endless work is answered soon", "[engine][grammar]") {
    // Nothing, ten to the fifteenth times.
    const auto nothing = textsWithMatch("^((((){100000}){100000}){100000})$");
    REQUIRE(nothing);
    CHECK(nothing->accepts(""));
    CHECK_FALSE(nothing->accepts("a"));
    for (const std::string& pattern :
         {"a" + std::string(1'000'000, '?'), std::string(1'000'000, '('),
          std::string("((a{1000}){1000}){1000}"), std::string("(a|b)*a(a|b){25}"),
          std::string("(a?){100000}")}) {
        INFO(pattern.substr(0, 30));
        CHECK_FALSE(textsWithMatch(pattern));
    }
    CHECK(textsWithMatch("a??")->accepts("b"));
}

TEST_CASE("lengths count characters, not bytes", "[engine][grammar]") {
    const auto any = textsWithMatch("").value();
    const auto counted = any.ofLengths({.min = 2, .max = 3}).value();
    REQUIRE(!counted.accepts("默"));
    REQUIRE(counted.accepts("默契"));
    REQUIRE(counted.accepts("🙂ab"));
    REQUIRE(!counted.accepts("abcd"));
    REQUIRE(textsWithMatch("^a+$").value().ofLengths({.min = 3, .max = 2}).value().isEmpty());
}

TEST_CASE("formats take what they name", "[engine][grammar]") {
    struct Case {
        const char* format;
        const char* text;
        bool fits;
    };

    for (const Case& one :
         std::initializer_list<Case>{{"date", "2024-02-29", true},
                                     {"date", "2023-02-29", false},
                                     {"date", "1900-02-29", false},
                                     {"date", "2000-02-29", true},
                                     {"date", "2024-04-31", false},
                                     {"date", "0000-01-01", false},
                                     {"date-time", "2024-12-31T23:59:59.5Z", true},
                                     {"date-time", "2024-12-31T24:00:00Z", false},
                                     {"date-time", "2024-12-31 23:59:59Z", false},
                                     {"uuid", "123e4567-e89b-12d3-a456-426614174000", true},
                                     {"uuid", "123e4567-e89b-12d3-a456-42661417400", false},
                                     {"email", "a.b@c.de", true},
                                     {"email", "a.b@c", false},
                                     {"email", ".a@c.de", false},
                                     {"ipv4", "255.0.10.1", true},
                                     {"ipv4", "256.0.0.1", false},
                                     {"hostname", "a-b.c", true},
                                     {"hostname", "-a", false},
                                     {"uri", "https://a.b/c?d=1#e", true},
                                     {"uri", "a b", false}}) {
        CAPTURE(one.format, one.text);
        REQUIRE(textsWithMatch(patternOfFormat(one.format)).value().accepts(one.text) == one.fits);
    }
}

TEST_CASE("numbers within bounds are those, and no others", "[engine][grammar]") {
    struct Case {
        NumberBounds bounds;
        double least;
        double most;
    };

    const std::vector<Case> cases = {
        {{.isInteger = true, .atLeast = "-7", .atMost = "120"}, -7, 120},
        {{.isInteger = true, .above = "0"}, 1, 1e9},
        {{.isInteger = true, .below = "-99"}, -1e9, -100},
        {{.isInteger = true, .atLeast = "0", .atMost = "1e2"}, 0, 100},
        {{.atLeast = "-0.5", .atMost = "2.25"}, -0.5, 2.25},
        {{.atLeast = "1.5"}, 1.5, 1e9},
        {{.atMost = "-0.125"}, -1e9, -0.125}};
    std::mt19937 random(5);
    for (const Case& one : cases) {
        const ByteDfa dfa = numbersWithin(one.bounds).value();
        for (int n = 0; n < 3000; ++n) {
            const double value = one.bounds.isInteger ? double(int(random() % 401) - 200)
                                                      : double(int(random() % 8001) - 4000) / 1000;
            char text[32];
            std::snprintf(text, sizeof text, one.bounds.isInteger ? "%.0f" : "%.3f", value);
            if (value == 0) continue;
            CAPTURE(text, one.least, one.most);
            REQUIRE(dfa.accepts(text) == (value >= one.least && value <= one.most));
        }
        for (int n = 0; n < 200; ++n)
            if (const std::string text = textOf(dfa, random, 12); !text.empty()) {
                CAPTURE(text);
                REQUIRE((one.least <= -1e9 || std::strtod(text.c_str(), nullptr) >= one.least));
                REQUIRE((one.most >= 1e9 || std::strtod(text.c_str(), nullptr) <= one.most));
            }
    }
    const ByteDfa strict = numbersWithin({.above = "1.5", .below = "1.6"}).value();
    REQUIRE(!strict.accepts("1.5"));
    REQUIRE(!strict.accepts("1.50"));
    REQUIRE(strict.accepts("1.500001"));
    REQUIRE(!strict.accepts("1.60"));
    REQUIRE(numbersWithin({.isInteger = true, .above = "1", .below = "2"}).value().isEmpty());
}

TEST_CASE("multiples are divisible, with digits behind the point too", "[engine][grammar]") {
    const ByteDfa sevens = numbersWithin({.isInteger = true, .multipleOf = "7"}).value();
    for (int n = -500; n <= 500; ++n)
        REQUIRE(sevens.accepts(std::to_string(n)) == (n % 7 == 0));
    const ByteDfa quarters = numbersWithin({.multipleOf = "0.25"}).value();
    for (const char* text : {"0", "1.25", "-3.5", "2.750", "10"})
        REQUIRE(quarters.accepts(text));
    for (const char* text : {"0.1", "1.255", "-3.6"})
        REQUIRE(!quarters.accepts(text));
    REQUIRE(!numbersWithin({.multipleOf = "0"}));
    REQUIRE(!numbersWithin({.multipleOf = "123457"}));
}

TEST_CASE("what cannot be held to is named, and only that", "[engine][grammar]") {
    for (const char* schema :
         {R"({"type": "string", "pattern": "^a+$", "minLength": 2, "maxLength": 9})",
          R"({"type": "integer", "minimum": 1, "maximum": 12, "multipleOf": 3})",
          R"({"type": "string", "format": "date-time"})",
          R"({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}},
                        {"required": ["a"]}]})",
          R"({"type": "object", "properties": {"k": {"$ref": "#/$defs/s", "minLength": 2}},
              "$defs": {"s": {"type": "string"}}})",
          R"({"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}}, "required": ["k"]},
                        {"type": "object", "properties": {"k": {"const": "b"}}, "required": ["k"]}]})",
          R"({"type": "object", "properties": {"a": {}, "b": {}},
              "anyOf": [{"required": ["a"]}, {"required": ["b"]}]})"}) {
        CAPTURE(schema);
        CHECK(notesOf(schema).empty());
    }
    const auto names = [](const char* schema, const char* word) {
        return notesOf(schema).find(word) != std::string::npos;
    };
    CHECK(names(R"({"type": "string", "pattern": "(?=a)b"})", "looking ahead"));
    CHECK(names(R"({"type": "string", "format": "iri"})", "format iri"));
    CHECK(names(R"({"type": "array", "uniqueItems": true})", "uniqueItems"));
    CHECK(names(R"({"oneOf": [{"type": "number"}, {"type": "integer"}]})", "fits two"));
    CHECK(names(R"({"allOf": [{"pattern": "a"}, {"pattern": "b"}]})", "pattern of allOf"));
    CHECK(names(R"({"type": "string", "pattern": "^a$", "minLength": 2})", "nothing fits"));
    CHECK(names(R"({"type": "integer", "minimum": 5, "maximum": 4})", "nothing fits"));
    CHECK(names(R"({"type": "string", "pattern": "(a|b)*a(a|b){30}"})", "too many states"));
}

}  // namespace moxie::engine
