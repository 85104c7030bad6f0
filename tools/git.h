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
