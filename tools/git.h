// What the agent does with git, through libgit2. Never a force, never a rewrite of others' commits,
// never a hook run. Threads: one thread at a time per Git.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::tools {

struct FileChange {
    char status = 'M';  // A, M, D, R, T, ? (untracked), U (conflict)
    std::string path;
    std::string oldPath;  // of a rename
};

// Lines [oldBegin, oldEnd) of one text became lines [newBegin, newEnd) of another; counted from 0.
struct LineChange {
    int64_t oldBegin = 0, oldEnd = 0, newBegin = 0, newEnd = 0;
    bool operator==(const LineChange&) const = default;
};

struct CommitRequest {
    std::string message;
    std::vector<std::string> paths;  // relative to the work tree; exactly these are committed, the
                                     // rest of the index stays
};

class Git {
public:
    // Fails: notFound (no repository around `directory`), unsupported (bare).
    static base::Result<Git> open(const std::filesystem::path& directory);
    // Makes `directory` a repository with a first, empty-tree-safe state if it is not inside one.
    static base::Result<Git> init(const std::filesystem::path& directory);
    ~Git();
    Git(Git&&) noexcept;
    Git& operator=(Git&&) noexcept;

    std::filesystem::path workTree() const;
    base::Result<std::string> headCommit() const;  // 40 digits; notFound on an unborn branch
    base::Result<std::string> branch() const;      // short name; "HEAD" if detached
    base::Result<std::vector<FileChange>> status() const;
    // Unified diff of the work tree against HEAD (untracked files included), of `paths` or of
    // everything.
    base::Result<std::string> diff(const std::vector<std::string>& paths) const;
    // Diff between two commits or checkpoints, unified.
    base::Result<std::string> diffCommits(std::string_view from, std::string_view to) const;
    // The bytes of a regular file as a commit or checkpoint has it, no filter applied. Fails:
    // notFound (no such file in it), unsupported (a link or a folder), invalidInput (larger than
    // bytesMax).
    base::Result<std::string> fileAt(std::string_view commit, const std::string& path,
                                     int64_t bytesMax = 8 << 20) const;
    // Paths that differ between two commits or checkpoints, in order; a rename is two of them.
    base::Result<std::vector<std::string>> changedPaths(std::string_view from,
                                                        std::string_view to) const;
    // Where two texts differ, in order and not touching; no context. Needs no repository.
    static base::Result<std::vector<LineChange>> changedLines(std::string_view before,
                                                              std::string_view after);
    // Commits on the current branch with the user's identity (a named fallback if none is set).
    // Returns the id. Fails: invalidInput (nothing to commit, empty message), busy (merge or rebase
    // in progress).
    base::Result<std::string> commit(const CommitRequest& request);
    // Creates a branch at HEAD and switches to it without touching files. Fails: invalidInput
    // (exists, bad name).
    base::Status createBranch(std::string_view name);

private:
    struct State;
    explicit Git(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
    friend class Checkpoints;
};

}  // namespace moxie::tools
