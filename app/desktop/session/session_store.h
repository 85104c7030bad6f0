// The sessions of this user's folder, kept up to date by watching it. All disk work is done on a
// Worker. Threads: GUI thread only.
#pragma once
#include <QTimer>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/desktop/core/worker.h"
#include "app/desktop/session/folder_watcher.h"
#include "app/desktop/session/session_marks_file.h"
#include "app/desktop/session/session_store_model.h"
#include "base/clock.h"
#include "base/result.h"

namespace moxie::desktop {

class StoredSessions;

struct StorePlaces {
    std::filesystem::path sessionsFolder = {};
    std::filesystem::path binFolder = {};  // on the same file system
    std::filesystem::path marksFile = {};
    std::filesystem::path catalogFile = {};  // a cache
};

// Under dataDir() and cacheDir().
StorePlaces usualStorePlaces();

class SessionStore final : public SessionStoreModel {
    Q_OBJECT

public:
    // Begins to read. `clock` outlives it.
    SessionStore(StorePlaces places, base::Clock& clock, QObject* parent = nullptr);
    ~SessionStore() override;
    SessionStore(const SessionStore&) = delete;
    SessionStore& operator=(const SessionStore&) = delete;

    State state() const override { return state_; }

    QString errorText() const override { return error_; }

    std::vector<ProjectRows> rows(SessionFilter filter, const QString& words) const override;

    int32_t nNeedMe() const override { return list_.nNeedMe(); }

    const std::vector<BinnedSession>& bin() const override { return bin_; }

    void refresh() override;
    void rename(const QString& id, const QString& title) override;
    void markSeen(const QString& id) override;
    void rate(const QString& id, int32_t turn, Rating rating) override;
    std::map<int32_t, Rating> ratings(const QString& id) const override;
    void archive(const QString& id) override;
    void unarchive(const QString& id) override;
    void remove(const QString& id) override;
    void restore(const QString& id) override;
    void exportMarkdown(const QString& id, const QString& file) override;
    void search(const QString& words) override;
    void fork(const QString& id, int32_t lastTurn) override;

private:
    // What a look at the disk found.
    struct Found {
        std::vector<agent::SessionInfo> infos = {};
        std::vector<std::pair<std::string, agent::Event>> events = {};  // of those that run
        std::vector<BinnedSession> bin = {};
        std::map<std::string, tools::Checkout> checkouts = {};  // by a session's folder
    };

    // Runs on the worker with what lies there.
    template <class Work, class Then>
    void withStored(Work work, Then then);

    void readAll();
    void take(base::Result<Found> found);
    void takeMarks(base::Result<AllMarks> marks);
    void noteChange(const QString& folder, const QString& name);
    void lookAtChanged();
    void takeChanged(base::Result<Found> found, const std::set<std::string>& ids);
    bool merge(const std::vector<agent::SessionInfo>& infos);
    bool takeCheckouts(const std::map<std::string, tools::Checkout>& checkouts);
    void pushList();
    void watch(const std::vector<agent::SessionInfo>& infos);
    void indexMore();
    template <class Change>
    void mark(const QString& id, Change change);
    void saveMarksSoon();
    QString titleOf(const QString& id) const;
    void showHits(const QString& words, std::vector<SessionHit> hits);

    StorePlaces places_;
    base::Clock& clock_;
    SessionList list_;
    std::map<std::string, agent::SessionInfo> infos_;
    AllMarks marks_;
    std::vector<BinnedSession> bin_;
    State state_ = State::loading;
    QString error_;
    bool canSaveMarks_ = false;  // not before they were read
    bool isSaving_ = false, hasUnsaved_ = false;
    bool isIndexing_ = false, isReadingAll_ = false, isLooking_ = false;
    int64_t searchNumber_ = 0;
    std::set<std::string> watched_, changed_;
    QTimer soon_;
    FolderWatcher watcher_;
    std::shared_ptr<StoredSessions> stored_;  // used on the worker only
    Worker worker_;                           // last: ends before what it uses
};

}  // namespace moxie::desktop
