#include "app/desktop/screens/commit/live_commit.h"

#include <QCoreApplication>
#include <utility>
#include <variant>

#include "base/text.h"

namespace moxie::desktop {

namespace {

// Calls a function on the GUI thread if `receiver` lives still.
template <class Receiver, class Function>
void tell(const QPointer<Receiver>& receiver, Function function) {
    QMetaObject::invokeMethod(
        QCoreApplication::instance(),
        [receiver, function] {
            if (receiver) function(*receiver);
        },
        Qt::QueuedConnection);
}

}  // namespace

LiveCommit::LiveCommit(QObject* parent) : CommitModel(parent) {}

LiveCommit::~LiveCommit() {
    hookStop_.request_stop();
}

void LiveCommit::open(const QString& repository) {
    desk_ = std::make_shared<CommitDesk>(repository.toStdString());
    lastMade_ = {};
    state_ = State::loading;
    emit changed();
    refresh();
}

void LiveCommit::follow(SessionModel& session) {
    if (session_) disconnect(session_, nullptr, this, nullptr);
    session_ = &session;
    connect(&session, &SessionModel::statusChanged, this,
            [this, known = session.repository()]() mutable {
                const bool isAtWork = session_->driver() != SessionModel::Driver::nobody;
                const bool hasEnded = std::exchange(wasAtWork_, isAtWork) && !isAtWork;
                if (std::exchange(known, session_->repository()) != session_->repository())
                    return open(session_->repository());
                if (hasEnded) refresh();
            });
    open(session.repository());
}

void LiveCommit::takeLook(base::Result<CommitSnapshot> looked) {
    if (looked) {
        now_ = std::move(*looked);
        state_ = now_.files.empty() ? State::empty : State::ready;
    } else {
        state_ = State::error;
        errorKind_ = looked.error().kind();
        error_ = QString::fromStdString(looked.error().message());
    }
    emit changed();
}

void LiveCommit::refuse(const base::Error& error, const QString& hook) {
    emit refused({error.kind(), error.message(), hook});
}

void LiveCommit::refresh() {
    if (desk_ == nullptr) return;
    worker_.run(
        *this, [desk = desk_](const std::stop_token&) { return std::pair(desk, desk->look()); },
        [this](auto looked) {
            if (looked.first == desk_) takeLook(std::move(looked.second));
        });
}

void LiveCommit::lookInto(const std::string& path) {
    if (desk_ == nullptr) return;
    worker_.run(
        *this,
        [desk = desk_, path](const std::stop_token&) {
            return std::pair(desk, desk->lookInto(path));
        },
        [this](const auto& looked) {
            if (looked.first == desk_) emit hunksFound(looked.second);
        });
}

void LiveCommit::commit(const CommitWish& wish) {
    if (desk_ == nullptr || isCommitting_) return;
    isCommitting_ = true;
    hookStop_ = {};
    emit changed();

    struct Outcome {
        base::Result<CommitDesk::Made> made;
        base::Result<CommitSnapshot> look;
        std::string failedHook;
    };

    const QPointer<LiveCommit> self(this);
    const auto work = [self, desk = desk_, wish,
                       hookStop = hookStop_](const std::stop_token& stop) {
        const std::stop_callback stopAll(stop, [hookStop]() mutable { hookStop.request_stop(); });
        CommitDesk::Hooks hooks;
        hooks.stop = hookStop.get_token();
        hooks.started = [self](const std::string& name) {
            tell(self, [text = QString::fromStdString(name)](LiveCommit& model) {
                emit model.hookStarted(text);
            });
        };
        hooks.output = [self](std::string_view output) {
            const std::string clean = base::toValidUtf8(output);
            tell(self, [text = QString::fromStdString(clean)](LiveCommit& model) {
                emit model.hookOutput(text);
            });
        };
        auto made = desk->commit(wish, hooks);
        return Outcome{std::move(made), desk->look(), hooks.failed};
    };
    worker_.run(*this, work, [this](Outcome outcome) {
        isCommitting_ = false;
        takeLook(std::move(outcome.look));
        if (!outcome.made)
            return refuse(outcome.made.error(), QString::fromStdString(outcome.failedHook));
        lastMade_ = *outcome.made;
        const QString subject =
            QString::fromStdString(lastMade_.message).section(QLatin1Char('\n'), 0, 0);
        emit committed(QString::fromStdString(lastMade_.id), subject);
    });
}

void LiveCommit::takeBack() {
    if (desk_ == nullptr || lastMade_.id.empty()) return;
    const auto work = [desk = desk_, made = lastMade_](const std::stop_token&) {
        base::Status back = desk->takeBack(made);
        return std::pair(std::move(back), desk->look());
    };
    worker_.run(*this, work, [this](auto outcome) {
        takeLook(std::move(outcome.second));
        if (!outcome.first) return refuse(outcome.first.error());
        emit takenBack(QString::fromStdString(std::exchange(lastMade_, {}).message));
    });
}

void LiveCommit::createBranch(const QString& name) {
    if (desk_ == nullptr) return;
    const auto work = [desk = desk_, bytes = name.toStdString()](const std::stop_token&) {
        base::Status made = desk->createBranch(bytes);
        return std::pair(std::move(made), desk->look());
    };
    worker_.run(*this, work, [this](auto outcome) {
        takeLook(std::move(outcome.second));
        if (!outcome.first) refuse(outcome.first.error());
    });
}

void LiveCommit::suggest(const std::vector<std::string>& paths) {
    if (desk_ == nullptr) return;
    std::string task, finalText;
    if (session_ && !session_->now().conversation.turns.isEmpty()) {
        const Turn& turn = session_->now().conversation.turns.back();
        task = turn.task;
        if (turn.answerItem >= 0)
            if (const auto* text = turn.items[turn.answerItem].as<TextItem>())
                finalText = text->text;
    }
    worker_.run(
        *this,
        [desk = desk_, paths, task, finalText](const std::stop_token&) {
            return desk->suggest(paths, task, finalText);
        },
        [this](base::Result<std::string> message) {
            if (!message) return refuse(message.error());
            emit suggested(QString::fromStdString(*message).trimmed());
        });
}

}  // namespace moxie::desktop
