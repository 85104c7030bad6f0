// The `grep` tool: ripgrep with the user's configuration off, read as JSON while it runs and
// stopped as soon as enough is known.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/process.h"
#include "tools/workspace.h"

namespace moxie::tools {

using nlohmann::json;

namespace {

constexpr int64_t kGrepTimeoutMs = 30'000;
constexpr int64_t kTextBytesMax = 30'000;
constexpr int64_t kLineBytesMax = 300;
constexpr size_t kRecordBytesMax = 4 << 20;  // a longer line of JSON is a minified file: skipped

enum class Mode { files, content, count };

// Turns ripgrep's JSON lines into the text for the model.
class GrepReader {
public:
    GrepReader(Mode mode, int64_t offset, int64_t limit)
        : mode_(mode),
          offset_(offset),
          limit_(limit) {}

    // False: enough is known, ripgrep may stop.
    bool feed(std::string_view chunk) {
        while (!chunk.empty() && !isFull_) {
            const size_t newline = chunk.find('\n');
            pending_.append(chunk.substr(0, newline));
            if (pending_.size() > kRecordBytesMax) {
                pending_.clear();
                isSkipping_ = true;
            }
            if (newline == std::string_view::npos) break;
            if (!isSkipping_) takeRecord(pending_);
            isSkipping_ = false;
            pending_.clear();
            chunk.remove_prefix(newline + 1);
        }
        return !isFull_;
    }

    bool isFull() const { return isFull_; }

    const std::string& messages() const { return messages_; }

    std::string text() const {
        if (seen_ == 0) return "(no matches)";
        const char* const what = mode_ == Mode::content ? "matching lines" : "files";
        if (shown_ == 0) return fmt::format("[only {} {}; offset is beyond them]", seen_, what);
        const std::string body = base::toValidUtf8(text_);
        if (isFull_)
            return fmt::format("{}[{} {} shown; there are more: next offset {}]", body, shown_,
                               what, offset_ + shown_);
        return fmt::format("{}[{} {}]", body, shown_, what);
    }

private:
    void takeRecord(std::string_view line) {
        const json record = json::parse(line, nullptr, false);
        if (!record.is_object() || !record.contains("type") || !record.contains("data")) {
            if (messages_.size() < 2000) messages_.append(line.substr(0, 500)) += "\n";
            return;
        }
        const json& data = record["data"];
        if (!record["type"].is_string() || !data.is_object()) return;
        const std::string type = record["type"].get<std::string>();
        if (type == "begin") {
            path_ = textOf(data, "path");
            isHeaderShown_ = false;
            lastLine_ = 0;
            if (mode_ == Mode::files && admit()) add(path_ + "\n");
        } else if (type == "end" && mode_ == Mode::count) {
            const int64_t lines =
                data.contains("stats") ? integerArgument(data["stats"], "matched_lines", 0) : 0;
            if (admit()) add(fmt::format("{}: {}\n", path_, lines));
        } else if (mode_ == Mode::content && type == "match") {
            if (admit()) addLines(data, ':');
        } else if (mode_ == Mode::content && type == "context") {
            addLines(data, '-');
        }
    }

    // Counts one more result; true if it is on the page.
    bool admit() {
        if (shown_ >= limit_ || int64_t(text_.size()) >= kTextBytesMax) {
            isFull_ = true;
            return false;
        }
        if (++seen_ <= offset_) return false;
        ++shown_;
        return true;
    }

    void add(const std::string& text) { text_ += text; }

    void addLines(const json& data, char mark) {
        // Context ahead of the first match of a later page belongs to the page before.
        if (seen_ < offset_ || (offset_ > 0 && seen_ == offset_ && mark == '-')) return;
        if (!isHeaderShown_) add(path_ + "\n");
        int64_t number = integerArgument(data, "line_number", 0);
        if (isHeaderShown_ && number > lastLine_ + 1 && hasContext_) add("  --\n");
        isHeaderShown_ = true;
        if (mark == '-') hasContext_ = true;
        const std::string lines = textOf(data, "lines");
        for (const std::string_view line : base::splitLines(lines)) {
            const std::string_view cut = base::cutUtf8(line, kLineBytesMax);
            add(fmt::format("{:>5}{}{}{}\n", number, mark, cut,
                            cut.size() < line.size() ? "..." : ""));
            lastLine_ = number++;
        }
    }

    // ripgrep sends bytes that are not UTF-8 as base64; only the name of such a thing is told.
    static std::string textOf(const json& data, const char* name) {
        if (!data.contains(name) || !data[name].is_object()) return {};
        std::string text = stringArgument(data[name], "text", "(not UTF-8)");
        if (text.starts_with("./")) text.erase(0, 2);
        return text;
    }

    const Mode mode_;
    const int64_t offset_, limit_;
    std::string pending_, path_, text_, messages_;
    int64_t seen_ = 0, shown_ = 0, lastLine_ = 0;
    bool isFull_ = false, isSkipping_ = false, isHeaderShown_ = false;
    bool hasContext_ = false;
};

std::vector<std::string> ripgrepArguments(const json& arguments, Mode mode,
                                          const std::string& path) {
    std::vector<std::string> argv = {"rg",          "--no-config",   "--json",
                                     "--hidden",    "--no-messages", "--no-require-git",
                                     "--sort=path", "--glob=!.git"};
    if (booleanArgument(arguments, "ignore_case", false)) argv.emplace_back("--ignore-case");
    if (booleanArgument(arguments, "multiline", false)) argv.emplace_back("--multiline");
    if (mode == Mode::files) argv.emplace_back("--max-count=1");
    if (const int64_t lines = integerArgument(arguments, "context", 0);
        lines > 0 && mode == Mode::content)
        argv.push_back(fmt::format("--context={}", lines));
    if (const std::string glob = stringArgument(arguments, "glob"); !glob.empty())
        argv.push_back("--glob=" + glob);
    if (const std::string type = stringArgument(arguments, "type"); !type.empty())
        argv.push_back("--type=" + type);
    argv.push_back("--regexp=" + stringArgument(arguments, "pattern"));
    argv.emplace_back("--");
    argv.push_back("./" + path);
    return argv;
}

class GrepTool final : public Tool {
public:
    GrepTool()
        : schema_("grep",
                  R"json({"type":"object","required":["pattern"],"properties":{
                  "pattern":{"type":"string","minLength":1,"maxLength":2000,
                  "description":"regular expression (Rust syntax)"},
                  "path":{"type":"string"},
                  "glob":{"type":"string"},
                  "type":{"type":"string"},
                  "mode":{"type":"string","enum":["files","content","count"]},
                  "context":{"type":"integer","minimum":0,"maximum":20},
                  "ignore_case":{"type":"boolean"},"multiline":{"type":"boolean"},
                  "limit":{"type":"integer","minimum":1,"maximum":1000},
                  "offset":{
    "type" : "integer", "minimum" : 0
}
}
})json",
                  R"({"pattern":"parse_list\\(","mode":"content"})"),
          spec_{"grep",
                "Searches file contents with ripgrep, ignored files left out. mode files (default) "
                "lists paths, content shows lines, count counts. At most limit (250) results and "
                "30 s; go on with offset.",
                schema_.text(), Effects{.reads = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        return "grep " + stringArgument(arguments, "pattern");
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        for (const char* name : {"pattern", "glob", "type"})
            if (stringArgument(arguments, name).find('\0') != std::string::npos)
                return refusal("bad arguments",
                               fmt::format("grep.{}: expected text, got a NUL byte", name), "");
        const std::string modeName = stringArgument(arguments, "mode", "files");
        const Mode mode = modeName == "content" ? Mode::content
                          : modeName == "count" ? Mode::count
                                                : Mode::files;
        const std::string path = stringArgument(arguments, "path");
        const auto place = context.workspace.inside(path.empty() ? "." : path);
        if (!place) return refusalOf(place.error());
        std::error_code ec;
        if (!std::filesystem::exists(*place, ec))
            return refusal("not found", fmt::format("there is no {}", path),
                           "Look for the right path with glob.");
        const std::string relative = context.workspace.relative(*place);
        return search(ripgrepArguments(arguments, mode, relative == "." ? "" : relative),
                      GrepReader(mode, integerArgument(arguments, "offset", 0),
                                 integerArgument(arguments, "limit", 250)),
                      context, stop);
    }

private:
    static base::Result<ToolResult> search(std::vector<std::string> argv, GrepReader reader,
                                           const ToolContext& context,
                                           const std::stop_token& stop) {
        std::stop_source enough;
        const std::stop_callback forward(stop, [&enough] { enough.request_stop(); });
        const ProcessRequest request{.argv = std::move(argv),
                                     .directory = context.workspace.root(),
                                     .timeoutMs = kGrepTimeoutMs,
                                     .onOutput = [&](std::string_view chunk) {
                                         if (!reader.feed(chunk)) enough.request_stop();
                                     }};
        const auto ran = runProcess(request, enough.get_token());
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "grep: stopped");
        if (!ran && ran.error().kind() == base::Errc::notFound)
            return refusal("unsupported", "ripgrep (rg) is not installed", "Use bash with grep.");
        if (!ran && !reader.isFull()) return base::fail(ran.error());
        if (ran && ran->exitCode == 2 && !reader.messages().empty())
            return refusal("bad pattern", std::string(base::trim(reader.messages())),
                           "Correct it and try again.");
        ToolResult result;
        result.text = reader.text();
        if (ran && ran->isTimedOut)
            result.text += fmt::format("\n[stopped after {} s; this is not all] Narrow the search.",
                                       kGrepTimeoutMs / 1000);
        return result;
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeGrepTool() {
    return std::make_unique<GrepTool>();
}

}  // namespace moxie::tools
