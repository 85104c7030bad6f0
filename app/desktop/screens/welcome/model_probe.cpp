#include "app/desktop/screens/welcome/model_probe.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "app/cli/machine.h"
#include "base/clock.h"
#include "base/file.h"
#include "engine/local/generate.h"
#include "engine/model_file.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesMax = 50;
constexpr int64_t kUsualContextTokens = 8'192, kProbeContextTokens = 1'024;
constexpr const char* kProbePrompt = "Say hello and name three things you can do.";

QString toQt(std::string_view text) {
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

ModelFile inspectFile(const fs::path& path, int64_t memoryRoom) {
    ModelFile model;
    model.path = toQt(path.string());
    model.name = toQt(path.filename().string());
    const auto facts = engine::inspectModelFile(path, kUsualContextTokens);
    if (!facts) {
        model.problem = toQt(facts.error().message());
        return model;
    }
    model.name = toQt(facts->name);
    model.problem = toQt(facts->problem);
    model.fileBytes = facts->fileBytes;
    model.contextTokens = facts->contextTokensMax;
    model.memoryBytes = facts->memoryBytes;
    model.fits = model.problem.isEmpty() && model.memoryBytes < memoryRoom;
    return model;
}

std::vector<fs::path> modelFilesIn(const fs::path& folder, const std::stop_token& stop) {
    std::vector<fs::path> paths;
    std::error_code failed;
    auto at = fs::recursive_directory_iterator(
        folder, fs::directory_options::skip_permission_denied, failed);
    for (; !failed && at != fs::recursive_directory_iterator() && paths.size() < kFilesMax &&
           !stop.stop_requested();
         at.increment(failed)) {
        if (at.depth() >= 2) at.disable_recursion_pending();
        std::error_code ignored;
        if (at->path().extension() == ".gguf" && at->is_regular_file(ignored))
            paths.push_back(at->path());
    }
    return paths;
}

// Of this process, in bytes: what is resident now.
int64_t residentBytes() {
    const auto text = base::readFile("/proc/self/statm", 4096);
    if (!text) return 0;
    const size_t space = text->find(' ');
    if (space == std::string::npos) return 0;
    int64_t pages = 0;
    std::from_chars(text->data() + space + 1, text->data() + text->size(), pages);
    return pages * ::sysconf(_SC_PAGESIZE);
}

ModelTest failed(const base::Error& error) {
    ModelTest result;
    result.problem = toQt(error.message());
    result.wasCancelled = error.kind() == base::Errc::cancelled;
    return result;
}

// Takes the events of one answer.
class AnswerMeter {
public:
    AnswerMeter(const base::Clock& clock, const ProbeProgress& progress)
        : clock_(clock),
          progress_(progress),
          startedMs_(clock.steadyMs()) {}

    void apply(const engine::StreamEvent& event) {
        if (const auto* chosen = std::get_if<engine::ModelChosen>(&event))
            model_ = chosen->model;
        else if (const auto* text = std::get_if<engine::TextDelta>(&event))
            take(text->text);
        else if (const auto* reasoning = std::get_if<engine::ReasoningDelta>(&event))
            count(reasoning->text);
        else if (const auto* usage = std::get_if<engine::Usage>(&event))
            outputTokens_ = usage->outputTokens;
    }

    ModelTest result() const {
        ModelTest result;
        result.model = toQt(model_);
        result.answer = toQt(answer_);
        result.firstTokenMs = (pieces_ > 0 ? firstMs_ : clock_.steadyMs()) - startedMs_;
        // What a server does not count is estimated by its pieces.
        result.tokens = outputTokens_ > 0 ? outputTokens_ : pieces_;
        const int64_t ms = lastMs_ - firstMs_;
        if (ms > 0 && result.tokens > 1)
            result.tokensPerSecond = double(result.tokens - 1) * 1000.0 / double(ms);
        return result;
    }

private:
    void count(const std::string& text) {
        if (text.empty()) return;
        lastMs_ = clock_.steadyMs();
        if (pieces_++ == 0) firstMs_ = lastMs_;
    }

    void take(const std::string& text) {
        count(text);
        answer_ += text;
        progress_(answer_, int(pieces_));
    }

    const base::Clock& clock_;
    const ProbeProgress& progress_;
    const int64_t startedMs_;
    int64_t firstMs_ = 0, lastMs_ = 0, pieces_ = 0, outputTokens_ = 0;
    std::string answer_, model_;
};

}  // namespace

std::vector<ModelFile> inspectModels(const fs::path& path, const std::stop_token& stop) {
    std::error_code ignored;
    const std::vector<fs::path> paths =
        fs::is_directory(path, ignored) ? modelFilesIn(path, stop) : std::vector<fs::path>{path};
    const int64_t room = app::examineMachine().memoryBytes * 3 / 4;
    std::vector<ModelFile> files;
    for (const fs::path& file : paths) {
        if (stop.stop_requested()) break;
        files.push_back(inspectFile(file, room));
    }
    std::stable_sort(files.begin(), files.end(), [](const ModelFile& a, const ModelFile& b) {
        return a.fileBytes < b.fileBytes;
    });
    return files;
}

ModelTest probeLocalModel(const fs::path& file, int tokensMax, const ProbeProgress& progress,
                          const std::stop_token& stop) {
    const int64_t before = residentBytes();
    int64_t measured = 0;
    int pieces = 0;
    std::string answer;
    engine::GenerateRequest request;
    request.model.file = file;
    request.model.contextTokens = kProbeContextTokens;
    request.prompt = kProbePrompt;
    request.maxTokens = tokensMax;
    const auto stats = engine::generate(
        request,
        [&](std::string_view text) {
            answer += text;
            measured = std::max(measured, residentBytes() - before);
            progress(answer, ++pieces);
        },
        stop);
    if (!stats) return failed(stats.error());
    ModelTest result;
    result.answer = toQt(answer);
    result.model = toQt(stats->model);
    result.loadMs = stats->loadMs;
    result.firstTokenMs = stats->promptMs;
    result.tokens = stats->outputTokens;
    result.tokensPerSecond = stats->outputTokensPerSecond();
    result.measuredBytes = measured;
    if (const auto facts = engine::inspectModelFile(file, kProbeContextTokens))
        result.plannedBytes = facts->memoryBytes;
    return result;
}

ModelTest probeServer(engine::RemoteModelOptions options, int tokensMax,
                      const ProbeProgress& progress, const std::stop_token& stop) {
    base::SystemClock clock;
    options.attemptsMax = 1;  // the user waits
    options.retryBudgetMs = 0;
    options.idleTimeoutMs = 30'000;
    const auto model = engine::openRemoteModel(options, clock);
    if (!model) return failed(model.error());
    engine::ChatRequest request;
    engine::Message message;
    message.text = kProbePrompt;
    request.messages.push_back(std::move(message));
    request.options.outputTokensMax = tokensMax;
    request.options.effort = engine::Effort::none;
    AnswerMeter meter(clock, progress);
    auto stream = (*model)->start(std::move(request), stop);
    if (!stream) return failed(stream.error());
    for (;;) {
        auto event = (*stream)->next();
        if (!event) return failed(event.error());
        if (!*event) break;
        meter.apply(**event);
    }
    return meter.result();
}

}  // namespace moxie::desktop
