// The grammar against schemas that nobody thought of: nothing wrong is allowed, nothing right
// refused, and masks are what a walk says.
#include "tests/engine/grammar/random_schema.h"

#include "tests/catch.h"
#include "tests/engine/grammar/babbler.h"
#include "tests/engine/grammar/schema_check.h"

namespace moxie::engine {

namespace {

using grammar_test::Babbler;
using grammar_test::RandomSchema;
using nlohmann::json;

ChatRequest requestFor(const json& schema) {
    return {.messages = {{.role = Role::user, .text = "go"}},
            .options = {.responseSchemaJson = schema.dump()}};
}

// A token that a text can go on with; longer ones now and then.
int32_t tokenOf(const Babbler& babbler, std::string_view text, RandomSchema& random) {
    std::vector<int32_t> fitting;
    for (size_t n = 1; n <= text.size(); ++n)
        for (const int32_t token : babbler.table->tokensFrom(text.substr(0, n)))
            if (babbler.table->bytes(token).size() == n) fitting.push_back(token);
    return fitting[random.number(fitting.size())];
}

// Where a text is refused; its size if nowhere.
size_t refusedAt(const Babbler& babbler, TokenMasks& masks, const std::string& text,
                 RandomSchema& random) {
    Automaton::State state = masks.grammar().start;
    size_t at = 0;
    while (at < text.size()) {
        const int32_t token = tokenOf(babbler, std::string_view(text).substr(at), random);
        if (!masks.maskOf(state).allows(token)) return at;
        state = masks.after(state, token);
        at += babbler.table->bytes(token).size();
    }
    bool canEnd = false;
    for (const auto& special : babbler.table->specials())
        canEnd =
            canEnd || (special.symbol == kAnswerEnd && masks.maskOf(state).allows(special.token));
    return canEnd ? at : at - 1;
}

// Every finished answer is a value of the schema. The number of those.
int checkAnswers(const Babbler& babbler, const json& schema, uint64_t seed) {
    const auto masks = babbler.masks(requestFor(schema));
    int finished = 0;
    for (uint64_t n = 0; n < 3; ++n) {
        const std::string answer = babbler.say(masks, seed * 3 + n, 150);
        if (answer.empty()) continue;
        CAPTURE(answer);
        const json value = json::parse(answer, nullptr, false);
        REQUIRE(!value.is_discarded());
        REQUIRE(grammar_test::isOf(schema, schema, value));
        ++finished;
    }
    return finished;
}

void checkTexts(const Babbler& babbler, const json& schema, RandomSchema& random) {
    const auto masks = babbler.masks(requestFor(schema));
    for (int n = 0; n < 4; ++n) {
        const json value = random.valueOf(schema);
        REQUIRE(grammar_test::isOf(schema, schema, value));
        const std::string text = random.textOf(value);
        CAPTURE(text);
        REQUIRE(refusedAt(babbler, *masks, text, random) == text.size());
    }
}

void checkMasks(const Babbler& babbler, const json& schema, RandomSchema& random) {
    const auto masks = babbler.masks(requestFor(schema));
    Automaton::State state = masks->grammar().start;
    for (int n = 0; n < 25; ++n) {
        REQUIRE(grammar_test::masksAreWalks(*masks, state));
        const TokenMask& mask = masks->maskOf(state);
        std::vector<int32_t> allowed;
        for (int32_t token = 0; token < int32_t(babbler.table->size()); ++token)
            if (mask.allows(token) && !babbler.ends(token)) allowed.push_back(token);
        if (allowed.empty()) return;
        state = masks->after(state, allowed[random.number(allowed.size())]);
    }
}

struct Fuzz {
    uint64_t firstSeed;
    uint64_t count;
};

void fuzzSchemas(const Fuzz& fuzz) {
    const Babbler babbler(*chatFamilyNamed("chatml"));
    int finished = 0;
    for (uint64_t seed = fuzz.firstSeed; seed < fuzz.firstSeed + fuzz.count; ++seed) {
        RandomSchema random(seed);
        const json schema = random.schema();
        CAPTURE(seed, schema.dump());
        finished += checkAnswers(babbler, schema, seed);
        checkTexts(babbler, schema, random);
        if (seed % 4 == 0) checkMasks(babbler, schema, random);
    }
    CHECK(finished > int(fuzz.count) / 2);
}

}  // namespace

TEST_CASE("of random schemas, answers are valid and valid texts allowed", "[engine][grammar]") {
    fuzzSchemas({.firstSeed = 1, .count = 1000});
}

TEST_CASE("of many random schemas, answers are valid and valid texts allowed",
          "[.slow][engine][grammar]") {
    fuzzSchemas({.firstSeed = 100000, .count = 20000});
}

}  // namespace moxie::engine
