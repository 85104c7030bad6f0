// The settings as the window sees them: the same file, schema and rules as the command's
// (app/cli/config.h is the one truth), with titles for the form, change signals, and one rule more:
// while a file is broken, the values that were in force before stay. Writing changes one value and
// leaves the user's comments alone. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QStringList>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

class QFileSystemWatcher;
class QTimer;

namespace moxie::app {
class Config;
class Messages;
}  // namespace moxie::app

namespace moxie::desktop {

// What the form shows for a setting; English, marked for translation in the context "Settings".
struct SettingTitle {
    std::string_view path;
    const char* group = "";
    const char* title = "";
    const char* help = "";  // the description of config.schema.json
};

// One for every setting of app::allSettings(), in the order of the form.
const std::vector<SettingTitle>& settingTitles();

// Something in a file that was not taken.
struct SettingsProblem {
    QString file;
    int line = 0;  // 0: the file as a whole
    QString sentence;

    QString shown() const;  // "file:line: sentence"
    bool operator==(const SettingsProblem&) const = default;
};

class Settings final : public QObject {
    Q_OBJECT

public:
    // Reads the user's file and, unless empty, the project's; follows changes of both.
    explicit Settings(std::filesystem::path repository, QObject* parent = nullptr);
    ~Settings() override;

    // From now on the project's file is that of this folder; empty: none.
    void setRepository(std::filesystem::path repository);

    // Requires: `path` is a setting of that type.
    QString text(std::string_view path) const;
    int64_t integer(std::string_view path) const;
    double number(std::string_view path) const;
    bool isOn(std::string_view path) const;
    QStringList list(std::string_view path) const;
    // As JSON: what is in force, and what the user's own file says of it (or the default). They
    // differ where the project restricts.
    std::string valueJson(std::string_view path) const;
    std::string userValueJson(std::string_view path) const;
    bool isFromProject(std::string_view path) const;
    bool isChanged(std::string_view path) const;  // by the user, from its default
    bool isSet(std::string_view path) const;      // by the user or the project, to anything

    // `valueJson`: true, 120, "dark", ["a"]. Fails: invalidInput (the sentence names the setting),
    // io; corrupt if the file must be repaired first. The file is untouched then.
    base::Status set(std::string_view path, std::string_view valueJson);

    // Writes the default.
    base::Status reset(std::string_view path);

    // Of the last reading: "file:line: sentence". Empty: everything is in force.
    QStringList problems() const;

    const std::vector<SettingsProblem>& problemPlaces() const { return problems_; }

    // The user's file has to be repaired first: nothing of it that is new is in force.
    bool isBroken() const;

    static QString userFile();
    QString projectFile() const;  // empty without a project; need not exist

    void reload();

signals:
    void changed();
    void problemsChanged();

private:
    enum class ProjectFile : uint8_t { sameAsBefore, another };

    void read(ProjectFile project);
    void watch();
    SettingsProblem unreadable(const std::filesystem::path& file) const;

    std::filesystem::path repository_;
    std::unique_ptr<const app::Messages> say_;
    std::unique_ptr<const app::Config> config_, user_;  // with and without the project's file
    std::vector<SettingsProblem> problems_;
    QFileSystemWatcher* watcher_;
    QTimer* soon_;  // an editor writes a file in several steps
};

}  // namespace moxie::desktop
