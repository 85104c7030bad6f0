#include "tools/workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

constexpr size_t kPathBytesMax = 4096;  // PATH_MAX of Linux

// Compares whole components, so "/work/repo-evil" is not inside "/work/repo".
bool equalsIgnoringCase(std::string_view a, std::string_view lowerCase) {
    return a.size() == lowerCase.size() &&
           std::equal(a.begin(), a.end(), lowerCase.begin(), [](char x, char y) {
               return (x >= 'A' && x <= 'Z' ? char(x - 'A' + 'a') : x) == y;
           });
}

// The first component that no tool may write below, or nothing.
std::string_view protectedComponent(const fs::path& path) {
    for (const fs::path& part : path) {
        if (equalsIgnoringCase(part.native(), ".git")) return ".git";
        if (equalsIgnoringCase(part.native(), ".moxie")) return ".moxie";
    }
    return {};
}

fs::path findGitRoot(fs::path directory) {
    std::error_code ec;
    while (true) {
        if (fs::exists(directory / ".git", ec)) return directory;
        if (!directory.has_relative_path()) return {};
        directory = directory.parent_path();
    }
}

// A name for messages: never control characters, never endless.
}  // namespace

bool isBeneath(const fs::path& path, const fs::path& folder) {
    const auto ends = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return !folder.empty() && ends.first == folder.end();
}

std::string shownPath(std::string_view path) {
    return std::string(base::cutUtf8(base::stripTerminalControl(base::toValidUtf8(path)), 300));
}

base::Result<Workspace> Workspace::open(const fs::path& directory) {
    std::error_code ec;
    Workspace workspace;
    workspace.root_ = fs::canonical(directory, ec);
    if (ec)
        return base::fail(base::Errc::notFound,
                          fmt::format("open {}: {}", shownPath(directory.native()), ec.message()));
    if (!fs::is_directory(workspace.root_, ec))
        return base::fail(base::Errc::invalidInput,
                          fmt::format("open {}: not a folder", shownPath(directory.native())));
    workspace.gitRoot_ = findGitRoot(workspace.root_);
    return workspace;
}

base::Result<fs::path> Workspace::inside(std::string_view path) const {
    if (path.empty()) return base::fail(base::Errc::invalidInput, "the path is empty");
    if (path.find('\0') != std::string_view::npos)
        return base::fail(base::Errc::invalidInput, "the path contains a NUL byte");
    if (path.size() > kPathBytesMax)
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("the path has {} bytes, at most {} expected", path.size(), kPathBytesMax));

    // operator/ takes an absolute right side as it is.
    std::error_code ec;
    fs::path resolved = fs::weakly_canonical(root_ / fs::path(path), ec);
    if (ec)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{}: {}", shownPath(path), ec.message()));
    if (!resolved.has_filename()) resolved = resolved.parent_path();  // "src/new/"
    if (!isBeneath(resolved, root_))
        return base::fail(base::Errc::denied,
                          fmt::format("{} is outside the workspace", shownPath(path)));
    // weakly_canonical stops at a link that leads nowhere: it may lead outside once something is
    // created there.
    fs::path walked = root_;
    for (const fs::path& part : resolved.lexically_relative(root_)) {
        walked /= part;
        if (fs::is_symlink(fs::symlink_status(walked, ec)))
            return base::fail(
                base::Errc::denied,
                fmt::format("{} goes through a symlink that leads nowhere", shownPath(path)));
    }
    return resolved;
}

base::Result<fs::path> Workspace::insideWritable(std::string_view path) const {
    TRY_ASSIGN(fs::path resolved, inside(path));
    if (resolved == root_)
        return base::fail(base::Errc::denied, "the workspace itself is not a file");
    // As named and as resolved: a link may hide either. Names that do not exist yet count too.
    std::string_view guarded = protectedComponent(resolved.lexically_relative(root_));
    if (guarded.empty())
        guarded = protectedComponent(fs::path(path).lexically_normal().relative_path());
    std::error_code ec;
    if (guarded.empty() && !gitRoot_.empty() &&
        isBeneath(resolved, fs::weakly_canonical(gitRoot_ / ".git", ec)))
        guarded = ".git";
    if (!guarded.empty())
        return base::fail(base::Errc::denied, fmt::format("{} lies in {}, which no tool may write",
                                                          shownPath(path), guarded));
    return resolved;
}

std::string Workspace::relative(const fs::path& absolute) const {
    const fs::path path = absolute.lexically_normal().lexically_relative(root_);
    return path.empty() ? absolute.generic_string() : path.generic_string();
}

}  // namespace moxie::tools
