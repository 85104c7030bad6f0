#include "engine/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "engine/families/families.h"
#include "engine/local/local_engine.h"
#include "engine/session/session.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/weights/open_source.h"

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
base::Status countWeights(const TensorSource& source, ModelFileFacts& facts) {
    std::map<kernels::DType, int64_t> bytesOf;
    for (const StoredTensor& tensor : source.tensors()) {
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
Result<int64_t> planBytes(const TensorSource& source, const std::filesystem::path& path,
                          int64_t contextTokens) {
    TRY_ASSIGN(const ModelPlan plan, makePlan(source));
    TRY_ASSIGN(const auto tokenizer, openTokenizer(source, path));
    TRY(checkVocabulary(*tokenizer, plan));
    const int64_t tokens =
        contextTokens == 0 ? plan.contextTokensMax : std::min(contextTokens, plan.contextTokensMax);
    return planMemory(plan, {.contextTokens = tokens}, EvaluateOptions{}.chunkTokens, 0).total();
}

void readGgufFacts(const GgufFile& file, ModelFileFacts& facts) {
    facts.fileBytes = file.fileBytes();
    facts.name = shownWord(file.string("general.name").value_or(""));
    facts.architecture = shownWord(file.string("general.architecture").value_or(""));
    facts.contextTokensMax =
        std::max<int64_t>(0, file.integer(facts.architecture + ".context_length").value_or(0));
}

void readPublishedFacts(const SafetensorsModel& model, ModelFileFacts& facts) {
    for (const StoredTensor& tensor : model.tensors())
        facts.fileBytes += tensor.bytes;
    facts.architecture = shownWord(model.config().string("model_type").value_or(""));
    facts.contextTokensMax =
        std::max<int64_t>(0, model.config().integer("max_position_embeddings").value_or(0));
}

}  // namespace

Result<ModelFileFacts> inspectModelFile(const std::filesystem::path& path, int64_t contextTokens) {
    if (contextTokens < 0)
        return fail(Errc::invalidInput,
                    fmt::format("a context of {} tokens, expected 0 or more", contextTokens));
    TRY_ASSIGN(const auto source, openTensorSource(path));
    ModelFileFacts facts;
    TRY(countWeights(*source, facts));
    if (const GgufFile* file = asGguf(*source))
        readGgufFacts(*file, facts);
    else
        readPublishedFacts(*asSafetensors(*source), facts);
    if (facts.name.empty()) facts.name = shownWord(path.filename().string());
    const auto planned = planBytes(*source, path, contextTokens);
    if (planned)
        facts.memoryBytes = *planned;
    else
        facts.problem = planned.error().message();
    return facts;
}

}  // namespace moxie::engine
