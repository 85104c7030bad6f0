#include "agent/suggested_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>

#include "agent/shell_text.h"

namespace moxie::agent {

namespace {

using Words = std::span<const std::string>;

// Names, each between blanks.
// Programs that run what their arguments say, destroy, install or reach out: only as they stand.
constexpr std::string_view kNeverStarred =
    " apt apt-get at awk bash batch bun builtin busybox bwrap chattr chgrp chmod chown chroot "
    "command crontab csh curl dash dd deno doas docker dpkg ed emacs env eval ex exec find fish "
    "flock gawk gdb install ionice kill killall ksh kubectl ln lua mawk mkfs mount mv nc ncat nice "
    "nohup npx parallel perf pipx pkexec pkill podman rm rmdir rsync scp script sed setsid sftp sh "
    "shred socat ssh stdbuf strace su sudo systemctl tar taskset tclsh tcsh tee timeout umount "
    "unshare vi vim watch wget xargs zsh ";

// With a script or module they run just that; with anything else what their arguments say.
constexpr std::string_view kInterpreters = " node perl php pip pip3 python python3 ruby ";

// Programs of many trades, and the subcommands that only look, build or test.
struct Trades {
    std::string_view program;
    std::string_view subcommands;
};

constexpr std::array<Trades, 14> kTrades = {{
    {"cargo", " bench build check clippy doc fmt test tree "},
    {"dotnet", " build test "},
    {"gh", " "},
    {"git",
     " add blame branch commit describe diff grep log ls-files rev-parse shortlog show "
     "status "},
    {"go", " build doc fmt list test vet "},
    {"gradle", " build check test "},
    {"hg", " annotate diff log status "},
    {"mvn", " compile package test verify "},
    {"npm", " ls test "},
    {"pnpm", " ls test "},
    {"poetry", " check show "},
    {"svn", " diff info log status "},
    {"uv", " tree "},
    {"yarn", " list test "},
}};

bool hasName(std::string_view names, std::string_view name) {
    return names.find(fmt::format(" {} ", name)) != std::string_view::npos;
}

std::string_view programName(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "c*" would cover curl, "gi*" git push.
bool beginsOtherName(std::string_view program) {
    const std::string begin = fmt::format(" {}", program);
    return kNeverStarred.find(begin) != std::string_view::npos ||
           kInterpreters.find(begin) != std::string_view::npos ||
           std::any_of(kTrades.begin(), kTrades.end(),
                       [&](const Trades& trades) { return trades.program.starts_with(program); });
}

bool isSimpleWord(const std::string& word) {
    return !word.empty() && word.front() != '-' &&
           word.find_first_of(" \t\n\r\"'\\*?[]{}()$`;&|<>=") == std::string::npos;
}

std::string head(Words words, size_t count) {
    return fmt::format("{}", fmt::join(words.first(count), " "));
}

std::optional<std::string> interpreterHead(Words words) {
    if (words.size() >= 3 && words[1] == "-m" && isSimpleWord(words[2]) && words[2] != "pip")
        return head(words, 3);
    const std::string_view program = programName(words[0]);
    const bool isScript = words.size() >= 2 && isSimpleWord(words[1]) &&
                          words[1].find('.') != std::string::npos && program != "pip" &&
                          program != "pip3";
    return isScript ? std::optional(head(words, 2)) : std::nullopt;
}

std::optional<std::string> tradeHead(const Trades& trades, Words words) {
    if (words.size() < 2 || !isSimpleWord(words[1])) return std::nullopt;
    const bool runsScript =
        words[1] == "run" && words.size() >= 3 && isSimpleWord(words[2]) &&
        (trades.program == "npm" || trades.program == "pnpm" || trades.program == "yarn");
    if (runsScript) return head(words, 3);
    return hasName(trades.subcommands, words[1]) ? std::optional(head(words, 2)) : std::nullopt;
}

// What the command begins with and may go on from as it likes; nullopt: only exactly this.
std::optional<std::string> starredHead(Words words) {
    const std::string_view program = programName(words[0]);
    if (!isSimpleWord(words[0]) || hasName(kNeverStarred, program)) return std::nullopt;
    if (hasName(kInterpreters, program)) return interpreterHead(words);
    for (const Trades& trades : kTrades)
        if (trades.program == program) return tradeHead(trades, words);
    if (program == "cmake")
        return words.size() >= 3 && words[1] == "--build" && isSimpleWord(words[2])
                   ? std::optional(head(words, 3))
                   : std::nullopt;
    if (program == "make")
        return words.size() >= 2 && isSimpleWord(words[1]) ? std::optional(head(words, 2))
                                                           : std::nullopt;
    if (beginsOtherName(words[0])) return std::nullopt;
    return head(words, 1);
}

RuleSuggestion ofCommand(const PolicyCall& call) {
    const ShellText shell = parseShell(call.shellText);
    if (shell.isPlain && shell.commands.size() == 1)
        if (const auto begin = starredHead(shell.commands.front()))
            return {fmt::format("{}({}*)", call.tool, escapedPattern(*begin)), {}};
    std::string exact = fmt::format("{}({})", call.tool, escapedPattern(call.shellText));
    if (!parsePermissionRule(exact)) return {{}, "the command is too long for a rule"};
    return {std::move(exact), {}};
}

std::string folderOf(const std::string& path) {
    return std::filesystem::path(path).parent_path().generic_string();
}

bool isWithin(const std::string& folder, const std::string& path) {
    return path.starts_with(folder + "/");
}

RuleSuggestion ofFiles(const PolicyCall& call) {
    const auto isOutside = [](const std::string& path) {
        return path.empty() || path.front() == '/' || path == ".." || path.starts_with("../");
    };
    if (std::any_of(call.subjects.begin(), call.subjects.end(), isOutside))
        return {{}, "it names a place outside the workspace"};
    std::string folder = folderOf(call.subjects.front());
    const auto coversAll = [&] {
        return std::all_of(call.subjects.begin(), call.subjects.end(),
                           [&](const std::string& path) { return isWithin(folder, path); });
    };
    while (!folder.empty() && !coversAll())
        folder = folderOf(folder);
    if (!folder.empty()) return {fmt::format("{}({}/*)", call.tool, escapedPattern(folder)), {}};
    if (call.subjects.size() == 1)
        return {fmt::format("{}({})", call.tool, escapedPattern(call.subjects.front())), {}};
    return {{}, "it changes files of several folders, which only a rule for all files would cover"};
}

}  // namespace

RuleSuggestion suggestRule(const PolicyCall& call) {
    RuleSuggestion suggestion = !call.shellText.empty()  ? ofCommand(call)
                                : !call.subjects.empty() ? ofFiles(call)
                                                         : RuleSuggestion{call.tool, {}};
    if (!suggestion.rule.empty() && !parsePermissionRule(suggestion.rule))
        return {{}, "its text is none that a rule could have"};
    return suggestion;
}

}  // namespace moxie::agent
