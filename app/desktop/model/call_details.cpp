#include "app/desktop/model/call_details.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

constexpr size_t kArgumentBytesMax = 8 << 20;
constexpr size_t kHunkLinesMax = 12;
constexpr int64_t kLineBytesMax = 400;
constexpr size_t kTargetsMax = 100;
constexpr int64_t kTargetBytesMax = 4000;

std::string textOf(const json& arguments, const char* name) {
    const auto value = arguments.find(name);
    return value != arguments.end() && value->is_string() ? value->get<std::string>()
                                                          : std::string();
}

CallKind kindOf(std::string_view tool, std::string_view effects) {
    static constexpr std::pair<std::string_view, CallKind> kTools[] = {
        {"read", CallKind::read},        {"edit", CallKind::edit},    {"write", CallKind::edit},
        {"apply_patch", CallKind::edit}, {"glob", CallKind::search},  {"grep", CallKind::search},
        {"symbols", CallKind::search},   {"bash", CallKind::execute}, {"job", CallKind::execute},
        {"plan", CallKind::think},
    };
    for (const auto& [name, kind] : kTools)
        if (tool == name) return kind;
    const auto has = [&](std::string_view word) {
        return effects.find(word) != std::string_view::npos;
    };
    return has("execute")   ? CallKind::execute
           : has("write")   ? CallKind::edit
           : has("network") ? CallKind::fetch
           : has("read")    ? CallKind::read
                            : CallKind::other;
}

void addLine(CallDetails& details, char sign, std::string_view text) {
    if (details.hunk.size() >= kHunkLinesMax) {
        ++details.hunkLinesLeftOut;
        return;
    }
    details.hunk.push_back(sign + std::string(base::cutUtf8(text, kLineBytesMax)));
}

void addTarget(CallDetails& details, std::string_view text) {
    text = base::cutUtf8(base::trim(text), kTargetBytesMax);
    if (text.empty() || details.targets.size() >= kTargetsMax) return;
    if (std::find(details.targets.begin(), details.targets.end(), text) == details.targets.end())
        details.targets.emplace_back(text);
}

// Lines that both share at their ends are shown once, the rest as removed and added.
void addReplacement(CallDetails& details, const std::string& before, const std::string& after) {
    const std::vector<std::string_view> old = base::splitLines(before);
    const std::vector<std::string_view> now = base::splitLines(after);
    const size_t shorter = std::min(old.size(), now.size());
    const auto head =
        size_t(std::mismatch(old.begin(), old.begin() + int64_t(shorter), now.begin()).first -
               old.begin());
    size_t tail = 0;
    while (tail < shorter - head && old[old.size() - 1 - tail] == now[now.size() - 1 - tail])
        ++tail;
    if (head > 0) addLine(details, ' ', old[head - 1]);
    for (size_t i = head; i < old.size() - tail; ++i)
        addLine(details, '-', old[i]);
    for (size_t i = head; i < now.size() - tail; ++i)
        addLine(details, '+', now[i]);
    if (tail > 0) addLine(details, ' ', old[old.size() - tail]);
}

// "*** Update File: path" and the lines between; see tools/patch_grammar.h for the language.
void addPatch(CallDetails& details, const std::string& patch) {
    for (const std::string_view line : base::splitLines(patch)) {
        for (const std::string_view head :
             {"*** Update File: ", "*** Add File: ", "*** Delete File: ", "*** Move to: "})
            if (line.starts_with(head)) addTarget(details, line.substr(head.size()));
        if (line.empty() || line.starts_with("***")) continue;
        if (std::string_view("+- @").find(line[0]) == std::string_view::npos) continue;
        addLine(details, line[0], line.substr(1));
    }
}

}  // namespace

CallDetails readCall(std::string_view tool, std::string_view argumentsJson,
                     std::string_view effects) {
    CallDetails details;
    details.kind = kindOf(tool, effects);
    if (argumentsJson.size() > kArgumentBytesMax) return details;
    const json arguments = json::parse(argumentsJson, nullptr, false);
    if (!arguments.is_object()) return details;
    if (tool == "edit") addReplacement(details, textOf(arguments, "old"), textOf(arguments, "new"));
    if (tool == "apply_patch") addPatch(details, textOf(arguments, "patch"));
    if (tool == "write") addReplacement(details, {}, textOf(arguments, "content"));
    if (tool == "plan") return details;
    details.directory = base::cutUtf8(textOf(arguments, "workdir"), kTargetBytesMax);
    for (const char* name : {"command", "pattern", "query", "path", "url"}) {
        if (!details.targets.empty()) break;
        addTarget(details, textOf(arguments, name));
    }
    return details;
}

}  // namespace moxie::desktop
