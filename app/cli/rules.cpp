#include "app/cli/rules.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "agent/permission_rule.h"
#include "app/cli/json_text.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::ordered_json;

constexpr int64_t kRulesBytesMax = 4 << 20;

// Held while the file is read and written again.
class WritersTurn {
public:
    static base::Result<WritersTurn> take(const Messages& say) {
        std::error_code failed;
        std::filesystem::create_directories(base::configDir(), failed);
        const std::filesystem::path file = base::configDir() / "rules.lock";
        const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        int locked = -1;
        while (fd >= 0 && (locked = ::flock(fd, LOCK_EX)) != 0 && errno == EINTR) {
        }
        if (locked == 0) return WritersTurn(fd);
        const std::string cause = std::generic_category().message(errno);
        if (fd >= 0) ::close(fd);
        return base::fail(base::Errc::io, say(Msg::rulesUnreadable, file.string(), cause));
    }

    ~WritersTurn() {
        if (fd_ >= 0) ::close(fd_);  // gives the lock back
    }

    WritersTurn(WritersTurn&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    WritersTurn(const WritersTurn&) = delete;
    WritersTurn& operator=(const WritersTurn&) = delete;
    WritersTurn& operator=(WritersTurn&&) = delete;

private:
    explicit WritersTurn(int fd) : fd_(fd) {}

    int fd_ = -1;
};

tl::unexpected<base::Error> unreadable(const Messages& say, const std::string& cause) {
    return base::fail(base::Errc::invalidInput,
                      say(Msg::rulesUnreadable, rulesFile().string(), cause));
}

// What is wrong with the members of a project, which is called by its path; empty if nothing.
std::string memberProblem(const ordered_json& project, const Messages& say) {
    if (!project.is_object()) return say(Msg::rulesProjectNotObject);
    for (const std::string_view kind : kRuleKindNames) {
        const auto list = project.find(std::string(kind));
        if (list == project.end()) continue;
        if (!list->is_array()) return say(Msg::configNotAList, kind);
        for (const ordered_json& rule : *list) {
            if (!rule.is_string()) return say(Msg::configNotAList, kind);
            if (const auto parsed = agent::parsePermissionRule(rule.get<std::string>()); !parsed)
                return parsed.error().message();
        }
    }
    return {};
}

int64_t lineOf(std::string_view text, const std::string& project) {
    for (const KeyPlace& place : keyPlaces(text))
        if (place.path == "projects." + project) return place.line;
    return 1;
}

// The whole file, an empty object where there is none.
base::Result<ordered_json> readRules(const Messages& say, std::string& text) {
    auto read = base::readFile(rulesFile(), kRulesBytesMax);
    if (!read && read.error().kind() == base::Errc::notFound) return ordered_json::object();
    if (!read)
        return base::fail(read.error().kind(),
                          say(Msg::rulesUnreadable, rulesFile().string(), read.error().message()));
    text = *std::move(read);
    if (const auto parsed = parseJsonText(text); !parsed)
        return unreadable(say, parsed.error().message());
    ordered_json rules = ordered_json::parse(text, nullptr, false, true);
    if (!rules.is_object()) return unreadable(say, say(Msg::rulesNotObject));
    const auto projects = rules.find("projects");
    if (projects == rules.end()) return rules;
    if (!projects->is_object()) return unreadable(say, say(Msg::rulesNotObject));
    for (const auto& [path, project] : projects->items())
        if (const std::string problem = memberProblem(project, say); !problem.empty())
            return unreadable(say, say(Msg::rulesAtLine, lineOf(text, path), path, problem));
    return rules;
}

std::vector<std::string> rulesOf(const ordered_json& project, RuleKind kind) {
    const auto list = project.find(std::string(kRuleKindNames[size_t(kind)]));
    return list == project.end() ? std::vector<std::string>()
                                 : list->get<std::vector<std::string>>();
}

ProjectRules projectRules(const std::string& path, const ordered_json& project) {
    return {path, rulesOf(project, RuleKind::allow), rulesOf(project, RuleKind::ask),
            rulesOf(project, RuleKind::deny)};
}

// For a change: comments would be lost, so a file that has some is left to its writer.
base::Result<ordered_json> readToChange(const Messages& say) {
    std::string text;
    TRY_ASSIGN(ordered_json rules, readRules(say, text));
    if (!text.empty() && !ordered_json::accept(text))
        return base::fail(base::Errc::invalidInput,
                          say(Msg::rulesHaveComments, rulesFile().string()));
    return rules;
}

base::Status writeRules(const ordered_json& rules, const Messages& say) {
    const std::string text = rules.dump(2, ' ', false, ordered_json::error_handler_t::replace);
    const base::Status written = base::writeFileAtomically(rulesFile(), text + "\n");
    if (written) return {};
    return base::fail(written.error().kind(),
                      say(Msg::rulesNotWritten, rulesFile().string(), written.error().message()));
}

}  // namespace

const std::vector<std::string>& ProjectRules::of(RuleKind kind) const {
    return kind == RuleKind::allow ? allow : kind == RuleKind::ask ? ask : deny;
}

std::filesystem::path rulesFile() {
    return base::configDir() / "rules.json";
}

std::filesystem::path projectOf(const std::filesystem::path& directory) {
    std::error_code ignored;
    auto start = std::filesystem::weakly_canonical(directory, ignored);
    for (auto folder = start; !folder.empty(); folder = folder.parent_path()) {
        if (std::filesystem::exists(folder / ".git", ignored)) return folder;
        if (folder == folder.parent_path()) break;
    }
    return start;
}

base::Result<std::vector<ProjectRules>> loadAllRules(const Messages& say) {
    std::string text;
    TRY_ASSIGN(const ordered_json rules, readRules(say, text));
    std::vector<ProjectRules> all;
    if (const auto projects = rules.find("projects"); projects != rules.end())
        for (const auto& [path, project] : projects->items())
            all.push_back(projectRules(path, project));
    std::sort(all.begin(), all.end(),
              [](const ProjectRules& a, const ProjectRules& b) { return a.project < b.project; });
    return all;
}

base::Result<ProjectRules> loadRules(const std::filesystem::path& directory, const Messages& say) {
    const std::filesystem::path project = projectOf(directory);
    TRY_ASSIGN(std::vector<ProjectRules> all, loadAllRules(say));
    for (ProjectRules& rules : all)
        if (rules.project == project) return std::move(rules);
    return ProjectRules{project};
}

base::Status addRule(const std::filesystem::path& directory, RuleKind kind, std::string_view rule,
                     const Messages& say) {
    TRY_ASSIGN(const agent::PermissionRule checked, agent::parsePermissionRule(rule));
    if (!base::isValidUtf8(rule) || !base::isValidUtf8(projectOf(directory).string()))
        return base::fail(base::Errc::invalidInput, say(Msg::rulesNotUtf8));
    TRY_ASSIGN(const WritersTurn turn, WritersTurn::take(say));
    TRY_ASSIGN(ordered_json rules, readToChange(say));
    ordered_json& list =
        rules["projects"][projectOf(directory).string()][std::string(kRuleKindNames[size_t(kind)])];
    if (std::find(list.begin(), list.end(), checked.text) != list.end()) return {};
    list.push_back(checked.text);
    return writeRules(rules, say);
}

base::Status removeRule(const std::filesystem::path& directory, RuleKind kind,
                        std::string_view rule, const Messages& say) {
    const std::string path = projectOf(directory).string();
    const std::string name(kRuleKindNames[size_t(kind)]);
    TRY_ASSIGN(const WritersTurn turn, WritersTurn::take(say));
    TRY_ASSIGN(ordered_json rules, readToChange(say));
    const auto missing = [&] {
        return base::fail(base::Errc::notFound, say(Msg::ruleMissing, rule, name, path));
    };
    const ordered_json::json_pointer place =
        ordered_json::json_pointer() / "projects" / path / name;
    if (!rules.contains(place)) return missing();
    ordered_json& list = rules[place];
    const auto found = std::find(list.begin(), list.end(), rule);
    if (found == list.end()) return missing();
    list.erase(found);
    return writeRules(rules, say);
}

}  // namespace moxie::app
