// The `glob` tool: files by name pattern, newest first, ignore rules respected (ripgrep walks).
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/edited_file.h"
#include "tools/file_tools.h"
#include "tools/glob_pattern.h"
#include "tools/process.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kGlobNamesMax = 100;
constexpr int64_t kGlobTimeoutMs = 30'000;

struct Found {
    int64_t changedNs = 0;
    std::string path;
};

// Paths relative to `folder`, as they come.
std::vector<std::string> splitAtNul(std::string_view output) {
    std::vector<std::string> paths;
    while (!output.empty()) {
        const size_t end = std::min(output.find('\0'), output.size());
        if (end > 0) paths.emplace_back(output.substr(0, end));
        output.remove_prefix(std::min(end + 1, output.size()));
    }
    return paths;
}

ToolResult listed(std::vector<Found> found, bool isPartial) {
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
        return a.changedNs != b.changedNs ? a.changedNs > b.changedNs : a.path < b.path;
    });
    ToolResult result;
    for (size_t i = 0; i < std::min(found.size(), kGlobNamesMax); ++i)
        result.text += base::toValidUtf8(found[i].path) + "\n";
    if (found.empty())
        result.text = "(no files match; ignored files are left out)";
    else if (found.size() > kGlobNamesMax)
        result.text += fmt::format("[the newest {} of {} files; narrow the pattern]", kGlobNamesMax,
                                   found.size());
    else
        result.text += fmt::format("[{} files, newest first]", found.size());
    if (isPartial) result.text += "\n[stopped early; there may be more]";
    return result;
}

class GlobTool final : public Tool {
public:
    GlobTool()
        : schema_("glob",
                  R"({"type":"object","required":["pattern"],"properties":{
                  "pattern":{"type":"string"},
                  "path":{"type":"string","description":"folder, default the workspace"}}})",
                  R"({"pattern":"src/**/*.cpp"})"),
          spec_{"glob",
                "Finds files by name: *.py anywhere, src/**/*.{h,cpp} by path. The 100 newest, "
                "ignored files left out.",
                schema_.text(), Effects{.reads = true}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const json&) const override { return spec_.effects; }

    std::string summary(const json& arguments) const override {
        return "glob " + stringArgument(arguments, "pattern");
    }

    base::Result<ToolResult> run(const json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return std::move(*refused);
        const auto pattern = GlobPattern::parse(stringArgument(arguments, "pattern"));
        if (!pattern)
            return refusal("bad arguments", "glob.pattern: " + pattern.error().message(),
                           R"(Send the call again, like this: {"pattern":"src/**/*.cpp"})");
        std::string path = stringArgument(arguments, "path", ".");
        const auto folder = context.workspace.inside(path.empty() ? "." : path);
        if (!folder) return refusalOf(folder.error());
        std::error_code ec;
        if (!fs::is_directory(*folder, ec))
            return refusal("not found", fmt::format("{} is not a folder", path),
                           "Give a folder as path, or none.");
        const ProcessRequest request{.argv = {"rg", "--no-config", "--files", "--null", "--hidden",
                                              "--no-messages", "--no-require-git", "--glob=!.git"},
                                     .directory = *folder,
                                     .timeoutMs = kGlobTimeoutMs};
        const auto ran = runProcess(request, stop);
        if (!ran && ran.error().kind() == base::Errc::notFound)
            return refusal("unsupported", "ripgrep (rg) is not installed", "Use bash with find.");
        if (!ran) return base::fail(ran.error());
        std::vector<Found> found;
        for (const std::string& name : splitAtNul(ran->output)) {
            if (!pattern->matches(name)) continue;

            struct stat info {};

            if (::lstat((*folder / name).c_str(), &info) != 0) continue;
            found.push_back({int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec,
                             context.workspace.relative(*folder / name)});
        }
        return listed(std::move(found), ran->isTimedOut || ran->isOutputCut);
    }

private:
    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeGlobTool() {
    return std::make_unique<GlobTool>();
}

}  // namespace moxie::tools
