// What grammars and masks cost with a real vocabulary.
// MOXIE_BENCH_TOKENIZER=FOLDER moxie_test_engine "[.bench][grammar]"
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "engine/grammar/constrained_sampler.h"
#include "tests/catch.h"

namespace moxie::engine {

namespace {

// CPU time of this thread: other programs do not count.
double cpuUs() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e6 + double(now.tv_nsec) / 1e3;
}

constexpr const char* kBenchSchema = R"({"type": "object", "properties": {
    "path": {"type": "string"}, "n": {"type": "integer"},
    "mode": {"enum": ["r", "w<", "a\"b", "5"]}, "on": {"type": "boolean"},
    "many": {"type": "array", "items": {"type": ["string", "null"]}, "minItems": 1, "maxItems": 3},
    "deep": {"type": "object", "properties": {"x": {"type": "number"},
             "y": {"anyOf": [{"const": 7}, {"type": "string"}]}}, "required": ["x"]}},
    "required": ["path", "n"]})";

struct BenchVocabulary {
    explicit BenchVocabulary(const char* folder, const ChatFamily& its)
        : family(its),
          tokenizer(Tokenizer::open(folder).value()) {
        std::vector<std::string> found;
        for (const auto name : family.specials)
            if (tokenizer->vocabulary().special(name)) found.emplace_back(name);
        names = MarkerNames(found);
        const double since = cpuUs();
        table = std::make_shared<TokenTable>(*tokenizer, names, [this](int32_t token) {
            return tokenizer->vocabulary().endsGeneration(token);
        });
        std::printf("%d tokens, table in %.0f us\n", int(table->size()), cpuUs() - since);
        for (int32_t token = 0; token < int32_t(table->size()); ++token)
            if (table->bytes(token).find_first_of("\"}]<") != std::string_view::npos)
                endings.push_back(token);
    }

    const ChatFamily& family;
    std::unique_ptr<const Tokenizer> tokenizer;
    MarkerNames names{{}};
    std::shared_ptr<const TokenTable> table;
    std::vector<int32_t> endings;
};

// A token that the mask allows; things end now and then.
int32_t anyToken(const BenchVocabulary& vocabulary, const TokenMask& mask, std::mt19937& random) {
    if (random() % 3 == 0)
        for (int n = 0; n < 400; ++n)
            if (const int32_t token = vocabulary.endings[random() % vocabulary.endings.size()];
                mask.allows(token))
                return token;
    for (int n = 0; n < 4000; ++n)
        if (const auto token = int32_t(random() % uint32_t(vocabulary.table->size()));
            mask.allows(token))
            return token;
    int32_t first = 0;
    while (!mask.allows(first))
        ++first;
    return first;
}

void benchAnswers(const char* what, const BenchVocabulary& vocabulary, const ChatRequest& request) {
    double since = cpuUs();
    auto grammar = compileAnswerGrammar(vocabulary.family, vocabulary.names, request).value();
    std::printf("%s: compiled in %.0f us\n", what, cpuUs() - since);
    const auto masks = std::make_shared<TokenMasks>(vocabulary.table, std::move(grammar));
    double all = 0;
    int allSteps = 0;
    for (uint32_t answer = 0; answer < 10; ++answer) {
        std::mt19937 random(answer);
        TokenConstraint constraint(masks);
        constraint.restart();
        double total = 0;
        double worst = 0;
        int steps = 0;
        for (; steps < 300; ++steps) {
            const auto due = constraint.forced();
            int32_t token = due.empty() ? -1 : due.front();
            if (token < 0) {
                since = cpuUs();
                const TokenMask& mask = constraint.mask();
                total += cpuUs() - since;
                worst = std::max(worst, cpuUs() - since);
                if (mask.allowsNone) break;
                token = anyToken(vocabulary, mask, random);
            }
            if (vocabulary.tokenizer->vocabulary().endsGeneration(token)) break;
            since = cpuUs();
            constraint.accept(token);
            total += cpuUs() - since;
        }
        std::printf("  answer %u: %3d tokens, %6.1f us each, worst mask %.0f us, %d states\n",
                    answer, steps, total / std::max(steps, 1), worst, int(masks->states()));
        all += total;
        allSteps += steps;
    }
    std::printf("  all: %.1f us a token\n", all / std::max(allSteps, 1));
}

// What a sampler costs under a constraint, beside the same without one.
void benchSampler(const BenchVocabulary& vocabulary) {
    const ChatRequest request = {
        .messages = {{.role = Role::user, .text = "go"}},
        .options = {.effort = Effort::none, .responseSchemaJson = R"({"type": "string"})"}};
    TokenConstraint constraint(std::make_shared<TokenMasks>(
        vocabulary.table,
        compileAnswerGrammar(vocabulary.family, vocabulary.names, request).value()));
    std::mt19937 random(1);
    std::vector<float> logits(size_t(vocabulary.table->size()));
    for (float& logit : logits)
        logit = float(random() % 4000) / 250;
    constexpr int kTokens = 200;
    for (TokenConstraint* held : {static_cast<TokenConstraint*>(nullptr), &constraint}) {
        ConstrainedSampler sampler({.temperature = 1, .seed = 1}, held);
        const double since = cpuUs();
        for (int n = 0; n < kTokens; ++n)
            sampler.sample(logits, {});
        std::printf("sampling %s: %.0f us a token\n", held ? "in a text of JSON" : "freely",
                    (cpuUs() - since) / kTokens);
    }
}

}  // namespace

TEST_CASE("how long grammars and masks take", "[.bench][engine][grammar]") {
    const char* folder = std::getenv("MOXIE_BENCH_TOKENIZER");
    if (folder == nullptr) return;
    for (const std::string_view family : {"deepseek-v4", "deepseek-v3"}) {
        const BenchVocabulary vocabulary(folder, *chatFamilyNamed(family));
        ChatRequest request = {.messages = {{.role = Role::user, .text = "go"}},
                               .options = {.effort = Effort::none, .toolUse = ToolUse::required}};
        for (int i = 0; i < 52; ++i)
            request.tools.push_back(
                {.name = "tool_" + std::to_string(i), .parametersJson = kBenchSchema});
        benchAnswers("52 tools, a call required", vocabulary, request);
        ChatRequest schema = {
            .messages = request.messages,
            .options = {.effort = Effort::none, .responseSchemaJson = kBenchSchema}};
        benchAnswers("a response schema", vocabulary, schema);
        schema.options.responseSchemaJson = "{}";
        benchAnswers("any JSON", vocabulary, schema);
        const auto paths = std::make_shared<std::vector<std::string>>();
        for (int i = 0; i < 100000; ++i)
            paths->push_back("src/module_" + std::to_string(i % 317) + "/file_" +
                             std::to_string(i) + ".cpp");
        request.tools.resize(1);
        request.tools[0].facts = {{.argument = "path", .allowed = paths}};
        benchAnswers("100,000 known paths", vocabulary, request);
        benchSampler(vocabulary);
    }
}

}  // namespace moxie::engine
