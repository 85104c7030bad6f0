#include "engine/local/chat_source.h"

#include "base/file.h"
#include "engine/chat/python_json.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

namespace {

constexpr int64_t kTemplateBytesMax = 1 << 20;

// The template of tokenizer_config.json; empty if it has none.
std::string templateOf(std::string_view tokenizerConfig) {
    const auto config = parsePythonJson(tokenizerConfig);
    const PythonJson* found = config ? config->find("chat_template") : nullptr;
    if (found == nullptr) return {};
    if (found->type == PythonJson::Type::string) return found->text;
    for (const auto& named : found->values)
        if (named.stringAt("name") == "default") return std::string(named.stringAt("template"));
    return {};
}

// The later snapshots carry their date in their names, and so do the files made from them.
DeepseekV4Ladder ladderOf(const GgufFile& file) {
    for (const char* key : {"general.name", "general.version", "general.finetune",
                            "general.basename", "general.base_model.0.name"}) {
        const std::string_view value = file.string(key).value_or("");
        for (const std::string_view date : {"0731", "0813"})
            if (value.find(date) != std::string_view::npos) return DeepseekV4Ladder::from0731;
    }
    return DeepseekV4Ladder::preview;
}

}  // namespace

ChatSource readChatSource(const TensorSource& source, const std::filesystem::path& path) {
    if (const GgufFile* file = asGguf(source))
        return {.jinja = std::string(file->string("tokenizer.chat_template").value_or("")),
                .ladder = ladderOf(*file)};
    const ModelConfig& config = asSafetensors(source)->config();
    std::error_code error;
    const auto folder = std::filesystem::is_directory(path, error) ? path : path.parent_path();
    auto jinja = base::readFile(folder / "chat_template.jinja", kTemplateBytesMax);
    return {.jinja = jinja ? *std::move(jinja) : templateOf(config.tokenizerConfigText()),
            .ladder = config.contains("dspark_block_size") ? DeepseekV4Ladder::from0731
                                                           : DeepseekV4Ladder::preview};
}

}  // namespace moxie::engine
