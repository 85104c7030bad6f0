// moxie doctor
#include <curl/curl.h>

#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/machine.h"
#include "base/paths.h"
#include "base/text.h"
#include "engine/model_report.h"
#include "tools/process.h"
#include "tools/sandbox.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr int64_t kDiskLowBytes = 500'000'000;

struct DoctorOptions {
    bool isOnline = false, isJson = false;
    std::string repo = ".";
};

enum class Verdict { good, note, bad };

struct Finding {
    std::string check;  // stable name for machines
    Verdict verdict = Verdict::good;
    std::string text;
};

Finding checkMemory(const Machine& machine, const Messages& say) {
    return {"cores", Verdict::good,
            say(Msg::doctorCores, machine.processors, base::humanBytes(machine.memoryBytes),
                base::humanBytes(machine.memoryAvailableBytes))};
}

Finding checkDisk(const Machine& machine, const Messages& say) {
    const bool isLow = machine.diskAvailableBytes < kDiskLowBytes;
    return {"disk", isLow ? Verdict::note : Verdict::good,
            say(isLow ? Msg::doctorDiskLow : Msg::doctorDisk,
                base::humanBytes(machine.diskAvailableBytes), machine.diskFolder.string())};
}

Finding checkProgram(const std::string& check, const std::string& program, Verdict ifMissing,
                     Msg missing, Context& context) {
    const auto result = tools::runProcess({.argv = {program, "--version"}, .timeoutMs = 5000},
                                          context.signals.token());
    if (!result || result->exitCode != 0) return {check, ifMissing, context.say(missing)};
    const std::vector<std::string_view> lines = base::splitLines(result->output);
    return {check, Verdict::good, lines.empty() ? program : oneLine(lines.front(), 100)};
}

Finding checkSandbox(const std::filesystem::path& repository, const Messages& say) {
    const auto sandbox = tools::Sandbox::open(repository, tools::SandboxMode::required);
    if (sandbox.level() == "none")
        return {"sandbox", Verdict::bad, say(Msg::doctorNoSandbox, sandbox.reason())};
    return {"sandbox", Verdict::good, say(Msg::doctorSandbox)};
}

Finding checkGpu(const Machine& machine, const Messages& say) {
    if (machine.accelerator.empty()) return {"gpu", Verdict::good, say(Msg::doctorGpuNone)};
    return {"gpu", Verdict::note, say(Msg::doctorGpuUnused, machine.accelerator)};
}

Finding checkKvFolder(const Config& config, const Messages& say) {
    const std::filesystem::path folder = base::cacheDir() / "kv";
    const int64_t budget = kvDiskBytes(config);
    if (budget == 0) return {"kv_store", Verdict::note, say(Msg::doctorKvOff, "kv_disk_gb")};
    const engine::KvFolderReport report = engine::inspectKvFolder(folder);
    return {"kv_store", Verdict::good,
            say(Msg::doctorKv, folder.string(), base::humanBytes(report.bytes),
                base::humanBytes(budget), report.models)};
}

void checkModels(const Config& config, const Messages& say, std::vector<Finding>& findings,
                 ModelPlan& plan) {
    const auto sample = engine::findSampleModel();
    findings.push_back(
        sample ? Finding{"sample_model", Verdict::good, say(Msg::doctorSample, sample->string())}
               : Finding{"sample_model", Verdict::note, say(Msg::doctorNoSample)});
    auto planned = planModels({}, config, say);
    if (!planned) {
        findings.push_back({"models", Verdict::bad, planned.error().message()});
        return;
    }
    plan = *std::move(planned);
    std::string names;
    for (const ModelCandidate& candidate : plan.candidates)
        names += (names.empty() ? "" : ", ") + candidate.name;
    findings.push_back(plan.isOnlySample
                           ? Finding{"models", Verdict::note, say(Msg::doctorModelsSample)}
                           : Finding{"models", Verdict::good, say(Msg::doctorModels, names)});
    for (const ModelCandidate& candidate : plan.candidates)
        if (candidate.file.empty() && !candidate.keyVariable.empty() &&
            candidate.remote.apiKey.empty())
            findings.push_back({"key", Verdict::note,
                                say(Msg::doctorNoKey, candidate.name, candidate.keyVariable)});
}

size_t dropBytes(char* /*bytes*/, size_t size, size_t count, void* /*user*/) {
    return size * count;
}

// Asks for the address itself, without a key: any HTTP answer means that it can be reached.
Finding checkEndpoint(const std::string& url, const Context& context) {
    struct Easy {
        void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    };

    const std::unique_ptr<CURL, Easy> curl(curl_easy_init());
    if (!curl) return {"endpoint", Verdict::bad, context.say(Msg::doctorEndpointDown, url, "curl")};
    std::array<char, CURL_ERROR_SIZE> reason = {};
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, 10'000L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, reason.data());
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, dropBytes);
    const int64_t startedMs = context.clock.steadyMs();
    const CURLcode code = curl_easy_perform(curl.get());
    if (code != CURLE_OK)
        return {"endpoint", Verdict::bad,
                context.say(Msg::doctorEndpointDown, url,
                            reason[0] != '\0' ? reason.data() : curl_easy_strerror(code))};
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    return {"endpoint", Verdict::good,
            context.say(Msg::doctorEndpoint, url, status, context.clock.steadyMs() - startedMs)};
}

std::vector<Finding> examine(const DoctorOptions& options, Context& context) {
    const Messages& say = context.say;
    std::error_code failed;
    auto repository = std::filesystem::canonical(options.repo, failed);
    if (failed) repository = std::filesystem::temp_directory_path(failed);
    std::vector<Finding> findings;
    const Machine machine = examineMachine();
    findings.push_back({"cpu", Verdict::good, say(Msg::doctorCpu, machine.cpu, machine.kernels)});
    findings.push_back(checkMemory(machine, say));
    findings.push_back(checkDisk(machine, say));
    findings.push_back(checkGpu(machine, say));
    findings.push_back(checkProgram("ripgrep", "rg", Verdict::bad, Msg::doctorNoRipgrep, context));
    findings.push_back(
        checkProgram("bubblewrap", "bwrap", Verdict::note, Msg::doctorNoBwrap, context));
    findings.push_back(checkSandbox(repository, say));
    findings.push_back(checkProgram("git", "git", Verdict::note, Msg::doctorNoGit, context));
    const Config config = Config::load(repository, say);
    for (const ConfigProblem& problem : config.problems())
        findings.push_back({"config", Verdict::note, problem.shown()});
    if (config.problems().empty())
        findings.push_back(
            {"config", Verdict::good, say(Msg::doctorConfig, Config::userFile().string())});
    findings.push_back(checkKvFolder(config, say));
    ModelPlan plan;
    checkModels(config, say, findings, plan);
    if (options.isOnline)
        for (const ModelCandidate& candidate : plan.candidates)
            if (candidate.file.empty())
                findings.push_back(checkEndpoint(candidate.remote.baseUrl, context));
    return findings;
}

int doctor(const DoctorOptions& options, Context& context) {
    const std::vector<Finding> findings = examine(options, context);
    if (context.signals.received() != 0) return 128 + context.signals.received();
    int64_t nBad = 0;
    json all = json::array();
    for (const Finding& finding : findings) {
        const bool isBad = finding.verdict == Verdict::bad;
        nBad += isBad ? 1 : 0;
        const std::string_view word = isBad                              ? "bad"
                                      : finding.verdict == Verdict::note ? "note"
                                                                         : "good";
        all.push_back({{"check", finding.check}, {"verdict", word}, {"text", finding.text}});
        if (options.isJson) continue;
        const Style style = isBad                              ? Style::red
                            : finding.verdict == Verdict::note ? Style::yellow
                                                               : Style::green;
        const std::string_view mark = isBad ? "✗" : finding.verdict == Verdict::note ? "!" : "✓";
        context.out.line(fmt::format("{} {:<13} {}", context.out.styled(style, mark), finding.check,
                                     printable(finding.text)));
    }
    if (options.isJson)
        context.out.line(dumped(json{{"is_good", nBad == 0}, {"findings", all}}, 2));
    else
        context.out.line(nBad == 0 ? context.say(Msg::doctorGood)
                                   : context.say(Msg::doctorBad, nBad));
    return nBad == 0 ? kExitDone : kExitError;
}

}  // namespace

void addDoctor(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<DoctorOptions>();
    Command command =
        addCommand(line, line.root, "doctor", Msg::helpDoctor, Msg::exampleDoctor, options, doctor);
    command.flag("--online", options->isOnline, say(Msg::optOnline));
    addRepo(command, options->repo, say);
    addJson(command, options->isJson, say);
}

}  // namespace moxie::app
