#include "app/cli/diff_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

std::string textOf(const json& arguments, const char* name) {
    const auto value = arguments.find(name);
    return value != arguments.end() && value->is_string() ? value->get<std::string>()
                                                          : std::string();
}

void append(std::vector<std::string>& lines, char sign, std::string_view text) {
    lines.push_back(sign + std::string(text));
}

// Lines that `before` and `after` share at both ends are shown once, the rest as removed and added.
std::vector<std::string> replacedLines(const std::string& before, const std::string& after) {
    const std::vector<std::string_view> old = base::splitLines(before);
    const std::vector<std::string_view> now = base::splitLines(after);
    const size_t shorter = std::min(old.size(), now.size());
    size_t head = 0;
    while (head < shorter && old[head] == now[head])
        ++head;
    size_t tail = 0;
    while (tail < shorter - head && old[old.size() - 1 - tail] == now[now.size() - 1 - tail])
        ++tail;
    std::vector<std::string> lines;
    if (head > 0) append(lines, ' ', old[head - 1]);
    for (size_t i = head; i < old.size() - tail; ++i)
        append(lines, '-', old[i]);
    for (size_t i = head; i < now.size() - tail; ++i)
        append(lines, '+', now[i]);
    if (tail > 0) append(lines, ' ', old[old.size() - tail]);
    return lines;
}

}  // namespace

CallDiff diffOfCall(std::string_view tool, std::string_view argumentsJson, int64_t lineMax) {
    const json arguments = json::parse(argumentsJson, nullptr, false);
    if (!arguments.is_object()) return {};
    CallDiff diff;
    if (tool == "edit") {
        diff.lines = replacedLines(textOf(arguments, "old"), textOf(arguments, "new"));
    } else if (tool == "write") {
        const std::string content = textOf(arguments, "content");
        for (const std::string_view text : base::splitLines(content))
            append(diff.lines, '+', text);
    } else if (tool == "apply_patch") {
        const std::string patch = textOf(arguments, "patch");
        for (const std::string_view text : base::splitLines(patch))
            if (!text.empty() && std::string_view("+- @").find(text[0]) != std::string_view::npos)
                diff.lines.emplace_back(text);
    }
    if (int64_t(diff.lines.size()) > lineMax) {
        diff.linesLeftOut = int64_t(diff.lines.size()) - lineMax;
        diff.lines.resize(size_t(lineMax));
    }
    return diff;
}

void writeDiff(const CallDiff& diff, Output& output, const Messages& say) {
    for (const std::string& diffLine : diff.lines) {
        const Style style = diffLine[0] == '+'   ? Style::green
                            : diffLine[0] == '-' ? Style::red
                                                 : Style::dim;
        output.line(output.styled(style, "    " + oneLine(diffLine, output.columns() - 5)));
    }
    if (diff.linesLeftOut > 0)
        output.line(output.styled(Style::dim, "    " + say(Msg::viewMoreLines, diff.linesLeftOut)));
}

}  // namespace moxie::app
