#include "app/desktop/session/live_environment.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "app/cli/models.h"
#include "app/cli/rules.h"
#include "app/cli/session_options.h"
#include "base/paths.h"

namespace moxie::desktop {

namespace {

app::Messages userMessages() {
    return app::Messages(app::languageFromEnvironment());
}

bool isSame(const app::ModelCandidate& a, const app::ModelCandidate& b) {
    const engine::RemoteModelOptions &one = a.remote, &other = b.remote;
    return a.name == b.name && a.source == b.source && a.file == b.file && a.threads == b.threads &&
           one.api == other.api && one.baseUrl == other.baseUrl && one.model == other.model &&
           one.apiKey == other.apiKey && one.contextTokens == other.contextTokens &&
           one.outputTokensMax == other.outputTokensMax && one.attemptsMax == other.attemptsMax &&
           one.retryBudgetMs == other.retryBudgetMs && one.idleTimeoutMs == other.idleTimeoutMs;
}

// The models that were opened last, kept as long as a session holds them: a local model lies in
// memory once, however many sessions use it. Threads: any thread.
class SharedModels {
public:
    explicit SharedModels(base::Clock& clock) : clock_(clock) {}

    base::Result<OpenedModel> open(const std::filesystem::path& repository) {
        const app::Messages say = userMessages();
        const app::Config config = app::Config::load(repository, say);
        TRY_ASSIGN(const app::ModelPlan plan, app::planModels({}, config, say));
        OpenedModel opened;
        std::lock_guard lock(mutex_);
        opened.model = model_.lock();
        const bool isKnown =
            opened.model && plan.candidates.size() == candidates_.size() &&
            std::equal(plan.candidates.begin(), plan.candidates.end(), candidates_.begin(), isSame);
        if (!isKnown) {
            TRY_ASSIGN(opened.model, app::openModels(plan, clock_, say, opened.notes));
            model_ = opened.model;
            candidates_ = plan.candidates;
        }
        if (plan.isOnlySample) opened.notes.push_back(say(app::Msg::modelOnlySample));
        return opened;
    }

private:
    base::Clock& clock_;
    std::mutex mutex_;  // guards what is below; held while a model is opened, so that it is once
    std::weak_ptr<engine::ChatModel> model_;
    std::vector<app::ModelCandidate> candidates_;
};

base::Result<agent::SessionOptions> makeOptions(const OptionsWish& wish,
                                                std::vector<std::string>& notes) {
    const app::Messages say = userMessages();
    const app::Config config = app::Config::load(wish.repository, say);
    for (const app::ConfigProblem& problem : config.problems())
        notes.push_back(problem.shown());
    return app::makeSessionOptions(
        {.repo = wish.repository.string(), .mode = std::string(agent::toString(wish.mode))}, config,
        wish.limits, say, notes);
}

class SilentModel final : public engine::ChatModel {
public:
    base::Result<std::unique_ptr<engine::ChatStream>> start(engine::ChatRequest,
                                                            std::stop_token) override {
        return base::fail(base::Errc::unsupported, "nothing is asked of a model here");
    }

    engine::ModelLimits limits() const override { return {}; }

    int64_t countTokens(std::string_view text) const override { return int64_t(text.size()); }

    std::string serialise(const engine::ChatRequest&) const override { return {}; }
};

}  // namespace

LiveEnvironment makeLiveEnvironment(base::Clock& clock) {
    auto models = std::make_shared<SharedModels>(clock);
    return {.clock = clock,
            .sessionsFolder = base::dataDir() / "sessions",
            .openModel = [models](const auto& repository) { return models->open(repository); },
            .openIndex =
                [](const std::filesystem::path& repository) {
                    return indexer::openIndex({.root = repository});
                },
            .makeOptions = makeOptions,
            .keepRule =
                [](const std::filesystem::path& repository, const std::string& rule) {
                    return app::addRule(repository, app::RuleKind::allow, rule, userMessages());
                }};
}

std::unique_ptr<engine::ChatModel> makeSilentModel() {
    return std::make_unique<SilentModel>();
}

}  // namespace moxie::desktop
