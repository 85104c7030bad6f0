#include "agent/verification.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "tools/process.h"

namespace moxie::agent {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kProjectFileBytesMax = 4 << 20;
constexpr int64_t kTailHeadBytes = 2000;
constexpr int64_t kTailBytes = 6000;

bool isFile(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

std::string textOf(const fs::path& path) {
    return base::readFile(path, kProjectFileBytesMax).value_or("");
}

bool hasProgram(std::string_view name) {
    const char* path = std::getenv("PATH");
    for (std::string_view rest = path ? path : "/usr/bin:/bin"; !rest.empty();) {
        const size_t colon = rest.find(':');
        const fs::path file = fs::path(rest.substr(0, colon)) / name;
        if (access(file.c_str(), X_OK) == 0) return true;
        rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    }
    return false;
}

std::string shellQuoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

int32_t jobs() {
    return int32_t(std::max(1U, std::thread::hardware_concurrency()));
}

// A build folder in `root` that was configured from `root`; empty if there is none.
std::string existingBuildFolder(const fs::path& root) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
        const std::string cache = textOf(it->path() / "CMakeCache.txt");
        if (cache.find("CMAKE_HOME_DIRECTORY:INTERNAL=" + root.string() + "\n") !=
            std::string::npos)
            found.push_back(it->path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found.empty() ? "" : found.front();
}

void planCMake(const fs::path& root, VerificationPlan& plan) {
    const std::string text = textOf(root / "CMakeLists.txt");
    if (text.empty()) return;
    if (!hasProgram("cmake")) {
        plan.notes.push_back("CMakeLists.txt was found, but there is no cmake");
        return;
    }
    const bool hasTests = text.find("enable_testing") != std::string::npos ||
                          text.find("include(CTest)") != std::string::npos;
    const std::string existing = existingBuildFolder(root);
    // Outside the sources: in the jail /tmp is the session's own, without one the name must be.
    const std::string folder = existing.empty()
                                   ? fmt::format("\"${{TMPDIR:-/tmp}}/moxie-verify-{}\"",
                                                 base::hash128(root.string()).hex().substr(0, 12))
                                   : shellQuoted(existing);
    std::string command =
        fmt::format("cmake -S . -B {} && cmake --build {} -j {}", folder, folder, jobs());
    if (hasTests)
        command += fmt::format(" && ctest --test-dir {} --output-on-failure --no-tests=error -j {}",
                               folder, jobs());
    plan.commands.push_back(command);
}

void planMake(const fs::path& root, VerificationPlan& plan) {
    for (const char* name : {"GNUmakefile", "makefile", "Makefile"}) {
        if (!isFile(root / name)) continue;
        const std::string text = textOf(root / name);
        for (const std::string_view target : {"test", "check"})
            for (const std::string_view line : base::splitLines(text)) {
                if (!line.starts_with(target)) continue;
                const std::string_view rest = base::trim(line.substr(target.size()));
                if (!rest.starts_with(":") || rest.starts_with(":=")) continue;
                if (hasProgram("make"))
                    plan.commands.push_back(fmt::format("make {}", target));
                else
                    plan.notes.push_back("a Makefile was found, but there is no make");
                return;
            }
        return;
    }
}

void planNode(const fs::path& root, VerificationPlan& plan) {
    if (!isFile(root / "package.json")) return;
    const auto package = nlohmann::json::parse(textOf(root / "package.json"), nullptr, false);
    if (!package.is_object()) return;
    const auto scripts = package.find("scripts");
    if (scripts == package.end() || !scripts->is_object()) return;
    const auto test = scripts->find("test");
    if (test == scripts->end() || !test->is_string()) return;
    const auto script = test->get<std::string>();
    if (script.find("no test specified") != std::string::npos) return;  // what npm init writes
    if (hasProgram("npm"))
        plan.commands.emplace_back("npm test --silent");
    else if (hasProgram("node"))
        plan.commands.push_back("PATH=\"$PWD/node_modules/.bin:$PATH\"; " + script);
    else
        plan.notes.push_back("package.json has a test script, but there is no npm or node");
}

void planGo(const fs::path& root, VerificationPlan& plan) {
    if (!isFile(root / "go.mod")) return;
    if (hasProgram("go"))
        plan.commands.emplace_back("go build ./... && go vet ./... && go test ./...");
    else
        plan.notes.push_back("go.mod was found, but there is no go");
}

void planRust(const fs::path& root, VerificationPlan& plan) {
    if (!isFile(root / "Cargo.toml")) return;
    if (hasProgram("cargo"))
        plan.commands.emplace_back("cargo test --quiet");
    else
        plan.notes.push_back("Cargo.toml was found, but there is no cargo");
}

bool isPythonTest(const fs::path& file) {
    const std::string name = file.filename().string();
    return file.extension() == ".py" && (name.starts_with("test") || name.ends_with("_test.py"));
}

bool hasPythonTests(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (isPythonTest(it->path())) return true;
    return false;
}

void planPython(const fs::path& root, VerificationPlan& plan) {
    std::string folder;  // where the tests lie, "" none
    for (const char* candidate : {".", "tests", "test"})
        if (folder.empty() && hasPythonTests(root / candidate)) folder = candidate;
    if (folder.empty()) return;
    if (!hasProgram("python3")) {
        plan.notes.push_back("Python tests were found, but there is no python3");
        return;
    }
    const std::string unittest =
        folder == "." ? "python3 -m unittest discover"
                      : fmt::format("python3 -m unittest discover -s {}{}", folder,
                                    // Python 3.11 refuses a top folder for what is no package.
                                    isFile(root / folder / "__init__.py") ? " -t ." : "");
    // Caches would be left in the work tree; the interpreter decides whether pytest is there.
    // unittest calls it a success when it finds no test, as with tests in pytest's own style.
    plan.commands.push_back(fmt::format(
        "export PYTHONDONTWRITEBYTECODE=1; if python3 -c 'import pytest' 2>/dev/null; then "
        "python3 -m pytest -q -p no:cacheprovider; else out=$({} 2>&1); code=$?; "
        "printf '%s\\n' \"$out\"; case \"$out\" in *'Ran 0 tests'*|*\"No module named 'pytest'\"*) "
        "echo 'these tests need pytest, which is not installed'; exit {};; esac; exit $code; fi",
        unittest, kCannotCheckExit));
}

}  // namespace

VerificationPlan planVerification(const fs::path& root,
                                  const std::vector<std::string>& userCommands) {
    VerificationPlan plan;
    plan.commands = userCommands;
    if (!plan.commands.empty()) return plan;
    planCMake(root, plan);
    if (plan.commands.empty() && plan.notes.empty()) planMake(root, plan);
    planNode(root, plan);
    planGo(root, plan);
    planRust(root, plan);
    planPython(root, plan);
    return plan;
}

base::Result<VerificationRun> runCheck(const CheckRequest& request, const tools::Sandbox& sandbox,
                                       const std::stop_token& stop) {
    tools::ProcessRequest process;
    process.argv = {"bash", "-c", request.command};
    process.directory = request.directory;
    process.timeoutMs = request.timeoutMs;
    process.onOutput = request.onOutput;
    TRY_ASSIGN(tools::ProcessRequest jailed, sandbox.wrap(std::move(process), request.network));
    TRY_ASSIGN(const tools::ProcessResult result, tools::runProcess(jailed, stop));
    VerificationRun run;
    run.command = request.command;
    run.exitCode = result.exitCode;
    run.passed = result.exitCode == 0 && !result.isTimedOut;
    run.durationMs = result.durationMs;
    const std::string text = base::toValidUtf8(base::stripTerminalControl(result.output));
    run.outputTail = base::headAndTail(text, kTailHeadBytes, kTailBytes);
    if (result.isTimedOut)
        run.outputTail += fmt::format("\n[timed out after {} s]", request.timeoutMs / 1000);
    return run;
}

}  // namespace moxie::agent
