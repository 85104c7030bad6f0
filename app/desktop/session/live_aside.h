// The real AsideModel: reads the session's log, asks the model that the session's next turn would
// ask, and keeps what came in memory until it goes. Threads: GUI thread only; an answer is read on
// a thread of its own, which destroying it stops.
#pragma once
#include <QPointer>
#include <atomic>
#include <optional>
#include <stop_token>
#include <thread>

#include "agent/aside.h"
#include "app/desktop/session/aside_model.h"
#include "app/desktop/session/live_session.h"

namespace moxie::desktop {

class LiveAside final : public AsideModel {
    Q_OBJECT

public:
    // `session` outlives it.
    explicit LiveAside(LiveSession& session, QObject* parent = nullptr);
    ~LiveAside() override;
    LiveAside(const LiveAside&) = delete;
    LiveAside& operator=(const LiveAside&) = delete;

    const Conversation& now() const override { return model_.now(); }

    bool isAsking() const override { return isAsking_; }

    int64_t tokens() const override { return tokens_; }

    void ask(const QString& question) override;
    void stop() override;

signals:
    // From the thread of the answer.
    void came(const moxie::agent::EventBody& body);
    void tokensCounted(qint64 tokens);
    void ended(const QString& failure);

private:
    struct Job {
        LiveEnvironment environment;
        std::string repository, sessionId;
        ModelWish models;
        std::vector<agent::AsideExchange> before;
        std::string question;
    };

    void apply(agent::EventBody body);
    void finish(const QString& failure);
    void work(const Job& job, const std::stop_token& stop);
    base::Result<std::string> answer(const Job& job, const std::stop_token& stop);

    LiveSession& session_;
    ConversationModel model_;
    std::vector<agent::AsideExchange> exchanges_;  // answered ones
    std::string question_;
    bool isAsking_ = false;
    int64_t tokens_ = 0;
    int64_t seq_ = 0;
    int32_t turn_ = 0;
    std::jthread thread_;  // last: stops first
};

}  // namespace moxie::desktop
