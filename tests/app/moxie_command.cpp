#include "tests/app/moxie_command.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "tests/catch.h"
#include "tools/process.h"

namespace moxie::test {

namespace {

std::string readAll(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

}  // namespace

TempFolder::TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "moxie-app-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = std::filesystem::canonical(pattern);
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void TempFolder::write(const std::string& relative, const std::string& content) const {
    const std::filesystem::path file = path_ / relative;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

MoxieCommand::MoxieCommand() {
    for (const char* variable : {"PATH", "HOME"})
        if (const char* value = std::getenv(variable)) environment[variable] = value;
    environment["MOXIE_HOME"] = home.path().string();
    environment["MOXIE_LANG"] = "en";
    environment["TERM"] = "xterm";
}

CommandResult MoxieCommand::run(const std::vector<std::string>& arguments,
                                const std::string& standardInput) const {
    // The shell keeps the two outputs apart; "$@" carries the arguments untouched.
    const std::filesystem::path out = home.path() / "stdout", error = home.path() / "stderr";
    tools::ProcessRequest request{
        .argv = {"/bin/sh", "-c", "exec \"$@\" >\"$MOXIE_TEST_OUT\" 2>\"$MOXIE_TEST_ERROR\"", "sh",
                 MOXIE_COMMAND}};
    request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
    request.environment = environment;
    request.environment->emplace("MOXIE_TEST_OUT", out.string());
    request.environment->emplace("MOXIE_TEST_ERROR", error.string());
    request.standardInput = standardInput;
    request.directory = home.path();
    request.timeoutMs = 60'000;
    const auto result = tools::runProcess(request, {});
    REQUIRE(result);
    return {result->exitCode, readAll(out), readAll(error)};
}

}  // namespace moxie::test
