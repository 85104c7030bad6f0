#include "app/desktop/session/demo_session.h"

#include <cstdlib>
#include <system_error>
#include <utility>

#include "app/cli/demo_project.h"
#include "app/cli/recorded_model.h"
#include "base/paths.h"
#include "tools/process.h"
#include "tools/sandbox.h"

namespace moxie::desktop {

namespace {

struct DemoRepository {
    std::filesystem::path folder;
    const app::DemoProject* project = nullptr;
    tools::SandboxMode sandbox = tools::SandboxMode::required;
};

bool runsIn(const tools::Sandbox& sandbox, const std::stop_token& stop) {
    auto request = sandbox.wrap({.argv = {"python3", "-c", "import unittest"}, .timeoutMs = 10'000},
                                tools::NetworkAccess::denied);
    if (!request) return false;
    const auto result = tools::runProcess(*request, stop);
    return result && result->exitCode == 0;
}

base::Result<DemoRepository> makeDemoRepository(const std::filesystem::path& demosFolder,
                                                const std::stop_token& stop) {
    std::error_code failed;
    std::filesystem::create_directories(demosFolder, failed);
    std::string pattern = (demosFolder / "shopping-XXXXXX").string();
    if (failed || ::mkdtemp(pattern.data()) == nullptr)
        return base::fail(base::errnoError(failed ? failed.value() : errno, "make " + pattern));
    DemoRepository made = {.folder = std::filesystem::canonical(pattern, failed)};
    auto sandbox = tools::Sandbox::open(made.folder, made.sandbox);
    if (sandbox.level() == "none") {
        made.sandbox = tools::SandboxMode::off;
        sandbox = tools::Sandbox::open(made.folder, made.sandbox);
    }
    made.project = runsIn(sandbox, stop) ? &app::pythonDemo() : &app::shellDemo();
    TRY(app::writeDemo(*made.project, made.folder));
    return made;
}

LiveEnvironment environmentFor(const DemoRepository& demo, base::Clock& clock,
                               const DemoPlaces& places) {
    LiveEnvironment environment = {.clock = clock, .sessionsFolder = places.sessionsFolder};
    // The same object each time, so that the session goes on with it.
    auto model = std::make_shared<std::shared_ptr<engine::ChatModel>>();
    environment.openModel = [model, &clock, recording = demo.project->recordingJson,
                             waitMs = places.pieceWaitMs](
                                const auto&, const ModelWish&) -> base::Result<OpenedModel> {
        if (!*model) {
            TRY_ASSIGN(*model, app::makeRecordedModel(recording, waitMs, clock));
        }
        return OpenedModel{.model = *model};
    };
    environment.openIndex = [](const std::filesystem::path& repository) {
        return indexer::openIndex({.root = repository});
    };
    environment.makeOptions = [demo](const OptionsWish& wish,
                                     auto&) -> base::Result<agent::SessionOptions> {
        agent::SessionOptions options;
        options.repository = wish.repository;
        options.mode = wish.mode;
        options.sandbox = demo.sandbox;
        options.verifyCommands = {std::string(demo.project->verifyCommand)};
        options.packTokens = 2000;
        return options;
    };
    return environment;
}

}  // namespace

DemoPlaces usualDemoPlaces() {
    return {.demosFolder = base::dataDir() / "demo",
            .sessionsFolder = base::dataDir() / "sessions"};
}

void startDemo(Worker& worker, QObject& receiver, base::Clock& clock, DemoWish wish,
               DemoReady ready) {
    const std::filesystem::path folder = wish.places.demosFolder;
    worker.run(
        receiver,
        [folder](const std::stop_token& stop) { return makeDemoRepository(folder, stop); },
        [&clock, wish = std::move(wish),
         ready = std::move(ready)](base::Result<DemoRepository> demo) {
            if (!demo) return ready(base::fail(std::move(demo).error()));
            auto session = std::make_unique<LiveSession>(
                environmentFor(*demo, clock, wish.places),
                LiveSession::Place{.repository = QString::fromStdString(demo->folder.string()),
                                   .mode = wish.mode});
            session->send(QString::fromUtf8(demo->project->task.data(),
                                            qsizetype(demo->project->task.size())));
            ready(std::move(session));
        });
}

}  // namespace moxie::desktop
