// How a model's speed changes with its context: one long prompt, read in steps that double up to
// 128K tokens, and answers at the end of each. Prints what each step takes, how the time grows
// beside what the shapes ask for, what decoding loses, memory as planned and as taken, and, with a
// folder, what it takes to restore a state beside reading it. What decoding loses: answers at the
// first context and at the one reached, in turns, since machines change their speed within seconds.
// Usage: moxie_bench_long_context MODEL [--to 65536] [--threads 2] [--chunk 512] [--kv f32]
//        [--decode 64] [--restore FOLDER]
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include "base/clock.h"
#include "engine/bench/drawn_tokens.h"
#include "engine/bench/elapsed.h"
#include "engine/execute/rounded_products.h"
#include "engine/kv/kv_store.h"
#include "engine/loaded_model.h"
#include "engine/plan/cost.h"
#include "engine/session/session.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

constexpr int64_t kFirstStep = 2048;
constexpr int64_t kStepMax = 131072;
constexpr int64_t kRestoredTokens = 32768;
constexpr int64_t kAnswersInTurn = 8;

struct Arguments {
    std::string model;
    std::map<std::string, std::string> flags = {{"--to", "65536"},  {"--threads", "2"},
                                                {"--chunk", "512"}, {"--kv", "f32"},
                                                {"--decode", "64"}, {"--restore", ""}};

    int64_t number(const std::string& flag) const { return std::stoll(flags.at(flag)); }
};

void requireOrExit(const auto& result) {
    if (result) return;
    fmt::print(stderr, "{}\n", result.error().message());
    std::exit(1);
}

template <class T>
T valueOrExit(base::Result<T> result) {
    requireOrExit(result);
    return std::move(*result);
}

int64_t anonymousBytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("RssAnon:")) return std::stoll(line.substr(8)) * 1024;
    return 0;
}

std::string load() {
    std::ifstream file("/proc/loadavg");
    std::string first;
    file >> first;
    return first;
}

// Operations for a prompt of n tokens, a multiply-add being two, by the shapes of a V4 model:
// cost.h counts attention twice and the indexer half.
double promptFlops(const ModelPlan& plan, int64_t n) {
    constexpr int64_t kSamples = 4096;
    double sum = 0;
    for (int64_t i = 0; i < kSamples; ++i) {
        const DecodeFlops flops = decodeFlops(plan, (2 * i + 1) * n / (2 * kSamples) + 1);
        sum += flops.weights + flops.attention / 2 + flops.indexer * 2;
    }
    return sum / kSamples * static_cast<double>(n);
}

class LongContext {
public:
    LongContext(const Arguments& arguments, const LoadedModel& model)
        : model_(model),
          chunk_(arguments.number("--chunk")),
          nDecoded_(std::max<int64_t>(0, arguments.number("--decode"))),
          folder_(arguments.flags.at("--restore")),
          dispatch_(kernels::dispatchFor(kernels::detectIsa())),
          pool_(static_cast<int32_t>(arguments.number("--threads"))),
          tokens_(drawTokens(std::min(arguments.number("--to") + 2 * nDecoded_ + kAnswersInTurn,
                                      model.plan.contextTokensMax),
                             model.plan.vocabularySize)),
          options_({.contextTokens = std::ssize(tokens_),
                    .kvFormat = valueOrExit(kvFormatFromName(arguments.flags.at("--kv"))),
                    .promptProducts = productsHere(dispatch_, Products::rounded),
                    .answerProducts = productsHere(dispatch_, Products::fine)}) {}

    void run(int64_t to) {
        const int64_t anonymousBefore = anonymousBytes();
        const MemoryPlan plan = planMemory(model_.plan, options_, chunk_, pool_.threads());
        Session session = valueOrExit(Session::make(model_.plan, pool_, dispatch_, options_));
        fmt::print("{}, {} threads, chunks of {}, load {}; memory planned {:.1f} MB\n",
                   kernels::toString(dispatch_.isa), pool_.threads(), chunk_, load(),
                   static_cast<double>(plan.total() - plan.weightBytes) / 1e6);
        fmt::print(
            "| context | prompt t/s of the step | seconds in all | growth | of the shapes | "
            "ns per token and position | answer t/s, median | slowest 5 % | loss |\n"
            "|---|---|---|---|---|---|---|---|---|\n");
        int64_t taken = 0;  // without the branches that answer
        for (int64_t n = std::min(kFirstStep, to); n <= to; n = std::min(2 * n, n + kStepMax)) {
            step(session, n);
            taken = anonymousBytes() - anonymousBefore;
            if (!first_) first_.emplace(valueOrExit(session.fork()));
            fmt::print("{}|\n", decode(session));
            std::fflush(stdout);
            if (n == kRestoredTokens && !folder_.empty()) restore(session);
        }
        const int64_t planned = plan.total() - plan.weightBytes;
        fmt::print(
            "memory planned {:.1f} MB, taken {:.1f} MB ({:+.1f} %); rows {:.1f} bytes a "
            "token; load {}\n",
            static_cast<double>(planned) / 1e6, static_cast<double>(taken) / 1e6,
            100 * static_cast<double>(taken - planned) / static_cast<double>(planned),
            static_cast<double>(session.timeline().layout().rowBytes(1 << 20)) / (1 << 20), load());
    }

private:
    void step(Session& session, int64_t to) {
        const auto held = std::ssize(session.tokens());
        const BenchClock::time_point began = BenchClock::now();
        const auto part = std::span<const int32_t>(tokens_).subspan(static_cast<size_t>(held),
                                                                    static_cast<size_t>(to - held));
        valueOrExit(session.evaluate(part, {.chunkTokens = chunk_}));
        const double seconds = secondsSince(began);
        const double before = seconds_;
        seconds_ += seconds;
        const double perToken = seconds / static_cast<double>(to - held);
        std::string growth = "| | ", marginal = "| ";
        if (held > 0) {
            const double doubling = std::log2(static_cast<double>(to) / static_cast<double>(held));
            growth = fmt::format(
                "| {:.3f} | {:.3f} ", std::log2(seconds_ / before) / doubling,
                std::log2(promptFlops(model_.plan, to) / promptFlops(model_.plan, held)) /
                    doubling);
            const double middle = static_cast<double>(to + held) / 2;
            marginal = fmt::format("| {:.2f} ",
                                   1e9 * (perToken - perTokenBefore_) / (middle - middleBefore_));
        }
        perTokenBefore_ = perToken;
        middleBefore_ = static_cast<double>(to + held) / 2;
        fmt::print("| {} | {:.0f} | {:.2f} {}{}", to, 1 / perToken, seconds_, growth, marginal);
    }

    // What some answers take, after one that does not count; they go to `branch`.
    void answer(Session& branch, int64_t count, std::vector<double>& seconds) const {
        for (int64_t i = 0; i <= count; ++i) {
            const auto at = static_cast<size_t>(std::ssize(branch.tokens()));
            const BenchClock::time_point began = BenchClock::now();
            valueOrExit(branch.evaluate({&tokens_[at], 1}, {.role = TokenRole::answer}));
            if (i > 0) seconds.push_back(secondsSince(began));
        }
    }

    std::string decode(const Session& session) const {
        Session here = valueOrExit(session.fork());
        Session atFirst = valueOrExit(first_->fork());
        std::vector<double> seconds, secondsAtFirst;
        while (std::ssize(seconds) < nDecoded_ &&
               std::ssize(tokens_) - std::ssize(here.tokens()) > kAnswersInTurn) {
            answer(atFirst, kAnswersInTurn, secondsAtFirst);
            answer(here, kAnswersInTurn, seconds);
        }
        if (seconds.empty()) return "| | | ";
        const auto part = [](std::vector<double>& times, double share) {
            std::sort(times.begin(), times.end());
            return times[static_cast<size_t>(share * static_cast<double>(times.size()))];
        };
        const double median = part(seconds, 0.5);
        return fmt::format("| {:.0f} | {:.0f} | {:+.1f} % ", 1 / median, 1 / part(seconds, 0.95),
                           100 * (part(secondsAtFirst, 0.5) / median - 1));
    }

    // Rows alone bring no logits: the last token is read again, as for an answer.
    void readLast(Session& restored) const {
        const int64_t n = std::ssize(restored.tokens());
        if (n == 0) return;
        requireOrExit(restored.rewind(n - 1));
        valueOrExit(restored.evaluate(std::span(tokens_).subspan(static_cast<size_t>(n - 1), 1),
                                      {.chunkTokens = chunk_}));
    }

    // From a store on disk, beside reading it again.
    void restore(Session& session) {
        base::SystemClock clock;
        const auto open = [&] {
            return valueOrExit(KvStore::open(
                StateCodec(model_.plan, session.timeline().layout(), options_.kvFormat), {1, 2},
                {.directory = folder_}, clock));
        };
        if (!open()->append(session.view())) return;
        const BenchClock::time_point began = BenchClock::now();
        const auto store = open();
        Session restored = valueOrExit(Session::make(model_.plan, pool_, dispatch_, options_));
        restored.restore(store->load(session.tokens()));
        if (restored.logits().empty()) readLast(restored);
        const double seconds = secondsSince(began);
        const auto want = session.logits();
        const bool isSame = std::ssize(restored.tokens()) == std::ssize(session.tokens()) &&
                            std::ranges::equal(want, restored.logits());
        fmt::print(
            "{} tokens restored from disk in {:.3f} s, {:.0f} times as fast as read; {} MB; "
            "logits {}\n",
            restored.tokens().size(), seconds, seconds_ / seconds, store->stats().bytes / 1'000'000,
            isSame ? "the same" : "OTHERS");
    }

    const LoadedModel& model_;
    int64_t chunk_, nDecoded_;
    std::string folder_;
    const kernels::Dispatch& dispatch_;
    WorkerPool pool_;
    std::vector<int32_t> tokens_;
    SessionOptions options_;
    double seconds_ = 0;  // of the prompt so far
    double perTokenBefore_ = 0, middleBefore_ = 0;
    std::optional<Session> first_;  // the first context
};

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (arguments.flags.count(word) == 1 && i + 1 < argc)
            arguments.flags[word] = argv[++i];
        else
            arguments.model = word;
    }
    const LoadedModel model = valueOrExit(loadModel(arguments.model));
    LongContext(arguments, model).run(arguments.number("--to"));
}
