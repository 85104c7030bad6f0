#include "app/desktop/screens/welcome/live_welcome.h"

#include <QFileInfo>
#include <QUrl>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/cli/config.h"
#include "app/cli/models.h"
#include "app/cli/stored_keys.h"
#include "app/desktop/screens/welcome/model_download.h"
#include "app/desktop/screens/welcome/model_probe.h"
#include "app/desktop/shell/settings.h"
#include "base/paths.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

QString sentence(const base::Status& status) {
    return status ? QString() : QString::fromStdString(status.error().message());
}

app::Messages sayIn(const QString& language) {
    const std::string word = language == QLatin1String("auto") ? "" : language.toStdString();
    return app::Messages(app::languageFromTag(word).value_or(app::languageFromEnvironment()));
}

// Both the worker's end and the user's wish stop it.
class EitherStop {
public:
    EitherStop(const std::stop_token& worker, std::stop_source user)
        : user_(std::move(user)),
          onWorkerStop_(worker, [this] { user_.request_stop(); }) {}

    std::stop_token token() const { return user_.get_token(); }

private:
    std::stop_source user_;
    std::stop_callback<std::function<void()>> onWorkerStop_;
};

// For a key that was typed in without a variable: of the server's name.
QString variableFor(const QString& baseUrl) {
    QString name;
    for (const QChar c : QUrl(baseUrl).host().toUpper())
        name += c.isLetterOrNumber() && c.unicode() < 128 ? c : QLatin1Char('_');
    return QStringLiteral("MOXIE_KEY_") + name;
}

json serverJson(const ModelServer& server) {
    json model = {{"name", server.model.toStdString()},
                  {"api", server.isAnthropic ? "anthropic" : "openai"},
                  {"base_url", server.baseUrl.toStdString()},
                  {"model", server.model.toStdString()}};
    if (!server.keyVariable.isEmpty()) model["key_env"] = server.keyVariable.toStdString();
    return model;
}

engine::RemoteModelOptions optionsOf(const ModelServer& server) {
    engine::RemoteModelOptions options;
    options.api = server.isAnthropic ? engine::RemoteApi::anthropic : engine::RemoteApi::openai;
    options.baseUrl = server.baseUrl.toStdString();
    options.model = server.model.toStdString();
    options.apiKey = !server.key.isEmpty() ? server.key.toStdString()
                                           : app::keyOf(server.keyVariable.toStdString());
    return options;
}

}  // namespace

bool isFirstRun(const Settings& settings) {
    if (QFileInfo::exists(Settings::userFile())) return false;
    const auto plan = app::planModels({}, app::Config::load({}, sayIn(settings.text("language"))),
                                      sayIn(settings.text("language")));
    return !plan || plan->isOnlySample;
}

LiveWelcome::LiveWelcome(Settings& settings, QObject* parent)
    : WelcomeModel(parent),
      settings_(settings) {
    findModels();
}

LiveWelcome::~LiveWelcome() {
    measuring_.request_stop();
    testing_.request_stop();
    downloading_.request_stop();
}

void LiveWelcome::findModels() {
    const app::Messages say = sayIn(language());
    if (auto plan = app::planModels({}, app::Config::load({}, say), say);
        plan && !plan->isOnlySample)
        candidates_ = std::move(plan->candidates);
    if (const auto sample = engine::findSampleModel())
        sample_ = QString::fromStdString(sample->string());
}

QString LiveWelcome::language() const {
    return settings_.text("language");
}

QString LiveWelcome::theme() const {
    return settings_.text("desktop.theme");
}

QString LiveWelcome::setLanguage(const QString& word) {
    return sentence(settings_.set("language", json(word.toStdString()).dump()));
}

QString LiveWelcome::setTheme(const QString& word) {
    return sentence(settings_.set("desktop.theme", json(word.toStdString()).dump()));
}

void LiveWelcome::measure() {
    cancelMeasure();
    measuring_ = std::stop_source();
    files_.run(
        *this,
        [source = measuring_](const std::stop_token& worker) {
            const EitherStop stop(worker, source);
            return std::pair{measureMachine(stop.token()), stop.token().stop_requested()};
        },
        [this](std::pair<MachineFacts, bool> measured) {
            if (measured.second) return;
            machine_ = std::move(measured.first);
            emit machineMeasured();
        });
}

void LiveWelcome::cancelMeasure() {
    measuring_.request_stop();
}

QStringList LiveWelcome::foundModels() const {
    QStringList names;
    for (const app::ModelCandidate& candidate : candidates_)
        names << QString::fromStdString(candidate.name);
    return names;
}

const app::ModelCandidate* LiveWelcome::candidate(const QString& name) const {
    const auto found =
        std::find_if(candidates_.begin(), candidates_.end(),
                     [&](const auto& candidate) { return candidate.name == name.toStdString(); });
    return found == candidates_.end() ? nullptr : &*found;
}

void LiveWelcome::inspect(const QString& path) {
    const std::filesystem::path wanted =
        path.isEmpty() ? base::dataDir() / "models" : std::filesystem::path(path.toStdString());
    files_.run(
        *this, [wanted](const std::stop_token& stop) { return inspectModels(wanted, stop); },
        [this, path](std::vector<ModelFile> files) { emit filesInspected(path, files); });
}

void LiveWelcome::download(const ModelDownload& wish) {
    cancelDownload();
    downloading_ = std::stop_source();
    const auto name = modelFileName(wish.url.toStdString());
    if (!name) {
        emit downloadEnded({.problem = QString::fromStdString(name.error().message())});
        return;
    }
    const DownloadRequest request = {.url = wish.url.toStdString(),
                                     .file = base::dataDir() / "models" / *name,
                                     .sha256 = wish.sha256.toStdString()};
    // Called on the worker's thread; the worker ends before we do.
    const DownloadListener listener = [this](const DownloadProgress& progress) {
        const DownloadStep step = {progress.bytes, progress.bytesTotal, progress.isChecking};
        QMetaObject::invokeMethod(
            this, [this, step] { emit downloadStepped(step); }, Qt::QueuedConnection);
    };
    downloads_.run(
        *this,
        [request, listener, source = downloading_](const std::stop_token& worker) {
            const EitherStop stop(worker, source);
            return downloadModel(request, listener, stop.token());
        },
        [this, file = QString::fromStdString(request.file.string())](const base::Status& done) {
            if (done) {
                emit downloadEnded({.file = file});
                return;
            }
            emit downloadEnded({.problem = QString::fromStdString(done.error().message()),
                                .wasCancelled = done.error().kind() == base::Errc::cancelled});
        });
}

void LiveWelcome::cancelDownload() {
    downloading_.request_stop();
}

void LiveWelcome::test(const ModelChoice& choice, int tokens) {
    cancelTest();
    testing_ = std::stop_source();
    const int64_t number = ++testNumber_;
    // Called on the worker's thread; the worker ends before we do.
    const ProbeProgress progress = [this, number](const std::string& text, int count) {
        QMetaObject::invokeMethod(
            this,
            [this, number, text = QString::fromStdString(text), count] {
                if (number == testNumber_) emit testProgressed(text, count);
            },
            Qt::QueuedConnection);
    };
    const app::ModelCandidate* found = candidate(choice.found);
    std::filesystem::path file;
    engine::RemoteModelOptions server;
    if (choice.kind == ModelChoice::Kind::file) file = choice.file.toStdString();
    if (choice.kind == ModelChoice::Kind::sample) file = sample_.toStdString();
    if (choice.kind == ModelChoice::Kind::server) server = optionsOf(choice.server);
    if (choice.kind == ModelChoice::Kind::found && found != nullptr) {
        file = found->file;
        server = found->remote;
    }
    tests_.run(
        *this,
        [=, source = testing_](const std::stop_token& worker) {
            const EitherStop stop(worker, source);
            return file.empty() ? probeServer(server, tokens, progress, stop.token())
                                : probeLocalModel(file, tokens, progress, stop.token());
        },
        [this, number](const ModelTest& result) {
            if (number == testNumber_) emit tested(result);
        });
}

void LiveWelcome::cancelTest() {
    testing_.request_stop();
}

// Before the others, and only once.
QString LiveWelcome::putFirst(const std::string& modelJson) {
    const json model = json::parse(modelJson);
    json models = json::parse(settings_.userValueJson("models"));
    models.erase(std::remove(models.begin(), models.end(), model), models.end());
    models.insert(models.begin(), model);
    return sentence(settings_.set("models", models.dump()));
}

QString LiveWelcome::keep(const ModelChoice& choice) {
    switch (choice.kind) {
        case ModelChoice::Kind::none:
            return {};
        case ModelChoice::Kind::found: {
            const app::ModelCandidate* found = candidate(choice.found);
            // The first one answers as it is.
            if (found == nullptr || found == candidates_.data() || !found->file.empty()) return {};
            ModelServer server;
            server.baseUrl = QString::fromStdString(found->remote.baseUrl);
            server.model = QString::fromStdString(found->remote.model);
            server.isAnthropic = found->remote.api == engine::RemoteApi::anthropic;
            server.keyVariable = QString::fromStdString(found->keyVariable);
            return putFirst(serverJson(server).dump());
        }
        case ModelChoice::Kind::file:
            return putFirst(json{{"name", QFileInfo(choice.file).fileName().toStdString()},
                                 {"file", choice.file.toStdString()}}
                                .dump());
        case ModelChoice::Kind::sample:
            // It answers anyway where there is nothing else.
            if (candidates_.empty()) return {};
            return putFirst(json{{"name", "sample"}, {"file", sample_.toStdString()}}.dump());
        case ModelChoice::Kind::server: {
            ModelServer server = choice.server;
            if (!server.key.isEmpty()) {
                if (server.keyVariable.isEmpty()) server.keyVariable = variableFor(server.baseUrl);
                const auto stored =
                    app::storeKey(server.keyVariable.toStdString(), server.key.toStdString());
                if (!stored) return sentence(base::fail(stored.error()));
            }
            return putFirst(serverJson(server).dump());
        }
    }
    return {};
}

}  // namespace moxie::desktop
