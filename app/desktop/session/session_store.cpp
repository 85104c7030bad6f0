#include "app/desktop/session/session_store.h"

#include <algorithm>
#include <utility>

#include "app/desktop/session/stored_sessions.h"
#include "base/file.h"
#include "base/paths.h"

namespace moxie::desktop {

namespace {

constexpr int kLookMs = 250;
constexpr size_t kWatchedMax = 4000;
constexpr int64_t kHitsMax = 200;

QString fromUtf8(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

// Of what the list is made of; times of sessions that run come with their events.
bool isSameRow(const agent::SessionInfo& a, const agent::SessionInfo& b) {
    return a.repository == b.repository && a.firstTask == b.firstTask &&
           a.lastStatus == b.lastStatus && a.turns == b.turns && a.isLeased == b.isLeased &&
           (a.isLeased || a.changedMs == b.changedMs);
}

}  // namespace

StorePlaces usualStorePlaces() {
    return {.sessionsFolder = base::dataDir() / "sessions",
            .binFolder = base::dataDir() / "bin",
            .marksFile = base::dataDir() / "session_marks.json",
            .catalogFile = base::cacheDir() / "sessions.sqlite"};
}

SessionStore::SessionStore(StorePlaces places, base::Clock& clock, QObject* parent)
    : SessionStoreModel(parent),
      places_(std::move(places)),
      clock_(clock),
      stored_(std::make_shared<StoredSessions>(
          StoredSessions::Places{places_.sessionsFolder, places_.binFolder, places_.catalogFile},
          clock)) {
    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &SessionStore::lookAtChanged);
    connect(&watcher_, &FolderWatcher::changed, this, &SessionStore::noteChange);
    worker_.run(
        *this, [file = places_.marksFile](const std::stop_token&) { return loadMarks(file); },
        [this](base::Result<AllMarks> marks) { takeMarks(std::move(marks)); });
    readAll();
}

SessionStore::~SessionStore() = default;

template <class Work, class Then>
void SessionStore::withStored(Work work, Then then) {
    worker_.run(
        *this,
        [stored = stored_, work = std::move(work)](const std::stop_token& stop) {
            return work(*stored, stop);
        },
        std::move(then));
}

std::vector<ProjectRows> SessionStore::rows(SessionFilter filter, const QString& words) const {
    return list_.rows(filter, words.toStdString());
}

// ---- the list

void SessionStore::takeMarks(base::Result<AllMarks> marks) {
    if (!marks) {
        // Not written over: a person may still mend it.
        emit failed(tr("Titles and archived sessions cannot be read: %1")
                        .arg(fromUtf8(marks.error().message())));
        return;
    }
    canSaveMarks_ = true;
    for (auto& [id, mark] : *marks) {
        marks_.try_emplace(id, mark);
        list_.setMarks(id, marks_[id]);
    }
}

void SessionStore::refresh() {
    if (state_ == State::error) {
        state_ = State::loading;
        error_.clear();
        emit changed();
    }
    readAll();
}

void SessionStore::readAll() {
    if (std::exchange(isReadingAll_, true)) return;
    watcher_.watch(places_.sessionsFolder, FolderWatcher::What::entries);
    withStored(
        [nowMs = clock_.wallMs(), folder = places_.sessionsFolder](
            StoredSessions& stored, const std::stop_token&) -> base::Result<Found> {
            std::error_code ignored;  // of a folder that cannot be made nothing can be listed
            std::filesystem::create_directories(folder, ignored);
            Found found;
            TRY_ASSIGN(SessionCatalog * catalog, stored.catalog());
            TRY_ASSIGN(found.infos, catalog->list());
            for (const agent::SessionInfo& info : found.infos)
                if (info.isLeased)
                    for (agent::Event& event : stored.newEvents(info.id))
                        found.events.emplace_back(info.id, std::move(event));
            found.bin = stored.bin().list(nowMs);
            found.checkouts = StoredSessions::checkouts(found.infos);
            return found;
        },
        [this](base::Result<Found> found) {
            isReadingAll_ = false;
            take(std::move(found));
        });
}

void SessionStore::take(base::Result<Found> found) {
    if (!found) {
        state_ = State::error;
        error_ = fromUtf8(found.error().message());
        emit changed();
        return;
    }
    infos_.clear();
    for (agent::SessionInfo& info : found->infos)
        infos_[info.id] = info;
    pushList();
    takeCheckouts(found->checkouts);
    for (const auto& [id, event] : found->events)
        list_.apply(id, event);
    bin_ = std::move(found->bin);
    state_ = infos_.empty() ? State::empty : State::ready;
    // At the very first start there was no folder to watch before it was read.
    watcher_.watch(places_.sessionsFolder, FolderWatcher::What::entries);
    watch(found->infos);
    emit changed();
    indexMore();
}

void SessionStore::pushList() {
    std::vector<agent::SessionInfo> infos;
    infos.reserve(infos_.size());
    for (const auto& [id, info] : infos_)
        infos.push_back(info);
    list_.setSessions(infos);
}

void SessionStore::watch(const std::vector<agent::SessionInfo>& infos) {
    std::vector<std::pair<int64_t, std::string>> newest;
    for (const agent::SessionInfo& info : infos)
        if (!watched_.contains(info.id)) newest.emplace_back(-info.changedMs, info.id);
    std::sort(newest.begin(), newest.end());
    for (const auto& [when, id] : newest) {
        if (watched_.size() >= kWatchedMax) return;
        if (watcher_.watch(places_.sessionsFolder / id, FolderWatcher::What::writes))
            watched_.insert(id);
    }
}

void SessionStore::noteChange(const QString& folder, const QString& name) {
    const std::filesystem::path path = folder.toStdString();
    if (path != places_.sessionsFolder) {
        if (name.endsWith(QLatin1String("-shm"))) return;
        changed_.insert(path.filename().string());
    } else if (!name.isEmpty()) {
        changed_.insert(name.toStdString());
    }
    if (!isLooking_ && !soon_.isActive()) soon_.start(kLookMs);
}

void SessionStore::lookAtChanged() {
    if (changed_.empty()) return;
    isLooking_ = true;
    std::set<std::string> ids = std::exchange(changed_, {});
    withStored(
        [ids](StoredSessions& stored, const std::stop_token&) -> base::Result<Found> {
            Found found;
            TRY_ASSIGN(SessionCatalog * catalog, stored.catalog());
            TRY_ASSIGN(found.infos,
                       catalog->look(std::vector<std::string>(ids.begin(), ids.end())));
            found.checkouts = StoredSessions::checkouts(found.infos);
            for (const agent::SessionInfo& info : found.infos)
                for (agent::Event& event : stored.newEvents(info.id))
                    found.events.emplace_back(info.id, std::move(event));
            return found;
        },
        [this, ids](base::Result<Found> found) {
            isLooking_ = false;
            takeChanged(std::move(found), ids);
            if (!changed_.empty() && !soon_.isActive()) soon_.start(kLookMs);
        });
}

void SessionStore::takeChanged(base::Result<Found> found, const std::set<std::string>& ids) {
    if (!found) return readAll();  // which says why
    bool isNew = merge(found->infos);
    std::set<std::string> gone = ids;
    for (const agent::SessionInfo& info : found->infos)
        gone.erase(info.id);
    for (const std::string& id : gone) {
        watched_.erase(id);
        watcher_.forget(places_.sessionsFolder / id);
        isNew |= infos_.erase(id) > 0;
    }
    if (isNew) {
        pushList();
        state_ = infos_.empty() ? State::empty : State::ready;
    }
    isNew |= takeCheckouts(found->checkouts);
    for (const auto& [id, event] : found->events)
        isNew |= list_.apply(id, event);
    watch(found->infos);
    if (isNew) emit changed();
    indexMore();
}

bool SessionStore::merge(const std::vector<agent::SessionInfo>& infos) {
    bool isNew = false;
    for (const agent::SessionInfo& info : infos) {
        const auto [place, isFirst] = infos_.try_emplace(info.id, info);
        isNew |= isFirst || !isSameRow(place->second, info);
        place->second = info;
    }
    return isNew;
}

bool SessionStore::takeCheckouts(const std::map<std::string, tools::Checkout>& checkouts) {
    bool isNew = false;
    for (const auto& [folder, checkout] : checkouts)
        isNew |= list_.setCheckout(folder, checkout);
    return isNew;
}

// ---- marks

template <class Change>
void SessionStore::mark(const QString& id, Change change) {
    SessionMarks& marks = marks_[id.toStdString()];
    const SessionMarks before = marks;
    change(marks);
    if (marks == before) return;
    list_.setMarks(id.toStdString(), marks);
    emit changed();
    saveMarksSoon();
}

void SessionStore::saveMarksSoon() {
    if (!canSaveMarks_) return;
    hasUnsaved_ = true;
    if (isSaving_) return;
    isSaving_ = true;
    hasUnsaved_ = false;
    worker_.run(
        *this,
        [file = places_.marksFile, marks = marks_](const std::stop_token&) {
            return saveMarks(file, marks);
        },
        [this](const base::Status& saved) {
            isSaving_ = false;
            if (!saved)
                emit failed(tr("Titles and archived sessions cannot be kept: %1")
                                .arg(fromUtf8(saved.error().message())));
            if (hasUnsaved_) saveMarksSoon();
        });
}

void SessionStore::rename(const QString& id, const QString& title) {
    mark(id, [&](SessionMarks& marks) { marks.title = title.trimmed().toStdString(); });
}

void SessionStore::markSeen(const QString& id) {
    mark(id, [this](SessionMarks& marks) { marks.seenMs = clock_.wallMs(); });
}

void SessionStore::rate(const QString& id, int32_t turn, Rating rating) {
    mark(id, [&](SessionMarks& marks) {
        if (rating == Rating::none)
            marks.ratings.erase(turn);
        else
            marks.ratings[turn] = rating;
    });
}

std::map<int32_t, Rating> SessionStore::ratings(const QString& id) const {
    return list_.marks(id.toStdString()).ratings;
}

void SessionStore::archive(const QString& id) {
    mark(id, [](SessionMarks& marks) { marks.isArchived = true; });
}

void SessionStore::unarchive(const QString& id) {
    mark(id, [](SessionMarks& marks) { marks.isArchived = false; });
}

// ---- the bin

QString SessionStore::titleOf(const QString& id) const {
    for (const SessionFilter filter : {SessionFilter::all, SessionFilter::archived})
        for (const ProjectRows& project : list_.rows(filter))
            for (const SessionRow& row : project.sessions)
                if (row.id == id.toStdString()) return fromUtf8(row.title);
    return id;
}

void SessionStore::remove(const QString& id) {
    const auto info = infos_.find(id.toStdString());
    if (info == infos_.end()) {
        emit failed(tr("There is no such session any more."));
        return;
    }
    const BinnedSession session = {.id = id,
                                   .title = titleOf(id),
                                   .repository = fromUtf8(info->second.repository),
                                   .removedMs = clock_.wallMs()};
    withStored(
        [session](StoredSessions& stored, const std::stop_token&) {
            return stored.bin().put(session);
        },
        [this, session](const base::Status& put) {
            if (!put && put.error().kind() == base::Errc::busy)
                emit failed(tr("The session is at work. Stop it before you remove it."));
            else if (!put)
                emit failed(
                    tr("The session was not removed: %1").arg(fromUtf8(put.error().message())));
            if (!put) return;
            infos_.erase(session.id.toStdString());
            watched_.erase(session.id.toStdString());
            bin_.insert(bin_.begin(), session);
            pushList();
            state_ = infos_.empty() ? State::empty : State::ready;
            emit changed();
            emit removed(session.id, session.title);
        });
}

void SessionStore::restore(const QString& id) {
    withStored(
        [id = id.toStdString()](StoredSessions& stored, const std::stop_token&) {
            return stored.bin().takeBack(id);
        },
        [this, id](const base::Status& taken) {
            if (!taken) {
                emit failed(
                    tr("The session did not come back: %1").arg(fromUtf8(taken.error().message())));
                return;
            }
            std::erase_if(bin_, [&](const BinnedSession& one) { return one.id == id; });
            changed_.insert(id.toStdString());
            lookAtChanged();
            emit changed();
            emit restored(id);
        });
}

// ---- search

// In small pieces, so that the list and the search need not wait.
void SessionStore::indexMore() {
    if (std::exchange(isIndexing_, true)) return;
    withStored(
        [](StoredSessions& stored,
           const std::stop_token& stop) -> base::Result<SessionCatalog::Indexed> {
            TRY_ASSIGN(SessionCatalog * catalog, stored.catalog());
            return catalog->indexMore(stop);
        },
        [this](const base::Result<SessionCatalog::Indexed>& indexed) {
            isIndexing_ = false;
            if (indexed && *indexed == SessionCatalog::Indexed::some) indexMore();
        });
}

void SessionStore::search(const QString& words) {
    const int64_t number = ++searchNumber_;
    withStored(
        [words](StoredSessions& stored,
                const std::stop_token&) -> base::Result<std::vector<SessionHit>> {
            TRY_ASSIGN(SessionCatalog * catalog, stored.catalog());
            return catalog->search(words, kHitsMax);
        },
        [this, words, number](base::Result<std::vector<SessionHit>> hits) {
            if (number != searchNumber_) return;
            if (hits) return showHits(words, *std::move(hits));
            emit failed(tr("The search came to nothing: %1").arg(fromUtf8(hits.error().message())));
        });
}

void SessionStore::showHits(const QString& words, std::vector<SessionHit> hits) {
    std::map<std::string, std::string> titles;
    for (const SessionFilter filter : {SessionFilter::all, SessionFilter::archived})
        for (const ProjectRows& project : list_.rows(filter))
            for (const SessionRow& row : project.sessions)
                titles[row.id] = row.title;
    SessionHits shown = {
        .words = words, .isCut = int64_t(hits.size()) > kHitsMax, .isIndexing = isIndexing_};
    if (shown.isCut) hits.resize(size_t(kHitsMax));
    for (SessionHit& hit : hits)
        hit.title = fromUtf8(titles[hit.id.toStdString()]);
    shown.hits = std::move(hits);
    emit found(shown);
}

// ---- copies

void SessionStore::exportMarkdown(const QString& id, const QString& file) {
    const MarkdownWords words = {.you = tr("You").toStdString(),
                                 .moxie = tr("Moxie").toStdString(),
                                 .passed = tr("passed").toStdString(),
                                 .failed = tr("failed").toStdString(),
                                 .denied = tr("denied").toStdString(),
                                 .committed = tr("committed").toStdString()};
    withStored(
        [id = id.toStdString(), title = titleOf(id).toStdString(), words,
         path = std::filesystem::path(file.toStdString())](StoredSessions& stored,
                                                           const std::stop_token&) -> base::Status {
            TRY_ASSIGN(const Conversation conversation, stored.conversation(id));
            return base::writeFileAtomically(path, toMarkdown(conversation, title, words));
        },
        [this, id, file](const base::Status& written) {
            if (written) emit exported(id, file);
            if (!written)
                emit failed(tr("The conversation was not exported: %1")
                                .arg(fromUtf8(written.error().message())));
        });
}

void SessionStore::fork(const QString& id, int32_t lastTurn) {
    withStored(
        [id = id.toStdString(), lastTurn](StoredSessions& stored, const std::stop_token&) {
            return stored.fork(id, lastTurn);
        },
        [this, id](const base::Result<std::string>& made) {
            if (!made) {
                emit failed(
                    tr("The session was not forked: %1").arg(fromUtf8(made.error().message())));
                return;
            }
            changed_.insert(*made);
            lookAtChanged();
            emit forked(id, fromUtf8(*made));
        });
}

}  // namespace moxie::desktop
