#include "agent/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/shell_text.h"
#include "agent/suggested_rule.h"
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

// Names this call and no other. A path of a patch holds no line break.
std::string exactRule(const PolicyCall& call) {
    if (!call.shellText.empty()) return fmt::format("{}({})", call.tool, call.shellText);
    return fmt::format("{}({})", call.tool, fmt::join(call.subjects, "\n"));
}

Decision decided(Verdict verdict, std::string rule, std::string reason) {
    return {verdict, std::move(rule), std::move(reason), {}, {}, {}};
}

Decision onlyOnce(Decision decision, std::string why) {
    decision.whyOnlyOnce = std::move(why);
    return decision;
}

}  // namespace

PolicyCall policyCall(std::string_view tool, const nlohmann::json& arguments,
                      const tools::Effects& effects) {
    PolicyCall call{.tool = std::string(tool),
                    .effects = effects,
                    .subjects = {},
                    .spellings = {},
                    .shellText = {}};
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

void resolveSubjects(PolicyCall& call, const tools::Workspace& workspace) {
    if (!call.shellText.empty()) return;
    call.spellings = call.subjects;
    for (std::string& path : call.subjects)
        if (const auto file = workspace.inside(path))
            path = workspace.relative(*file);
        else
            path = std::filesystem::path(path).lexically_normal().generic_string();
}

Policy::Policy(const SessionOptions& options)
    : mode_(options.mode),
      deny_(parse(options.deniedTools, "deny")),
      ask_(parse(options.askRules, "ask")),
      allow_(parse(options.allowRules, "allow")) {
    const auto more = parse(options.denyRules, "deny");
    deny_.insert(deny_.end(), more.begin(), more.end());
}

// A text that is no rule names a tool: where it denies or asks, nothing gets wider by it.
std::vector<Policy::Rule> Policy::parse(const std::vector<std::string>& texts,
                                        std::string_view kind) {
    std::vector<Rule> rules;
    for (const std::string& text : texts) {
        const auto parsed = parsePermissionRule(text);
        PermissionRule rule = parsed ? *parsed : PermissionRule{text, text, "*"};
        std::optional<std::string> literal = literalOf(rule.pattern);
        rules.push_back({std::move(rule), std::move(literal), fmt::format("{} {}", kind, text)});
    }
    return rules;
}

// A rule that restricts: one matching subject is enough, and so is the text as a whole.
const Policy::Rule* Policy::find(const std::vector<Rule>& rules, const PolicyCall& call) {
    for (const Rule& rule : rules) {
        const std::string& pattern = rule.rule.pattern;
        if (!matchesPattern(rule.rule.tool, call.tool)) continue;
        const auto matches = [&](const std::string& text) { return matchesPattern(pattern, text); };
        if (pattern == "*" || matches(call.shellText) ||
            std::any_of(call.subjects.begin(), call.subjects.end(), matches) ||
            std::any_of(call.spellings.begin(), call.spellings.end(), matches))
            return &rule;
    }
    return nullptr;
}

// Rules that widen: every subject must match one, and a command line must be fully understood.
// A rule that names the very line holds for it as it is.
const Policy::Rule* Policy::findAllowing(const std::vector<Rule>& rules, const PolicyCall& call) {
    const auto isOfTool = [&](const Rule& r) { return matchesPattern(r.rule.tool, call.tool); };
    for (const Rule& r : rules)
        if (isOfTool(r) && (r.rule.pattern == "*" ||
                            (!call.shellText.empty() &&
                             (r.rule.pattern == call.shellText || r.literal == call.shellText))))
            return &r;
    if (call.subjects.empty()) return nullptr;
    if (!call.shellText.empty() && !parseShell(call.shellText).isPlain) return nullptr;
    const Rule* last = nullptr;
    for (const std::string& subject : call.subjects) {
        const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) {
            return isOfTool(r) && matchesPattern(r.rule.pattern, subject);
        });
        if (found == rules.end()) return nullptr;
        last = &*found;
    }
    return last;
}

// Old logs hold the tool alone for files.
const std::string* Policy::findExact(const PolicyCall& call) const {
    auto found = exact_.find(exactRule(call));
    if (found == exact_.end() && call.shellText.empty()) found = exact_.find(call.tool);
    return found == exact_.end() ? nullptr : &found->second;
}

Decision Policy::byMode(const PolicyCall& call) const {
    const std::string rule = fmt::format("mode {}", toString(mode_));
    const bool changes = call.effects.writes || call.effects.executes || call.effects.network;
    if (!changes) return decided(Verdict::allow, rule, "it only reads");
    const std::string what = call.effects.executes ? "it runs a command"
                             : call.effects.writes ? "it changes files"
                                                   : "it uses the network";
    switch (mode_) {
        case PermissionMode::plan:
            return decided(Verdict::deny, rule, what + ", and the mode only plans");
        case PermissionMode::ask:
            return decided(Verdict::ask, rule, what);
        case PermissionMode::autoEdit:
            if (call.effects.executes || call.effects.network)
                return decided(Verdict::ask, rule, what);
            return decided(Verdict::allow, rule, what);
        case PermissionMode::autonomous:
            return decided(Verdict::allow, rule, what + " in the jail");
    }
    return decided(Verdict::deny, rule, "the mode is unknown");
}

Decision Policy::decide(const PolicyCall& call) const {
    if (const Rule* rule = find(deny_, call))
        return decided(Verdict::deny, rule->name, "a rule forbids it");
    Decision byDefault = byMode(call);
    if (byDefault.verdict == Verdict::deny) return byDefault;
    // Not even "for this session" lets a destructive command pass unasked the next time.
    if (!call.shellText.empty())
        if (const auto danger = findDestructiveGit(call.shellText))
            return onlyOnce(decided(Verdict::ask, "destructive git", *danger),
                            "what it drops cannot be brought back, so it is asked each time");
    if (const Rule* rule = find(ask_, call))
        return onlyOnce(decided(Verdict::ask, rule->name, "a rule wants to be asked"),
                        "your rule wants to be asked each time");
    if (const std::string* grant = findExact(call))
        return decided(Verdict::allow, *grant, "it was allowed before");
    if (const Rule* rule = findAllowing(allow_, call))
        return decided(Verdict::allow, rule->name, "a rule allows it");
    if (byDefault.verdict != Verdict::ask) return byDefault;
    RuleSuggestion suggestion = suggestRule(call);
    if (!suggestion.rule.empty()) byDefault.sessionRule = exactRule(call);
    byDefault.suggestedRule = std::move(suggestion.rule);
    byDefault.whyOnlyOnce = std::move(suggestion.whyOnlyOnce);
    return byDefault;
}

void Policy::allow(Grant grant) {
    const bool isOfTurn = grant.answer == PermissionAnswer::forTurn;
    std::string name = fmt::format("{} {}", isOfTurn ? "turn" : "session", grant.rule);
    if (!grant.isPattern) {
        exact_[std::move(grant.rule)] = std::move(name);
        return;
    }
    auto parsed = parsePermissionRule(grant.rule);
    if (!parsed) return;  // of a log that somebody wrote by hand
    std::optional<std::string> literal = literalOf(parsed->pattern);
    allow_.push_back({*std::move(parsed), std::move(literal), std::move(name), isOfTurn});
}

void Policy::startTurn() {
    std::erase_if(exact_, [](const auto& grant) { return grant.second.starts_with("turn "); });
    std::erase_if(allow_, [](const Rule& rule) { return rule.isOfTurn; });
}

bool covers(const PermissionRule& rule, const PolicyCall& call) {
    const std::vector<Policy::Rule> alone = {{rule, literalOf(rule.pattern), {}}};
    return Policy::findAllowing(alone, call) != nullptr;
}

}  // namespace moxie::agent
