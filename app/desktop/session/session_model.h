// One session as the window sees it: what happened (read from the event log, nothing else), who
// drives it, and what the user may ask for. Screens know only this; LiveSession is the real one,
// tests/desktop/fakes/fake_session.h the one for tests. A command is a wish: what came of it
// arrives as events, so a screen never shows anything that is not in the log.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agent/session.h"
#include "app/desktop/model/conversation.h"
#include "app/desktop/model/conversation_model.h"
#include "app/desktop/model/cost_model.h"
#include "app/desktop/model/plan_model.h"

namespace moxie::desktop {

// An immutable snapshot; a copy is cheap.
struct SessionView {
    Conversation conversation = {};
    Plan plan = {};
    std::vector<TurnCost> turnCosts = {};
    Cost cost = {};  // of the session
    int64_t lastSeq = 0;
    std::string modelName = {};    // that answered last, empty before
    std::string backend = {};      // "local", "openai", "anthropic", "recorded", ...
    int64_t contextTokens = 0;     // input tokens of the last request
    int64_t contextTokensMax = 0;  // of the model; 0: unknown
};

// What the user sends. Not explicit: a text alone is a message.
struct UserMessage {
    QString text = {};
    std::vector<engine::Image> images = {};

    UserMessage() = default;

    UserMessage(QString words, std::vector<engine::Image> pictures = {})
        : text(std::move(words)),
          images(std::move(pictures)) {}

    bool operator==(const UserMessage&) const = default;
};

// A message that waits for the end of the turn.
struct QueuedMessage {
    int64_t id = 0;
    QString text = {};
    std::vector<engine::Image> images = {};
    bool operator==(const QueuedMessage&) const = default;
};

// A question of the running turn that waits for the user. The same facts are in the log as
// PermissionAsked; what only the driver knows is here.
struct PendingPermission {
    agent::PermissionQuestion question = {};
    int64_t askedMs = 0;
};

class SessionModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    // What there is to see.
    enum class State : uint8_t {
        empty,    // a new session: nothing has been sent
        loading,  // its log is being read
        ready,
        error,  // it cannot be read: errorText()
    };

    enum class Driver : uint8_t {
        nobody,  // a message may be sent
        us,      // our agent is at work
        other,   // another process holds the lease: we watch
    };

    virtual State state() const = 0;
    virtual QString errorText() const = 0;
    virtual QString id() const = 0;          // "" before the first message
    virtual QString repository() const = 0;  // absolute folder
    virtual const SessionView& now() const = 0;
    virtual Driver driver() const = 0;
    // "making the index 40 %", "loading the model"; "" where nothing is being prepared.
    virtual QString preparing() const = 0;

    // ---- for the next turn; kept by the session
    virtual agent::PermissionMode mode() const = 0;
    virtual void setMode(agent::PermissionMode mode) = 0;
    // Of the models in the settings, by name; "": as the settings say.
    virtual QString chosenModel() const = 0;
    virtual void setChosenModel(const QString& name) = 0;

    // ---- wishes. While the agent works a message is queued and sent at the end of the turn.
    virtual void send(const UserMessage& message) = 0;
    // Stops the turn and sends at once.
    virtual void sendNow(const UserMessage& message) = 0;
    virtual const std::vector<QueuedMessage>& queued() const = 0;
    // Its pictures stay. "" removes it.
    virtual void editQueued(int64_t id, const QString& text) = 0;

    enum class Stop : uint8_t {
        afterCall,  // the stream of the model ends at once, a running tool ends first
        now,        // also a running command
    };
    virtual void stop(Stop how) = 0;

    virtual const std::vector<PendingPermission>& pending() const = 0;
    virtual void answer(const std::string& callId, const agent::PermissionReply& reply) = 0;

    // The user's own plan; the agent sees it at its next step. States as the model wrote them.
    virtual void changePlan(const std::vector<PlanEntry>& entries) = 0;

signals:
    // state(), errorText(), id(), driver(), preparing(), mode(), chosenModel() or queued() may be
    // different.
    void statusChanged();
    // To be played back on what the view had; now() is the snapshot after them. At most 30 times a
    // second.
    void changed(const std::vector<moxie::desktop::ConversationChange>& changes);
    // Anything may be different: load everything from now().
    void reset();
    void pendingChanged();
    // Something the user should know that is no event: "the model cannot be opened: ...".
    void failed(const QString& sentence);
    // Good to know, nothing failed: "only the sample model is there". Each sentence once.
    void noticed(const QString& sentence);
};

}  // namespace moxie::desktop
