// What a turn changed in the work tree, and how to give it back: a checkpoint before the first
// write or command, and the difference to it. Threads: owner thread of the session only.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/recorder.h"
#include "tools/checkpoint.h"
#include "tools/git.h"
#include "tools/workspace.h"

namespace moxie::agent {

class Changes {
public:
    // The folder becomes a git repository with the first checkpoint if it is in none.
    Changes(const tools::Workspace& workspace, std::string sessionId)
        : workspace_(workspace),
          sessionId_(std::move(sessionId)) {}

    void startTurn() { base_.clear(); }

    // Takes the checkpoint of this turn unless it was taken. Fails: nothing may be written then.
    base::Status ensureCheckpoint(Recorder& recorder);

    bool hasCheckpoint() const { return !base_.empty(); }

    struct Paths {
        std::vector<std::string> changed;    // relative to the work tree, sorted
        std::vector<std::string> generated;  // changed as well, but made by tools: caches, builds
        std::string diffStat;                // "src/a.cpp +3 -1" a line each
    };

    // Compares the work tree with the checkpoint of this turn; nothing if there is none.
    base::Result<Paths> paths();

    // Those of `changed` that differed from HEAD already when the turn began: work of the user that
    // a commit of the whole file takes along. Empty if that cannot be told.
    std::vector<std::string> dirtyBefore(const std::vector<std::string>& changed) const;

    // What a regular file held when the turn began; empty if there was none, or a larger one.
    std::string textBefore(const std::string& path, int64_t bytesMax) const;

    // Where the changed paths begin; empty before the first checkpoint.
    std::filesystem::path workTree() const {
        return git_ ? git_->workTree() : std::filesystem::path();
    }

    tools::Git* git() { return git_ ? &*git_ : nullptr; }

private:
    base::Status open(Recorder& recorder);

    const tools::Workspace& workspace_;
    std::string sessionId_;
    std::optional<tools::Git> git_;
    std::optional<tools::Checkpoints> checkpoints_;
    std::string base_;  // commit of this turn's checkpoint
};

// The paths that a unified git diff changes, with lines added and removed.
struct DiffPath {
    std::string path;
    int64_t added = 0, removed = 0;
};

std::vector<DiffPath> pathsOfDiff(std::string_view diff);

// True for what programs leave behind and nobody commits: "__pycache__/a.pyc", "node_modules/x".
bool isGenerated(std::string_view path);

// Subject from the task, body from the model's last words and the changed files.
std::string makeCommitMessage(std::string_view task, std::string_view finalText,
                              std::string_view diffStat);

}  // namespace moxie::agent
