// The real ReviewModel: a ReviewDesk on a thread of its own. Wishes are done in the order in which
// they were said; each ends with a snapshot. Files that the agent changes are taken in as its
// events come; what changes while one of its commands runs counts as the agent's.
// Threads: GUI thread only.
#pragma once
#include <QPointer>
#include <QTimer>
#include <functional>
#include <memory>
#include <set>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/changes/review_model.h"
#include "app/desktop/session/session_model.h"

namespace moxie::desktop {

class ReviewDesk;

class LiveReview final : public ReviewModel {
    Q_OBJECT

public:
    explicit LiveReview(QObject* parent = nullptr);
    ~LiveReview() override;

    // Reviews what happens in this session from now on. `session` may go away.
    void follow(SessionModel& session);
    // Without a session: the work tree at `repository`, and the checkpoints of `sessionId`.
    void open(const QString& repository, const QString& sessionId);

    State state() const override { return state_; }

    Emptiness whyEmpty() const override { return emptiness_; }

    QString errorText() const override { return error_; }

    const ReviewSnapshot& now() const override { return now_; }

    bool isWorking() const override { return nRunning_ > 0; }

    void setScope(ReviewScope scope) override;
    void compareWith(const QString& name) override;
    void refresh() override;
    void accept(const HunkRef& hunk) override;
    void reject(const HunkRef& hunk) override;
    void edit(const HunkRef& hunk, const QString& text) override;
    void stage(const HunkRef& hunk) override;
    void acceptAll(const std::string& path) override;
    void rejectAll(const std::string& path) override;
    void preview(const CodeToApply& code, const std::string& path,
                 std::optional<ApplyWay> way) override;
    void apply(const ApplyPreview& preview) override;
    void noteUserWrote(const std::string& path) override;
    void undo() override;
    void redo() override;
    void restore(const std::string& commit) override;
    void makeBranch(const std::string& commit, const QString& name) override;
    void noteCommit(const QString& commit) override;

private:
    struct Outcome;
    using Work = std::function<base::Status(ReviewDesk&)>;
    using Then = std::function<void()>;
    enum class Look : uint8_t { current, again };

    void run(Look look, Work work, Then then = {});
    void take(Outcome outcome, const Then& then);
    void decide(Work work, Then then = {});
    void readSession();
    void takeCard(const ToolCard& card);
    void flushAgent();

    QPointer<SessionModel> session_;
    std::shared_ptr<ReviewDesk> desk_;
    ReviewScope scope_ = ReviewScope::session;
    QString baseName_;  // of the scope commit
    State state_ = State::empty;
    Emptiness emptiness_ = Emptiness::noTurn;
    QString error_;
    ReviewSnapshot now_;
    int nRunning_ = 0;
    int64_t generation_ = 0;  // of the desk: what another one found is dropped
    std::set<std::string> knownCalls_, agentPaths_;
    bool hasRunCommand_ = false;
    QTimer agentPause_;  // many writes make one look
    Worker worker_;      // last: stops first
};

}  // namespace moxie::desktop
