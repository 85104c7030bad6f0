#include "engine/local/chat_source.h"

#include <memory>
#include <string>

#include "engine/weights/open_source.h"
#include "tests/catch.h"
#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/weights/model_folder.h"

using namespace moxie;
using namespace moxie::engine;
using moxie::tests::ModelFolder;

namespace {

// One tensor of one number.
std::string smallestSafetensors() {
    const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    std::string bytes(8, '\0');
    bytes[0] = char(header.size());
    return bytes + header + std::string(4, '\0');
}

ChatSource chatSourceOf(const ModelFolder& folder) {
    const auto source = openTensorSource(folder.path());
    if (!source) FAIL(source.error().message());
    return readChatSource(**source, folder.path());
}

}  // namespace

TEST_CASE("the template is found where models are published with it", "[engine][local]") {
    ModelFolder folder;
    folder.write("model.safetensors", smallestSafetensors());
    folder.write("config.json", R"({"model_type": "x"})");
    CHECK(chatSourceOf(folder).jinja.empty());
    folder.write("tokenizer_config.json", R"({"chat_template": "one"})");
    CHECK(chatSourceOf(folder).jinja == "one");
    folder.write("tokenizer_config.json",
                 R"({"chat_template": [{"name": "tool_use", "template": "a"},
                     {"name": "default", "template": "two"}]})");
    CHECK(chatSourceOf(folder).jinja == "two");
    folder.write("tokenizer_config.json", "no JSON");
    CHECK(chatSourceOf(folder).jinja.empty());
    folder.write("chat_template.jinja", "three\n");
    CHECK(chatSourceOf(folder).jinja == "three\n");
}

TEST_CASE("V4's ladder of efforts is read from its configuration", "[engine][local]") {
    ModelFolder folder;
    folder.write("model.safetensors", smallestSafetensors());
    folder.write("config.json", R"({"model_type": "deepseek_v4"})");
    CHECK(chatSourceOf(folder).ladder == DeepseekV4Ladder::preview);
    folder.write("config.json", R"({"model_type": "deepseek_v4", "dspark_block_size": 5})");
    CHECK(chatSourceOf(folder).ladder == DeepseekV4Ladder::from0731);
}

TEST_CASE("V4's ladder of efforts in a GGUF file is that of the snapshot it is named after",
          "[engine][local]") {
    const auto ladderOf = [](std::string_view name) {
        tests::GgufBytes file;
        file.string("general.architecture", "deepseek4");
        file.string("general.name", name);
        ModelFolder folder;
        folder.write("model.gguf", file.bytes());
        const auto source = openTensorSource(folder.path() / "model.gguf").value();
        return readChatSource(*source, folder.path() / "model.gguf").ladder;
    };
    CHECK(ladderOf("DeepSeek V4 Flash") == DeepseekV4Ladder::preview);
    CHECK(ladderOf("DeepSeek-V4-Flash-0731") == DeepseekV4Ladder::from0731);
    CHECK(ladderOf("DeepSeek V4 Pro 0813") == DeepseekV4Ladder::from0731);
}
