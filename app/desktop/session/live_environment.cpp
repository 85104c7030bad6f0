#include "app/desktop/session/live_environment.h"

#include <algorithm>
#include <map>
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

bool samePrice(const std::optional<engine::ModelLimits::Price>& a,
               const std::optional<engine::ModelLimits::Price>& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    return a->input == b->input && a->cachedInput == b->cachedInput && a->output == b->output;
}

bool isSame(const app::ModelCandidate& a, const app::ModelCandidate& b) {
    const engine::RemoteModelOptions &one = a.remote, &other = b.remote;
    return a.name == b.name && a.source == b.source && a.file == b.file && a.threads == b.threads &&
           one.api == other.api && one.baseUrl == other.baseUrl && one.model == other.model &&
           one.apiKey == other.apiKey && one.contextTokens == other.contextTokens &&
           one.outputTokensMax == other.outputTokensMax && one.attemptsMax == other.attemptsMax &&
           one.retryBudgetMs == other.retryBudgetMs && one.idleTimeoutMs == other.idleTimeoutMs &&
           one.takesImages == other.takesImages && samePrice(one.price, other.price);
}

// As SessionView says who answered.
const std::string& shownName(const app::ModelCandidate& candidate) {
    return candidate.file.empty() ? candidate.remote.model : candidate.name;
}

// Fails: as app::planModels(); notFound if none of them is as wished.
base::Result<app::ModelPlan> planOf(const std::filesystem::path& repository, const ModelWish& wish,
                                    const app::Messages& say) {
    TRY_ASSIGN(app::ModelPlan plan, app::planModels({}, app::Config::load(repository, say), say));
    if (wish == ModelWish()) return plan;
    std::erase_if(plan.candidates, [&](const app::ModelCandidate& candidate) {
        return (wish.isOnlyLocal && candidate.file.empty()) ||
               (!wish.name.empty() && shownName(candidate) != wish.name);
    });
    if (!plan.candidates.empty()) return plan;
    return base::fail(base::Errc::notFound,
                      wish.name.empty() ? "no model on this computer is set up"
                                        : "the settings name no model " + wish.name + " any more");
}

// The models that were opened last, kept as long as a session holds them: a local model lies in
// memory once, however many sessions use it. Threads: any thread.
class SharedModels {
public:
    explicit SharedModels(base::Clock& clock) : clock_(clock) {}

    base::Result<OpenedModel> open(const std::filesystem::path& repository, const ModelWish& wish) {
        const app::Messages say = userMessages();
        TRY_ASSIGN(const app::ModelPlan plan, planOf(repository, wish, say));
        OpenedModel opened;
        std::lock_guard lock(mutex_);
        Opened& known = opened_[wish];
        opened.model = known.model.lock();
        const bool isKnown = opened.model && plan.candidates.size() == known.candidates.size() &&
                             std::equal(plan.candidates.begin(), plan.candidates.end(),
                                        known.candidates.begin(), isSame);
        if (!isKnown) {
            TRY_ASSIGN(opened.model, app::openModels(plan, clock_, say, opened.notes));
            known = {opened.model, plan.candidates};
        }
        if (plan.isOnlySample) opened.notes.push_back(say(app::Msg::modelOnlySample));
        return opened;
    }

private:
    struct Opened {
        std::weak_ptr<engine::ChatModel> model = {};
        std::vector<app::ModelCandidate> candidates = {};
    };

    base::Clock& clock_;
    std::mutex mutex_;  // guards what is below; held while a model is opened, so that it is once
    std::map<ModelWish, Opened> opened_;
};

std::string backendOf(const app::ModelCandidate& candidate) {
    if (!candidate.file.empty()) return "local";
    return candidate.remote.api == engine::RemoteApi::anthropic ? "anthropic" : "openai";
}

bool takesImages(const app::ModelCandidate& candidate) {
    if (!candidate.file.empty()) return false;
    return candidate.remote.takesImages.value_or(
        engine::factsOfModel(candidate.remote.model, 0).takesImages);
}

PlannedModels plannedModels(const std::filesystem::path& repository) {
    const app::Messages say = userMessages();
    const auto plan = planOf(repository, {}, say);
    PlannedModels planned;
    if (!plan) return planned;  // the next turn says why
    for (const app::ModelCandidate& candidate : plan->candidates)
        planned.push_back({.name = shownName(candidate),
                           .backend = backendOf(candidate),
                           .takesImages = takesImages(candidate)});
    return planned;
}

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
            .openModel = [models](const std::filesystem::path& repository,
                                  const ModelWish& wish) { return models->open(repository, wish); },
            .planModels = plannedModels,
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
