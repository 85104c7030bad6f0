// What the commit screen knows of a repository: an immutable snapshot, and wishes. LiveCommit is
// the real one, tests/desktop/commit/fake_commit.h the one for tests.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <cstdint>
#include <string>
#include <vector>

#include "app/desktop/screens/commit/commit_part.h"
#include "base/result.h"
#include "tools/git.h"

namespace moxie::desktop {

struct CommitFile {
    tools::FileChange change = {};
    int64_t nAdded = 0, nRemoved = 0;
};

struct CommitSnapshot {
    std::vector<CommitFile> files = {};
    std::string branch = {};           // "HEAD": none
    std::string identity = {};         // "Name <mail>"; "": git does not know the user
    std::string headMessage = {};      // "" before the first commit
    std::string messageTemplate = {};  // git's commit.template, what a new message begins with
    std::string whyNoAmend = {};       // "": HEAD may be amended
    bool isMerging = false;            // or rebasing, or the like: finish it with git first
    bool hasHooks = false;
};

// What of a file can be ticked line by line.
struct CommitHunks {
    CommitPart part = {};      // ticked: what is staged; everything, if nothing or all of it is
    std::string problem = {};  // why it goes as a whole only; "": it need not
};

enum class SignOff : uint8_t { no, yes };
enum class CoAuthor : uint8_t { no, moxie };

struct CommitWish {
    std::vector<std::string> paths = {};  // as a whole
    std::vector<CommitPart> parts = {};
    QString message = {};
    tools::CommitKind kind = tools::CommitKind::onTop;
    SignOff signOff = SignOff::no;
    CoAuthor coAuthor = CoAuthor::no;
};

struct CommitRefusal {
    base::Errc kind = base::Errc::internal;
    std::string message = {};
    QString hook = {};  // that failed; empty: none
};

class CommitModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    enum class State : uint8_t {
        empty,  // nothing to commit
        loading,
        ready,
        error,
    };

    virtual State state() const = 0;
    virtual base::Errc errorKind() const = 0;  // notFound: no repository
    virtual QString errorText() const = 0;
    virtual const CommitSnapshot& now() const = 0;
    virtual bool isCommitting() const = 0;  // hooks may be running

    virtual void refresh() = 0;
    // hunksFound() follows. Of a regular file that the last commit has, too.
    virtual void lookInto(const std::string& path) = 0;
    virtual void commit(const CommitWish& wish) = 0;
    virtual void stopHook() = 0;
    // The commit that was made last, if the branch still ends in it. Files stay.
    virtual void takeBack() = 0;
    virtual void createBranch(const QString& name) = 0;
    // A message for these files, answered by suggested(); nothing is committed.
    virtual void suggest(const std::vector<std::string>& paths) = 0;

signals:
    // Any of the above may be different.
    void changed();
    void hunksFound(const moxie::desktop::CommitHunks& found);
    void committed(const QString& id, const QString& subject);
    void takenBack(const QString& message);
    void hookStarted(const QString& name);
    void hookOutput(const QString& text);
    void suggested(const QString& message);
    void refused(const moxie::desktop::CommitRefusal& refusal);
};

}  // namespace moxie::desktop
