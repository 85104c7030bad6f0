#include "engine/weights/model_config.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/engine/weights/model_folder.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::ModelFolder;

TEST_CASE("config.json gives typed values, also of nested members", "[engine][weights]") {
    const auto config = ModelConfig::parse(R"({
        "hidden_size": 4096, "eps": 1e-6, "theta": 10000, "tied": true, "none": null,
        "model_type": "tiny", "big": 18446744073709551615,
        "rope_scaling": {"factor": 16.0, "deep": {"type": "yarn"}},
        "ratios": [4, 0, 128], "mixed": [1, 2.5], "names": ["a", "默"], "wrong": [1, "a"]})");
    REQUIRE(config.has_value());
    REQUIRE(config->integer("hidden_size") == 4096);
    REQUIRE(config->number("hidden_size") == 4096.0);
    REQUIRE(config->number("eps") == 1e-6);
    REQUIRE(config->boolean("tied") == true);
    REQUIRE(config->string("model_type") == "tiny");
    REQUIRE(config->number("rope_scaling.factor") == 16.0);
    REQUIRE_FALSE(config->integer("rope_scaling.factor").has_value());
    REQUIRE(config->string("rope_scaling.deep.type") == "yarn");
    REQUIRE(config->integers("ratios") == std::vector<int64_t>{4, 0, 128});
    REQUIRE(config->integers("mixed").empty());
    REQUIRE(config->numbers("mixed") == std::vector<double>{1, 2.5});
    REQUIRE(config->strings("names") == std::vector<std::string_view>{"a", "默"});
    REQUIRE(config->strings("wrong").empty());
    REQUIRE(config->members("rope_scaling") == std::vector<std::string_view>{"deep", "factor"});
    REQUIRE(config->contains("rope_scaling.deep"));
    REQUIRE_FALSE(config->contains("none"));
    REQUIRE_FALSE(config->contains("model_type.x"));
    REQUIRE_FALSE(config->contains(""));
    REQUIRE_FALSE(config->contains("rope_scaling."));
    REQUIRE_FALSE(config->integer("big").has_value());
    REQUIRE(config->number("big") == 18446744073709551615.0);
}

TEST_CASE("a required value that is missing, of another kind or out of range is named",
          "[engine][weights]") {
    const auto config =
        ModelConfig::parse(R"({"a": 5, "b": "x", "r": {"f": 2.5, "n": null}})").value();
    REQUIRE(config.requireInteger("a", 1, 5) == 5);
    REQUIRE(config.requireInteger("a", 6, 9).error().message() ==
            "config.json: a is 5, expected 6 to 9");
    REQUIRE(config.requireInteger("b", 0, 1).error().message() ==
            "config.json: b: another kind, expected an integer");
    REQUIRE(config.requireInteger("r.n", 0, 1).error().message() ==
            "config.json: r.n: missing, expected an integer");
    REQUIRE(config.requireNumber("r.f", 0, 3) == 2.5);
    REQUIRE(config.requireNumber("r.f", 3, 4).error().message() ==
            "config.json: r.f is 2.5, expected 3 to 4");
    REQUIRE(config.requireString("b") == "x");
    REQUIRE(config.requireString("a").error().kind() == base::Errc::corrupt);
}

TEST_CASE("a config.json that is no JSON object is refused", "[engine][weights]") {
    REQUIRE(ModelConfig::parse("{\"a\": \"\xff\"}").error().message() ==
            "config.json: no UTF-8 at offset 7");
    const std::string deep = std::string(5000, '[') + std::string(5000, ']');
    for (const std::string& text : {std::string(), std::string("[]"), std::string("{"),
                                    std::string("{\"a\": 1e999}"), "{\"a\":" + deep + "}"})
        REQUIRE(ModelConfig::parse(text).error().kind() == base::Errc::corrupt);
}

TEST_CASE("a model's folder gives the texts of its other configurations", "[engine][weights]") {
    ModelFolder folder;
    REQUIRE(ModelConfig::read(folder.path()).error().kind() == base::Errc::notFound);
    folder.write("config.json", R"({"a": 1})");
    const auto bare = ModelConfig::read(folder.path());
    REQUIRE(bare.has_value());
    REQUIRE(bare->text() == R"({"a": 1})");
    REQUIRE(bare->generationConfigText().empty());
    folder.write("generation_config.json", R"({"temperature": 0.6})");
    folder.write("tokenizer_config.json", R"({"chat_template": "x"})");
    const auto config = ModelConfig::read(folder.path());
    REQUIRE(config->generationConfigText() == R"({"temperature": 0.6})");
    REQUIRE(config->tokenizerConfigText() == R"({"chat_template": "x"})");
    folder.write("config.json", std::string(5 << 20, ' '));
    REQUIRE(ModelConfig::read(folder.path()).error().kind() == base::Errc::invalidInput);
}
