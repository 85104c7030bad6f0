#include "engine/local/chat_source.h"

#include <memory>
#include <string>

#include "engine/weights/open_source.h"
#include "tests/catch.h"
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
