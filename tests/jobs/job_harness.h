// Runs the real `moxie` program on a real repository against the scripted model server.
// Threads: one test at a time per object.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/scripted_server/scripted_server.h"

namespace moxie::tests {

// A folder that goes away with the object.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct CommandResult {
    int32_t exitCode = 0;
    std::string output;  // stdout and stderr in order of arrival
    int64_t durationMs = 0;
};

// The test's environment less every MOXIE_*, *_API_KEY and *_BASE_URL, plus `more`.
std::map<std::string, std::string> cleanEnvironment(const std::map<std::string, std::string>& more);

// Runs a program in cleanEnvironment(environment).
CommandResult runCommand(const std::vector<std::string>& argv,
                         const std::filesystem::path& directory,
                         const std::map<std::string, std::string>& environment = {},
                         int64_t timeoutMs = 120'000);

// Every file below `folder` whose bytes hold `needle`.
std::vector<std::string> filesWith(const std::filesystem::path& folder, std::string_view needle);

struct MoxieResult {
    int32_t exitCode = 0;
    std::string output;
    std::vector<Json> events;  // the JSON lines of --output stream-json
    int64_t durationMs = 0;

    // Events of one type, oldest first.
    std::vector<Json> ofType(std::string_view type) const;
};

// A git repository and a home for Moxie in one temporary folder, and the model server.
class JobHarness {
public:
    // Starts the server with these scripts (by model name) and the scripts of tests/data/scripts.
    explicit JobHarness(std::map<std::string, Json> scripts = {});

    const std::filesystem::path& repository() const { return repository_; }

    std::filesystem::path home() const { return folder_.path() / "home"; }

    std::filesystem::path scratch() const { return folder_.path(); }

    ScriptedServer& server() { return *server_; }

    void write(std::string_view path, std::string_view content) const;
    std::string read(std::string_view path) const;
    bool exists(std::string_view path) const;
    // git init, add everything, commit.
    void commitAll(std::string_view message) const;
    std::string git(const std::vector<std::string>& arguments) const;

    // moxie run TASK --repo REPOSITORY --output stream-json against the server with this model.
    MoxieResult run(std::string_view task, std::string_view model,
                    const std::vector<std::string>& more = {},
                    const std::map<std::string, std::string>& environment = {}) const;

private:
    TemporaryFolder folder_;
    std::filesystem::path repository_;
    std::unique_ptr<ScriptedServer> server_;
};

// One answer of a playback script: text and calls ({"name", "arguments"}).
Json answer(std::string_view text, const std::vector<Json>& calls = {});
Json call(std::string_view tool, Json arguments);
// A script that plays these answers one a turn.
Json playback(const std::vector<Json>& answers);

}  // namespace moxie::tests
