// A store folder, a real repository in it, and sessions whose model is scripted.
#pragma once
#include <QSignalSpy>
#include <QTemporaryDir>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "app/desktop/session/live_session.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/fakes/fake_model.h"

namespace moxie::desktop::testing {

inline int shellIn(const std::filesystem::path& folder, const std::string& command) {
    return std::system(
        ("cd '" + folder.string() + "' && (" + command + ") >/dev/null 2>&1").c_str());
}

struct Rig {
    explicit Rig(tests::FakeModel::Answering answering)
        : model(std::make_shared<tests::FakeModel>(clock, std::move(answering))) {
        prepare();
    }

    explicit Rig(std::vector<tests::ScriptedTurn> script)
        : model(std::make_shared<tests::FakeModel>(clock, std::move(script))) {
        prepare();
    }

    void prepare() {
        application();
        options.sandbox = tools::SandboxMode::off;
        options.verifyCommands = {"true"};
        options.moxieVersion = "test";
        std::filesystem::create_directories(repository);
        std::ofstream(repository / "a.txt") << "one\ntwo\nthree\n";
        REQUIRE(shellIn(repository,
                        "git init -q -b main && git config user.name Test && "
                        "git config user.email test@example.invalid && git add -A && "
                        "git commit -q -m first") == 0);
    }

    LiveEnvironment environment() {
        return {
            .clock = clock,
            .sessionsFolder = sessionsFolder,
            .openModel = [this](const auto&, const ModelWish& wish) -> base::Result<OpenedModel> {
                if (modelFailure) return base::fail(*modelFailure);
                const bool isLocal = wish.isOnlyLocal || wish.name == "here";
                return OpenedModel{.model = isLocal && localModel ? localModel : model,
                                   .notes = notes};
            },
            .planModels = [this](const auto&) { return planned; },
            .openIndex = {},
            .makeOptions = [this](const OptionsWish& wish,
                                  auto&) -> base::Result<agent::SessionOptions> {
                agent::SessionOptions made = options;
                made.repository = wish.repository;
                made.mode = wish.mode;
                return made;
            },
            .keepRule =
                [this](const auto& project, const std::string& rule) {
                    keptRules.emplace_back(project, rule);
                    return base::Status();
                }};
    }

    LiveSession::Place newPlace(agent::PermissionMode mode = agent::PermissionMode::autonomous) {
        return {.repository = QString::fromStdString(repository.string()), .mode = mode};
    }

    LiveSession::Place storedPlace(const QString& id) {
        return {.id = id, .mode = agent::PermissionMode::autonomous};
    }

    QTemporaryDir folder;
    std::filesystem::path root = folder.path().toStdString();
    std::filesystem::path repository = root / "repo", sessionsFolder = root / "data/sessions";
    base::SystemClock clock;
    std::shared_ptr<tests::FakeModel> model;
    std::shared_ptr<tests::FakeModel> localModel;
    PlannedModels planned;
    std::optional<base::Error> modelFailure;
    std::vector<std::string> notes;
    agent::SessionOptions options;
    std::vector<std::pair<std::filesystem::path, std::string>> keptRules;
};

// The turns with a task; a notice of the beginning stands in one without.
inline std::vector<Turn> turnsOf(const SessionModel& session) {
    std::vector<Turn> turns;
    const Conversation& conversation = session.now().conversation;
    for (int64_t i = 0; i < conversation.turns.size(); ++i)
        if (conversation.turns[i].number > 0) turns.push_back(conversation.turns[i]);
    return turns;
}

inline bool isIdle(const SessionModel& session) {
    return session.state() == SessionModel::State::ready &&
           session.driver() == SessionModel::Driver::nobody && !turnsOf(session).empty() &&
           !turnsOf(session).back().isRunning;
}

// What a reader who opens the log now sees.
inline SessionView readAgain(const Rig& rig, const QString& id, base::Clock& clock) {
    LogFollower follower(rig.sessionsFolder, id.toStdString(), clock);
    REQUIRE(waitUntil(
        [&] { return follower.state() == LogFollower::State::ready && follower.isWhole(); }));
    return follower.view();
}

inline bool isSame(const SessionView& a, const SessionView& b) {
    return a.conversation == b.conversation && a.plan == b.plan && a.turnCosts == b.turnCosts &&
           a.cost == b.cost && a.lastSeq == b.lastSeq && a.modelName == b.modelName &&
           a.backend == b.backend && a.contextTokens == b.contextTokens;
}

inline std::string answerOf(const Turn& turn) {
    if (turn.answerItem < 0) return {};
    return turn.items[turn.answerItem].get<TextItem>().text;
}

}  // namespace moxie::desktop::testing
