// What a line of shell would do, as far as its text tells. A convenience for rules and questions,
// never a boundary: the jail is the boundary. Whatever is not understood counts as unknown.
// Threads: any thread; pure functions.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::agent {

struct ShellText {
    std::vector<std::vector<std::string>> commands;  // words of each simple command, quotes removed
    // True if the commands above are all that runs and nothing is expanded, substituted or written
    // to a file by redirection.
    bool isPlain = true;
};

ShellText parseShell(std::string_view text);

// Why this text may throw away work that git keeps or that only git could give back: "git reset
// --hard drops uncommitted changes". Errs on the side of finding something. nullopt: nothing found.
std::optional<std::string> findDestructiveGit(std::string_view text);

}  // namespace moxie::agent
