#include "engine/model_file.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/families/families.h"
#include "engine/gguf/gguf_file.h"
#include "engine/open_model.h"
#include "engine/session/session.h"
#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/session/tiny_model.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::GgufBytes;
using moxie::tests::tinyModel;

namespace {

namespace fs = std::filesystem;

// A file that goes with the test.
class ModelOnDisk {
public:
    explicit ModelOnDisk(const std::vector<std::byte>& bytes) {
        std::string pattern = (fs::temp_directory_path() / "moxie_model_XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        write(bytes);
    }

    ~ModelOnDisk() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    ModelOnDisk(const ModelOnDisk&) = delete;
    ModelOnDisk& operator=(const ModelOnDisk&) = delete;

    fs::path path() const { return folder_ / "tiny.gguf"; }

    void write(const std::vector<std::byte>& bytes) const {
        std::ofstream out(path(), std::ios::binary);
        out.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
        REQUIRE(out.good());
    }

private:
    fs::path folder_;
};

void addTokens(GgufBytes& file, int64_t count) {
    std::vector<std::string> tokens;
    for (int64_t i = 0; i < count; ++i)
        tokens.emplace_back(1, char('!' + i));
    file.string("tokenizer.ggml.model", "gpt2");
    file.strings("tokenizer.ggml.tokens", tokens);
}

GgufBytes tinyModelWithTokens() {
    GgufBytes file = tinyModel();
    addTokens(file, tests::kVocabulary);
    return file;
}

ModelFileFacts factsOf(const GgufBytes& file, int64_t contextTokens = 0) {
    const ModelOnDisk disk(file.bytes());
    auto facts = inspectModelFile(disk.path(), contextTokens);
    if (!facts) FAIL(facts.error().message());
    return *std::move(facts);
}

}  // namespace

TEST_CASE("a model file says what it is and needs without being loaded", "[engine][model_file]") {
    GgufBytes file = tinyModelWithTokens();
    file.string("general.name", "Tiny\nModel");
    const ModelFileFacts facts = factsOf(file);
    CHECK(facts.problem.empty());
    CHECK(facts.name == "Tiny Model");
    CHECK(facts.architecture == "llama");
    CHECK(facts.quantisation == "F32");
    CHECK(facts.contextTokensMax == 128);
    CHECK(facts.parameters ==
          50 * 64 + 64 + 2 * (2 * 64 + 2 * 64 * 64 + 2 * 32 * 64 + 3 * 96 * 64));
    CHECK(facts.fileBytes == int64_t(file.bytes().size()));
    CHECK(facts.memoryBytes > facts.parameters * 4);
}

TEST_CASE("the memory planned grows with the context asked for, up to the model's own",
          "[engine][model_file]") {
    const GgufBytes file = tinyModelWithTokens();
    constexpr int64_t kPerToken =
        int64_t{2} * 2 * 32 * 4;  // keys and values, layers, dimensions, bytes
    const std::vector<std::byte> bytes = file.bytes();
    const GgufFile parsed = GgufFile::parse(bytes).value();
    const ModelPlan plan = makePlan(parsed).value();
    CHECK(planMemory(plan, {.contextTokens = 64}, 128, 1).kvBytes == kPageTokens * kPerToken);
    CHECK(factsOf(file, 64).memoryBytes ==
          planMemory(plan, {.contextTokens = 64}, EvaluateOptions{}.chunkTokens, 0).total());
    CHECK(factsOf(file, 1'000'000).memoryBytes == factsOf(file, 128).memoryBytes);
    CHECK(factsOf(file, 0).memoryBytes == factsOf(file, 128).memoryBytes);
    const ModelOnDisk disk(file.bytes());
    CHECK(inspectModelFile(disk.path(), -1).error().kind() == base::Errc::invalidInput);
}

TEST_CASE("a model we cannot run is described with the reason", "[engine][model_file]") {
    GgufBytes other;
    other.string("general.architecture", "mamba");
    other.number<uint32_t>("mamba.context_length", GgufType::u32, 32'768);
    other.tensor("token_embd.weight", 8, {64, 10}, std::vector<uint8_t>(680));
    const ModelFileFacts facts = factsOf(other);
    CHECK(facts.problem ==
          "architecture mamba, expected one of llama, qwen2, qwen3, qwen3moe, glm4moe, minimax-m2, "
          "gpt-oss, deepseek2, deepseek32, deepseek4");
    CHECK(facts.name == "tiny.gguf");
    CHECK(facts.architecture == "mamba");
    CHECK(facts.quantisation == "Q8_0");
    CHECK(facts.contextTokensMax == 32'768);
    CHECK(facts.memoryBytes == 0);

    CHECK(factsOf(tinyModel()).problem.find("tokenizer.ggml.model") != std::string::npos);
    GgufBytes manyTokens = tinyModel();
    addTokens(manyTokens, 51);
    CHECK(factsOf(manyTokens).problem == "the tokenizer has 51 tokens, the weights only 50");
}

TEST_CASE("what can be planned can be opened, and nothing else", "[engine][model_file]") {
    const ModelOnDisk good(tinyModelWithTokens().bytes());
    CHECK(openLocalModel({.file = good.path(), .threads = 1}).has_value());
    const ModelOnDisk bad(tinyModel().bytes());
    const auto opened = openLocalModel({.file = bad.path(), .threads = 1});
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().message().find("tokenizer.ggml.model") != std::string::npos);
}

TEST_CASE("what is no model file is refused with its reason", "[engine][model_file]") {
    const ModelOnDisk disk(std::vector<std::byte>(40, std::byte('x')));
    CHECK(inspectModelFile(disk.path(), 0).error().kind() == base::Errc::unsupported);
    CHECK(inspectModelFile(disk.path().parent_path(), 0).error().kind() ==
          base::Errc::invalidInput);
    CHECK(inspectModelFile(disk.path() / "nothing", 0).error().kind() != base::Errc::internal);
    CHECK(inspectModelFile("/no/such.gguf", 0).error().kind() == base::Errc::notFound);
    disk.write({});
    CHECK(inspectModelFile(disk.path(), 0).error().kind() == base::Errc::unsupported);
}

TEST_CASE("a hostile model file is refused or described, never believed", "[engine][model_file]") {
    GgufBytes name = tinyModelWithTokens();
    name.string("general.name", std::string(5'000, '\xff') + "\x1b[31mred");
    CHECK(factsOf(name).name.size() <= 600);

    // Numbers of a KV cache that overflows 64 bits, and no tensor behind them.
    GgufBytes huge;
    huge.string("general.architecture", "llama");
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, uint32_t>>{
             {"llama.block_count", 1024},
             {"llama.embedding_length", 1 << 20},
             {"llama.feed_forward_length", 1},
             {"llama.attention.head_count", 4096},
             {"llama.attention.key_length", 4096},
             {"llama.context_length", 1 << 30}})
        huge.number<uint32_t>(key, GgufType::u32, value);
    CHECK_FALSE(factsOf(huge).problem.empty());

    const std::vector<std::byte> whole = tinyModelWithTokens().bytes();
    const ModelOnDisk disk(whole);
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::byte> changed = whole;
        for (int i = 0; i < 4; ++i)
            changed[random() % std::min<size_t>(changed.size(), 4'000)] = std::byte(random());
        if (round % 3 == 0) changed.resize(random() % changed.size());
        disk.write(changed);
        const auto facts = inspectModelFile(disk.path(), 8'192);
        CHECK((!facts || facts->problem.empty() == (facts->memoryBytes > 0)));
    }
}

TEST_CASE("holes in a file cannot ask for more memory than a vocabulary takes",
          "[engine][model_file]") {
    GgufBytes file;
    file.strings("tokenizer.ggml.tokens", {});
    std::vector<std::byte> bytes = file.bytes();
    // Magic, version, two counts, then the key with its length, the type, the element type: then
    // comes the number of strings.
    const size_t countAt = 4 + 4 + 8 + 8 + (8 + 21) + 4 + 4;
    const uint64_t count = uint64_t(1) << 30;
    std::memcpy(bytes.data() + countAt, &count, sizeof count);
    const ModelOnDisk disk(bytes);
    fs::resize_file(disk.path(), uint64_t(10) << 30);  // takes no room
    const auto facts = inspectModelFile(disk.path(), 0);
    REQUIRE_FALSE(facts.has_value());
    CHECK(facts.error().message().find("1073741824 strings") != std::string::npos);
}
