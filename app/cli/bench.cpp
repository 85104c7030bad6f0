// moxie bench -m MODEL [-p 512] [-n 128] [-d 0] [--frontiers 2048,4096]
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "engine/bench/frontiers.h"
#include "engine/bench/speed.h"

namespace moxie::app {

namespace {

using engine::Frontier;
using engine::SpeedReport;
using engine::SpeedResult;
using nlohmann::json;

struct BenchCommandOptions {
    std::string model = {}, prompts = "512", answers = "128", depths = "0", frontiers = {};
    int64_t repeats = 5, memoryBytesMax = 0;
    std::string answersAre = "fine";
    EvaluationFlags flags = {.prompts = "rounded"};
    bool isJson = false;
};

std::optional<std::vector<int64_t>> numbersIn(std::string_view list) {
    std::vector<int64_t> numbers;
    for (const char* at = list.data(); at != list.data() + list.size();) {
        int64_t number = 0;
        const auto [end, code] = std::from_chars(at, list.data() + list.size(), number);
        const bool isLast = end == list.data() + list.size();
        if (code != std::errc() || number < 0 ||
            (!isLast && (*end != ',' || end + 1 == list.data() + list.size())))
            return std::nullopt;
        numbers.push_back(number);
        at = isLast ? end : end + 1;
    }
    return numbers;
}

std::string sizeText(int64_t bytes) {
    return bytes >= 1'000'000'000 ? fmt::format("{:.2f} GB", double(bytes) / 1e9)
                                  : fmt::format("{:.1f} MB", double(bytes) / 1e6);
}

std::string countText(int64_t count) {
    return count >= 1'000'000'000 ? fmt::format("{:.2f} B", double(count) / 1e9)
                                  : fmt::format("{:.2f} M", double(count) / 1e6);
}

// The columns of llama-bench, so that both can be read side by side.
void printTable(const SpeedReport& report, Context& context) {
    std::vector<std::vector<std::string>> rows = {
        {"model", "size", "params", "backend", "threads", "test", "t/s"}};
    for (const SpeedResult& result : report.results)
        rows.push_back({report.model, sizeText(report.weightBytes), countText(report.parameters),
                        report.isa, std::to_string(report.threads), nameOf(result.test),
                        fmt::format("{:.2f} ± {:.2f}", result.mean(), result.deviation())});
    std::vector<int64_t> widths(rows.front().size(), 0);
    for (const auto& row : rows)
        for (size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], displayWidth(row[i]));
    const auto print = [&](const std::vector<std::string>& row) {
        std::string line = "|";
        for (size_t i = 0; i < row.size(); ++i)
            line += fmt::format(" {}{} |", row[i],
                                std::string(size_t(widths[i] - displayWidth(row[i])), ' '));
        context.out.line(line);
    };
    print(rows.front());
    std::string rule = "|";
    for (const int64_t width : widths)
        rule += std::string(size_t(width + 2), '-') + "|";
    context.out.line(rule);
    std::for_each(rows.begin() + 1, rows.end(), print);
    context.error.line(
        context.say(Msg::benchMemory, fmt::format("{:.1f}", report.memoryReadBytesPerSecond / 1e9),
                    report.threads, sizeText(report.activeBytes),
                    fmt::format("{:.1f}", report.memoryReadBytesPerSecond /
                                              double(std::max<int64_t>(1, report.activeBytes)))));
    const engine::ExpertCacheStats& experts = report.experts;
    if (experts.places == 0) return;
    context.error.line(context.say(
        Msg::benchExperts, experts.places, experts.experts,
        sizeText(experts.places * experts.placeBytes),
        fmt::format("{:.1f}",
                    100 * double(experts.hits) / double(std::max<int64_t>(1, experts.uses))),
        sizeText(experts.bytesRead), fmt::format("{:.2f}", experts.waitSeconds)));
}

json toJson(const SpeedReport& report) {
    json results = json::array();
    for (const SpeedResult& result : report.results)
        results.push_back({{"test", nameOf(result.test)},
                           {"n_prompt", result.test.promptTokens},
                           {"n_gen", result.test.answerTokens},
                           {"n_depth", result.test.depthTokens},
                           {"avg_ts", result.mean()},
                           {"stddev_ts", result.deviation()},
                           {"samples_ts", result.tokensPerSecond}});
    return {{"model_filename", report.model},
            {"model_type", report.family},
            {"model_size", report.weightBytes},
            {"model_n_params", report.parameters},
            {"active_bytes", report.activeBytes},
            {"backend", report.isa},
            {"n_threads", report.threads},
            {"memory_read_bytes_per_second", report.memoryReadBytesPerSecond},
            {"expert_cache",
             {{"places", report.experts.places},
              {"place_bytes", report.experts.placeBytes},
              {"experts", report.experts.experts},
              {"uses", report.experts.uses},
              {"hits", report.experts.hits},
              {"bytes_read", report.experts.bytesRead},
              {"wait_seconds", report.experts.waitSeconds}}},
            {"results", std::move(results)}};
}

// The columns of ds4-bench, so that both files can be laid side by side, then ours.
void printFrontiers(const std::vector<Frontier>& frontiers, Context& context) {
    context.out.line(
        "ctx_tokens,prefill_tokens,prefill_tps,gen_tokens,gen_tps,gen_first_ms,gen_steady_tokens,"
        "gen_steady_tps,kvcache_bytes,prefill_seconds_total,gen_worst_ms");
    double seconds = 0;
    for (const Frontier& frontier : frontiers) {
        const std::vector<double>& answer = frontier.answerSeconds;
        seconds += frontier.promptSeconds;
        context.out.line(fmt::format(
            "{},{},{:.2f},{},{:.2f},{:.3f},{},{:.2f},{},{:.3f},{:.3f}", frontier.contextTokens,
            frontier.promptTokens, frontier.promptTokensPerSecond(), answer.size(),
            frontier.answerTokensPerSecond(), answer.empty() ? 0 : 1e3 * answer.front(),
            answer.empty() ? 0 : answer.size() - 1, frontier.steadyTokensPerSecond(),
            frontier.kvBytes, seconds,
            answer.empty() ? 0 : 1e3 * *std::max_element(answer.begin(), answer.end())));
    }
}

json toJson(const std::vector<Frontier>& frontiers) {
    json rows = json::array();
    for (const Frontier& frontier : frontiers)
        rows.push_back({{"ctx_tokens", frontier.contextTokens},
                        {"prefill_tokens", frontier.promptTokens},
                        {"prefill_tps", frontier.promptTokensPerSecond()},
                        {"gen_tps", frontier.answerTokensPerSecond()},
                        {"gen_steady_tps", frontier.steadyTokensPerSecond()},
                        {"gen_seconds", frontier.answerSeconds},
                        {"kvcache_bytes", frontier.kvBytes}});
    return {{"frontiers", std::move(rows)}};
}

int run(const BenchCommandOptions& options, Context& context) {
    const auto prompts = numbersIn(options.prompts), answers = numbersIn(options.answers),
               depths = numbersIn(options.depths), frontiers = numbersIn(options.frontiers);
    if (!prompts || !answers || !depths || !frontiers)
        return context.failUsage(
            context.say(Msg::benchNumbers, printable(!prompts   ? options.prompts
                                                     : !answers ? options.answers
                                                     : !depths  ? options.depths
                                                                : options.frontiers)));
    const auto model = modelOrSample(options.model, context.say);
    if (!model) return context.fail(model.error());
    engine::SpeedOptions speed = {.repeats = options.repeats,
                                  .threads = options.flags.threads,
                                  .isa = options.flags.backend,
                                  .kvFormat = options.flags.kvFormat,
                                  .promptProducts = productsFromName(options.flags.prompts),
                                  .answerProducts = productsFromName(options.answersAre),
                                  .memoryBytesMax = options.memoryBytesMax,
                                  .stop = context.signals.token()};
    if (options.flags.chunkTokens > 0) speed.chunkTokens = options.flags.chunkTokens;
    for (const int64_t depth : *depths) {
        for (const int64_t prompt : *prompts)
            if (prompt > 0) speed.tests.push_back({.promptTokens = prompt, .depthTokens = depth});
        for (const int64_t answer : *answers)
            if (answer > 0) speed.tests.push_back({.answerTokens = answer, .depthTokens = depth});
    }
    Progress progress(context.error, context.clock);
    speed.progress = [&](int64_t done, int64_t total) {
        progress.show(context.say(Msg::benchProgress, done, total));
    };
    if (!frontiers->empty()) {
        const auto results = engine::measureFrontiers(
            *model, *frontiers, answers->empty() ? 0 : answers->front(), speed);
        progress.erase();
        if (!results) return context.fail(results.error());
        if (options.isJson)
            context.out.line(toJson(*results).dump(2));
        else
            printFrontiers(*results, context);
        return kExitDone;
    }
    const auto report = engine::measureSpeed(*model, speed);
    progress.erase();
    if (!report) return context.fail(report.error());
    if (options.isJson)
        context.out.line(toJson(*report).dump(2));
    else
        printTable(*report, context);
    return kExitDone;
}

}  // namespace

void addBench(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<BenchCommandOptions>();
    Command command =
        addCommand(line, line.root, "bench", Msg::helpBench, Msg::exampleBench, options, run);
    command.option("-m,--model", &options->model, say(Msg::optModelFile)).valueName("FILE");
    command.option("-p,--prompt", &options->prompts, say(Msg::optBenchPrompt)).valueName("N,…");
    command.option("-n,--answer", &options->answers, say(Msg::optBenchAnswer)).valueName("N,…");
    command.option("-d,--depth", &options->depths, say(Msg::optBenchDepth)).valueName("N,…");
    command.option("--frontiers", &options->frontiers, say(Msg::optBenchFrontiers))
        .valueName("N,…");
    command.option("-r,--repeats", &options->repeats, say(Msg::optRepeats))
        .valueName("N")
        .atLeast(1);
    command.option("--memory-limit", &options->memoryBytesMax, say(Msg::optMemoryLimit))
        .valueName("SIZE")
        .bytes();
    addEvaluationFlags(command, options->flags, say);
    command.option("--answers", &options->answersAre, say(Msg::optAnswers))
        .oneOf({"exact", "fine"});
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
