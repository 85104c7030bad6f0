// Our side of tests/bench/peers/run.sh, with the arguments of llama_logits.cpp (a backend's name
// more).
//   moxie_peer_logits logits MODEL IDS N_STEPS OUT.f32 BACKEND
//   moxie_peer_logits speed MODEL THREADS N_PROMPT N_DECODE REPEATS BACKEND
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "engine/loaded_model.h"
#include "engine/logits.h"
#include "engine/session/session.h"
#include "engine/worker_pool.h"

namespace moxie::engine {

namespace {

int64_t number(std::string_view text) {
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

base::Status logits(Session& session, const std::string& idsPath, int64_t nSteps,
                    const std::string& outPath) {
    TRY_ASSIGN(const auto text, base::readFile(idsPath));
    std::FILE* out = std::fopen(outPath.c_str(), "wb");
    if (out == nullptr) return base::fail(base::Errc::io, "cannot write " + outPath);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        TRY_ASSIGN(const auto ids, parseTokenIds(line));
        TRY(session.rewind(0));
        const std::span all(ids);
        const size_t first = ids.size() - static_cast<size_t>(nSteps);
        TRY(session.evaluate(all.first(first)));
        TRY(session.evaluate(all.subspan(first),
                             {.eachLogits = [&](int64_t, std::span<const float> row) {
                                 std::fwrite(row.data(), sizeof(float), row.size(), out);
                             }}));
    }
    std::fclose(out);
    return {};
}

base::Status speed(Session& session, int64_t vocabulary, int64_t nPrompt, int64_t nDecode,
                   int64_t repeats) {
    for (int64_t i = 0; i <= repeats; ++i) {
        TRY(session.rewind(0));
        const double begin = seconds();
        const std::clock_t cpuBegin = std::clock();
        std::vector<int32_t> prompt;
        for (int64_t t = 0; t < nPrompt; ++t)
            prompt.push_back(static_cast<int32_t>((t * 7919 + 13) % vocabulary));
        TRY(session.evaluate(prompt));
        const double middle = seconds();
        const std::clock_t cpuMiddle = std::clock();
        for (int64_t t = 0; t < nDecode; ++t) {
            const auto token = static_cast<int32_t>((t * 104729 + 17) % vocabulary);
            TRY(session.evaluate(std::span(&token, 1)));
        }
        const double end = seconds();
        const std::clock_t cpuEnd = std::clock();
        // The first round warms up.
        if (i > 0)
            fmt::print("{:.2f} {:.2f} {:.2f} {:.2f}\n", double(nPrompt) / (middle - begin),
                       double(nDecode) / (end - middle),
                       double(nPrompt) / (double(cpuMiddle - cpuBegin) / CLOCKS_PER_SEC),
                       double(nDecode) / (double(cpuEnd - cpuMiddle) / CLOCKS_PER_SEC));
    }
    return {};
}

base::Status run(const std::vector<std::string>& args) {
    const bool isSpeed = args[0] == "speed";
    TRY_ASSIGN(const auto* dispatch, findDispatch(args.back()));
    TRY_ASSIGN(const auto model, loadModel(args[1]));
    WorkerPool pool(isSpeed ? static_cast<int32_t>(number(args[2])) : 0);
    TRY_ASSIGN(auto session, Session::make(model.plan, pool, *dispatch, {.contextTokens = 1024}));
    if (isSpeed)
        return speed(session, model.plan.vocabularySize, number(args[3]), number(args[4]),
                     number(args[5]));
    return logits(session, args[2], number(args[3]), args[4]);
}

}  // namespace

}  // namespace moxie::engine

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    const size_t wanted = args.empty() ? 0 : args[0] == "logits" ? 6 : args[0] == "speed" ? 7 : 0;
    if (wanted == 0 || args.size() != wanted) {
        fmt::print(stderr, "usage: see the head of our_logits.cpp\n");
        return 2;
    }
    const auto status = moxie::engine::run(args);
    if (!status) fmt::print(stderr, "{}\n", status.error().message());
    return status ? 0 : 1;
}
