#include "tests/jobs/job_harness.h"

#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "base/text.h"
#include "tests/catch.h"
#include "tools/process.h"

extern char** environ;

namespace moxie::tests {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "moxie-job-XXXXXX").string();
    const char* made = ::mkdtemp(pattern.data());
    REQUIRE(made != nullptr);
    path_ = fs::canonical(made);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;  // a test's own failure matters more than what is left in /tmp
    fs::remove_all(path_, ignored);
}

std::map<std::string, std::string> cleanEnvironment(
    const std::map<std::string, std::string>& more) {
    std::map<std::string, std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const size_t equals = text.find('=');
        const std::string name(text.substr(0, equals));
        if (name.starts_with("MOXIE_") || name.ends_with("_API_KEY") || name.ends_with("_BASE_URL"))
            continue;
        all[name] = equals == std::string_view::npos ? "" : std::string(text.substr(equals + 1));
    }
    for (const auto& [name, value] : more)
        all[name] = value;
    return all;
}

CommandResult runCommand(const std::vector<std::string>& argv, const fs::path& directory,
                         const std::map<std::string, std::string>& environment, int64_t timeoutMs) {
    tools::ProcessRequest request;
    request.argv = argv;
    request.directory = directory;
    request.environment = cleanEnvironment(environment);
    request.timeoutMs = timeoutMs;
    const auto result = tools::runProcess(request, {});
    REQUIRE(result.has_value());
    CAPTURE(argv, result->output);
    REQUIRE_FALSE(result->isTimedOut);
    return {result->exitCode, result->output, result->durationMs};
}

std::vector<std::string> filesWith(const fs::path& folder, std::string_view needle) {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        const auto text = base::readFile(entry.path());
        if (text && text->find(needle) != std::string::npos) found.push_back(entry.path());
    }
    return found;
}

std::vector<Json> MoxieResult::ofType(std::string_view type) const {
    std::vector<Json> found;
    for (const Json& event : events)
        if (event.value("type", "") == type) found.push_back(event);
    return found;
}

JobHarness::JobHarness(std::map<std::string, Json> scripts)
    : repository_(folder_.path() / "repository") {
    fs::create_directories(repository_);
    fs::create_directories(home());
    ScriptedServerOptions options;
    options.scriptsFolder = fs::path(MOXIE_SOURCE_DIR) / "tests/data/scripts";
    options.recordFolder = folder_.path() / "requests";
    fs::create_directories(options.recordFolder);
    options.scripts = std::move(scripts);
    auto server = ScriptedServer::start(std::move(options));
    REQUIRE(server.has_value());
    server_ = std::move(*server);
}

void JobHarness::write(std::string_view path, std::string_view content) const {
    const fs::path file = repository_ / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

std::string JobHarness::read(std::string_view path) const {
    const auto text = base::readFile(repository_ / path);
    CAPTURE(path);
    REQUIRE(text.has_value());
    return *text;
}

bool JobHarness::exists(std::string_view path) const {
    return fs::exists(repository_ / path);
}

void JobHarness::commitAll(std::string_view message) const {
    git({"init", "-q", "-b", "main"});
    git({"config", "user.name", "Test Person"});
    git({"config", "user.email", "test@example.org"});
    git({"add", "-A"});
    git({"commit", "-q", "-m", std::string(message)});
}

std::string JobHarness::git(const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {"git"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const CommandResult done = runCommand(argv, repository_);
    CAPTURE(argv, done.output);
    REQUIRE(done.exitCode == 0);
    return done.output;
}

MoxieResult JobHarness::run(std::string_view task, std::string_view model,
                            const std::vector<std::string>& more,
                            const std::map<std::string, std::string>& environment) const {
    std::vector<std::string> argv = {
        MOXIE_BINARY,         "run",      std::string(task), "--repo",
        repository_.string(), "--output", "stream-json",     "--base-url",
        server_->baseUrl(),   "--model",  std::string(model)};
    argv.insert(argv.end(), more.begin(), more.end());
    std::map<std::string, std::string> all = {{"MOXIE_HOME", home().string()},
                                              {"MOXIE_API_KEY", "test-key-0123456789"},
                                              {"LC_ALL", "C.UTF-8"}};
    for (const auto& [name, value] : environment)
        all[name] = value;
    const CommandResult done = runCommand(argv, repository_, all, 300'000);
    MoxieResult result{done.exitCode, done.output, {}, done.durationMs};
    for (const std::string_view line : base::splitLines(done.output)) {
        if (!line.starts_with("{")) continue;
        Json event = Json::parse(line, nullptr, false);
        if (event.is_object()) result.events.push_back(std::move(event));
    }
    return result;
}

Json answer(std::string_view text, const std::vector<Json>& calls) {
    Json steps = Json::array();
    if (!text.empty()) steps.push_back({{"text", text}});
    for (const Json& one : calls)
        steps.push_back({{"call", one}});
    return {{"steps", std::move(steps)}};
}

Json call(std::string_view tool, Json arguments) {
    return {{"name", tool}, {"arguments", std::move(arguments)}};
}

Json playback(const std::vector<Json>& answers) {
    return {{"about", "plays a job"}, {"by", "turns"}, {"answers", answers}};
}

}  // namespace moxie::tests
