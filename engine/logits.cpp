#include "engine/logits.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "engine/adapters/adapter_set.h"
#include "engine/loaded_model.h"
#include "engine/npy.h"
#include "engine/session/session.h"
#include "engine/worker_pool.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

Result<std::vector<int32_t>> parseTokenIds(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    std::vector<int32_t> ids;
    for (size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
        const size_t end = std::min(text.find_first_of(kSpace, at), text.size());
        const std::string_view word = text.substr(at, end - at);
        int32_t id = 0;
        const auto [last, code] = std::from_chars(word.data(), word.data() + word.size(), id);
        if (code != std::errc() || last != word.data() + word.size() || id < 0)
            return fail(Errc::invalidInput,
                        fmt::format("\"{}\" is no token id", word.substr(0, 40)));
        ids.push_back(id);
        at = text.find_first_not_of(kSpace, end);
    }
    return ids;
}

Result<const kernels::Dispatch*> findDispatch(std::string_view isa) {
    if (isa.empty() || isa == "cpu") return &kernels::dispatchFor(kernels::detectIsa());
    const auto wanted = kernels::isaFromName(isa);
    if (!wanted)
        return fail(
            Errc::unsupported,
            fmt::format("backend \"{}\", expected cpu, scalar, avx2, avx512, avx512vnni or amx",
                        isa.substr(0, 40)));
    if (*wanted > kernels::detectIsa())
        return fail(Errc::unsupported, fmt::format("this CPU has no {}, at most {}", isa,
                                                   toString(kernels::detectIsa())));
    return &kernels::dispatchFor(*wanted);
}

Status computeLogits(const std::filesystem::path& model, std::span<const int32_t> tokens,
                     const LogitsOptions& options,
                     const std::function<void(int64_t, std::span<const float>)>& row) {
    TRY_ASSIGN(const kernels::Dispatch* dispatch, findDispatch(options.isa));
    TRY_ASSIGN(const LoadedModel loaded, loadModel(model, options.draftFile));
    TRY_ASSIGN(const AdapterSet adapters, AdapterSet::open(options.adapters, loaded));
    TRY_ASSIGN(const KvFormat kvFormat, kvFormatFromName(options.kvFormat));
    WorkerPool pool(options.threads);
    const bool isDraft = options.part == LogitsPart::draft;
    const Products prompts = options.products == Products::rounded && dispatch->hasFastWeightsBf16
                                 ? Products::bf16
                                 : options.products;
    // Index keys are kept rounded only where answers round too, as a local model's do.
    const Products answers = options.products == Products::exact ? Products::exact : Products::fine;
    TRY_ASSIGN(Session session,
               Session::make(loaded.plan, pool, *dispatch,
                             {.contextTokens = std::max<int64_t>(1, std::ssize(tokens)),
                              .kvFormat = kvFormat,
                              .simulation = options.simulation,
                              .promptProducts = prompts,
                              .answerProducts = answers,
                              .keepsDraft = isDraft,
                              .adapters = adapters.factors()}));
    EvaluateOptions evaluate = {
        .chunkTokens = options.chunkTokens, .stop = options.stop, .progress = options.progress};
    (isDraft ? evaluate.eachDraftLogits : evaluate.eachLogits) = row;
    TRY(session.evaluate(tokens, evaluate));
    return {};
}

Status writeLogits(const std::filesystem::path& model, std::span<const int32_t> tokens,
                   const std::filesystem::path& npyFile, const LogitsOptions& options) {
    std::optional<NpyWriter> writer;
    Status written;
    TRY(computeLogits(model, tokens, options, [&](int64_t index, std::span<const float> logits) {
        if (index == 0) {
            const int64_t rows = std::ssize(tokens) - (options.part == LogitsPart::draft ? 1 : 0);
            auto created = NpyWriter::create(npyFile, rows, std::ssize(logits));
            if (!created) {
                written = fail(std::move(created).error());
                return;
            }
            writer = std::move(*created);
        }
        if (written) written = writer->write(logits);
    }));
    TRY(written);
    if (!writer)
        return fail(Errc::invalidInput, "one token gives the draft block nothing to start from");
    return writer->close();
}

}  // namespace moxie::engine
