// Adapter files that do not fit, are broken or hostile: refused by name.
#include <fstream>
#include <functional>
#include <sstream>

#include "engine/adapters/adapter_set.h"
#include "tests/catch.h"
#include "tests/engine/adapters/adapter_files.h"
#include "tests/engine/families/published_model.h"

namespace moxie::engine {

namespace {

struct Refusals {
    PublishedModel files{readGolden("llama3"), "config"};
    LoadedModel model = loadModel(files.folder()).value();
    nlohmann::json adapter = readGolden("lora_llama3").at("adapters")[0];

    std::string messageOf(const std::filesystem::path& path, double scale = 1) const {
        const AdapterFile wanted = {.file = path, .scale = scale};
        const auto set = AdapterSet::open({&wanted, 1}, model);
        return set ? "taken" : set.error().message();
    }

    // What is said of the adapter after `change`.
    std::string after(const std::function<void(nlohmann::json&)>& change) const {
        nlohmann::json changed = adapter;
        change(changed);
        const tests::ModelFolder folder;
        writePeftAdapter(folder, changed);
        return messageOf(folder.path());
    }

    std::string afterGguf(const tests::GgufBytes& file) const {
        const tests::ModelFolder folder;
        folder.write("a.gguf", file.bytes());
        return messageOf(folder.path() / "a.gguf");
    }
};

bool says(const std::string& message, const std::string& words) {
    INFO(message << " / " << words);
    CHECK(message.find(words) != std::string::npos);
    return message.find(words) != std::string::npos;
}

std::string nameOf(const nlohmann::json& adapter, size_t i) {
    return adapter.at("tensors")[i][0];
}

}  // namespace

TEST_CASE("factors that do not fit the model are refused by name", "[engine][lora]") {
    const Refusals bench;
    REQUIRE(bench.after([](auto&) {}) == "taken");
    REQUIRE(says(bench.after([](auto& a) { a["tensors"][0][2] = {4, 97}; }), "the weights are"));
    REQUIRE(says(bench.after([](auto& a) { a["tensors"][1][2] = {7, 4}; }), "the weights are"));
    REQUIRE(says(bench.after([](auto& a) { a["tensors"][0][2][0] = 5; }),
                 "factor A has rank 5, B has 4"));
    REQUIRE(says(bench.after([](auto& a) { a["tensors"].erase(1); }), "factor B is missing"));
    REQUIRE(
        says(bench.after([](auto& a) { a["tensors"][0][2] = {4}; }), "expected two dimensions"));
    REQUIRE(says(bench.after([](auto& a) {
        a["tensors"][0][0] = "base_model.model.model.norm.lora_A.weight";
        a["tensors"][1][0] = "base_model.model.model.norm.lora_B.weight";
    }),
                 "model.norm: the model has no product of that name"));
    REQUIRE(says(
        bench.after([](auto& a) { a["tensors"][0][0] = nameOf(a, 0) + ".lora_magnitude_vector"; }),
        "is no factor of a LoRA adapter"));
}

TEST_CASE("options of PEFT that we do not honour are refused by name", "[engine][lora]") {
    const Refusals bench;
    const auto with = [&](const char* option, const nlohmann::json& value) {
        return bench.after([&](nlohmann::json& a) { a["config"][option] = value; });
    };
    REQUIRE(says(with("peft_type", "IA3"), "peft_type IA3, expected LORA"));
    REQUIRE(says(with("use_dora", true), "use_dora is set"));
    REQUIRE(says(with("bias", "all"), "bias all, expected none"));
    REQUIRE(says(with("modules_to_save", {"lm_head"}), "modules_to_save is set"));
    REQUIRE(says(with("alpha_pattern", {{"q_proj|k_proj", 3}}), "more than the ending of a name"));
    REQUIRE(says(with("alpha_pattern", {{"q_proj", "x"}}), "is no number"));
    REQUIRE(says(with("lora_alpha", -1), "lora_alpha"));
    REQUIRE(says(with("lora_alpha", nullptr), "lora_alpha"));
    REQUIRE(says(with("r", 0), "r is 0, expected 1"));
    REQUIRE(with("alpha_pattern", {{".*\\.q_proj", 3}}) == "taken");
}

TEST_CASE("what is no adapter is refused, and says what it is", "[engine][lora]") {
    const Refusals bench;
    const tests::ModelFolder folder;
    REQUIRE(says(bench.messageOf(folder.path()), "adapter_model.safetensors"));
    folder.write("web.gguf", std::string_view("<!DOCTYPE html><html>"));
    REQUIRE(says(bench.messageOf(folder.path() / "web.gguf"), "expected an adapter in GGUF"));
    REQUIRE(
        says(bench.messageOf(bench.files.folder() / "model.safetensors"), "adapter_config.json"));
    REQUIRE(says(bench.afterGguf(tests::smallGguf()), "general.type"));
    tests::GgufBytes vectors;
    vectors.string("general.type", "adapter");
    vectors.string("adapter.type", "control_vector");
    REQUIRE(says(bench.afterGguf(vectors), "type control_vector, expected lora"));
    tests::GgufBytes file = ggufAdapter("llama", 4);
    REQUIRE(says(bench.afterGguf(file), "no factors"));
    addFactors(file, {.weights = "blk.0.attn_q", .rows = 192, .cols = 128, .rank = 2});
    REQUIRE(says(bench.afterGguf(file), "names of GGUF files; the model is safetensors"));
    const tests::ModelFolder good;
    writePeftAdapter(good, bench.adapter);
    REQUIRE(says(bench.messageOf(good.path(), 1e9), "scale 1000000000"));
    REQUIRE(bench.messageOf(good.path() / "adapter_model.safetensors") == "taken");
}

TEST_CASE("broken adapter files never crash", "[engine][lora]") {
    const Refusals bench;
    const tests::ModelFolder folder;
    writePeftAdapter(folder, bench.adapter);
    std::stringstream text;
    text << std::ifstream(folder.path() / "adapter_model.safetensors", std::ios::binary).rdbuf();
    const std::string good = text.str();
    uint64_t random = 9;
    int taken = 0;
    for (int i = 0; i < 300; ++i) {
        std::string bad = good;
        random = random * 6364136223846793005U + 1442695040888963407U;
        // The header is what steers: most damage goes there.
        const size_t at = (random >> 33) % (i % 4 == 0 ? bad.size() : 4000);
        if (i % 3 == 0)
            bad.resize(at);
        else
            bad[at] = static_cast<char>(random >> 20);
        folder.write("adapter_model.safetensors", bad);
        if (bench.messageOf(folder.path()) == "taken") ++taken;
    }
    REQUIRE(taken < 150);
}

}  // namespace moxie::engine
