// Our side of grammar_compare.py: random schemas, texts of them as tokens, and the mask ahead of
// each. grammar_masks TOKENIZER_FOLDER FIRST_SEED COUNT MASKS_FILE; a line of JSON for each schema.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "engine/grammar/constrained_sampler.h"
#include "tests/engine/grammar/random_schema.h"

namespace {

using namespace moxie::engine;
using moxie::engine::grammar_test::RandomSchema;
using nlohmann::json;

double cpuUs() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) * 1e6 + double(now.tv_nsec) / 1e3;
}

// As Python writes it.
std::string spaced(const json& value) {
    if (!value.is_structured()) return value.dump();
    std::string text;
    for (const auto& [key, member] : value.items())
        text += (text.empty() ? "" : ", ") +
                (value.is_object() ? json(key).dump() + ": " : std::string()) + spaced(member);
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

struct PeerVocabulary {
    explicit PeerVocabulary(const char* folder) : tokenizer(Tokenizer::open(folder).value()) {
        const auto ends = [this](int32_t token) {
            return tokenizer->vocabulary().endsGeneration(token);
        };
        table = std::make_shared<TokenTable>(*tokenizer, names, ends);
    }

    std::shared_ptr<TokenMasks> masks(const json& schema) const {
        const ChatRequest request = {.messages = {{.role = Role::user, .text = "go"}},
                                     .options = {.responseSchemaJson = schema.dump()}};
        return std::make_shared<TokenMasks>(
            table, compileAnswerGrammar(*chatFamilyNamed("chatml"), names, request).value());
    }

    std::unique_ptr<const Tokenizer> tokenizer;
    MarkerNames names{{}};
    std::shared_ptr<const TokenTable> table;
};

// What a model of random logits says; empty: too long.
std::string say(const PeerVocabulary& vocabulary, const json& schema, RandomSchema& random) {
    TokenConstraint constraint(vocabulary.masks(schema));
    ConstrainedSampler sampler({.temperature = 1, .seed = random.number(1000)}, &constraint);
    std::string text;
    std::vector<float> logits(size_t(vocabulary.table->size()));
    for (int n = 0; n < 120; ++n) {
        for (size_t i = 0; i < logits.size(); ++i) {
            const auto bytes = vocabulary.table->bytes(int32_t(i));
            const bool isEnding = bytes.find_first_of("\"]}") != std::string_view::npos;
            logits[i] = float(random.number(1000)) / 250 + (isEnding ? 6.0F : 0.0F);
        }
        const int32_t token = sampler.sample(logits, {});
        if (vocabulary.tokenizer->vocabulary().endsGeneration(token)) return text;
        text += vocabulary.table->bytes(token);
    }
    return {};
}

json caseOf(const PeerVocabulary& vocabulary, uint64_t seed, std::FILE* file) {
    RandomSchema random(seed);
    const json schema = random.schema();
    double since = cpuUs();
    const auto masks = vocabulary.masks(schema);
    json found = {{"seed", seed}, {"schema", schema}, {"compile_us", cpuUs() - since}};
    const std::string text = spaced(random.valueOf(schema));
    Automaton::State state = masks->grammar().start;
    for (const int32_t token : vocabulary.tokenizer->encode(text)) {
        since = cpuUs();
        const TokenMask& mask = masks->maskOf(state);
        found["mask_us"].push_back(cpuUs() - since);
        std::fwrite(mask.bits.data(), sizeof(uint64_t), mask.bits.size(), file);
        found["tokens"].push_back(token);
        if (!mask.allows(token)) found["refused"] = text;
        state = masks->after(state, token);
    }
    if (seed % 8 == 0)
        if (const std::string said = say(vocabulary, schema, random); !said.empty())
            found["said"] = said;
    return found;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const PeerVocabulary vocabulary(argv[1]);
    std::FILE* file = std::fopen(argv[4], "wb");
    if (file == nullptr) return 1;
    const auto first = uint64_t(std::atoll(argv[2]));
    for (uint64_t seed = first; seed < first + uint64_t(std::atoll(argv[3])); ++seed)
        std::printf("%s\n", caseOf(vocabulary, seed, file)
                                .dump(-1, ' ', false, json::error_handler_t::replace)
                                .c_str());
    return std::fclose(file) == 0 ? 0 : 1;
}
