// Tokenizer::fromGguf, fromJson, fromFolder, open of tokenizer.h.
#include <array>

#include "base/file.h"
#include "engine/gguf/gguf_file.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/tokenizer_json.h"

namespace moxie::engine {

namespace {

// The largest published file (gpt-oss) has 28 MB.
constexpr int64_t kTokenizerBytesMax = 128 << 20;
constexpr int64_t kConfigBytesMax = 4 << 20;

// The separator is the first space that is not the first character: the alphabet has no space.
std::vector<MergeNames> splitMerges(std::span<const std::string_view> merges) {
    std::vector<MergeNames> names;
    names.reserve(merges.size());
    for (const std::string_view merge : merges) {
        const size_t space = std::min(merge.find(' ', 1), merge.size());
        names.push_back({merge.substr(0, space), merge.substr(std::min(space + 1, merge.size()))});
    }
    return names;
}

// Files of Llama 3 from before the key was introduced mean yes, all others no.
bool addsBeginOfText(const GgufFile& file, std::string_view preTokenizer) {
    const bool isLlama3 =
        preTokenizer == "llama-bpe" || preTokenizer == "llama3" || preTokenizer == "llama-v3";
    return file.boolean("tokenizer.ggml.add_bos_token").value_or(isLlama3);
}

// A file that need not be there.
base::Result<std::optional<std::string>> readOptional(const std::filesystem::path& path) {
    auto text = base::readFile(path, kConfigBytesMax);
    if (text) return std::optional(std::move(*text));
    if (text.error().kind() == base::Errc::notFound) return std::optional<std::string>();
    return base::fail(std::move(text).error());
}

}  // namespace

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::fromGguf(const GgufFile& file) {
    TRY_ASSIGN(const auto model, file.requireString("tokenizer.ggml.model"));
    const auto kinds = file.integers("tokenizer.ggml.token_type");
    const auto merges = splitMerges(file.strings("tokenizer.ggml.merges"));
    std::vector<int64_t> endTokens;
    for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                            "tokenizer.ggml.eom_token_id"})
        if (const auto id = file.integer(key)) endTokens.push_back(*id);
    // Files from before the key was introduced are GPT-2's.
    const std::string_view pre = file.string("tokenizer.ggml.pre").value_or("gpt-2");
    return make({
        .model = model,
        .preTokenizer = pre,
        .vocabulary = {.tokens = file.strings("tokenizer.ggml.tokens"),
                       .kinds = kinds,
                       .merges = merges,
                       .beginOfText = file.integer("tokenizer.ggml.bos_token_id"),
                       .endTokens = endTokens,
                       .addBeginOfText = addsBeginOfText(file, pre)},
    });
}

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::fromJson(std::string_view text) {
    TRY_ASSIGN(const auto json, TokenizerJson::parse(text));
    return make(json.source());
}

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::fromFolder(
    const std::filesystem::path& folder) {
    TRY_ASSIGN(const auto text, base::readFile(folder / "tokenizer.json", kTokenizerBytesMax));
    auto json = TokenizerJson::parse(text);
    if (!json) return base::fail(std::move(json).error().within("tokenizer.json"));

    struct Neighbour {
        const char* name;
        base::Status (TokenizerJson::*add)(std::string_view text);
    };

    const std::array<Neighbour, 2> neighbours = {
        Neighbour{"tokenizer_config.json", &TokenizerJson::addTokenizerConfig},
        Neighbour{"generation_config.json", &TokenizerJson::addGenerationConfig}};
    for (const auto& neighbour : neighbours) {
        TRY_ASSIGN(const auto config, readOptional(folder / neighbour.name));
        if (!config) continue;
        if (auto added = ((*json).*neighbour.add)(*config); !added)
            return base::fail(std::move(added).error().within(neighbour.name));
    }
    return make(json->source());
}

base::Result<std::unique_ptr<const Tokenizer>> Tokenizer::open(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return fromFolder(path);
    if (path.extension() == ".json") {
        TRY_ASSIGN(const auto text, base::readFile(path, kTokenizerBytesMax));
        return fromJson(text);
    }
    TRY_ASSIGN(const auto file, GgufFile::open(path));
    return fromGguf(file);
}

}  // namespace moxie::engine
