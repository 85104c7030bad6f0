// Adapters while the model runs: against transformers with PEFT in float64, against merged weights,
// and as part of what a state depends on.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>

#include "engine/adapters/adapter_set.h"
#include "engine/kv/fingerprint.h"
#include "engine/local/local_engine.h"
#include "engine/logits.h"
#include "engine/make/model_maker.h"
#include "engine/session/session.h"
#include "tests/catch.h"
#include "tests/engine/adapters/adapter_files.h"
#include "tests/engine/session/tiny_chat_model.h"
#include "tests/engine/session/tiny_families.h"
#include "tests/kernels/random_values.h"

namespace moxie::engine {

namespace {

using Rows = std::vector<std::vector<float>>;

struct AdaptedModel {
    nlohmann::json golden;
    std::unique_ptr<PublishedModel> files;
    LoadedModel model;
    std::deque<tests::ModelFolder> folders;
    std::vector<AdapterFile> wanted;
    std::vector<int32_t> tokens;
};

std::unique_ptr<AdaptedModel> loadAdapted(const std::string& name) {
    auto loaded = std::make_unique<AdaptedModel>();
    loaded->golden = readGolden(name);
    loaded->files =
        std::make_unique<PublishedModel>(readGolden(loaded->golden.at("base")), "config");
    loaded->model = loadModel(loaded->files->folder()).value();
    loaded->tokens = loaded->golden.at("tokens").get<std::vector<int32_t>>();
    for (const auto& adapter : loaded->golden.at("adapters")) {
        writePeftAdapter(loaded->folders.emplace_back(), adapter);
        loaded->wanted.push_back(
            {.file = loaded->folders.back().path(), .scale = adapter.at("scale").get<double>()});
    }
    return loaded;
}

struct AdaptedRun {
    kernels::Isa isa = kernels::detectIsa();
    int64_t chunkTokens = 128;
    int32_t threads = 2;
    Products products = Products::exact;
};

Rows runAdapted(const ModelPlan& plan, const LoraAdapters* adapters,
                const std::vector<int32_t>& tokens, const AdaptedRun& run = {}) {
    WorkerPool pool(run.threads);
    Session session =
        Session::make(plan, pool, kernels::dispatchFor(run.isa),
                      {.contextTokens = 256, .promptProducts = run.products, .adapters = adapters})
            .value();
    Rows rows;
    EvaluateOptions options = {.chunkTokens = run.chunkTokens};
    options.eachLogits = [&](int64_t, std::span<const float> row) {
        rows.emplace_back(row.begin(), row.end());
    };
    session.evaluate(tokens, options).value();
    return rows;
}

double relativeRms(const Rows& rows, const Rows& expected) {
    double difference = 0;
    double size = 0;
    for (size_t t = 0; t < expected.size(); ++t)
        for (size_t i = 0; i < expected[t].size(); ++i) {
            const double e = expected[t][i];
            difference += (rows[t][i] - e) * (rows[t][i] - e);
            size += e * e;
        }
    return std::sqrt(difference / size);
}

// Of the kept logits; every top token must agree.
double goldenError(const Rows& rows, const nlohmann::json& golden) {
    Rows kept, expected;
    for (size_t i = 0; i < golden.at("positions").size(); ++i) {
        const auto& row = rows.at(golden["positions"][i].get<size_t>());
        expected.push_back(golden["logits"][i].get<std::vector<float>>());
        kept.emplace_back(row.begin(), row.begin() + std::ssize(expected.back()));
    }
    for (size_t t = 0; t < golden.at("argmax").size(); ++t)
        REQUIRE(std::ranges::max_element(rows[t]) - rows[t].begin() ==
                golden["argmax"][t].get<int64_t>());
    return relativeRms(kept, expected);
}

const std::vector<std::string> kGoldenAdapters = {"lora_llama3", "lora_llama3_ends",
                                                  "lora_qwen3_moe", "lora_deepseek_v3"};

// The plan's weights with scale B A added, in memory of their own.
class MergedWeights {
public:
    void merge(kernels::WeightsView& weights, std::span<const float> down,
               std::span<const float> up, double scale) {
        std::vector<float>& own = values_.emplace_back();
        own.resize(static_cast<size_t>(weights.rows * weights.cols));
        const int64_t rank = std::ssize(down) / weights.cols;
        for (int64_t r = 0; r < weights.rows; ++r) {
            const auto row = std::span(own).subspan(static_cast<size_t>(r * weights.cols),
                                                    static_cast<size_t>(weights.cols));
            kernels::dispatchFor(kernels::Isa::scalar).dequantiseRow(weights, r, row);
            for (int64_t c = 0; c < weights.cols; ++c) {
                double sum = 0;
                for (int64_t i = 0; i < rank; ++i)
                    sum += double{up[static_cast<size_t>(r * rank + i)]} *
                           double{down[static_cast<size_t>(i * weights.cols + c)]};
                row[static_cast<size_t>(c)] =
                    static_cast<float>(double{row[static_cast<size_t>(c)]} + scale * sum);
            }
        }
        weights = {.data = reinterpret_cast<const uint8_t*>(own.data()),
                   .rows = weights.rows,
                   .cols = weights.cols,
                   .rowBytes = weights.cols * int64_t{sizeof(float)}};
    }

private:
    std::deque<std::vector<float>> values_;
};

}  // namespace

TEST_CASE("adapters of PEFT give its own exact logits", "[engine][lora]") {
    for (const std::string& name : kGoldenAdapters) {
        CAPTURE(name);
        const auto adapted = loadAdapted(name);
        const AdapterSet set = AdapterSet::open(adapted->wanted, adapted->model).value();
        for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()}) {
            CAPTURE(int(isa));
            const Rows rows =
                runAdapted(adapted->model.plan, set.factors(), adapted->tokens, {.isa = isa});
            REQUIRE(goldenError(rows, adapted->golden["main"]) <= 2e-6);
        }
        const Rows plain = runAdapted(adapted->model.plan, nullptr, adapted->tokens);
        const Rows rows = runAdapted(adapted->model.plan, set.factors(), adapted->tokens);
        REQUIRE(relativeRms(rows, plain) > 0.5);
    }
}

TEST_CASE("with adapters too, chunks and threads change no bit", "[engine][lora]") {
    for (const std::string& name : kGoldenAdapters) {
        CAPTURE(name);
        const auto adapted = loadAdapted(name);
        const AdapterSet set = AdapterSet::open(adapted->wanted, adapted->model).value();
        const auto run = [&](int64_t chunk, int32_t threads) {
            return runAdapted(adapted->model.plan, set.factors(), adapted->tokens,
                              {.chunkTokens = chunk, .threads = threads});
        };
        const Rows whole = run(64, 1);
        for (const int64_t chunk : {1, 3, 7, 33})
            REQUIRE(run(chunk, chunk % 2 == 0 ? 1 : 2) == whole);
    }
}

TEST_CASE("an adapter in GGUF does what merged weights do, stacked experts too", "[engine][lora]") {
    const tests::ModelFolder folder;
    const auto path = folder.path() / "model.gguf";
    makeModel({.family = "qwen3_moe", .type = "f32", .out = path}).value();
    const LoadedModel model = loadModel(path).value();
    ModelPlan merged = model.plan;
    auto& attention = std::get<GqaAttention>(merged.blocks[0].attention);
    auto& experts = std::get<MoeFfn>(merged.blocks[1].ffn);
    const int64_t n = std::ssize(experts.experts);
    constexpr float kAlpha = 5;
    tests::GgufBytes file = ggufAdapter("qwen3moe", kAlpha);
    MergedWeights weights;
    const auto q = addFactors(file, {.weights = attention.q.name,
                                     .rows = attention.q.rows(),
                                     .cols = attention.q.cols(),
                                     .rank = 3});
    weights.merge(attention.q.weights, q.down, q.up, 0.5 * kAlpha / 3);
    for (const ExpertPart part : {ExpertPart::gate, ExpertPart::down}) {
        const bool isGate = part == ExpertPart::gate;
        const kernels::WeightsView& first =
            isGate ? experts.experts[0].gate : experts.experts[0].down;
        const int64_t rows = first.rows;
        const int64_t cols = first.cols;
        const auto values =
            addFactors(file, {.weights = isGate ? experts.tensors.gate : experts.tensors.down,
                              .rows = rows,
                              .cols = cols,
                              .rank = 2,
                              .count = n});
        for (int64_t e = 0; e < n; ++e) {
            Expert& expert = experts.experts[static_cast<size_t>(e)];
            weights.merge(isGate ? expert.gate : expert.down,
                          std::span(values.down).subspan(size_t(e * 2 * cols), size_t(2 * cols)),
                          std::span(values.up).subspan(size_t(e * 2 * rows), size_t(2 * rows)),
                          0.5 * kAlpha / 2);
        }
    }
    folder.write("adapter.gguf", file.bytes());
    const AdapterFile wanted = {.file = folder.path() / "adapter.gguf", .scale = 0.5};
    const AdapterSet set = AdapterSet::open({&wanted, 1}, model).value();
    const auto tokens = variedTokens(60, merged.vocabularySize);
    const Rows adapted = runAdapted(model.plan, set.factors(), tokens);
    REQUIRE(relativeRms(adapted, runAdapted(merged, nullptr, tokens)) <= 2e-6);
    REQUIRE(relativeRms(adapted, runAdapted(model.plan, nullptr, tokens)) > 1e-3);
}

TEST_CASE("experts with adapters are what they are where prompts are rounded", "[engine][lora]") {
    const Products products = GENERATE(Products::rounded, Products::bf16);
    const tests::ModelFolder folder;
    const auto path = folder.path() / "model.gguf";
    makeModel({.family = "qwen3_moe", .type = "q8_0", .out = path}).value();
    const LoadedModel model = loadModel(path).value();
    const auto& experts = std::get<MoeFfn>(model.plan.blocks[1].ffn);
    tests::GgufBytes file = ggufAdapter("qwen3moe", 5);
    addFactors(file, {.weights = experts.tensors.down,
                      .rows = experts.experts[0].down.rows,
                      .cols = experts.experts[0].down.cols,
                      .rank = 2,
                      .count = std::ssize(experts.experts)});
    folder.write("adapter.gguf", file.bytes());
    const AdapterFile wanted = {.file = folder.path() / "adapter.gguf", .scale = 0.5};
    const AdapterSet set = AdapterSet::open({&wanted, 1}, model).value();
    const auto tokens = variedTokens(60, model.plan.vocabularySize);
    const Rows exact = runAdapted(model.plan, set.factors(), tokens);
    const Rows rounded = runAdapted(model.plan, set.factors(), tokens, {.products = products});
    const Rows unadapted = runAdapted(model.plan, nullptr, tokens, {.products = products});
    CHECK(relativeRms(rounded, exact) > 0);
    CHECK(relativeRms(rounded, exact) < relativeRms(rounded, unadapted) / 2);
    CHECK(runAdapted(model.plan, set.factors(), tokens,
                     {.chunkTokens = 7, .threads = 1, .products = products}) == rounded);
}

TEST_CASE("an adapter in GGUF reaches embedding and head", "[engine][lora]") {
    const tests::ModelFolder folder;
    const auto path = folder.path() / "model.gguf";
    makeModel({.family = "llama", .type = "f32", .out = path}).value();
    const LoadedModel model = loadModel(path).value();
    const int64_t vocabulary = model.plan.vocabularySize;
    const int64_t hidden = model.plan.hiddenDim;
    ModelPlan merged = model.plan;
    constexpr float kAlpha = 4;
    constexpr int64_t kRank = 2;
    tests::GgufBytes file = ggufAdapter("llama", kAlpha);
    MergedWeights weights;
    const auto head =
        addFactors(file, {.weights = "output", .rows = vocabulary, .cols = hidden, .rank = kRank});
    weights.merge(merged.head, head.down, head.up, kAlpha / kRank);
    // As llama.cpp keeps an embedding's: A has a row for each token.
    const auto a = tests::uniform(vocabulary * kRank, 5, 0.3F);
    const auto b = tests::uniform(hidden * kRank, 6, 0.3F);
    const auto dims = [](int64_t rows) {
        return std::vector<uint64_t>{uint64_t{kRank}, static_cast<uint64_t>(rows)};
    };
    file.floats("token_embd.weight.lora_a", dims(vocabulary), a);
    file.floats("token_embd.weight.lora_b", dims(hidden), b);
    std::vector<float> turned;
    for (int64_t i = 0; i < kRank; ++i)
        for (int64_t h = 0; h < hidden; ++h)
            turned.push_back(b[static_cast<size_t>(h * kRank + i)]);
    weights.merge(merged.embedding, turned, a, kAlpha / kRank);
    folder.write("adapter.gguf", file.bytes());
    const AdapterFile wanted = {.file = folder.path() / "adapter.gguf"};
    const AdapterSet set = AdapterSet::open({&wanted, 1}, model).value();
    const auto tokens = variedTokens(60, vocabulary);
    const Rows adapted = runAdapted(model.plan, set.factors(), tokens);
    REQUIRE(relativeRms(adapted, runAdapted(merged, nullptr, tokens)) <= 2e-6);
    REQUIRE(relativeRms(adapted, runAdapted(model.plan, nullptr, tokens)) > 1e-2);
}

TEST_CASE("what PEFT saves of an adapted embedding must be the model's own", "[engine][lora]") {
    const auto adapted = loadAdapted("lora_llama3_ends");
    const StoredTensor* own = adapted->model.source->findTensor("model.embed_tokens.weight");
    REQUIRE(own != nullptr);
    const auto opened = [&](float changed, int64_t rows) {
        auto adapter = adapted->golden["adapters"][0];
        std::vector<float> copy(static_cast<size_t>(own->weights.rows * own->weights.cols));
        std::memcpy(copy.data(), own->weights.data, copy.size() * sizeof(float));
        copy.front() += changed;
        copy.resize(static_cast<size_t>(rows * own->weights.cols));
        const tests::ModelFolder folder;
        writePeftAdapter(folder, adapter,
                         {{.name = "base_model.model.model.embed_tokens.base_layer.weight",
                           .shape = {rows, own->weights.cols},
                           .values = copy}});
        const AdapterFile wanted = {.file = folder.path()};
        const auto set = AdapterSet::open({&wanted, 1}, adapted->model);
        return set ? "taken" : set.error().message();
    };
    REQUIRE(own->weights.dtype == kernels::DType::f32);
    REQUIRE(opened(0, own->weights.rows) == "taken");
    REQUIRE_THAT(opened(1, own->weights.rows), Catch::Contains("other than the model's"));
    REQUIRE_THAT(opened(0, own->weights.rows - 1), Catch::Contains("weights of its own, 255 x"));
}

TEST_CASE("several adapters add up, and one of scale zero adds nothing", "[engine][lora]") {
    const auto adapted = loadAdapted("lora_llama3");
    const Rows plain = runAdapted(adapted->model.plan, nullptr, adapted->tokens);
    auto wanted = adapted->wanted;
    for (AdapterFile& one : wanted)
        one.scale = 0;
    const AdapterSet none = AdapterSet::open(wanted, adapted->model).value();
    REQUIRE(runAdapted(adapted->model.plan, none.factors(), adapted->tokens) == plain);
    // Half and half of one adapter is the whole of it.
    const std::vector<AdapterFile> halves = {{adapted->wanted[0].file, 0.5},
                                             {adapted->wanted[0].file, 0.5}};
    const AdapterSet split = AdapterSet::open(halves, adapted->model).value();
    const AdapterSet whole =
        AdapterSet::open(std::span(adapted->wanted).first(1), adapted->model).value();
    REQUIRE(relativeRms(runAdapted(adapted->model.plan, split.factors(), adapted->tokens),
                        runAdapted(adapted->model.plan, whole.factors(), adapted->tokens)) <= 2e-6);
}

TEST_CASE("moxie logits and an engine take adapters as a session does", "[engine][lora]") {
    const auto adapted = loadAdapted("lora_llama3");
    Rows rows;
    const auto status = computeLogits(
        adapted->files->folder(), adapted->tokens, {.adapters = adapted->wanted},
        [&](int64_t, std::span<const float> row) { rows.emplace_back(row.begin(), row.end()); });
    REQUIRE(status.has_value());
    REQUIRE(goldenError(rows, adapted->golden["main"]) <= 2e-6);
}

TEST_CASE("a state under one adapter is never taken up under another", "[engine][lora][kv]") {
    const TinyChatModel files("llama3");
    const auto adapted = loadAdapted("lora_llama3");
    const tests::ModelFolder folder;
    const auto engineWith = [&](std::vector<AdapterFile> adapters) {
        return LocalEngine::open({.file = files.folder(),
                                  .threads = 1,
                                  .contextTokens = 1024,
                                  .kvDirectory = folder.path(),
                                  .adapters = std::move(adapters)})
            .value();
    };
    const auto say = [](LocalEngine& engine) {
        const auto prompt = engine.tokenizer().encode(std::string(300, 'a') + "int main() {");
        return engine.generate([&] { return prompt; }, {.tokensMax = 12}, {}, {}).value();
    };
    const auto first = say(*engineWith({}));
    const auto second = say(*engineWith(adapted->wanted));
    REQUIRE(second.diskTokens == 0);
    REQUIRE(second.tokens != first.tokens);
    const auto again = say(*engineWith(adapted->wanted));
    REQUIRE(again.diskTokens > 200);
    REQUIRE(again.tokens == second.tokens);
    auto weaker = adapted->wanted;
    weaker[1].scale = 0.25;
    REQUIRE(say(*engineWith(weaker)).diskTokens == 0);
}

}  // namespace moxie::engine
