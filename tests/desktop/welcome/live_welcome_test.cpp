#include "app/desktop/screens/welcome/live_welcome.h"

#include <QSignalSpy>
#include <nlohmann/json.hpp>

#include "app/cli/stored_keys.h"
#include "app/desktop/screens/welcome/model_probe.h"
#include "app/desktop/shell/settings.h"
#include "base/file.h"
#include "base/paths.h"
#include "engine/open_model.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/temp_home.h"
#include "tests/fakes/scripted_server/scripted_server.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace base = moxie::base;

namespace {

struct LiveRig : TempHome {
    LiveRig() {
        application();
        for (const char* name : {"DEEPSEEK_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY",
                                 "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "MOXIE_MODEL"})
            ::unsetenv(name);
    }

    static ModelChoice server(const std::string& baseUrl, const char* model) {
        ModelChoice choice;
        choice.kind = ModelChoice::Kind::server;
        choice.server.baseUrl = QString::fromStdString(baseUrl);
        choice.server.model = QLatin1String(model);
        return choice;
    }
};

ModelTest outcome(LiveWelcome& model, const ModelChoice& choice, int tokens,
                  int milliseconds = 5'000) {
    ModelTest result;
    bool isDone = false;
    QObject::connect(&model, &WelcomeModel::tested, &model, [&](const ModelTest& made) {
        result = made;
        isDone = true;
    });
    model.test(choice, tokens);
    REQUIRE(QTest::qWaitFor([&] { return isDone; }, milliseconds));
    QObject::disconnect(&model, &WelcomeModel::tested, &model, nullptr);
    return result;
}

std::unique_ptr<moxie::tests::ScriptedServer> aServer() {
    moxie::tests::ScriptedServerOptions options;
    using moxie::tests::Json;
    options.scripts["m"] = Json::parse(R"({"answers": [{"steps": [{"text": "Hello there."}]}]})");
    options.scripts["slow"] = Json::parse(R"({"answers": [{"steps": [{"hang": true}]}]})");
    auto server = moxie::tests::ScriptedServer::start(options);
    REQUIRE(server);
    return *std::move(server);
}

}  // namespace

TEST_CASE("language, theme and model of the first run are in the settings", "[desktop][welcome]") {
    const LiveRig rig;
    Settings settings({});
    CHECK(settings.text("language") == QStringLiteral("auto"));
    LiveWelcome model(settings);
    CHECK(model.setTheme(QStringLiteral("dark")).isEmpty());
    CHECK(model.setLanguage(QStringLiteral("zh")).isEmpty());
    CHECK(settings.text("desktop.theme") == QStringLiteral("dark"));
    ModelChoice choice;
    choice.kind = ModelChoice::Kind::file;
    choice.file = QStringLiteral("/models/a.gguf");
    CHECK(model.keep(choice).isEmpty());
    CHECK(model.keep(choice).isEmpty());  // once is enough
    const auto models = nlohmann::json::parse(settings.userValueJson("models"));
    REQUIRE(models.size() == 1);
    CHECK(models[0]["file"] == "/models/a.gguf");
    CHECK_FALSE(isFirstRun(settings));
}

TEST_CASE("a typed key goes into its own file and not into the settings", "[desktop][welcome]") {
    const LiveRig rig;
    Settings settings({});
    LiveWelcome model(settings);
    ModelChoice choice = LiveRig::server("https://models.example.org/v1", "big");
    choice.server.key = QStringLiteral("secret-key-1");
    CHECK(model.keep(choice).isEmpty());
    const auto text = base::readFile(Settings::userFile().toStdString());
    REQUIRE(text);
    CHECK(text->find("secret-key-1") == std::string::npos);
    const auto models = nlohmann::json::parse(settings.userValueJson("models"));
    const std::string variable = models[0]["key_env"];
    CHECK(variable == "MOXIE_KEY_MODELS_EXAMPLE_ORG");
    CHECK(moxie::app::keyOf(variable) == "secret-key-1");
}

TEST_CASE("a key in the environment offers its model", "[desktop][welcome]") {
    const LiveRig rig;
    Settings settings({});
    CHECK(LiveWelcome(settings).foundModels().isEmpty());
    ::setenv("DEEPSEEK_API_KEY", "k", 1);
    CHECK(LiveWelcome(settings).foundModels() == QStringList{QStringLiteral("deepseek-flash")});
    CHECK_FALSE(isFirstRun(settings));
    ::unsetenv("DEEPSEEK_API_KEY");
}

TEST_CASE("a server's answer, its refusal and a cancelled test are told apart",
          "[desktop][welcome]") {
    const LiveRig rig;
    Settings settings({});
    LiveWelcome model(settings);
    const auto server = aServer();
    const ModelTest good = outcome(model, LiveRig::server(server->baseUrl(), "m"), 16);
    CHECK(good.problem.toStdString() == "");
    CHECK(good.answer == QStringLiteral("Hello there."));
    CHECK(good.measuredBytes == 0);
    REQUIRE(server->requests().size() == 1);
    CHECK(server->requests()[0].body.find("16") != std::string::npos);

    const ModelTest refused = outcome(model, LiveRig::server("http://127.0.0.1:1", "m"), 16);
    CHECK_FALSE(refused.problem.isEmpty());
    CHECK_FALSE(refused.wasCancelled);

    bool isDone = false;
    ModelTest result;
    QObject::connect(&model, &WelcomeModel::tested, &model, [&](const ModelTest& made) {
        result = made;
        isDone = true;
    });
    model.test(LiveRig::server(server->baseUrl(), "slow"), 16);
    model.cancelTest();
    REQUIRE(waitUntil([&] { return isDone; }));
    CHECK(result.wasCancelled);
}

TEST_CASE("what is no model file is told with its reason", "[desktop][welcome]") {
    const LiveRig rig;
    const auto folder = base::dataDir() / "models";
    std::filesystem::create_directories(folder / "deep");
    REQUIRE(base::writeFileAtomically(folder / "deep" / "bad.gguf", "not a model",
                                      base::Durability::renameOnly));
    REQUIRE(base::writeFileAtomically(folder / "readme.txt", "x", base::Durability::renameOnly));
    Settings settings({});
    LiveWelcome model(settings);
    std::vector<ModelFile> files;
    QObject::connect(&model, &WelcomeModel::filesInspected, &model,
                     [&](const QString&, const std::vector<ModelFile>& found) { files = found; });
    model.inspect({});
    REQUIRE(waitUntil([&] { return !files.empty(); }));
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == QStringLiteral("bad.gguf"));
    CHECK_FALSE(files[0].problem.isEmpty());
    CHECK_FALSE(inspectModels("/no/such.gguf", {}).front().problem.isEmpty());
}

TEST_CASE("a measurement that is cancelled says nothing", "[desktop][welcome]") {
    const LiveRig rig;
    Settings settings({});
    LiveWelcome model(settings);
    QSignalSpy measured(&model, &WelcomeModel::machineMeasured);
    model.measure();
    model.cancelMeasure();
    bool isInspected = false;
    QObject::connect(&model, &WelcomeModel::filesInspected, &model, [&] { isInspected = true; });
    model.inspect({});  // comes after it on the same thread
    REQUIRE(waitUntil([&] { return isInspected; }));
    CHECK(measured.count() == 0);
    CHECK_FALSE(model.machine());
}

TEST_CASE("this computer is measured within three seconds", "[.slow][desktop][welcome]") {
    const LiveRig rig;
    std::filesystem::create_directories(base::dataDir());
    Settings settings({});
    LiveWelcome model(settings);
    model.measure();
    REQUIRE(QTest::qWaitFor([&] { return model.machine().has_value(); }, 3'000));
    const MachineFacts& facts = *model.machine();
    CHECK(facts.machine.processors > 0);
    CHECK(facts.machine.memoryBytes > facts.machine.memoryAvailableBytes);
    CHECK(facts.memoryBytesPerSecond > 1e9);
    WARN("memory " << facts.memoryBytesPerSecond / 1e9 << " GB/s, disk "
                   << facts.diskBytesPerSecond / 1e6 << " MB/s");
}

TEST_CASE("the sample model is inspected and gives its first answer", "[.slow][desktop][welcome]") {
    const auto sample = moxie::engine::findSampleModel();
    if (!sample) {
        WARN("the sample model is not here");
        return;
    }
    const LiveRig rig;
    Settings settings({});
    CHECK(isFirstRun(settings));
    LiveWelcome model(settings);
    CHECK_FALSE(model.sampleModel().isEmpty());
    const auto files = inspectModels(*sample, {});
    REQUIRE(files.size() == 1);
    CHECK(files[0].problem.toStdString() == "");
    CHECK(files[0].fits);
    CHECK(files[0].contextTokens > 1'000);
    ModelChoice choice;
    choice.kind = ModelChoice::Kind::sample;
    int progressed = 0;
    QObject::connect(&model, &WelcomeModel::testProgressed, &model, [&] { ++progressed; });
    const ModelTest result = outcome(model, choice, 32, 60'000);
    CHECK(result.problem.toStdString() == "");
    CHECK(result.tokens > 0);
    CHECK(result.tokensPerSecond > 1);
    CHECK(progressed > 0);
    CHECK(result.measuredBytes > 0);
    CHECK(model.keep(choice).isEmpty());
    CHECK(settings.userValueJson("models") == "[]");  // it answers where there is nothing else
    WARN(result.tokensPerSecond << " tokens/s, planned " << double(result.plannedBytes) / 1e6
                                << " MB, measured " << double(result.measuredBytes) / 1e6 << " MB");
}
