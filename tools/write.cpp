// The `write` tool: a whole file, new or replaced.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/file_transaction.h"
#include "tools/workspace.h"

namespace moxie::tools {

using nlohmann::json;

namespace {

ToolResult createFile(const std::filesystem::path& path, const std::string& content,
                      ToolContext& context) {
    FileTransaction transaction(context.workspace.root());
    base::Status done = transaction.create(path, content);
    if (done) done = transaction.commit();
    if (!done) return refusalOf(done.error());
    const std::string relative = context.workspace.relative(path);
    ToolResult result;
    result.text = fmt::format("Created {} ({} lines).", relative, countLines(content));
    noteWritten(context, relative, content, result);
    return result;
}

ToolResult replaceFile(const EditedFile& file, const std::string& content, ToolContext& context) {
    if (!file.text.isUtf8() && !base::isAscii(content))
        return refusal("not UTF-8",
                       fmt::format("{} is in another encoding than UTF-8", file.relative),
                       "Only plain ASCII can replace it.");
    const std::string bytes = file.text.rewritten(content);
    ToolResult result;
    if (bytes == file.text.bytes()) {
        result.text = fmt::format("{} has exactly this content already.", file.relative);
        return result;
    }
    FileTransaction transaction(context.workspace.root());
    base::Status done = transaction.replace(file.path, bytes, file.text.bytes());
    const int64_t links = transaction.otherHardLinks();
    if (done) done = transaction.commit();
    if (!done) return refusalOf(done.error());
    result.text = fmt::format("Wrote {} ({} lines, before {}).", file.relative, countLines(content),
                              countLines(file.text.text()));
    if (links > 0)
        result.text += fmt::format("\n[{} other hard links to it keep the old content]", links);
    noteWritten(context, file.relative, bytes, result);
    return result;
}

class WriteTool final : public Tool {
public:
    WriteTool()
        : schema_("write",
                  R"({"type":"object","required":["path","content"],"properties":{
                  "path":{"type":"string"},
                  "content":{"type":"string"}}})",
                  R"({"path":"src/new.cpp","content":"int main() {}\n"})"),
          spec_{"write",
                "Creates a file, or replaces one that was read and has not changed since. Folders "
                "are made. To change a part of a file use edit.",
                schema_.text(), Effects{.writes = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        return "write " + stringArgument(arguments, "path");
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "write: stopped");
        const std::string path = stringArgument(arguments, "path");
        const std::string content = stringArgument(arguments, "content");
        if (content.find('\0') != std::string::npos)
            return refusal("bad arguments", "write.content: expected text, got a NUL byte",
                           "Write binary files with bash.");
        const auto resolved = context.workspace.insideWritable(path);
        if (!resolved) return refusalOf(resolved.error());
        if (path.ends_with('/'))
            return refusal("bad path", fmt::format("{} names a folder", path), "Name a file.");
        std::error_code ec;
        if (!std::filesystem::exists(*resolved, ec)) return createFile(*resolved, content, context);
        const auto file = openForEdit(context, path, UnseenFiles::refuse);
        if (!file) return file.error();
        return replaceFile(*file, content, context);
    }

private:
    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeWriteTool() {
    return std::make_unique<WriteTool>();
}

}  // namespace moxie::tools
