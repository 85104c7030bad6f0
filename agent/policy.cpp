#include "agent/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/shell_text.h"
#include "base/text.h"

namespace moxie::agent {

namespace {

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

// The files that a patch in the *** grammar names.
std::vector<std::string> patchPaths(std::string_view patch) {
    std::vector<std::string> paths;
    for (const std::string_view line : base::splitLines(patch))
        for (const std::string_view mark :
             {"*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "})
            if (line.starts_with(mark)) paths.emplace_back(base::trim(line.substr(mark.size())));
    return paths;
}

std::string textOf(const nlohmann::json& arguments, const char* key) {
    const auto found = arguments.find(key);
    if (found == arguments.end() || !found->is_string()) return "";
    return found->get<std::string>();
}

}  // namespace

PolicyCall policyCall(std::string_view tool, const nlohmann::json& arguments,
                      const tools::Effects& effects) {
    PolicyCall call{.tool = std::string(tool), .effects = effects, .subjects = {}, .shellText = {}};
    if (!arguments.is_object()) return call;
    call.shellText = effects.executes ? textOf(arguments, "command") : "";
    if (!call.shellText.empty()) {
        for (const auto& words : parseShell(call.shellText).commands)
            call.subjects.push_back(joined(words));
    } else if (std::string path = textOf(arguments, "path"); !path.empty()) {
        call.subjects.push_back(std::move(path));
    } else {
        for (const auto& [key, value] : arguments.items())
            if (value.is_string()) {
                const auto& text = value.get_ref<const std::string&>();
                if (text.find("*** Begin Patch") != std::string::npos)
                    call.subjects = patchPaths(text);
            }
    }
    return call;
}

Policy::Policy(const SessionOptions& options)
    : mode_(options.mode),
      deny_(parse(options.deniedTools)),
      ask_(parse(options.askRules)),
      allow_(parse(options.allowRules)) {
    const auto more = parse(options.denyRules);
    deny_.insert(deny_.end(), more.begin(), more.end());
}

std::vector<Policy::Rule> Policy::parse(const std::vector<std::string>& texts) {
    std::vector<Rule> rules;
    for (const std::string& text : texts) {
        const size_t open = text.find('(');
        if (open != std::string::npos && text.ends_with(")"))
            rules.push_back(
                {text, text.substr(0, open), text.substr(open + 1, text.size() - open - 2)});
        else
            rules.push_back({text, text, "*"});
    }
    return rules;
}

// A rule that restricts: one matching subject is enough, and so is the text as a whole.
const Policy::Rule* Policy::find(const std::vector<Rule>& rules, const PolicyCall& call) const {
    for (const Rule& rule : rules) {
        if (!matchesPattern(rule.tool, call.tool)) continue;
        const bool matches =
            rule.pattern == "*" || matchesPattern(rule.pattern, call.shellText) ||
            std::any_of(call.subjects.begin(), call.subjects.end(),
                        [&](const std::string& s) { return matchesPattern(rule.pattern, s); });
        if (matches) return &rule;
    }
    return nullptr;
}

// A rule that widens: every subject must match one, and a command line must be fully understood.
// A rule that names the very line holds for it as it is.
bool Policy::isAllowed(const PolicyCall& call, std::string& rule) const {
    const auto covers = [&](std::string_view subject) {
        return std::any_of(allow_.begin(), allow_.end(), [&](const Rule& r) {
            const bool matches = matchesPattern(r.tool, call.tool) &&
                                 (r.pattern == "*" || matchesPattern(r.pattern, subject));
            if (matches) rule = "allow " + r.text;
            return matches;
        });
    };
    for (const Rule& r : allow_)
        if (matchesPattern(r.tool, call.tool) &&
            (r.pattern == "*" || (!call.shellText.empty() && r.pattern == call.shellText))) {
            rule = "allow " + r.text;
            return true;
        }
    if (!call.shellText.empty() && !parseShell(call.shellText).isPlain) return false;
    return !call.subjects.empty() &&
           std::all_of(call.subjects.begin(), call.subjects.end(), covers);
}

Decision Policy::byMode(const PolicyCall& call) const {
    const std::string rule = fmt::format("mode {}", toString(mode_));
    const bool changes = call.effects.writes || call.effects.executes || call.effects.network;
    if (!changes) return {Verdict::allow, rule, "it only reads", {}};
    const std::string what = call.effects.executes ? "it runs a command"
                             : call.effects.writes ? "it changes files"
                                                   : "it uses the network";
    switch (mode_) {
        case PermissionMode::plan:
            return {Verdict::deny, rule, what + ", and the mode only plans", {}};
        case PermissionMode::ask:
            return {Verdict::ask, rule, what, {}};
        case PermissionMode::autoEdit:
            if (call.effects.executes || call.effects.network)
                return {Verdict::ask, rule, what, {}};
            return {Verdict::allow, rule, what, {}};
        case PermissionMode::autonomous:
            return {Verdict::allow, rule, what + " in the jail", {}};
    }
    return {Verdict::deny, rule, "the mode is unknown", {}};
}

Decision Policy::decide(const PolicyCall& call) const {
    if (const Rule* rule = find(deny_, call))
        return {Verdict::deny, "deny " + rule->text, "a rule forbids it", {}};
    const Decision byDefault = byMode(call);
    if (byDefault.verdict == Verdict::deny) return byDefault;
    // Not even "for this session" lets a destructive command pass unasked the next time.
    if (!call.shellText.empty())
        if (const auto danger = findDestructiveGit(call.shellText))
            return {Verdict::ask, "destructive git", *danger, {}};

    const std::string sessionRule =
        call.shellText.empty() ? call.tool : fmt::format("{}({})", call.tool, call.shellText);
    if (const Rule* rule = find(ask_, call))
        return {Verdict::ask, "ask " + rule->text, "a rule wants to be asked", {}};
    if (sessionRules_.contains(sessionRule))
        return {Verdict::allow, "session " + sessionRule, "allowed for this session", {}};
    std::string allowedBy;
    if (isAllowed(call, allowedBy)) return {Verdict::allow, allowedBy, "a rule allows it", {}};
    Decision decision = byDefault;
    if (decision.verdict == Verdict::ask) decision.sessionRule = sessionRule;
    return decision;
}

void Policy::allowForSession(std::string rule) {
    if (!rule.empty()) sessionRules_.insert(std::move(rule));
}

}  // namespace moxie::agent
