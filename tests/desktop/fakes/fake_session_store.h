// A SessionStoreModel that holds what the test puts into it and writes down what was wished. Rows
// come from the real SessionList. Threads: GUI thread only.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "app/desktop/session/session_store_model.h"

namespace moxie::desktop::testing {

class FakeSessionStore final : public SessionStoreModel {
public:
    // ---- what the test plays
    void setSessions(const std::vector<agent::SessionInfo>& sessions) {
        list_.setSessions(sessions);
        state_ = sessions.empty() ? State::empty : State::ready;
        emit changed();
    }

    void setCheckout(const std::string& repository, const tools::Checkout& checkout) {
        if (list_.setCheckout(repository, checkout)) emit changed();
    }

    void apply(const std::string& id, const agent::Event& event) {
        if (list_.apply(id, event)) emit changed();
    }

    void set(State state, const QString& error = {}) {
        state_ = state;
        error_ = error;
        emit changed();
    }

    // In order: "rename ID TITLE", "seen ID", "archive ID", "unarchive ID", "remove ID",
    // "restore ID", "export ID FILE", "search WORDS", "fork ID TURN", "refresh".
    std::vector<std::string> wishes;
    std::vector<SessionHit> hits;  // the answer to every search
    std::string forkId = "forked";
    int64_t nowMs = 1'800'000'000'000;

    // ---- SessionStoreModel
    State state() const override { return state_; }

    QString errorText() const override { return error_; }

    std::vector<ProjectRows> rows(SessionFilter filter, const QString& words) const override {
        return list_.rows(filter, words.toStdString());
    }

    int32_t nNeedMe() const override { return list_.nNeedMe(); }

    const std::vector<BinnedSession>& bin() const override { return bin_; }

    void refresh() override { wishes.emplace_back("refresh"); }

    void rename(const QString& id, const QString& title) override {
        wish("rename", id, title);
        mark(id, [&](SessionMarks& marks) { marks.title = title.toStdString(); });
    }

    void markSeen(const QString& id) override {
        wish("seen", id);
        mark(id, [&](SessionMarks& marks) { marks.seenMs = nowMs; });
    }

    void rate(const QString& id, int32_t turn, Rating rating) override {
        wish("rate", id, QString::number(turn) + QLatin1Char(' ') + QString::number(int(rating)));
        mark(id, [&](SessionMarks& marks) { marks.ratings[turn] = rating; });
    }

    std::map<int32_t, Rating> ratings(const QString& id) const override {
        return list_.marks(id.toStdString()).ratings;
    }

    void archive(const QString& id) override {
        wish("archive", id);
        mark(id, [](SessionMarks& marks) { marks.isArchived = true; });
    }

    void unarchive(const QString& id) override {
        wish("unarchive", id);
        mark(id, [](SessionMarks& marks) { marks.isArchived = false; });
    }

    void remove(const QString& id) override {
        wish("remove", id);
        bin_.insert(bin_.begin(), {id, id, {}, nowMs});
        emit changed();
        emit removed(id, id);
    }

    void restore(const QString& id) override {
        wish("restore", id);
        std::erase_if(bin_, [&](const BinnedSession& one) { return one.id == id; });
        emit changed();
        emit restored(id);
    }

    void exportMarkdown(const QString& id, const QString& file) override {
        wish("export", id, file);
        emit exported(id, file);
    }

    void search(const QString& words) override {
        wish("search", words);
        emit found({.words = words, .hits = hits});
    }

    void fork(const QString& id, int32_t lastTurn) override {
        wish("fork", id, QString::number(lastTurn));
        emit forked(id, QString::fromStdString(forkId));
    }

private:
    void wish(const char* what, const QString& id, const QString& more = {}) {
        wishes.push_back(std::string(what) + " " + id.toStdString() +
                         (more.isEmpty() ? "" : " " + more.toStdString()));
    }

    template <class Change>
    void mark(const QString& id, const Change& change) {
        SessionMarks marks = list_.marks(id.toStdString());
        change(marks);
        list_.setMarks(id.toStdString(), std::move(marks));
        emit changed();
    }

    SessionList list_;
    State state_ = State::loading;
    QString error_;
    std::vector<BinnedSession> bin_;
};

}  // namespace moxie::desktop::testing
