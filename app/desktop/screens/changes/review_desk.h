// The part of a live review that reads and writes: git, checkpoints and one Review per base, and
// snapshots of them. Reviews of other scopes stay open, each with its own undo.
// Threads: one thread at a time, never the GUI's.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/desktop/screens/changes/review_model.h"
#include "tools/checkpoint.h"
#include "tools/git.h"

namespace moxie::desktop {

class ReviewDesk {
public:
    // `sessionId`: whose checkpoints; "" before the first message.
    ReviewDesk(std::filesystem::path repository, std::string sessionId);
    ~ReviewDesk();

    // Makes the scope's review the current one and looks at every file that may differ. nullopt:
    // there is something to compare with. Fails: as git and the review do.
    // `baseName`: of the scope commit.
    base::Result<std::optional<ReviewModel::Emptiness>> open(ReviewScope scope,
                                                             const std::string& baseName);

    // The current review. Requires: open() found something to compare with.
    Review& review();

    base::Status stage(const HunkRef& hunk);
    // The agent wrote these files with a tool, or (empty) ran a command that may have.
    base::Status noteAgentWrote(const std::vector<std::string>& paths);
    base::Status noteUserWrote(const std::vector<std::string>& paths);

    // See ReviewModel. Nothing is written.
    ApplyPreview preview(const CodeToApply& code, const std::string& path,
                         std::optional<ApplyWay> way);
    // Where there is nothing to compare with yet, the checkpoint before it becomes the base.
    base::Status apply(const std::string& path, const FileText& before, const FileText& after);
    // Tells all reviews.
    base::Status noteCommit(const std::string& commit);
    base::Status makeBranch(const std::string& commit, const std::string& name);

    ReviewSnapshot snapshot();

private:
    struct Desk;  // of one base

    base::Status ensureGit();
    base::Result<FileText> readNow(const std::string& path) const;
    std::string existingTarget(const CodeToApply& code) const;
    base::Result<std::string> baseOf(ReviewScope scope,
                                     std::optional<ReviewModel::Emptiness>& emptiness);
    base::Result<std::string> startOfAgent();
    base::Result<std::vector<std::string>> pathsToLookAt(Desk& desk) const;
    base::Status lookAgain(Desk& desk);
    base::Status makeNotes(Desk& desk, const std::vector<std::string>& paths) const;
    void noteRenames(Desk& desk) const;
    std::shared_ptr<const ReviewedFile> shared(Desk& desk, FileReview file) const;

    std::filesystem::path repository_;
    std::string sessionId_;
    std::optional<tools::Git> git_;
    std::optional<tools::Checkpoints> checkpoints_;
    std::string start_;  // before the agent's first write
    std::map<std::string, std::unique_ptr<Desk>> desks_;
    Desk* current_ = nullptr;
    ReviewScope scope_ = ReviewScope::session;
    std::string baseName_;  // of the scope commit
};

}  // namespace moxie::desktop
