// All sessions of this user, for the sidebar: the list, what the user said about each (title, seen,
// archived), the bin, search over every conversation. Screens know only this; SessionStore is the
// real one, tests/desktop/fakes/fake_session_store.h the one for tests. Wishes return at once; what
// came of them arrives as a signal. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <cstdint>
#include <map>
#include <vector>

#include "app/desktop/model/session_list.h"

namespace moxie::desktop {

// A removed session that can still be given back.
struct BinnedSession {
    QString id = {}, title = {}, repository = {};
    int64_t removedMs = 0;
    bool operator==(const BinnedSession&) const = default;
};

// A range of an excerpt's characters.
struct MatchRange {
    qsizetype begin = 0, length = 0;
    bool operator==(const MatchRange&) const = default;
};

// One place where the words of a search stand.
struct SessionHit {
    QString id = {}, title = {}, repository = {};
    int32_t turn = 0;  // as in the events
    int64_t timeMs = 0;
    QString excerpt = {};  // one line
    std::vector<MatchRange> matches = {};
    bool operator==(const SessionHit&) const = default;
};

struct SessionHits {
    QString words = {};
    std::vector<SessionHit> hits = {};  // best first
    bool isCut = false;                 // there are more
    bool isIndexing = false;            // some conversations are not in the index yet
    bool operator==(const SessionHits&) const = default;
};

class SessionStoreModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    enum class State : uint8_t {
        loading,
        empty,  // there is no session at all
        ready,
        error,  // the list cannot be read: errorText()
    };

    virtual State state() const = 0;
    virtual QString errorText() const = 0;
    // Projects by their newest session; see SessionList::rows().
    virtual std::vector<ProjectRows> rows(SessionFilter filter, const QString& words) const = 0;
    virtual int32_t nNeedMe() const = 0;
    // Newest first. Sessions stay for 30 days.
    virtual const std::vector<BinnedSession>& bin() const = 0;

    // ---- wishes
    virtual void refresh() = 0;  // reads everything again, after an error
    // "": the title of the first task again.
    virtual void rename(const QString& id, const QString& title) = 0;
    virtual void markSeen(const QString& id) = 0;
    // Of the answer of a turn (number as in the events). Kept here, sent nowhere.
    virtual void rate(const QString& id, int32_t turn, Rating rating) = 0;
    virtual std::map<int32_t, Rating> ratings(const QString& id) const = 0;
    virtual void archive(const QString& id) = 0;
    virtual void unarchive(const QString& id) = 0;
    // Into the bin. A session that somebody drives is not removed: failed().
    virtual void remove(const QString& id) = 0;
    virtual void restore(const QString& id) = 0;
    // The text of the conversation as Markdown. An existing file is replaced.
    virtual void exportMarkdown(const QString& id, const QString& file) = 0;
    // All words must be there, the last one may be a beginning. A new search drops the one before.
    virtual void search(const QString& words) = 0;

    // All turns, for fork().
    static constexpr int32_t kAllTurns = -1;
    // A new session whose conversation begins as `id`'s up to the end of `lastTurn` (numbers as in
    // the events; 0: with nothing).
    virtual void fork(const QString& id, int32_t lastTurn) = 0;

signals:
    // state(), errorText(), rows(), nNeedMe() or bin() may be different.
    void changed();
    void removed(const QString& id, const QString& title);
    void restored(const QString& id);
    void exported(const QString& id, const QString& file);
    void found(const moxie::desktop::SessionHits& hits);
    void forked(const QString& fromId, const QString& newId);
    // A wish came to nothing.
    void failed(const QString& sentence);
};

}  // namespace moxie::desktop
