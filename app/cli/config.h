// Settings: defaults, the user's file, the project's file on top. The user's file may say anything
// of config.schema.json; a project's file may only restrict (a stricter mode, a smaller budget, no
// network), and never names models, servers or keys. A wrong value is reported with file, line and
// key, and the value before it stays. Threads: values; any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/messages.h"
#include "base/result.h"

namespace moxie::app {

enum class SettingType { choice, integer, number, flag, text, textList, models };

// What a project's file may do with a setting.
enum class ProjectMay {
    nothing,
    choosesEarlier,  // a choice that stands before the user's in the list, which begins strictest
    lowers,          // a smaller number; 0 means no bound
    switchesOff,
    adds,
    fills,  // only where the user's list is empty
};

struct Setting {
    std::string_view path;  // "budget.steps"
    SettingType type = SettingType::choice;
    std::string_view fallback = {};  // JSON
    ProjectMay projectMay = ProjectMay::nothing;
    std::vector<std::string_view> choices = {};
    double min = 0;
    double max = 1e15;
};

const std::vector<Setting>& allSettings();

enum class Origin { fallback, user, project };

struct ConfigProblem {
    std::filesystem::path file;
    int64_t line = 0;  // 0: the file as a whole
    std::string text;  // a sentence in the user's language, naming the key

    std::string shown() const;  // "file:line: text"
};

class Config {
public:
    // Reads both files; neither needs to exist. Problems do not stop it. `repository` empty: no
    // project file.
    static Config load(const std::filesystem::path& repository, const Messages& say);

    const nlohmann::json& value(std::string_view path) const;
    Origin origin(std::string_view path) const;
    std::string text(std::string_view path) const;
    int64_t integer(std::string_view path) const;
    double number(std::string_view path) const;
    bool flag(std::string_view path) const;
    std::vector<std::string> list(std::string_view path) const;

    const std::vector<ConfigProblem>& problems() const { return problems_; }

    static std::filesystem::path userFile();
    // Of the work tree around `directory`, whether it exists or not.
    static std::filesystem::path projectFile(const std::filesystem::path& directory);

private:
    struct Entry {
        nlohmann::json value;
        Origin origin = Origin::fallback;
    };

    void apply(const std::filesystem::path& file, Origin origin, const Messages& say);
    void take(const Setting& setting, const nlohmann::json& value, Origin origin,
              ConfigProblem problem, const Messages& say);

    std::map<std::string, Entry, std::less<>> entries_;
    std::vector<ConfigProblem> problems_;
};

// What is wrong with `value` for `setting`, as a sentence; nullopt if nothing.
std::optional<std::string> settingProblem(const Setting& setting, const nlohmann::json& value,
                                          const Messages& say);

const Setting* findSetting(std::string_view path);

// The most similar of `names`; empty if none is near.
std::string nearestName(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace moxie::app
