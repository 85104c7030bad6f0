// What an engine says, with drafts and without: the same tokens, greedy and sampled.
#include <map>

#include "engine/local/answer_constraints.h"
#include "engine/local/local_engine.h"
#include "engine/local/local_model.h"
#include "engine/make/model_maker.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_chat_model.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

namespace {

std::shared_ptr<LocalEngine> openDrafting(const TinyChatModel& model, const std::string& draft,
                                          const std::filesystem::path& kvDirectory = {}) {
    auto engine = LocalEngine::open({.file = model.folder(),
                                     .threads = 1,
                                     .contextTokens = 2048,
                                     .kvMemoryBytes = int64_t{1} << 30,
                                     .kvDirectory = kvDirectory,
                                     .draft = draft});
    if (!engine) FAIL(engine.error().message());
    return *std::move(engine);
}

// A machine on which time stands still, so that drafts never lose.
GenerationCalls timeless() {
    return {.seconds = [] { return 0.0; }};
}

std::vector<int32_t> say(LocalEngine& engine, const std::vector<int32_t>& prompt,
                         const SamplerOptions& sampler, int64_t tokensMax = 60) {
    return engine
        .generate([&] { return prompt; }, {.tokensMax = tokensMax, .sampler = sampler}, timeless(),
                  {})
        .value()
        .tokens;
}

std::vector<int32_t> promptOf(const LocalEngine& engine, const std::string& text) {
    return engine.tokenizer().encode(text);
}

std::vector<SamplerOptions> samplers() {
    return {{},
            {.repetitionPenalty = 1.1},
            {.temperature = 0.6, .topK = 3, .seed = 4},
            {.temperature = 1, .topP = 0.9, .seed = 5}};
}

const std::string kRepeating =
    "for (int i = 0; i < 10; ++i) sum += a[i]; for (int i = 0; i < 10; ++i) sum += a[i]; for (int";

std::vector<std::string> draftModes(const std::string& family) {
    std::vector<std::string> modes = {"lookup", "auto"};
    if (family.starts_with("deepseek_v3") || family == "deepseek_v4" ||
        family == "v4_block_drafter" || family == "glm4_moe")
        modes.push_back("mtp");
    return modes;
}

}  // namespace

TEST_CASE("drafts change no token of what is said", "[engine][speculation]") {
    int64_t lookupsAccepted = 0;
    for (const std::string family : {"llama3", "gpt_oss", "glm4_moe", "deepseek_v3", "deepseek_v32",
                                     "deepseek_v4", "v4_block_drafter"}) {
        CAPTURE(family);
        const TinyChatModel files(family);
        const auto plain = openDrafting(files, "off");
        const std::vector<int32_t> prompt = promptOf(*plain, kRepeating);
        for (const std::string& mode : draftModes(family)) {
            CAPTURE(mode);
            const auto drafting = openDrafting(files, mode);
            for (const SamplerOptions& sampler : samplers())
                REQUIRE(say(*drafting, prompt, sampler) == say(*plain, prompt, sampler));
            const EngineStats stats = drafting->stats();
            if (mode == "mtp") REQUIRE(stats.mtpDrafts.drafted > 100);
            lookupsAccepted += stats.lookupDrafts.accepted;
            REQUIRE(stats.lookupDrafts.accepted <= stats.lookupDrafts.drafted);
            REQUIRE(plain->stats().lookupDrafts.steps + plain->stats().mtpDrafts.steps == 0);
        }
    }
    REQUIRE(lookupsAccepted > 50);
}

TEST_CASE("drafts change no token of what is said under a grammar",
          "[engine][speculation][grammar]") {
    const ChatRequest request = {
        .messages = {{.role = Role::user, .text = "x"}},
        .tools = {{.name = "read_a_file",
                   .parametersJson = R"({"type": "object", "required": ["path", "lines"],
                       "properties": {"path": {"enum": ["src/a.cpp", "src/b.cpp"]},
                       "lines": {"type": "array", "items": {"type": "boolean"}}}})"}},
        .options = {.toolUse = ToolUse::required}};
    for (const std::string family : {"llama3", "deepseek_v3", "deepseek_v4"}) {
        CAPTURE(family);
        const TinyChatModel files(family);
        for (const SamplerOptions& sampler : samplers()) {
            std::vector<std::vector<int32_t>> said;
            for (const std::string mode : {"off", "lookup", "auto"}) {
                const auto engine = openDrafting(files, mode);
                AnswerConstraints constraints;
                const auto masks =
                    constraints.masksFor(request, *engine->format(), engine->tokenizer()).value();
                TokenConstraint constraint(masks);
                const std::vector<int32_t> prompt = promptOf(*engine, kRepeating);
                said.push_back(
                    engine
                        ->generate(
                            [&] { return prompt; },
                            {.tokensMax = 120, .sampler = sampler, .constraint = &constraint},
                            timeless(), {})
                        .value()
                        .tokens);
            }
            REQUIRE(said[0] == said[1]);
            REQUIRE(said[0] == said[2]);
            REQUIRE(said[0].size() > 40);
        }
    }
}

TEST_CASE("an answer that ends within its drafts leaves nothing behind its end",
          "[engine][speculation]") {
    for (const std::string family : {"llama3", "deepseek_v4"}) {
        CAPTURE(family);
        const TinyChatModel files(family);
        const auto plain = openDrafting(files, "off");
        const auto drafting = openDrafting(files, "auto");
        std::vector<int32_t> prompt = promptOf(*plain, kRepeating);
        for (int64_t turn = 0; turn < 12; ++turn) {
            CAPTURE(turn);
            const auto expected = say(*plain, prompt, {}, 3 + turn);
            REQUIRE(say(*drafting, prompt, {}, 3 + turn) == expected);
            prompt.insert(prompt.end(), expected.begin(), expected.end());
            const auto more = promptOf(*plain, turn % 2 == 0 ? " sum += a" : "\n");
            prompt.insert(prompt.end(), more.begin(), more.end());
        }
        // No more was read again than without drafts, but for the last token of each answer.
        REQUIRE(drafting->stats().evaluatedTokens <= plain->stats().evaluatedTokens);
    }
}

TEST_CASE("an engine that drafts goes on from disk as if it had never stopped",
          "[engine][speculation][kv]") {
    for (const std::string family : {"deepseek_v3", "deepseek_v4", "v4_block_drafter"}) {
        CAPTURE(family);
        const TinyChatModel files(family);
        const tests::ModelFolder folder;
        std::vector<int32_t> prompt;
        const SamplerOptions sampler = {.temperature = 0.8, .seed = 3};
        {
            const auto first = openDrafting(files, "mtp", folder.path());
            prompt = promptOf(*first, kRepeating);
            const auto said = say(*first, prompt, sampler);
            prompt.insert(prompt.end(), said.begin(), said.end());
        }
        prompt.push_back('x');
        const auto again = openDrafting(files, "mtp", folder.path());
        const auto cold = openDrafting(files, "off");
        REQUIRE(say(*again, prompt, sampler) == say(*cold, prompt, sampler));
        REQUIRE(again->stats().diskTokens > 100);
    }
}

TEST_CASE("a GGUF file with a draft block drafts with it", "[engine][speculation]") {
    const tests::ModelFolder folder;
    const auto path = folder.path() / "glm.gguf";
    makeModel({.family = "glm4_moe", .type = "q8_0", .out = path}).value();
    const auto say40 = [&](const std::string& draft) {
        const auto engine =
            LocalEngine::open({.file = path, .threads = 1, .contextTokens = 512, .draft = draft})
                .value();
        const auto tokens = say(*engine, promptOf(*engine, kRepeating), {}, 40);
        REQUIRE((engine->stats().mtpDrafts.drafted > 20) == (draft == "mtp"));
        return tokens;
    };
    REQUIRE(say40("mtp") == say40("off"));
}

TEST_CASE("drafts that a model cannot make are refused by name", "[engine][speculation]") {
    const TinyChatModel files("llama3");
    const auto refusal = [&](const std::string& draft) {
        return LocalEngine::open({.file = files.folder(), .draft = draft}).error().message();
    };
    REQUIRE(refusal("mtp").find("no block for multi-token prediction") != std::string::npos);
    REQUIRE(refusal("always").find("expected auto, off, lookup or mtp") != std::string::npos);
}

TEST_CASE("caches in other formats and simulated rounding are states of their own",
          "[engine][speculation][kv]") {
    const TinyChatModel files("deepseek_v4");
    const tests::ModelFolder folder;
    std::map<std::string, std::vector<int32_t>> said;
    for (const std::string format : {"f32", "f16", "native", "f32"}) {
        CAPTURE(format);
        const auto engine = LocalEngine::open({.file = files.folder(),
                                               .threads = 1,
                                               .contextTokens = 1024,
                                               .kvDirectory = folder.path(),
                                               .kvFormat = format,
                                               .simulatesRounding = format == "native"})
                                .value();
        const auto tokens = say(*engine, promptOf(*engine, kRepeating), {}, 40);
        const bool isKnown = said.contains(format);
        REQUIRE((engine->stats().diskTokens > 0) == isKnown);
        if (isKnown) REQUIRE(tokens == said[format]);
        said[format] = tokens;
    }
    const auto refused = LocalEngine::open({.file = files.folder(), .kvFormat = "fp8"});
    REQUIRE(refused.error().message().find("expected f32, f16 or native") != std::string::npos);
}

}  // namespace moxie::engine
