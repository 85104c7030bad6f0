#include "engine/model_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "engine/execute/rounded_products.h"
#include "engine/experts/memory_limit.h"
#include "engine/families/families.h"
#include "engine/kv/segment_folder.h"
#include "engine/loaded_model.h"
#include "engine/local/local_engine.h"
#include "engine/plan/cost.h"
#include "engine/session/session.h"
#include "engine/weights/open_source.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

constexpr int64_t kVerifyTokens = 16;

std::string typeName(kernels::DType type) {
    return std::string(kernels::blockFormat(type).name);
}

void listTensors(const TensorSource& source, ModelReport& report) {
    std::map<std::string, TypeShare> shares;
    for (const StoredTensor& tensor : source.tensors()) {
        const std::string type = typeName(tensor.weights.dtype);
        TypeShare& share = shares[type];
        share.type = type;
        ++share.tensors;
        share.bytes += tensor.bytes;
        TensorLine line = {.name = std::string(tensor.name),
                           .type = type,
                           .shape = {},
                           .offset = tensor.offset,
                           .bytes = tensor.bytes};
        for (int32_t i = tensor.nDims - 1; i >= 0; --i)
            line.shape.push_back(tensor.dims[static_cast<size_t>(i)]);
        report.tensors.push_back(std::move(line));
    }
    for (auto& [name, share] : shares)
        report.types.push_back(std::move(share));
    std::ranges::sort(report.types, std::ranges::greater(), &TypeShare::bytes);
}

void describePlan(const ModelPlan& plan, ModelReport& report) {
    report.family = plan.family;
    report.layers = std::ssize(plan.blocks);
    report.hiddenDim = plan.hiddenDim;
    report.vocabularySize = plan.vocabularySize;
    report.hasDraftBlock = plan.canDraft();
    for (const Block& block : plan.blocks)
        if (const auto* moe = std::get_if<MoeFfn>(&block.ffn)) {
            report.experts = std::ssize(moe->experts);
            report.expertsUsed = moe->topK;
        }
}

// "Anonymous: 1234 kB" of this process.
int64_t anonymousBytes() {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with("Anonymous:")) continue;
        const size_t at = line.find_first_of("0123456789");
        int64_t kilobytes = 0;
        if (at != std::string::npos)
            std::from_chars(line.data() + at, line.data() + line.size(), kilobytes);
        return kilobytes * 1024;
    }
    return 0;
}

std::vector<int32_t> someTokens(int64_t count, int64_t vocabularySize) {
    std::vector<int32_t> tokens;
    for (int64_t i = 0; i < count; ++i)
        tokens.push_back(static_cast<int32_t>((i * 7919 + 13) % vocabularySize));
    return tokens;
}

base::Status measure(const ModelPlan& plan, const SessionOptions& options,
                     const PlanRequest& request, MemoryReport& report) {
    WorkerPool pool(request.threads);
    const int64_t before = anonymousBytes();
    TRY_ASSIGN(Session session,
               Session::make(plan, pool, kernels::dispatchFor(kernels::detectIsa()), options));
    const auto tokens = someTokens(report.contextTokens, plan.vocabularySize);
    TRY(session.evaluate(tokens, {.stop = request.stop, .progress = request.progress}));
    report.measuredBytes = session.allocatedBytes() + session.resumeBytes();
    report.measuredAnonymousBytes = anonymousBytes() - before;
    return {};
}

void readSystemMemory(MemoryReport& report) {
    const MachineMemory memory = machineMemory();
    report.systemBytes = memory.systemBytes;
    report.availableBytes = memory.availableBytes;
}

}  // namespace

Result<ModelReport> inspectModel(const std::filesystem::path& path) {
    ModelReport report;
    TRY_ASSIGN(report.facts, inspectModelFile(path, 0));
    TRY_ASSIGN(const auto source, openTensorSource(path));
    listTensors(*source, report);
    if (const auto plan = makePlan(*source)) describePlan(*plan, report);
    return report;
}

Result<MemoryReport> planModel(const std::filesystem::path& path, const PlanRequest& request) {
    TRY_ASSIGN(const KvFormat format, kvFormatFromName(request.kvFormat));
    TRY_ASSIGN(const LoadedModel model, loadModel(path));
    MemoryReport report;
    report.contextTokens =
        request.contextTokens == 0 ? model.plan.contextTokensMax : request.contextTokens;
    if (report.contextTokens < 1 || report.contextTokens > model.plan.contextTokensMax)
        return fail(Errc::invalidInput,
                    fmt::format("context of {} tokens, the model has 1 to {}",
                                request.contextTokens, model.plan.contextTokensMax));
    const kernels::Dispatch& dispatch = kernels::dispatchFor(kernels::detectIsa());
    const SessionOptions options = {.contextTokens = report.contextTokens,
                                    .kvFormat = format,
                                    .promptProducts = productsHere(dispatch, Products::rounded),
                                    .answerProducts = productsHere(dispatch, Products::fine),
                                    .keepsDraft = request.keepsDraft && model.plan.canDraft()};
    const MemoryPlan plan =
        planMemory(model.plan, options, EvaluateOptions{}.chunkTokens, request.threads);
    const KvLayout layout = layoutOf(model.plan, options);
    report.weightBytes = plan.weightBytes;
    report.expertBytes = expertBytes(model.plan);
    report.kvBytes = plan.kvBytes;
    report.kvBytesPerToken = layout.pageBytes / kPageTokens;
    report.frontierBytes = layout.frontierFloats * int64_t{sizeof(float)};
    report.activationBytes = plan.activationBytes;
    report.resumeBytes = plan.resumeBytes;
    readSystemMemory(report);
    if (!request.isMeasured) return report;
    TRY(measure(model.plan, options, request, report));
    return report;
}

// ---- verify

namespace {

// Values that are not finite in a tensor.
int64_t countUnsound(const kernels::WeightsView& weights) {
    std::vector<float> row(static_cast<size_t>(weights.cols));
    int64_t count = 0;
    for (int64_t r = 0; r < weights.rows; ++r) {
        kernels::dispatchFor(kernels::detectIsa()).dequantiseRow(weights, r, row);
        count += std::count_if(row.begin(), row.end(), [](float x) { return !std::isfinite(x); });
    }
    return count;
}

Result<Check> checkValues(const TensorSource& source, const std::stop_token& stop,
                          const std::function<void(int64_t, int64_t)>& progress) {
    int64_t total = 0;
    for (const StoredTensor& tensor : source.tensors())
        total += tensor.bytes;
    int64_t done = 0;
    std::string bad;
    for (const StoredTensor& tensor : source.tensors()) {
        if (stop.stop_requested()) return fail(Errc::cancelled, "stopped");
        const bool isTable =
            kernels::blockFormat(tensor.weights.dtype).use == kernels::FormatUse::table;
        const int64_t unsound = isTable ? 0 : countUnsound(tensor.weights);
        if (unsound > 0 && bad.empty())
            bad = fmt::format("{} has {} values that are no finite numbers", tensor.name, unsound);
        done += tensor.bytes;
        if (progress) progress(done, total);
    }
    return Check{.name = "values",
                 .detail = bad.empty() ? fmt::format("{} tensors, every value finite",
                                                     source.tensors().size())
                                       : bad,
                 .isGood = bad.empty()};
}

Result<std::vector<float>> lastLogits(const ModelPlan& plan, int64_t chunkTokens) {
    WorkerPool pool;
    TRY_ASSIGN(Session session,
               Session::make(plan, pool, kernels::dispatchFor(kernels::detectIsa()),
                             {.contextTokens = std::min(kVerifyTokens, plan.contextTokensMax)}));
    const auto tokens =
        someTokens(std::min(kVerifyTokens, plan.contextTokensMax), plan.vocabularySize);
    TRY_ASSIGN(const auto logits, session.evaluate(tokens, {.chunkTokens = chunkTokens}));
    return std::vector<float>(logits.begin(), logits.end());
}

Check checkLogits(const ModelPlan& plan) {
    const auto whole = lastLogits(plan, kVerifyTokens);
    if (!whole) return {.name = "run", .detail = whole.error().message(), .isGood = false};
    const bool isFinite =
        std::all_of(whole->begin(), whole->end(), [](float x) { return std::isfinite(x); });
    if (!isFinite)
        return {.name = "run", .detail = "logits that are no finite numbers", .isGood = false};
    const auto single = lastLogits(plan, 1);
    const bool isSame = single && *single == *whole;
    return {.name = "run",
            .detail = isSame ? fmt::format("{} tokens, the same bits one by one", kVerifyTokens)
                             : "another result token by token than at once",
            .isGood = isSame};
}

}  // namespace

Result<std::vector<Check>> verifyModel(const std::filesystem::path& path,
                                       const std::stop_token& stop,
                                       const std::function<void(int64_t, int64_t)>& progress) {
    TRY_ASSIGN(const auto source, openTensorSource(path));
    std::vector<Check> checks = {
        {.name = "files", .detail = fmt::format("{} tensors", source->tensors().size())}};
    const auto plan = makePlan(*source);
    checks.push_back({.name = "plan",
                      .detail = plan ? plan->family : plan.error().message(),
                      .isGood = plan.has_value()});
    const auto tokenizer = openTokenizer(*source, path);
    if (!tokenizer)
        checks.push_back(
            {.name = "tokenizer", .detail = tokenizer.error().message(), .isGood = false});
    else if (plan)
        checks.push_back({.name = "tokenizer",
                          .detail = fmt::format("{} tokens", (*tokenizer)->vocabulary().size()),
                          .isGood = checkVocabulary(**tokenizer, *plan).has_value()});
    TRY_ASSIGN(Check values, checkValues(*source, stop, progress));
    checks.push_back(std::move(values));
    if (plan) checks.push_back(checkLogits(*plan));
    return checks;
}

KvFolderReport inspectKvFolder(const std::filesystem::path& folder) {
    KvFolderReport report;
    std::set<std::filesystem::path> folders;
    for (const SegmentOnDisk& segment : segmentsOfOthers(folder, {})) {
        folders.insert(segment.path.parent_path());
        report.bytes += segment.bytes;
    }
    report.models = std::ssize(folders);
    return report;
}

}  // namespace moxie::engine
