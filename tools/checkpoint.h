// Checkpoints: commits under refs/moxie/<session>/<n>, written through a temporary index with a
// fixed identity. The six rules: (1) private ref, never seen in log, branch or status; (2) taken
// before each turn, restore and reject-all; (3) restore writes files of the work tree only, never
// HEAD, a branch or the user's index; (4) if one cannot be written, nothing is written; (5)
// untracked files up to a size cap are in, ignored files are not; (6) destructive git commands
// always ask (the agent's policy). Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/git.h"

namespace moxie::tools {

struct Checkpoint {
    std::string commit;  // 40 digits
    std::string head;    // what HEAD was then; empty: there was no commit yet
    std::string reason;  // "before turn 2"
    int64_t timeMs = 0;
    int32_t number = 0;
    std::vector<std::string> leftOut;  // untracked files over the cap
};

struct RestoreResult {
    std::vector<std::string> changedPaths;  // written, created or removed
    std::vector<std::string> keptPaths;     // should have changed, but were left: in a nested
                                            // repository, ignored now, or in the way
    bool hasHeadMoved = false;              // since the checkpoint; HEAD was left where it is
};

class Checkpoints {
public:
    // `sessionId`: [a-z0-9-]+.
    // `git` must outlive this. The cap is per file; all untracked files together may have 20 times
    // as much.
    Checkpoints(Git& git, std::string sessionId, int64_t untrackedBytesMax = 10 << 20);
    ~Checkpoints();
    Checkpoints(Checkpoints&&) noexcept;

    // Fails: io and others, in git's words; no checkpoint exists then.

    base::Result<Checkpoint> take(std::string_view reason);
    base::Result<std::vector<Checkpoint>> list() const;  // oldest first
    // Takes a checkpoint first, then makes the files equal to `commit`. Files that the checkpoint
    // left out stay, and so do ignored files.
    base::Result<RestoreResult> restore(std::string_view commit);
    // A branch whose one commit holds the files of a checkpoint, on top of what HEAD was then.
    // HEAD, index and files stay. Fails: invalidInput (exists, bad name), notFound.
    base::Status makeBranch(std::string_view commit, const std::string& name);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace moxie::tools
