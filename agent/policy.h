// Who may do what: permission modes and rules over the effects that a call declares. It decides and
// never asks; the turn asks. Deny wins over ask, ask over allow, allow over the mode.
// Threads: one thread at a time.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/permission_rule.h"
#include "agent/session.h"
#include "tools/tool.h"

namespace moxie::agent {

enum class Verdict { allow, ask, deny };

struct Decision {
    Verdict verdict = Verdict::deny;
    std::string rule;         // what decided: "mode auto", "deny bash(git push*)"
    std::string reason;       // one sentence, for the question and the model
    std::string sessionRule;  // what an answer "for this session" would allow; empty: only once
};

// A call as the rules see it.
struct PolicyCall {
    std::string tool;
    tools::Effects effects;
    // Paths, or the commands of a shell line; what patterns are held against.
    std::vector<std::string> subjects;
    std::string shellText;  // of a command, else empty
};

PolicyCall policyCall(std::string_view tool, const nlohmann::json& arguments,
                      const tools::Effects& effects);

class Policy {
public:
    explicit Policy(const SessionOptions& options);

    Decision decide(const PolicyCall& call) const;
    void allowForSession(std::string rule);

private:
    struct Rule {
        std::string text, tool, pattern;  // pattern "*": any
    };

    static std::vector<Rule> parse(const std::vector<std::string>& texts);
    const Rule* find(const std::vector<Rule>& rules, const PolicyCall& call) const;
    bool isAllowed(const PolicyCall& call, std::string& rule) const;
    Decision byMode(const PolicyCall& call) const;

    PermissionMode mode_;
    std::vector<Rule> deny_, ask_, allow_;
    std::set<std::string> sessionRules_;  // exact, no patterns: a "*" in a command is no wildcard
};

}  // namespace moxie::agent
