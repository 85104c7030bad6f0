// Runs the real `moxie` binary with an environment of its own: MOXIE_HOME in a temporary folder, no
// keys, a fixed language. Threads: one test at a time.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace moxie::test {

// A folder that goes away with the value.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    void write(const std::string& relative, const std::string& content) const;

private:
    std::filesystem::path path_;
};

struct CommandResult {
    int exitCode = -1;
    std::string out;  // standard output and error apart
    std::string error;
};

class MoxieCommand {
public:
    MoxieCommand();

    std::map<std::string, std::string> environment;
    TempFolder home;

    CommandResult run(const std::vector<std::string>& arguments,
                      const std::string& standardInput = {}) const;
};

}  // namespace moxie::test
