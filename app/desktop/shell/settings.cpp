#include "app/desktop/shell/settings.h"

#include <QFileSystemWatcher>
#include <QRegularExpression>
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

app::Language languageOf(const app::Config& config) {
    return app::languageFromTag(config.text("language") == "auto" ? "" : config.text("language"))
        .value_or(app::languageFromEnvironment());
}

}  // namespace

const std::vector<SettingTitle>& settingTitles() {
    static constexpr const char* kGeneral = QT_TRANSLATE_NOOP("Settings", "General");
    static constexpr const char* kLook = QT_TRANSLATE_NOOP("Settings", "Appearance");
    static constexpr const char* kKeys = QT_TRANSLATE_NOOP("Settings", "Keys");
    static constexpr const char* kModels = QT_TRANSLATE_NOOP("Settings", "Models and backends");
    static constexpr const char* kRights = QT_TRANSLATE_NOOP("Settings", "Permissions");
    static constexpr const char* kTools = QT_TRANSLATE_NOOP("Settings", "Tools");
    static constexpr const char* kEditor = QT_TRANSLATE_NOOP("Settings", "Editor");
    static constexpr const char* kIndex = QT_TRANSLATE_NOOP("Settings", "Index");
    static constexpr const char* kBudgets = QT_TRANSLATE_NOOP("Settings", "Budgets");
    static constexpr const char* kAdvanced = QT_TRANSLATE_NOOP("Settings", "Advanced");
    // clang-format off
    static const std::vector<SettingTitle> titles = {
        {"language", kGeneral, QT_TRANSLATE_NOOP("Settings", "Language"),
         QT_TRANSLATE_NOOP("Settings", "Language of the messages; auto follows the locale. MOXIE_LANG wins over it.")},
        {"desktop.notifications", kGeneral, QT_TRANSLATE_NOOP("Settings", "Notifications"),
         QT_TRANSLATE_NOOP("Settings", "Desktop notifications when a session needs you, has finished or has failed.")},
        {"verify", kGeneral, QT_TRANSLATE_NOOP("Settings", "Commands that must pass"),
         QT_TRANSLATE_NOOP("Settings", "Run before a turn counts as verified; empty: found from the project. A project's list is used inside the jail only.")},
        {"commit", kGeneral, QT_TRANSLATE_NOOP("Settings", "Commit at the end"),
         QT_TRANSLATE_NOOP("Settings", "Whether moxie run commits at the end.")},
        {"desktop.theme", kLook, QT_TRANSLATE_NOOP("Settings", "Theme"),
         QT_TRANSLATE_NOOP("Settings", "Colours of the window; system follows the desktop environment.")},
        {"desktop.text_percent", kLook, QT_TRANSLATE_NOOP("Settings", "Text size"),
         QT_TRANSLATE_NOOP("Settings", "In percent, for all texts of the window.")},
        {"desktop.density", kLook, QT_TRANSLATE_NOOP("Settings", "Detail of steps"),
         QT_TRANSLATE_NOOP("Settings", "How much of the agent's steps a conversation shows.")},
        {"desktop.reduced_motion", kLook, QT_TRANSLATE_NOOP("Settings", "Reduced motion"),
         QT_TRANSLATE_NOOP("Settings", "Nothing folds or slides, everything is in its place at once.")},
        {"desktop.enter_sends", kKeys, QT_TRANSLATE_NOOP("Settings", "Enter sends the message"),
         QT_TRANSLATE_NOOP("Settings", "Enter sends and Shift+Enter breaks the line; off swaps them.")},
        {"desktop.keys", kKeys, QT_TRANSLATE_NOOP("Settings", "Keys of actions"),
         QT_TRANSLATE_NOOP("Settings", "Keys of actions, such as \"hunk.accept=Y\"; nothing after the sign takes the keys away.")},
        {"models", kModels, QT_TRANSLATE_NOOP("Settings", "Models"),
         QT_TRANSLATE_NOOP("Settings", "The models, tried in this order.")},
        {"kv_disk_gb", kModels, QT_TRANSLATE_NOOP("Settings", "Gigabytes of remembered conversations"),
         QT_TRANSLATE_NOOP("Settings", "On disk, for what local models have read; 0: none.")},
        {"effort", kModels, QT_TRANSLATE_NOOP("Settings", "Thinking effort"),
         QT_TRANSLATE_NOOP("Settings", "How much the model may think.")},
        {"mode", kRights, QT_TRANSLATE_NOOP("Settings", "Mode"),
         QT_TRANSLATE_NOOP("Settings", "What the agent may do without asking.")},
        {"sandbox", kRights, QT_TRANSLATE_NOOP("Settings", "Jail for commands"),
         QT_TRANSLATE_NOOP("Settings", "Whether commands must run in a jail.")},
        {"network", kRights, QT_TRANSLATE_NOOP("Settings", "Network for commands"),
         QT_TRANSLATE_NOOP("Settings", "Whether commands may use the network.")},
        {"denied_tools", kTools, QT_TRANSLATE_NOOP("Settings", "Denied tools"),
         QT_TRANSLATE_NOOP("Settings", "Tools the agent must not use.")},
        {"desktop.editor", kEditor, QT_TRANSLATE_NOOP("Settings", "Editor command"),
         QT_TRANSLATE_NOOP("Settings", "Command that opens a file in your editor, with FILE, LINE and COLUMN; empty: the first editor that is found.")},
        {"pack_tokens", kIndex, QT_TRANSLATE_NOOP("Settings", "Tokens of the repository overview"),
         QT_TRANSLATE_NOOP("Settings", "Size of the repository pack in the first request; 0: none; -1: an eighth of the model's context, at most 24000.")},
        {"budget.steps", kBudgets, QT_TRANSLATE_NOOP("Settings", "Steps in one turn"),
         QT_TRANSLATE_NOOP("Settings", "The agent hands over after so many; 0 means no bound.")},
        {"budget.tokens", kBudgets, QT_TRANSLATE_NOOP("Settings", "Tokens in one turn"),
         QT_TRANSLATE_NOOP("Settings", "Of all requests of the turn; 0 means no bound.")},
        {"budget.seconds", kBudgets, QT_TRANSLATE_NOOP("Settings", "Seconds in one turn"),
         QT_TRANSLATE_NOOP("Settings", "From the first request on; 0 means no bound.")},
        {"budget.usd", kBudgets, QT_TRANSLATE_NOOP("Settings", "US dollars in one turn"),
         QT_TRANSLATE_NOOP("Settings", "Counts where the price of the model is known; 0 means no bound.")},
        {"budget.session_usd", kBudgets, QT_TRANSLATE_NOOP("Settings", "US dollars in one session"),
         QT_TRANSLATE_NOOP("Settings", "US dollars of one session in the window; a turn that would go beyond pauses; 0 means no bound.")},
        {"budget.day_usd", kBudgets, QT_TRANSLATE_NOOP("Settings", "US dollars in one day"),
         QT_TRANSLATE_NOOP("Settings", "US dollars of all sessions of a day, held by the window; 0 means no bound.")},
        {"budget.project_usd", kBudgets, QT_TRANSLATE_NOOP("Settings", "US dollars in one project"),
         QT_TRANSLATE_NOOP("Settings", "US dollars of all sessions of a repository, held by the window; 0 means no bound.")},
        {"budget.session_tokens", kBudgets, QT_TRANSLATE_NOOP("Settings", "Tokens in one session"),
         QT_TRANSLATE_NOOP("Settings", "Input and output tokens of one session in the window; 0 means no bound.")},
        {"budget.day_tokens", kBudgets, QT_TRANSLATE_NOOP("Settings", "Tokens in one day"),
         QT_TRANSLATE_NOOP("Settings", "Input and output tokens of all sessions of a day, held by the window; 0 means no bound.")},
        {"budget.project_tokens", kBudgets, QT_TRANSLATE_NOOP("Settings", "Tokens in one project"),
         QT_TRANSLATE_NOOP("Settings", "Input and output tokens of all sessions of a repository, held by the window; 0 means no bound.")},
        {"retry.attempts", kAdvanced, QT_TRANSLATE_NOOP("Settings", "Tries of one request"),
         QT_TRANSLATE_NOOP("Settings", "A request that failed is sent again, up to so many times in all.")},
        {"retry.wait_seconds", kAdvanced, QT_TRANSLATE_NOOP("Settings", "Seconds of waiting between tries"),
         QT_TRANSLATE_NOOP("Settings", "Waiting between the tries of one request, all together.")},
        {"retry.idle_seconds", kAdvanced, QT_TRANSLATE_NOOP("Settings", "Seconds of silence until a try has failed"),
         QT_TRANSLATE_NOOP("Settings", "Silence of a stream after which the try has failed.")},
        {"color", kAdvanced, QT_TRANSLATE_NOOP("Settings", "Colours of the command"),
         QT_TRANSLATE_NOOP("Settings", "Colours on a terminal.")},
    };
    // clang-format on
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

void Settings::setRepository(std::filesystem::path repository) {
    if (repository == repository_) return;
    repository_ = std::move(repository);
    const QStringList watched = watcher_->files() + watcher_->directories();
    if (!watched.isEmpty()) watcher_->removePaths(watched);
    read(ProjectFile::another);
}

QString SettingsProblem::shown() const {
    return line > 0 ? QStringLiteral("%1:%2: %3").arg(file).arg(line).arg(sentence)
                    : QStringLiteral("%1: %2").arg(file, sentence);
}

void Settings::reload() {
    read(ProjectFile::sameAsBefore);
}

void Settings::read(ProjectFile project) {
    auto next = std::make_unique<const app::Config>(app::Config::load(repository_, *say_));
    auto nextUser = std::make_unique<const app::Config>(app::Config::load({}, *say_));
    std::vector<SettingsProblem> problems;
    bool isProjectUnreadable = false;  // then its restrictions would be lost
    for (const app::ConfigProblem& problem : next->problems()) {
        isProjectUnreadable |= problem.line == 0;
        problems.push_back(problem.line > 0 ? SettingsProblem{toQt(problem.file), int(problem.line),
                                                              QString::fromStdString(problem.text)}
                                            : unreadable(problem.file));
    }
    watch();
    const bool hasNewProblems = problems != problems_;
    problems_ = std::move(problems);
    // At the start, or of another project, there is nothing better than the defaults for what is
    // wrong.
    const bool keepsProject = isProjectUnreadable && project == ProjectFile::sameAsBefore;
    const bool isInForce = !config_ || !(isBroken() || keepsProject);
    const auto& all = app::allSettings();
    const bool isDifferent =
        isInForce &&
        (!config_ || std::any_of(all.begin(), all.end(), [&](const app::Setting& setting) {
            return config_->value(setting.path) != next->value(setting.path) ||
                   user_->value(setting.path) != nextUser->value(setting.path);
        }));
    if (isInForce) {
        config_ = std::move(next);
        user_ = std::move(nextUser);
        say_ = std::make_unique<const app::Messages>(languageOf(*config_));
    }
    if (hasNewProblems) emit problemsChanged();
    if (isDifferent) emit changed();
}

// What the command says of it ends in "defaults are in force", which is not so here.
SettingsProblem Settings::unreadable(const std::filesystem::path& file) const {
    SettingsProblem problem = {toQt(file), 0, {}};
    const auto text = base::readFile(file, kSettingsBytesMax);
    if (!text) {
        problem.sentence =
            tr("The file cannot be read: %1.").arg(QString::fromStdString(text.error().message()));
        return problem;
    }
    const auto parsed = app::parseJsonText(*text);
    if (parsed) return problem;
    const QString reason = QString::fromStdString(parsed.error().message());
    static const QRegularExpression place(QStringLiteral("^line (\\d+): "));
    const QRegularExpressionMatch match = place.match(reason);
    problem.line = match.captured(1).toInt();
    problem.sentence = tr("The file is not read: %1.").arg(reason.mid(match.capturedLength()));
    return problem;
}

bool Settings::isBroken() const {
    const QString mine = userFile();
    return std::any_of(problems_.begin(), problems_.end(),
                       [&](const SettingsProblem& problem) { return problem.file == mine; });
}

QStringList Settings::problems() const {
    QStringList lines;
    for (const SettingsProblem& problem : problems_)
        lines << problem.shown();
    return lines;
}

QString Settings::userFile() {
    return toQt(app::Config::userFile());
}

QString Settings::projectFile() const {
    return repository_.empty() ? QString() : toQt(app::Config::projectFile(repository_));
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

double Settings::number(std::string_view path) const {
    return config_->number(path);
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

std::string Settings::valueJson(std::string_view path) const {
    return config_->value(path).dump();
}

std::string Settings::userValueJson(std::string_view path) const {
    return user_->value(path).dump();
}

bool Settings::isFromProject(std::string_view path) const {
    return config_->origin(path) == app::Origin::project &&
           config_->value(path) != user_->value(path);
}

bool Settings::isChanged(std::string_view path) const {
    const app::Setting* setting = app::findSetting(path);
    BASE_CHECK(setting != nullptr);
    return user_->value(path) != nlohmann::json::parse(setting->fallback);
}

bool Settings::isSet(std::string_view path) const {
    return config_->origin(path) != app::Origin::fallback;
}

base::Status Settings::reset(std::string_view path) {
    const app::Setting* setting = app::findSetting(path);
    BASE_CHECK(setting != nullptr);
    return set(path, setting->fallback);
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
