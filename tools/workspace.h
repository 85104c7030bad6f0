// The folder an agent may work in. Resolves every path a model or user names, and refuses what lies
// outside. Threads: any thread; immutable after open().
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace moxie::tools {

// True if `path` is `folder` or below it, name by name; both canonical. Nothing is below "".
bool isBeneath(const std::filesystem::path& path, const std::filesystem::path& folder);

// A path for a message: valid UTF-8 without terminal control, at most 300 bytes.
std::string shownPath(std::string_view path);

class Workspace {
public:
    // `directory` becomes the root as it is (canonical); gitRoot() is the work tree around it,
    // empty if there is none. Fails: notFound, invalidInput (not a folder).
    static base::Result<Workspace> open(const std::filesystem::path& directory);

    const std::filesystem::path& root() const { return root_; }

    const std::filesystem::path& gitRoot() const { return gitRoot_; }

    // The absolute path of `path` (relative to the root, or absolute inside it). The file need not
    // exist; existing ancestors are resolved, so a symlink that leaves the root is refused. Fails:
    // denied ("../x is outside the workspace"), invalidInput (empty, NUL byte).
    base::Result<std::filesystem::path> inside(std::string_view path) const;
    // As inside(), and refuses places that no tool may write: .git, .moxie/config.json, submodules'
    // .git.
    base::Result<std::filesystem::path> insideWritable(std::string_view path) const;
    // '/'-separated, relative to the root.
    std::string relative(const std::filesystem::path& absolute) const;

private:
    Workspace() = default;
    std::filesystem::path root_, gitRoot_;
};

}  // namespace moxie::tools
