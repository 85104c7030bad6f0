// Who may do what: permission modes and rules over the effects that a call declares. It decides and
// never asks; the turn asks. Deny wins over ask, ask over allow, allow over the mode.
// Threads: one thread at a time.
#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/permission_rule.h"
#include "agent/session.h"
#include "tools/tool.h"
#include "tools/workspace.h"

namespace moxie::agent {

enum class Verdict { allow, ask, deny };

struct Decision {
    Verdict verdict = Verdict::deny;
    std::string rule;         // what decided: "mode auto", "deny bash(git push*)"
    std::string reason;       // one sentence, for the question and the model
    std::string sessionRule;  // names exactly this call, for a wider answer; empty: only once
    std::string suggestedRule, whyOnlyOnce;  // as in PermissionQuestion
};

// A call as the rules see it.
struct PolicyCall {
    std::string tool;
    tools::Effects effects;
    // Paths, or the commands of a shell line; what patterns are held against.
    std::vector<std::string> subjects;
    std::vector<std::string> spellings;  // of those paths as the call gave them
    std::string shellText;               // of a command, else empty
};

PolicyCall policyCall(std::string_view tool, const nlohmann::json& arguments,
                      const tools::Effects& effects);

// Paths relative to the workspace, links followed: one file has one name for the rules.
void resolveSubjects(PolicyCall& call, const tools::Workspace& workspace);

// A rule that a person gave with an answer.
struct Grant {
    std::string rule;
    bool isPattern = false;  // false: a Decision's sessionRule, in which * is no wildcard
    PermissionAnswer answer = PermissionAnswer::forSession;  // forTurn: until startTurn()
};

class Policy {
public:
    explicit Policy(const SessionOptions& options);

    Decision decide(const PolicyCall& call) const;
    void allow(Grant grant);
    void startTurn();  // what was granted for the turn before is over

private:
    struct Rule {
        PermissionRule rule;
        std::optional<std::string> literal;  // of the pattern
        std::string name;                    // "allow bash(ls*)", "session edit(src/*)"
        bool isOfTurn = false;
    };

    static std::vector<Rule> parse(const std::vector<std::string>& texts, std::string_view kind);
    static const Rule* find(const std::vector<Rule>& rules, const PolicyCall& call);
    static const Rule* findAllowing(const std::vector<Rule>& rules, const PolicyCall& call);
    const std::string* findExact(const PolicyCall& call) const;
    Decision byMode(const PolicyCall& call) const;

    friend bool covers(const PermissionRule& rule, const PolicyCall& call);

    PermissionMode mode_;
    std::vector<Rule> deny_, ask_, allow_;                   // of allow_ some were granted
    std::map<std::string, std::string, std::less<>> exact_;  // sessionRule -> name of the grant
};

// True if an allow rule `rule` alone would let the call pass: it matches each command of the line,
// which must be fully understood unless the rule names it as it is, or each file.
bool covers(const PermissionRule& rule, const PolicyCall& call);

}  // namespace moxie::agent
