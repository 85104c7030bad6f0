// The `edit` tool: replaces text of a file that was read.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/edit_match.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/file_transaction.h"
#include "tools/line_index.h"
#include "tools/workspace.h"

namespace moxie::tools {

using nlohmann::json;

namespace {

constexpr int64_t kLinesAround = 3;
constexpr int64_t kLinesShown = 60;
constexpr size_t kRegionsShown = 5;

// The changed regions as they are now, numbered.
std::string regions(const EditMatch& match, const std::string& textNow) {
    const LineIndex now(textNow);
    std::string out;
    int64_t shift = 0, shownTo = 0;
    for (size_t i = 0; i < std::min(match.splices.size(), kRegionsShown); ++i) {
        const Splice& splice = match.splices[i];
        const int64_t begin = splice.begin + shift;
        shift += int64_t(splice.replacement.size()) - (splice.end - splice.begin);
        const int64_t end = std::max(begin, splice.end + shift - 1);
        const int64_t first = std::max(shownTo + 1, now.lineAt(begin) + 1 - kLinesAround);
        const int64_t last = std::min(now.lineAt(end) + 1 + kLinesAround, first + kLinesShown);
        if (last < first) continue;
        if (shownTo > 0) out += "  ...\n";
        out += numberedLines(textNow, first, last);
        shownTo = last;
    }
    if (match.splices.size() > kRegionsShown)
        out += fmt::format("[and {} more places]\n", match.splices.size() - kRegionsShown);
    return out;
}

class EditTool final : public Tool {
public:
    EditTool()
        : schema_("edit",
                  R"({"type":"object","required":["path","old","new"],"properties":{
                  "path":{"type":"string"},
                  "old":{"type":"string","minLength":1,"description":"text of the file, exact"},
                  "new":{"type":"string"},
                  "replace_all":{"type":"boolean"},
                  "line":{"type":"integer","minimum":1,
                  "description":"where old begins, if it occurs several times"}}})",
                  R"({"path":"src/a.cpp","old":"int n = 1;","new":"int n = 2;"})"),
          spec_{"edit",
                "Replaces old by new in a file that was read. old must occur once, or set "
                "replace_all. Small slips in white space are forgiven and reported. [stale]: read "
                "again; [no match]: copy old from the text shown.",
                schema_.text(), Effects{.reads = true, .writes = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        return "edit " + stringArgument(arguments, "path");
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "edit: stopped");
        const auto file =
            openForEdit(context, stringArgument(arguments, "path"), UnseenFiles::refuse);
        if (!file) return file.error();
        const std::string oldText = withLf(stringArgument(arguments, "old"));
        const std::string newText = withLf(stringArgument(arguments, "new"));
        if (newText.find('\0') != std::string::npos)
            return refusal("bad arguments", "edit.new: expected text, got a NUL byte", "");
        if (!file->text.isUtf8() && !(base::isAscii(oldText) && base::isAscii(newText)))
            return refusal("not UTF-8",
                           fmt::format("{} is in another encoding than UTF-8", file->relative),
                           "Only plain ASCII can be edited in it.");
        const EditOutcome outcome =
            matchEdit({.text = file->text.text(),
                       .oldText = oldText,
                       .newText = newText,
                       .count = booleanArgument(arguments, "replace_all", false) ? MatchCount::all
                                                                                 : MatchCount::one,
                       .line = integerArgument(arguments, "line", 0)});
        if (!outcome)
            return refusal(outcome.error().code, outcome.error().fact, outcome.error().advice);
        if (!file->text.isUtf8() && !outcome->fallback.empty())
            return refusal("not UTF-8",
                           fmt::format("{} is in another encoding than UTF-8", file->relative),
                           "old must be exact there.");
        return write(*file, *outcome, context);
    }

private:
    static ToolResult write(const EditedFile& file, const EditMatch& match, ToolContext& context) {
        const std::string bytes = file.text.spliced(match.splices);
        ToolResult result;
        if (bytes == file.text.bytes()) {
            result.text = "Nothing changed: the file has this text already.";
            return result;
        }
        FileTransaction transaction(context.workspace.root());
        base::Status done = transaction.replace(file.path, bytes, file.text.bytes());
        const int64_t links = transaction.otherHardLinks();
        if (done) done = transaction.commit();
        if (!done) return refusalOf(done.error());
        result.text = fmt::format("Edited {}", file.relative);
        if (match.splices.size() > 1)
            result.text += fmt::format(" in {} places", match.splices.size());
        result.text += match.fallback.empty() ? "." : fmt::format(" [{}].", match.fallback);
        if (links > 0)
            result.text += fmt::format("\n[{} other hard links to it keep the old content]", links);
        const std::string textNow = TextFile(bytes).text();
        result.text.append("\n").append(regions(match, textNow));
        noteWritten(context, file.relative, bytes, result);
        return result;
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeEditTool() {
    return std::make_unique<EditTool>();
}

}  // namespace moxie::tools
