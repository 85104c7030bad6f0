// What the changes screen knows of a review: an immutable snapshot, and wishes. LiveReview is the
// real one, tests/desktop/changes/fake_review.h the one for tests. A wish that is refused changes
// nothing and is answered by refused(); one that came true by the next changed().
// Threads: GUI thread only; snapshots may be kept.
#pragma once
#include <QObject>
#include <QString>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/desktop/model/code_application.h"
#include "app/desktop/model/review.h"

namespace moxie::desktop {

enum class ReviewScope : uint8_t { lastTurn, session, uncommitted, branch, commit };

// What a file's difference has beside hunks; shown, never decided here.
enum class FileNote : uint8_t {
    nowExecutable,
    notExecutable,
    renamed,  // detail: the old path
    link,
    submodule,
    tooLarge,
    unreadable,
};

// Where each line begins, and the text's size.
std::vector<size_t> lineBeginsOf(std::string_view text);

struct ReviewedFile {
    FileReview review;
    std::vector<size_t> lineBegins = {};  // of review.now, and its size
    int64_t nAdded = 0, nRemoved = 0;     // lines of all open hunks
    int64_t bytesBefore = 0, bytesNow = 0;
    bool isLong = false;  // over 2 MB, or written for machines: starts folded
    std::vector<std::pair<FileNote, std::string>> notes = {};
    bool operator==(const ReviewedFile&) const = default;

    // Of the file as it is now, without its end. Requires: 0 <= line < lines().
    std::string_view line(int64_t line) const;

    int64_t lines() const { return lineBegins.empty() ? 0 : int64_t(lineBegins.size()) - 1; }
};

struct SavedPoint {  // a checkpoint
    std::string commit = {}, reason = {};
    int64_t timeMs = 0;
    bool hasHeadMoved = false;  // since then
    bool operator==(const SavedPoint&) const = default;
};

struct ReviewSnapshot {
    ReviewScope scope = ReviewScope::session;
    QString baseName = {};  // of the scope commit: as it was named
    std::vector<std::shared_ptr<const ReviewedFile>> files = {};  // with open hunks or notes
    std::vector<SavedPoint> points = {};                          // newest first
    int64_t nAccepted = 0, nRejected = 0, nEdited = 0;            // hunks, in this review
    bool canUndo = false, canRedo = false;
};

// Code of an answer on its way into a file.
struct CodeToApply {
    std::string code = {}, language = {};
    std::vector<std::string> targets = {};  // paths, the likeliest first; they may not exist
    bool operator==(const CodeToApply&) const = default;
};

// A file whose open hunks are all that differs. Fails: internal.
base::Result<ReviewedFile> comparedFile(const std::string& path, const FileText& before,
                                        const FileText& after);

// What would become of a file; nothing is written yet.
struct ApplyPreview {
    CodeToApply code = {};
    std::string path = {};                          // "": none of the targets may be one
    std::vector<ApplyWay> ways = {};                // that are possible, the likeliest first
    ApplyWay way = ApplyWay::wholeFile;             // that is shown
    FileText before = {}, after = {};               // before null: a new file
    std::shared_ptr<const ReviewedFile> file = {};  // the difference; null: there is none
    QString problem = {};                           // why it cannot be done
};

struct Refusal {
    base::Errc kind = base::Errc::internal;
    std::string message = {};  // for a person, lower case
};

class ReviewModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    enum class State : uint8_t {
        empty,  // nothing to compare with yet: whyEmpty()
        loading,
        ready,
        error,
    };

    enum class Emptiness : uint8_t { noRepository, noCommit, noTurn, noOtherBranch };

    virtual State state() const = 0;
    virtual Emptiness whyEmpty() const = 0;
    virtual QString errorText() const = 0;
    virtual const ReviewSnapshot& now() const = 0;
    virtual bool isWorking() const = 0;

    // Requires: not the scope commit, see compareWith().
    virtual void setScope(ReviewScope scope) = 0;
    // The scope commit: against a commit, branch or tag; the error state if there is none.
    virtual void compareWith(const QString& name) = 0;
    virtual void refresh() = 0;

    virtual void accept(const HunkRef& hunk) = 0;
    virtual void reject(const HunkRef& hunk) = 0;
    virtual void edit(const HunkRef& hunk, const QString& text) = 0;
    // Accepts the hunk and brings it into git's index.
    virtual void stage(const HunkRef& hunk) = 0;
    // Path empty: all files.
    virtual void acceptAll(const std::string& path) = 0;
    // The agent's hunks only.
    virtual void rejectAll(const std::string& path) = 0;
    // Answered by previewed(). `path` "": the first target that exists, else the first. `way`
    // empty: the likeliest.
    virtual void preview(const CodeToApply& code, const std::string& path,
                         std::optional<ApplyWay> way) = 0;
    // Writes it, as an action that can be undone; the hunks are proposed then.
    virtual void apply(const ApplyPreview& preview) = 0;
    // The user wrote these files in this window.
    virtual void noteUserWrote(const std::string& path) = 0;
    virtual void undo() = 0;
    virtual void redo() = 0;
    virtual void restore(const std::string& commit) = 0;
    virtual void makeBranch(const std::string& commit, const QString& name) = 0;
    // The user committed: settled hunks leave the list.
    virtual void noteCommit(const QString& commit) = 0;

signals:
    // Any of the above may be different.
    void changed();
    void refused(const moxie::desktop::Refusal& refusal);
    // For the strip that offers to undo it.
    void rejectedAll(int count);
    void restored();
    void branchMade(const QString& name);
    void previewed(const moxie::desktop::ApplyPreview& preview);
    void applied(const QString& path);
};

inline std::string_view ReviewedFile::line(int64_t line) const {
    const size_t begin = lineBegins[size_t(line)], end = lineBegins[size_t(line) + 1];
    std::string_view text = bytesOf(review.now).substr(begin, end - begin);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

}  // namespace moxie::desktop
