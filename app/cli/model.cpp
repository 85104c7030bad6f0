// moxie model make|inspect|plan|verify
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "engine/make/model_maker.h"
#include "engine/model_report.h"

namespace moxie::app {

namespace {

using nlohmann::json;

std::string gigabytes(int64_t bytes) {
    if (bytes >= 1'000'000'000) return fmt::format("{:.2f} GB", double(bytes) / 1e9);
    if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", double(bytes) / 1e6);
    return fmt::format("{:.1f} kB", double(bytes) / 1e3);
}

// ---- make

struct MakeOptions {
    std::string family = {}, size = "tiny", type = {}, out = {};
    int64_t seed = 1;
    bool isJson = false;
};

int make(const MakeOptions& options, Context& context) {
    Progress progress(context.error, context.clock);
    const auto made = engine::makeModel(
        {.family = options.family,
         .size = options.size,
         .type = options.type,
         .seed = static_cast<uint64_t>(options.seed),
         .out = options.out,
         .stop = context.signals.token(),
         .progress = [&](int64_t done, int64_t total) {
             progress.show(context.say(Msg::modelMaking, gigabytes(done), gigabytes(total)));
         }});
    progress.erase();
    if (!made) return context.fail(made.error());
    if (options.isJson)
        context.out.line(dumped(json{{"out", options.out},
                                     {"tensors", made->tensors},
                                     {"parameters", made->parameters},
                                     {"bytes", made->bytes}},
                                2));
    else
        context.out.line(context.say(Msg::modelMade, options.out, made->tensors, made->parameters,
                                     gigabytes(made->bytes)));
    return kExitDone;
}

// ---- inspect

struct InspectOptions {
    std::string file = {};
    bool showsTensors = false, isJson = false;
};

std::string shapeText(const std::vector<int64_t>& shape) {
    return fmt::format("{}", fmt::join(shape, " x "));
}

json toJson(const engine::ModelReport& report, bool withTensors) {
    json types = json::array();
    for (const auto& share : report.types)
        types.push_back({{"type", share.type}, {"tensors", share.tensors}, {"bytes", share.bytes}});
    json all = {{"name", report.facts.name},
                {"architecture", report.facts.architecture},
                {"family", report.family},
                {"problem", report.facts.problem},
                {"parameters", report.facts.parameters},
                {"file_bytes", report.facts.fileBytes},
                {"context_tokens", report.facts.contextTokensMax},
                {"layers", report.layers},
                {"hidden", report.hiddenDim},
                {"vocabulary", report.vocabularySize},
                {"experts", report.experts},
                {"experts_used", report.expertsUsed},
                {"draft_block", report.hasDraftBlock},
                {"types", types}};
    if (!withTensors) return all;
    for (const auto& tensor : report.tensors)
        all["tensors"].push_back({{"name", tensor.name},
                                  {"type", tensor.type},
                                  {"shape", tensor.shape},
                                  {"offset", tensor.offset},
                                  {"bytes", tensor.bytes}});
    return all;
}

int inspect(const InspectOptions& options, Context& context) {
    const auto report = engine::inspectModel(options.file);
    if (!report) return context.fail(report.error());
    if (options.isJson) {
        context.out.line(dumped(toJson(*report, options.showsTensors), 2));
        return kExitDone;
    }
    const auto& facts = report->facts;
    context.out.line(context.out.styled(Style::bold, facts.name));
    context.out.line(context.say(Msg::modelShape, facts.architecture, report->layers,
                                 report->hiddenDim, report->vocabularySize,
                                 facts.contextTokensMax));
    if (report->experts > 0)
        context.out.line(context.say(Msg::modelExperts, report->experts, report->expertsUsed));
    if (report->hasDraftBlock) context.out.line(context.say(Msg::modelHasDraft));
    context.out.line(context.say(Msg::modelSize, facts.parameters, gigabytes(facts.fileBytes)));
    for (const auto& share : report->types)
        context.out.line(
            context.say(Msg::modelTypes, share.type, share.tensors, gigabytes(share.bytes)));
    if (!facts.problem.empty()) context.out.line(context.say(Msg::modelCannotRun, facts.problem));
    if (!options.showsTensors) return kExitDone;
    std::string text;
    for (const auto& tensor : report->tensors)
        text += fmt::format("{}  {}  {}  {}\n", tensor.offset, tensor.type, shapeText(tensor.shape),
                            printable(tensor.name));
    context.out.write(text);
    return kExitDone;
}

// ---- plan

struct PlanOptions {
    std::string file = {}, kvFormat = "f32", draft = "auto";
    int64_t contextTokens = 0;
    int32_t threads = 0;
    bool isMeasured = false, isJson = false;
};

json toJson(const engine::MemoryReport& report) {
    return {{"context_tokens", report.contextTokens},
            {"weight_bytes", report.weightBytes},
            {"expert_bytes", report.expertBytes},
            {"kv_bytes", report.kvBytes},
            {"kv_bytes_per_token", report.kvBytesPerToken},
            {"frontier_bytes", report.frontierBytes},
            {"activation_bytes", report.activationBytes},
            {"resume_bytes", report.resumeBytes},
            {"system_bytes", report.systemBytes},
            {"available_bytes", report.availableBytes},
            {"planned_bytes", report.plannedBytes()},
            {"measured_bytes", report.measuredBytes},
            {"measured_anonymous_bytes", report.measuredAnonymousBytes}};
}

void printPlan(const engine::MemoryReport& report, bool isMeasured, Context& context) {
    const auto& say = context.say;
    context.out.line(say(Msg::planContext, report.contextTokens));
    context.out.line(
        say(Msg::planWeights, gigabytes(report.weightBytes), gigabytes(report.expertBytes)));
    context.out.line(say(Msg::planKv, gigabytes(report.kvBytes), report.kvBytesPerToken,
                         gigabytes(report.frontierBytes)));
    context.out.line(say(Msg::planActivations, gigabytes(report.activationBytes)));
    if (report.resumeBytes > 0)
        context.out.line(say(Msg::planResume, gigabytes(report.resumeBytes)));
    context.out.line(
        say(Msg::planMachine, gigabytes(report.systemBytes), gigabytes(report.availableBytes)));
    const int64_t missing = report.plannedBytes() - report.availableBytes;
    if (missing > 0) context.out.line(say(Msg::planMissing, gigabytes(missing)));
    if (isMeasured)
        context.out.line(say(Msg::planMeasured, gigabytes(report.plannedBytes()),
                             gigabytes(report.measuredBytes),
                             gigabytes(report.measuredAnonymousBytes)));
}

int plan(const PlanOptions& options, Context& context) {
    Progress progress(context.error, context.clock);
    const auto report = engine::planModel(
        options.file, {.contextTokens = options.contextTokens,
                       .kvFormat = options.kvFormat,
                       .keepsDraft = options.draft == "auto" || options.draft == "mtp",
                       .threads = options.threads,
                       .isMeasured = options.isMeasured,
                       .stop = context.signals.token(),
                       .progress = [&](int64_t done, int64_t total) {
                           progress.show(context.say(Msg::logitsProgress, done, total));
                       }});
    progress.erase();
    if (!report) return context.fail(report.error());
    if (options.isJson)
        context.out.line(dumped(toJson(*report), 2));
    else
        printPlan(*report, options.isMeasured, context);
    return kExitDone;
}

// ---- verify

struct VerifyOptions {
    std::string file = {};
    bool isJson = false;
};

int verify(const VerifyOptions& options, Context& context) {
    Progress progress(context.error, context.clock);
    const auto checks = engine::verifyModel(
        options.file, context.signals.token(), [&](int64_t done, int64_t total) {
            progress.show(context.say(Msg::modelReading, gigabytes(done), gigabytes(total)));
        });
    progress.erase();
    if (!checks) return context.fail(checks.error());
    json all = json::array();
    for (const auto& check : *checks) {
        all.push_back({{"check", check.name}, {"good", check.isGood}, {"detail", check.detail}});
        if (!options.isJson)
            context.out.line(
                fmt::format("{}  {}  {}",
                            context.out.styled(check.isGood ? Style::green : Style::red,
                                               check.isGood ? "ok" : "!!"),
                            check.name, printable(check.detail)));
    }
    if (options.isJson) context.out.line(dumped(all, 2));
    const bool isSound =
        std::all_of(checks->begin(), checks->end(), [](const auto& c) { return c.isGood; });
    return isSound ? kExitDone : kExitError;
}

}  // namespace

void addModel(CommandLine& line) {
    const Messages& say = line.context.say;
    Command model = line.root.subcommand("model", Msg::helpModel, Msg::exampleModel);

    auto makeOptions = std::make_shared<MakeOptions>();
    Command maker = addCommand(line, model, "make", Msg::helpModelMake, Msg::exampleModelMake,
                               makeOptions, make);
    maker.option("--family", &makeOptions->family, say(Msg::optFamily))
        .valueName("NAME")
        .required();
    maker.option("--size", &makeOptions->size, say(Msg::optModelSize)).valueName("NAME");
    maker.option("--type", &makeOptions->type, say(Msg::optModelType)).valueName("NAME");
    maker.option("--seed", &makeOptions->seed, say(Msg::optSeed)).valueName("N").atLeast(0);
    maker.option("-o,--out", &makeOptions->out, say(Msg::optModelOut)).valueName("PATH").required();
    addJson(maker, makeOptions->isJson, say);

    auto inspectOptions = std::make_shared<InspectOptions>();
    Command inspector = addCommand(line, model, "inspect", Msg::helpModelInspect,
                                   Msg::exampleModelInspect, inspectOptions, inspect);
    inspector.option("MODEL", &inspectOptions->file, say(Msg::optModelFile)).required();
    inspector.flag("--tensors", inspectOptions->showsTensors, say(Msg::optTensors));
    addJson(inspector, inspectOptions->isJson, say);

    auto planOptions = std::make_shared<PlanOptions>();
    Command planner = addCommand(line, model, "plan", Msg::helpModelPlan, Msg::exampleModelPlan,
                                 planOptions, plan);
    planner.option("MODEL", &planOptions->file, say(Msg::optModelFile)).required();
    planner.option("--ctx", &planOptions->contextTokens, say(Msg::optPlanContext))
        .valueName("N")
        .atLeast(0);
    planner.option("--kv", &planOptions->kvFormat, say(Msg::optKvFormat))
        .valueName("NAME")
        .oneOf({"f32", "f16", "native"});
    planner.option("--draft", &planOptions->draft, say(Msg::optDraft))
        .valueName("SOURCE")
        .oneOf({"auto", "off", "lookup", "mtp"});
    planner.option("--threads", &planOptions->threads, say(Msg::optThreads))
        .valueName("N")
        .atLeast(0);
    planner.flag("--measure", planOptions->isMeasured, say(Msg::optMeasure));
    addJson(planner, planOptions->isJson, say);

    auto verifyOptions = std::make_shared<VerifyOptions>();
    Command verifier = addCommand(line, model, "verify", Msg::helpModelVerify,
                                  Msg::exampleModelVerify, verifyOptions, verify);
    verifier.option("MODEL", &verifyOptions->file, say(Msg::optModelFile)).required();
    addJson(verifier, verifyOptions->isJson, say);
}

}  // namespace moxie::app
