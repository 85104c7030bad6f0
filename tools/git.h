// What the agent and the window do with git, through libgit2. Never a force, never a rewrite of
// others' commits, never a hook run. Threads: one thread at a time per Git.
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
    std::string oldPath;      // of a rename
    bool isStaged = false;    // HEAD and index differ
    bool isUnstaged = false;  // index and work tree differ
};

enum class EntryKind { nothing, file, executable, link, folder, submodule };

// What a path is in a commit or on disk.
struct PathEntry {
    EntryKind kind = EntryKind::nothing;
    int64_t bytes = 0;  // of a file
};

// Lines [oldBegin, oldEnd) of one text became lines [newBegin, newEnd) of another; counted from 0.
struct LineChange {
    int64_t oldBegin = 0, oldEnd = 0, newBegin = 0, newEnd = 0;
    bool operator==(const LineChange&) const = default;
};

enum class CommitKind {
    onTop,  // of HEAD
    amend,  // instead of HEAD, with its author and parents
};

// What a file shall be in a commit, whatever the work tree holds: some hunks of what changed.
struct CommitText {
    std::string path = {}, text = {};
};

struct CommitRequest {
    std::string message = {};
    std::vector<std::string> paths = {};  // relative to the work tree; exactly these are committed,
                                          // the rest of the index stays
    CommitKind kind = CommitKind::onTop;
    // An index file that writeIndex() made and a hook may have changed: committed instead of
    // what `paths` are in the work tree. Empty: none.
    std::filesystem::path indexFile = {};
    // Regular files of HEAD that are committed in part; none of them is in `paths`. What was staged
    // of them beside that stays staged.
    std::vector<CommitText> texts = {};
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
    // The bytes that committing a regular file as it is would store. Fails: notFound (no such
    // file), unsupported (a link, a folder, a filter), invalidInput (larger).
    base::Result<std::string> textToCommit(const std::string& path,
                                           int64_t bytesMax = 8 << 20) const;
    // Paths that differ between two commits or checkpoints, in order; a rename is two of them.
    base::Result<std::vector<std::string>> changedPaths(std::string_view from,
                                                        std::string_view to) const;
    // Where two texts differ, in order and not touching; no context. Needs no repository.
    static base::Result<std::vector<LineChange>> changedLines(std::string_view before,
                                                              std::string_view after);
    // As a commit or checkpoint has it, and as it is on disk. Fails: io.
    base::Result<PathEntry> entryAt(std::string_view commit, const std::string& path) const;
    base::Result<PathEntry> entryNow(const std::string& path) const;
    // What the user's commit.template holds; "" if there is none, or none that can be read (at most
    // 64 KiB).
    std::string commitTemplate() const;
    // Without lines that begin with '#', as git cleans a message that was edited. Needs no
    // repository.
    static base::Result<std::string> withoutComments(std::string_view message);
    // Commits on the current branch with the user's identity (a named fallback if none is set).
    // Returns the id. Fails: invalidInput (nothing to commit, empty message), busy (merge or rebase
    // in progress), and for an amend as checkAmend().
    base::Result<std::string> commit(const CommitRequest& request);
    // The index that committing the request's paths would commit, as a file for hooks to see. The
    // user's index is not touched. Fails: as commit().
    base::Status writeIndex(const CommitRequest& request, const std::filesystem::path& file) const;
    // Fails with the reason why HEAD must not be rewritten: notFound (no commit), denied (somebody
    // else's, on a remote already), busy (merge or rebase in progress).
    base::Status checkAmend() const;
    // Moves the branch from `commit` back to `before` (its parent, or what it amended; empty: it
    // was the first one). Files and index stay as they are. Fails: busy (HEAD is not `commit` any
    // more), denied (it is on a remote already), invalidInput (no commit before `commit`).
    base::Status takeBack(std::string_view commit, std::string_view before);
    // Message of HEAD. Fails: notFound.
    base::Result<std::string> headMessage() const;
    // "Name <mail>" of the user. Fails: notFound (user.name or user.email is not set).
    base::Result<std::string> identity() const;
    // A hook that git would run: "pre-commit". nullopt: there is none, or it is not executable.
    std::optional<std::filesystem::path> hook(std::string_view name) const;
    // Where the current branch left its upstream, or else origin/HEAD, main or master. Fails:
    // notFound (there is none of them, or HEAD is on it).
    base::Result<std::string> branchBase() const;
    // The commit that a person names: "main", "v1.2", "HEAD~3", digits. Fails: notFound.
    base::Result<std::string> findCommit(const std::string& name) const;
    // Brings a text of `path` into the user's index, or takes it out (nullopt). `before`: what the
    // caller thinks is in the index. Fails: busy (something else is), unsupported (a filter).
    base::Status stage(const std::string& path, const std::optional<std::string>& text,
                       const std::optional<std::string>& before);
    // What the index holds of a regular file. Fails: notFound, unsupported, invalidInput (larger).
    base::Result<std::string> fileInIndex(const std::string& path,
                                          int64_t bytesMax = 8 << 20) const;
    // Creates a branch at HEAD and switches to it without touching files. Fails: invalidInput
    // (exists, bad name).
    base::Status createBranch(std::string_view name);

    struct State;  // in git_state.h, for this room only

private:
    explicit Git(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
    friend class Checkpoints;
};

}  // namespace moxie::tools
