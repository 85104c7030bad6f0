// The review of what a session changed, hunk by hunk, against a checkpoint. Three texts per file:
// *base* (the checkpoint, later the last commit), *reviewed* (base and all that was accepted) and
// *now* (on disk). What differs between reviewed and now is proposed. Accepting changes only
// reviewed; rejecting and editing write the file. Nothing is ever lost: before anything is written
// a checkpoint is taken and looked into, a file that moved on is merged or left alone, and every
// action can be undone. HEAD, branches and the index are never touched.
// Threads: one thread at a time, not the GUI's: it reads and writes files.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/model/line_texts.h"
#include "base/result.h"
#include "tools/checkpoint.h"
#include "tools/git.h"

namespace moxie::desktop {

enum class HunkState {
    proposed,
    stale,  // an action on it was refused, because the file had moved on there
    accepted,
    rejected,
    edited,  // by the user: their lines stand, and count as accepted
};

enum class HunkAuthor {
    agent,
    you,    // in this window, also if the agent wrote a part of it
    other,  // an editor outside, or there before the agent began
};

struct Hunk {
    HunkState state = HunkState::proposed;
    HunkAuthor author = HunkAuthor::agent;
    LineRange before = {}, after = {};                  // in the reviewed text, in the file now
    std::vector<std::string> removed = {}, added = {};  // with line ends
    bool operator==(const Hunk&) const = default;
};

struct FileReview {
    enum class Kind {
        text,
        binary,      // one hunk without lines: accept or reject the whole file
        unreadable,  // a link, a folder, too large or not allowed: shown, never touched
    };
    std::string path = {};
    Kind kind = Kind::text;
    bool isCreated = false, isDeleted = false;  // now against reviewed
    int64_t version = 0;                        // of the list of hunks
    std::vector<Hunk> hunks = {};               // proposed and stale ones, in order
    FileText reviewed = {}, now = {};           // the lines around; not of an unreadable one
    bool operator==(const FileReview&) const = default;
};

// A hunk as it was shown, whole or a part of it.
struct HunkRef {
    std::string path = {};
    int64_t version = 0;  // FileReview::version
    int64_t hunk = 0;     // index
    // Lines of Hunk::removed and Hunk::added, from 0; nullopt: all.
    std::optional<LineRange> removed = {}, added = {};
};

// What was decided and can be undone.
struct Decision {
    std::string path = {};
    HunkState state = HunkState::accepted;
    std::vector<std::string> removed = {}, added = {};
    bool operator==(const Decision&) const = default;
};

class Review {
public:
    // Both outlive this. `baseCommit`: a checkpoint or commit. Nothing is read yet. What differed
    // from the base at `startCommit` (the checkpoint before the agent's first write; empty: the
    // base) is not the agent's.
    Review(tools::Git& git, tools::Checkpoints& checkpoints, std::string baseCommit,
           std::string startCommit = {});

    // The user has just written these files in this window.
    base::Status noteUserWrote(const std::vector<std::string>& paths);

    // Looks at the files of `paths` (relative to the work tree) and at all known ones again.
    base::Status refresh(const std::vector<std::string>& paths);
    // The agent has just written these files: what they are now is its work. What differs from that
    // later is somebody else's. A file that is new to the review counts as the agent's.
    base::Status noteAgentWrote(const std::vector<std::string>& paths);
    // The paths that differ from the base now. Cost: takes a checkpoint.
    base::Result<std::vector<std::string>> findChangedPaths();

    // Files with open hunks, by path.
    std::vector<FileReview> files() const;

    // Each fails with: busy (the list has changed since, or the file moved on at these lines: the
    // hunk is stale then), invalidInput (no such hunk), denied (the checkpoint would not hold the
    // file, so it is not written), and as the checkpoint fails. Nothing is changed then.

    base::Status accept(const HunkRef& hunk);
    base::Status reject(const HunkRef& hunk);
    // Lines of the user's own instead of the hunk's added ones.
    base::Status edit(const HunkRef& hunk, std::string_view text);

    // Writes a file anew, as the agent would: what differs then is proposed and can be undone.
    // `expected`: what the file is now; null: there is none.
    base::Status apply(const std::string& path, const FileText& expected, std::string_view text);

    // What accepting would make of the reviewed text.
    struct TextChange {
        FileText before, after;
    };

    base::Result<TextChange> acceptedText(const HunkRef& hunk) const;
    // All open hunks of one file, or of all files (path empty), as one action. Rejecting leaves all
    // hunks alone that are not the agent's.
    base::Status acceptAll(const std::string& path);
    base::Status rejectAll(const std::string& path);
    // Makes the files equal to a checkpoint. What was accepted in files that change is open again.
    base::Status restore(std::string_view commit);

    // The user committed: hunks whose lines are in the commit are settled and leave the list.
    base::Status noteCommit(std::string_view commit);

    bool canUndo() const { return nDone_ > 0; }

    bool canRedo() const { return nDone_ < int64_t(actions_.size()); }

    // Fail as the actions do; the action stays where it is then.
    base::Status undo();
    base::Status redo();

    // Of the actions that are done, oldest first.
    std::vector<Decision> decisions() const;

private:
    struct File {
        FileText base, reviewed, now;
        FileText agent;             // as the agent left it, and what this review did to that
        FileText window;            // as the agent and the user of this window left it
        FileText start;             // before the agent's first write
        LineComparison comparison;  // of reviewed and now; its changes are the view's hunks
        LineComparison since;       // of agent and now
        LineComparison others;      // of window and now
        LineComparison agents;      // of start and now
        bool isReadable = true;
        FileReview view;
    };

    struct Step {  // of one file
        std::string path;
        FileText reviewedBefore, reviewedAfter;
        FileText diskBefore, diskAfter;
        bool isSettled = false;  // a commit came later: what was accepted stays accepted
    };

    struct Action {
        std::vector<Step> steps;
        std::vector<Decision> decisions;
        std::string fromCommit, toCommit;  // of a restore
    };

    enum class Direction { back, forth };

    base::Status look(const std::string& path, File& file);
    base::Status makeHunks(File& file);
    static void makeWholeHunk(File& file);
    static base::Status makeTextHunks(File& file);
    base::Status tellAuthors(File& file) const;
    base::Result<const Hunk*> find(const HunkRef& ref) const;
    base::Status decide(const HunkRef& ref, HunkState state, std::string_view text);
    base::Status decideAll(const std::string& path, HunkState state);
    base::Status perform(Action action);
    base::Status play(Action& action, Direction direction);
    base::Status playRestore(const Action& action, Direction direction);
    base::Status write(const std::vector<Step>& steps, std::string_view reason);
    base::Result<FileText> readNow(const std::string& path) const;
    base::Result<FileText> textAt(std::string_view commit, const std::string& path) const;
    void markStale(const Step& step, const FileText& expected);

    tools::Git& git_;
    tools::Checkpoints& checkpoints_;
    std::string baseCommit_, startCommit_;
    std::map<std::string, File> files_;
    int64_t version_ = 0;
    std::vector<Action> actions_;
    int64_t nDone_ = 0;  // actions_[0 .. nDone_) are done, the rest can be done again
};

}  // namespace moxie::desktop
