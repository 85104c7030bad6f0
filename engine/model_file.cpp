#include "engine/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "engine/gguf/gguf_file.h"
#include "engine/llama/llama_model.h"
#include "engine/llama/llama_session.h"
#include "engine/local/local_engine.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

constexpr int64_t kWordBytesMax = 200;

std::string shownWord(std::string_view text) {
    std::string line = base::stripTerminalControl(base::cutUtf8(text, kWordBytesMax));
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::replace(line.begin(), line.end(), '\t', ' ');
    return std::string(base::trim(line));
}

// Parameters and the type that takes most of the bytes.
base::Status countWeights(const GgufFile& file, ModelFileFacts& facts) {
    std::map<kernels::DType, int64_t> bytesOf;
    for (const GgufTensor& tensor : file.tensors()) {
        const kernels::WeightsView& weights = tensor.weights;
        int64_t& bytes = bytesOf[weights.dtype];
        // Tensors may lie over each other, so that their sum has no bound by the file.
        if (__builtin_add_overflow(facts.parameters, weights.rows * weights.cols,
                                   &facts.parameters) ||
            __builtin_add_overflow(bytes, tensor.bytes, &bytes))
            return fail(Errc::corrupt, "the number of parameters overflows");
    }
    const auto most =
        std::ranges::max_element(bytesOf, {}, [](const auto& of) { return of.second; });
    if (most != bytesOf.end())
        facts.quantisation = kernels::blockFormat(uint32_t(most->first))->name;
    return {};
}

// In the order in which opening it would fail.
Result<int64_t> planMemory(const GgufFile& file, int64_t contextTokens) {
    TRY_ASSIGN(const LlamaModel model, LlamaModel::load(file));
    TRY_ASSIGN(const auto tokenizer, Tokenizer::fromGguf(file));
    TRY(checkVocabulary(*tokenizer, model));
    const int64_t contextMax = model.shape().contextTokensMax;
    const int64_t tokens = contextTokens == 0 ? contextMax : std::min(contextTokens, contextMax);
    return model.plan(tokens, EvaluateOptions{}.chunkTokens).total();
}

}  // namespace

Result<ModelFileFacts> inspectModelFile(const std::filesystem::path& path, int64_t contextTokens) {
    if (contextTokens < 0)
        return fail(Errc::invalidInput,
                    fmt::format("a context of {} tokens, expected 0 or more", contextTokens));
    TRY_ASSIGN(const GgufFile file, GgufFile::open(path));
    ModelFileFacts facts;
    facts.fileBytes = file.fileBytes();
    facts.name = shownWord(file.string("general.name").value_or(""));
    if (facts.name.empty()) facts.name = shownWord(path.filename().string());
    facts.architecture = shownWord(file.string("general.architecture").value_or(""));
    TRY(countWeights(file, facts));
    if (const auto context = file.integer(facts.architecture + ".context_length");
        context && *context > 0)
        facts.contextTokensMax = *context;
    const auto planned = planMemory(file, contextTokens);
    if (planned)
        facts.memoryBytes = *planned;
    else
        facts.problem = planned.error().message();
    return facts;
}

}  // namespace moxie::engine
