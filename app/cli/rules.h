// The permission rules that a user keeps per project, in one readable file of the user:
//   {"projects": {"/abs/work/tree": {"allow": ["bash(ctest*)"], "ask": [], "deny": []}}}
// Never in a file of the project: what a project brings along may restrict, never widen.
// Threads: any thread. Writers of several threads and processes take turns; a file that cannot be
// read is never written over. Errors are sentences for the user, with file and line.
#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/messages.h"
#include "base/result.h"

namespace moxie::app {

enum class RuleKind { allow, ask, deny };
constexpr std::array<std::string_view, 3> kRuleKindNames = {"allow", "ask", "deny"};

struct ProjectRules {
    std::filesystem::path project;  // the work tree
    std::vector<std::string> allow = {}, ask = {}, deny = {};

    const std::vector<std::string>& of(RuleKind kind) const;
};

std::filesystem::path rulesFile();  // base::configDir()/rules.json

// The work tree around `directory`, or the directory itself where there is none: what the rules of
// a project are kept under.
std::filesystem::path projectOf(const std::filesystem::path& directory);

// Sorted by project. No file: no rules. Fails: invalidInput (the file is not what it should be),
// io, denied.
base::Result<std::vector<ProjectRules>> loadAllRules(const Messages& say);

// Of the project around `directory`. Fails: as loadAllRules().
base::Result<ProjectRules> loadRules(const std::filesystem::path& directory, const Messages& say);

// Adds `rule` to the project around `directory`; one that is there already is no error. Members of
// the file that are not known here stay. Fails: invalidInput (also for a text that is no rule, and
// a file with comments, which would be lost), io, denied; the file is as it was then.
base::Status addRule(const std::filesystem::path& directory, RuleKind kind, std::string_view rule,
                     const Messages& say);

// Takes `rule` out. Fails: notFound, and as addRule().
base::Status removeRule(const std::filesystem::path& directory, RuleKind kind,
                        std::string_view rule, const Messages& say);

}  // namespace moxie::app
