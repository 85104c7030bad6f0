#include "app/desktop/screens/changes/live_review.h"

#include <utility>
#include <variant>

#include "app/desktop/screens/changes/review_desk.h"

namespace moxie::desktop {

namespace {

constexpr int kAgentPauseMs = 100;

bool isOver(CardState state) {
    return state != CardState::running && state != CardState::asking;
}

}  // namespace

struct LiveReview::Outcome {
    std::optional<Emptiness> emptiness;
    std::optional<base::Error> failure;  // nothing can be shown
    std::optional<base::Error> refusal;  // of the wish; the snapshot is good
    ReviewSnapshot snapshot;
    int64_t generation = 0;
};

LiveReview::LiveReview(QObject* parent) : ReviewModel(parent) {
    agentPause_.setSingleShot(true);
    agentPause_.setInterval(kAgentPauseMs);
    connect(&agentPause_, &QTimer::timeout, this, &LiveReview::flushAgent);
}

LiveReview::~LiveReview() = default;

void LiveReview::open(const QString& repository, const QString& sessionId) {
    ++generation_;
    desk_ = std::make_shared<ReviewDesk>(repository.toStdString(), sessionId.toStdString());
    now_ = {};
    state_ = State::loading;
    emit changed();
    run(Look::again, {});
}

void LiveReview::follow(SessionModel& session) {
    if (session_) disconnect(session_, nullptr, this, nullptr);
    session_ = &session;
    knownCalls_.clear();
    agentPaths_.clear();
    hasRunCommand_ = false;
    const auto reopen = [this] {
        knownCalls_.clear();
        readSession();
        agentPaths_.clear();  // the first look sees them all
        hasRunCommand_ = false;
        open(session_->repository(), session_->id());
    };
    connect(&session, &SessionModel::reset, this, reopen);
    connect(&session, &SessionModel::changed, this, &LiveReview::readSession);
    connect(&session, &SessionModel::statusChanged, this,
            [this, reopen, known = std::pair(session.repository(), session.id())]() mutable {
                const std::pair now(session_->repository(), session_->id());
                if (std::exchange(known, now) != now) reopen();
            });
    reopen();
}

// Only the last turn is at work.
void LiveReview::readSession() {
    const SharedList<Turn>& turns = session_->now().conversation.turns;
    if (turns.isEmpty()) return;
    const SharedList<Item>& items = turns.back().items;
    for (int64_t i = items.size() - 1; i >= 0; --i) {
        if (const auto* card = items[i].as<ToolCard>()) {
            if (isOver(card->state) && knownCalls_.insert(card->callId).second) takeCard(*card);
        } else if (const auto* commit = items[i].as<CommitItem>()) {
            if (knownCalls_.insert(commit->commit).second)
                noteCommit(QString::fromStdString(commit->commit));
        }
    }
}

void LiveReview::takeCard(const ToolCard& card) {
    agentPaths_.insert(card.changedPaths.begin(), card.changedPaths.end());
    if (card.details.kind == CallKind::execute && card.state != CardState::denied)
        hasRunCommand_ = true;
    if ((hasRunCommand_ || !agentPaths_.empty()) && !agentPause_.isActive()) agentPause_.start();
}

void LiveReview::flushAgent() {
    const std::vector<std::string> paths(agentPaths_.begin(), agentPaths_.end());
    const bool hasRunCommand = std::exchange(hasRunCommand_, false);
    agentPaths_.clear();
    // The first write of a turn made its checkpoint: the base may be another one.
    run(Look::again, [paths, hasRunCommand](ReviewDesk& desk) -> base::Status {
        if (!paths.empty()) TRY(desk.noteAgentWrote(paths));
        if (hasRunCommand) TRY(desk.noteAgentWrote({}));
        return {};
    });
}

void LiveReview::run(Look look, Work work, Then then) {
    if (desk_ == nullptr) return;
    const bool wasWorking = isWorking();
    ++nRunning_;
    const auto onThread = [desk = desk_, scope = scope_, baseName = baseName_.toStdString(),
                           generation = generation_, look,
                           work = std::move(work)](const std::stop_token&) {
        Outcome outcome;
        outcome.generation = generation;
        if (work) {
            if (base::Status done = work(*desk); !done) outcome.refusal = std::move(done).error();
        }
        if (look == Look::again) {
            if (auto opened = desk->open(scope, baseName))
                outcome.emptiness = *opened;
            else
                outcome.failure = std::move(opened).error();
        }
        outcome.snapshot = desk->snapshot();
        return outcome;
    };
    worker_.run(*this, onThread, [this, then = std::move(then)](Outcome outcome) {
        take(std::move(outcome), then);
    });
    if (!wasWorking) emit changed();
}

void LiveReview::take(Outcome outcome, const Then& then) {
    --nRunning_;
    if (outcome.generation != generation_) return;
    now_ = std::move(outcome.snapshot);
    if (outcome.failure) {
        state_ = State::error;
        error_ = QString::fromStdString(outcome.failure->message());
    } else if (outcome.emptiness) {
        state_ = State::empty;
        emptiness_ = *outcome.emptiness;
    } else if (state_ == State::loading || state_ == State::empty || !outcome.refusal) {
        state_ = State::ready;
    }
    emit changed();
    if (outcome.refusal) {
        emit refused({outcome.refusal->kind(), outcome.refusal->message()});
    } else if (then) {
        then();
    }
}

void LiveReview::decide(Work work, Then then) {
    if (state_ == State::ready) run(Look::current, std::move(work), std::move(then));
}

void LiveReview::setScope(ReviewScope scope) {
    if (scope == scope_) return;
    scope_ = scope;
    now_.scope = scope;
    if (desk_ != nullptr) state_ = State::loading;
    emit changed();
    run(Look::again, {});
}

void LiveReview::compareWith(const QString& name) {
    baseName_ = name;
    scope_ = ReviewScope::commit;
    now_.scope = scope_;
    now_.baseName = name;
    if (desk_ != nullptr) state_ = State::loading;
    emit changed();
    run(Look::again, {});
}

void LiveReview::refresh() {
    run(Look::again, {});
}

void LiveReview::accept(const HunkRef& hunk) {
    decide([hunk](ReviewDesk& desk) { return desk.review().accept(hunk); });
}

void LiveReview::reject(const HunkRef& hunk) {
    decide([hunk](ReviewDesk& desk) { return desk.review().reject(hunk); });
}

void LiveReview::edit(const HunkRef& hunk, const QString& text) {
    decide([hunk, bytes = text.toStdString()](ReviewDesk& desk) {
        return desk.review().edit(hunk, bytes);
    });
}

void LiveReview::stage(const HunkRef& hunk) {
    decide([hunk](ReviewDesk& desk) { return desk.stage(hunk); });
}

void LiveReview::acceptAll(const std::string& path) {
    decide([path](ReviewDesk& desk) { return desk.review().acceptAll(path); });
}

void LiveReview::rejectAll(const std::string& path) {
    const int64_t before = now_.nRejected;
    decide([path](ReviewDesk& desk) { return desk.review().rejectAll(path); },
           [this, before] { emit rejectedAll(int(now_.nRejected - before)); });
}

void LiveReview::preview(const CodeToApply& code, const std::string& path,
                         std::optional<ApplyWay> way) {
    if (desk_ == nullptr) return;
    worker_.run(
        *this,
        [desk = desk_, code, path, way](const std::stop_token&) {
            return desk->preview(code, path, way);
        },
        [this](const ApplyPreview& preview) { emit previewed(preview); });
}

void LiveReview::apply(const ApplyPreview& preview) {
    if (preview.after == nullptr) return;
    run(
        Look::again,
        [preview](ReviewDesk& desk) {
            return desk.apply(preview.path, preview.before, preview.after);
        },
        [this, path = QString::fromStdString(preview.path)] { emit applied(path); });
}

void LiveReview::noteUserWrote(const std::string& path) {
    run(Look::again, [path](ReviewDesk& desk) { return desk.noteUserWrote({path}); });
}

void LiveReview::undo() {
    decide([](ReviewDesk& desk) { return desk.review().undo(); });
}

void LiveReview::redo() {
    decide([](ReviewDesk& desk) { return desk.review().redo(); });
}

void LiveReview::restore(const std::string& commit) {
    if (state_ != State::ready) return;
    run(
        Look::again, [commit](ReviewDesk& desk) { return desk.review().restore(commit); },
        [this] { emit restored(); });
}

void LiveReview::makeBranch(const std::string& commit, const QString& name) {
    run(
        Look::current,
        [commit, bytes = name.toStdString()](ReviewDesk& desk) {
            return desk.makeBranch(commit, bytes);
        },
        [this, name] { emit branchMade(name); });
}

void LiveReview::noteCommit(const QString& commit) {
    run(Look::again, [id = commit.toStdString()](ReviewDesk& desk) { return desk.noteCommit(id); });
}

}  // namespace moxie::desktop
