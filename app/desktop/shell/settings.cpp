#include "app/desktop/shell/settings.h"

#include <QFileSystemWatcher>
#include <QTimer>
#include <algorithm>
#include <system_error>
#include <utility>

#include "app/cli/config.h"
#include "app/cli/json_text.h"
#include "base/file.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kSettingsBytesMax = 1 << 20;
constexpr int kReloadSoonMs = 50;

QString toQt(const std::filesystem::path& path) {
    return QString::fromStdString(path.string());
}

}  // namespace

const std::vector<SettingTitle>& settingTitles() {
    static constexpr const char* kLook = QT_TRANSLATE_NOOP("Settings", "Appearance");
    static constexpr const char* kKeys = QT_TRANSLATE_NOOP("Settings", "Keys");
    static constexpr const char* kModels = QT_TRANSLATE_NOOP("Settings", "Models");
    static constexpr const char* kRights = QT_TRANSLATE_NOOP("Settings", "Permissions");
    static constexpr const char* kBudgets = QT_TRANSLATE_NOOP("Settings", "Budgets");
    static constexpr const char* kWork = QT_TRANSLATE_NOOP("Settings", "Work");
    static const std::vector<SettingTitle> titles = {
        {"language", kLook, QT_TRANSLATE_NOOP("Settings", "Language")},
        {"desktop.theme", kLook, QT_TRANSLATE_NOOP("Settings", "Theme")},
        {"desktop.text_percent", kLook, QT_TRANSLATE_NOOP("Settings", "Text size in percent")},
        {"desktop.density", kLook, QT_TRANSLATE_NOOP("Settings", "How much of the steps is shown")},
        {"color", kLook, QT_TRANSLATE_NOOP("Settings", "Colours of the command on a terminal")},
        {"desktop.enter_sends", kKeys, QT_TRANSLATE_NOOP("Settings", "Enter sends the message")},
        {"desktop.keys", kKeys, QT_TRANSLATE_NOOP("Settings", "Keys of actions")},
        {"models", kModels, QT_TRANSLATE_NOOP("Settings", "Models, tried in this order")},
        {"effort", kModels, QT_TRANSLATE_NOOP("Settings", "How much the model may think")},
        {"pack_tokens", kModels,
         QT_TRANSLATE_NOOP("Settings", "Tokens of the repository overview")},
        {"retry.attempts", kModels, QT_TRANSLATE_NOOP("Settings", "Tries of one request")},
        {"retry.wait_seconds", kModels,
         QT_TRANSLATE_NOOP("Settings", "Seconds of waiting between tries")},
        {"retry.idle_seconds", kModels,
         QT_TRANSLATE_NOOP("Settings", "Seconds of silence until a try has failed")},
        {"mode", kRights, QT_TRANSLATE_NOOP("Settings", "What the agent may do without asking")},
        {"sandbox", kRights, QT_TRANSLATE_NOOP("Settings", "Jail for commands")},
        {"network", kRights, QT_TRANSLATE_NOOP("Settings", "Commands may use the network")},
        {"denied_tools", kRights, QT_TRANSLATE_NOOP("Settings", "Tools the agent must not use")},
        {"budget.steps", kBudgets, QT_TRANSLATE_NOOP("Settings", "Steps in one turn")},
        {"budget.tokens", kBudgets, QT_TRANSLATE_NOOP("Settings", "Tokens in one turn")},
        {"budget.seconds", kBudgets, QT_TRANSLATE_NOOP("Settings", "Seconds in one turn")},
        {"budget.usd", kBudgets, QT_TRANSLATE_NOOP("Settings", "US dollars in one turn")},
        {"verify", kWork, QT_TRANSLATE_NOOP("Settings", "Commands that must pass")},
        {"commit", kWork, QT_TRANSLATE_NOOP("Settings", "Commit at the end of a run")},
    };
    return titles;
}

Settings::Settings(std::filesystem::path repository, QObject* parent)
    : QObject(parent),
      repository_(std::move(repository)),
      say_(std::make_unique<app::Messages>(app::languageFromEnvironment())),
      watcher_(new QFileSystemWatcher(this)),
      soon_(new QTimer(this)) {
    soon_->setSingleShot(true);
    soon_->setInterval(kReloadSoonMs);
    connect(soon_, &QTimer::timeout, this, &Settings::reload);
    connect(watcher_, &QFileSystemWatcher::fileChanged, soon_, qOverload<>(&QTimer::start));
    connect(watcher_, &QFileSystemWatcher::directoryChanged, soon_, qOverload<>(&QTimer::start));
    reload();
}

Settings::~Settings() = default;

void Settings::reload() {
    auto next = std::make_unique<const app::Config>(app::Config::load(repository_, *say_));
    QStringList problems;
    for (const app::ConfigProblem& problem : next->problems())
        problems << QString::fromStdString(problem.shown());
    watch();
    const bool hasNewProblems = problems != problems_;
    problems_ = std::move(problems);
    // At the start there is nothing better than the defaults for what is wrong.
    const bool isInForce = problems_.isEmpty() || !config_;
    const bool isDifferent =
        isInForce && (!config_ || std::any_of(app::allSettings().begin(), app::allSettings().end(),
                                              [&](const app::Setting& setting) {
                                                  return config_->value(setting.path) !=
                                                         next->value(setting.path);
                                              }));
    if (isInForce) config_ = std::move(next);
    if (hasNewProblems) emit problemsChanged();
    if (isDifferent) emit changed();
}

// A file is replaced, not changed, when it is written well; its folder tells.
void Settings::watch() {
    QStringList wanted;
    std::error_code failed;
    std::vector<std::filesystem::path> files = {app::Config::userFile()};
    if (!repository_.empty()) files.push_back(app::Config::projectFile(repository_));
    for (const auto& file : files) {
        if (std::filesystem::is_directory(file.parent_path(), failed))
            wanted << toQt(file.parent_path());
        if (std::filesystem::is_regular_file(file, failed)) wanted << toQt(file);
    }
    const QStringList watched = watcher_->files() + watcher_->directories();
    for (const QString& path : wanted)
        if (!watched.contains(path)) watcher_->addPath(path);
}

QString Settings::text(std::string_view path) const {
    return QString::fromStdString(config_->text(path));
}

int64_t Settings::integer(std::string_view path) const {
    return config_->integer(path);
}

bool Settings::isOn(std::string_view path) const {
    return config_->flag(path);
}

QStringList Settings::list(std::string_view path) const {
    QStringList items;
    for (const std::string& item : config_->list(path))
        items << QString::fromStdString(item);
    return items;
}

bool Settings::isChanged(std::string_view path) const {
    const app::Setting* setting = app::findSetting(path);
    BASE_CHECK(setting != nullptr);
    return config_->value(path) != nlohmann::json::parse(setting->fallback);
}

base::Status Settings::set(std::string_view path, std::string_view valueJson) {
    const app::Setting* setting = app::findSetting(path);
    BASE_CHECK(setting != nullptr);
    const nlohmann::json value = nlohmann::json::parse(valueJson, nullptr, false);
    if (value.is_discarded()) return base::fail(base::Errc::invalidInput, "the value is not JSON");
    if (auto problem = app::settingProblem(*setting, value, *say_))
        return base::fail(base::Errc::invalidInput, *std::move(problem));
    const std::filesystem::path file = app::Config::userFile();
    std::string before;
    if (auto text = base::readFile(file, kSettingsBytesMax)) {
        before = *std::move(text);
    } else if (text.error().kind() != base::Errc::notFound) {
        return base::fail(std::move(text).error());
    }
    if (!before.empty()) {
        const auto parsed = app::parseJsonText(before);
        if (!parsed || !parsed->is_object())
            return base::fail(base::Errc::corrupt,
                              (*say_)(app::Msg::configRepairFirst, file.string(),
                                      parsed ? "" : parsed.error().message()));
    }
    std::error_code ignored;  // the write says what is wrong
    std::filesystem::create_directories(file.parent_path(), ignored);
    TRY(base::writeFileAtomically(file, app::withValue(before, path, value.dump())));
    reload();
    return {};
}

}  // namespace moxie::desktop
