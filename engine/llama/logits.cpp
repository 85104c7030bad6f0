#include "engine/llama/logits.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "engine/gguf/gguf_file.h"
#include "engine/llama/llama_model.h"
#include "engine/llama/llama_session.h"
#include "engine/npy.h"
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
        return fail(Errc::unsupported,
                    fmt::format("backend \"{}\", expected cpu, scalar, avx2, avx512 or avx512vnni",
                                isa.substr(0, 40)));
    if (*wanted > kernels::detectIsa())
        return fail(Errc::unsupported, fmt::format("this CPU has no {}, at most {}", isa,
                                                   toString(kernels::detectIsa())));
    return &kernels::dispatchFor(*wanted);
}

Status computeLogits(const std::filesystem::path& modelFile, std::span<const int32_t> tokens,
                     const LogitsOptions& options,
                     const std::function<void(int64_t, std::span<const float>)>& row) {
    TRY_ASSIGN(const kernels::Dispatch* dispatch, findDispatch(options.isa));
    TRY_ASSIGN(const GgufFile file, GgufFile::open(modelFile));
    TRY_ASSIGN(const LlamaModel model, LlamaModel::load(file));
    WorkerPool pool(options.threads);
    const int64_t context = std::max<int64_t>(1, std::ssize(tokens));
    TRY_ASSIGN(LlamaSession session, LlamaSession::make(model, pool, *dispatch, context));
    TRY(session.evaluate(tokens, {.chunkTokens = options.chunkTokens,
                                  .stop = options.stop,
                                  .progress = options.progress,
                                  .eachLogits = row}));
    return {};
}

Status writeLogits(const std::filesystem::path& modelFile, std::span<const int32_t> tokens,
                   const std::filesystem::path& npyFile, const LogitsOptions& options) {
    std::optional<NpyWriter> writer;
    Status written;
    TRY(computeLogits(
        modelFile, tokens, options, [&](int64_t index, std::span<const float> logits) {
            if (index == 0) {
                auto created = NpyWriter::create(npyFile, std::ssize(tokens), std::ssize(logits));
                if (!created) {
                    written = fail(std::move(created).error());
                    return;
                }
                writer = std::move(*created);
            }
            if (written) written = writer->write(logits);
        }));
    TRY(written);
    return writer->close();
}

}  // namespace moxie::engine
