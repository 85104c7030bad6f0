#include "agent/path_facts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace moxie::agent {

namespace fs = std::filesystem;

namespace {

constexpr size_t kPathsMax = 50'000;
// Their `path` must exist; that of `write` need not.
constexpr std::array<std::string_view, 5> kTools = {"edit", "glob", "grep", "read", "symbols"};

// nullopt: too many, or not all could be seen.
std::optional<std::vector<std::string>> pathsNow(const tools::Workspace& workspace) {
    std::vector<std::string> paths = {"."};
    std::error_code ec;
    fs::recursive_directory_iterator entry(workspace.root(), ec), end;
    for (; !ec && entry != end; entry.increment(ec)) {
        if (entry->path().filename() == ".git") {
            entry.disable_recursion_pending();
            continue;
        }
        std::string path = workspace.relative(entry->path());
        if (base::toValidUtf8(path) == path) paths.push_back(std::move(path));
        if (paths.size() > kPathsMax) return std::nullopt;
    }
    if (ec) return std::nullopt;
    return paths;
}

void addFiles(const fs::path& folder, std::vector<std::string>& paths) {
    std::error_code ec;  // no folder: nothing was spilled
    for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
        paths.push_back(base::toValidUtf8(entry->path().string()));
}

}  // namespace

void PathFacts::addTo(std::vector<engine::ToolSchema>& schemas, const tools::Workspace& workspace,
                      const fs::path& spillFolder) {
    auto paths = pathsNow(workspace);
    if (!paths) return;
    addFiles(spillFolder, *paths);
    std::sort(paths->begin(), paths->end());
    if (!paths_ || *paths_ != *paths)
        paths_ = std::make_shared<const std::vector<std::string>>(*std::move(paths));
    for (engine::ToolSchema& schema : schemas)
        if (std::find(kTools.begin(), kTools.end(), schema.name) != kTools.end())
            schema.facts.push_back({"path", paths_});
}

}  // namespace moxie::agent
