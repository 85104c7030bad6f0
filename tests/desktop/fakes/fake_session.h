// A SessionModel whose events come from the test and which writes down what was wished. The view is
// made by the real models from those events, as in the real one. Threads: GUI thread only.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "app/desktop/session/session_model.h"

namespace moxie::desktop::testing {

class FakeSession final : public SessionModel {
public:
    // ---- what the test plays
    void apply(std::vector<agent::EventBody> bodies, int32_t turn = 1) {
        for (agent::EventBody& body : bodies) {
            agent::Event event;
            event.seq = ++view_.lastSeq;
            event.timeMs = timeMs += 100;
            event.turn = turn;
            event.body = std::move(body);
            conversation_.apply(event);
            plan_.apply(event);
            cost_.apply("fake", event);
        }
        view_.conversation = conversation_.now();
        view_.plan = plan_.now();
        view_.turnCosts = cost_.turns("fake");
        view_.cost = cost_.session("fake");
        state_ = State::ready;
        emit changed(conversation_.takeChanges());
        emit statusChanged();
    }

    void set(State state, const QString& error = {}) {
        state_ = state;
        error_ = error;
        emit statusChanged();
        emit reset();
    }

    void set(Driver driver) {
        driver_ = driver;
        emit statusChanged();
    }

    void ask(agent::PermissionQuestion question) {
        pending_.push_back({std::move(question), timeMs});
        emit pendingChanged();
    }

    SessionView& view() { return view_; }

    int64_t timeMs = 1'800'000'000'000;
    QString preparing_ = {}, id_ = QStringLiteral("fake"),
            repository_ = QStringLiteral("/tmp/fake");
    // In order: "send TEXT", "sendNow TEXT", "stop afterCall", "answer CALL once RULE REASON",
    // "plan N", "mode ask", "model NAME".
    std::vector<std::string> wishes;
    UserMessage sent = {};  // last

    // ---- SessionModel
    State state() const override { return state_; }

    QString errorText() const override { return error_; }

    QString id() const override { return id_; }

    QString repository() const override { return repository_; }

    const SessionView& now() const override { return view_; }

    Driver driver() const override { return driver_; }

    QString preparing() const override { return preparing_; }

    agent::PermissionMode mode() const override { return mode_; }

    void setMode(agent::PermissionMode mode) override {
        mode_ = mode;
        wishes.push_back("mode " + std::string(agent::toString(mode)));
        emit statusChanged();
    }

    QString chosenModel() const override { return chosenModel_; }

    void setChosenModel(const QString& name) override {
        chosenModel_ = name;
        wishes.push_back("model " + name.toStdString());
        emit statusChanged();
    }

    void send(const UserMessage& message) override {
        wishes.push_back("send " + message.text.toStdString());
        sent = message;
        if (driver_ != Driver::us) return;
        queued_.push_back({++queuedId_, message.text, message.images});
        emit statusChanged();
    }

    void sendNow(const UserMessage& message) override {
        wishes.push_back("sendNow " + message.text.toStdString());
        sent = message;
    }

    const std::vector<QueuedMessage>& queued() const override { return queued_; }

    void editQueued(int64_t id, const QString& text) override {
        std::erase_if(queued_, [&](QueuedMessage& message) {
            if (message.id == id) message.text = text;
            return message.id == id && text.isEmpty();
        });
        emit statusChanged();
    }

    void stop(Stop how) override {
        wishes.push_back(how == Stop::now ? "stop now" : "stop afterCall");
    }

    const std::vector<PendingPermission>& pending() const override { return pending_; }

    void answer(const std::string& callId, const agent::PermissionReply& reply) override {
        wishes.push_back("answer " + callId + " " + std::string(agent::toString(reply.answer)) +
                         " " + reply.rule + " " + reply.reason);
        std::erase_if(pending_, [&](const auto& one) { return one.question.callId == callId; });
        emit pendingChanged();
    }

    void changePlan(const std::vector<PlanEntry>& entries) override {
        wishes.push_back("plan " + std::to_string(entries.size()));
    }

private:
    ConversationModel conversation_;
    PlanModel plan_;
    CostModel cost_;
    SessionView view_;
    State state_ = State::empty;
    Driver driver_ = Driver::nobody;
    agent::PermissionMode mode_ = agent::PermissionMode::ask;
    QString chosenModel_;
    QString error_;
    std::vector<QueuedMessage> queued_;
    int64_t queuedId_ = 0;
    std::vector<PendingPermission> pending_;
};

}  // namespace moxie::desktop::testing
