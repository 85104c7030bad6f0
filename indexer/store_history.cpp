// The commits that the store knows.
#include <algorithm>
#include <cstring>

#include "indexer/store.h"

namespace moxie::indexer {

base::Result<bool> Store::isKnownCommit(const BlobHash& hash) {
    TRY_ASSIGN(const bool hasRow, statements_.findCommit.bindBlob(1, viewOf(hash)).step());
    statements_.findCommit.reset();
    return hasRow;
}

base::Result<std::vector<BlobHash>> Store::knownCommits() {
    std::vector<BlobHash> known;
    TRY_ASSIGN(Statement query, database_.prepare("SELECT hash FROM commits WHERE words > 0"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        BlobHash hash = {};
        const std::string_view bytes = query.text(0);
        if (bytes.size() == hash.size()) std::memcpy(hash.data(), bytes.data(), hash.size());
        known.push_back(hash);
    }
    std::sort(known.begin(), known.end());
    return known;
}

base::Result<bool> Store::hasHistoryOf(const BlobHash& head) {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT 1 FROM commits WHERE is_live=2 AND hash=?"));
    return query.bindBlob(1, viewOf(head)).step();
}

base::Status Store::addCommit(const Commit& commit) {
    WordBag words;
    WordCounting counting(words);
    const int64_t nWords = counting.addBody(commit.message);
    counting.endPiece();
    Statement& add = statements_.addCommit;
    TRY(add.bindBlob(1, viewOf(commit.hash)).bind(2, commit.time).bind(3, nWords).run());
    const int64_t id = database_.lastRowId();
    commitWords_.add(words, {&id, 1});
    for (const std::string& path : commit.paths)
        TRY(statements_.addTouch.bind(1, id).bind(2, path).run());
    return {};
}

// is_live: 0 not in the history of HEAD, 1 in it, 2 HEAD itself.
base::Status Store::setHistory(const BlobHash& head, const std::vector<Commit>& commits) {
    TRY(database_.execute("UPDATE commits SET is_live=0 WHERE is_live<>0"));
    TRY_ASSIGN(Statement revive, database_.prepare("UPDATE commits SET is_live=1 WHERE id=?"));
    bool hasHead = false;
    for (const Commit& commit : commits) {
        hasHead = hasHead || commit.hash == head;
        Statement& find = statements_.findCommit;
        TRY_ASSIGN(const bool isKnown, find.bindBlob(1, viewOf(commit.hash)).step());
        if (isKnown) {
            const int64_t id = find.integer(0);
            find.reset();
            TRY(revive.bind(1, id).run());
            continue;
        }
        find.reset();
        TRY(addCommit(commit));
    }
    TRY_ASSIGN(const bool isHeadKnown, isKnownCommit(head));
    // A merge: remembered without words, so that we know where we stand.
    if (!hasHead && !isHeadKnown) {
        TRY(statements_.addCommit.bindBlob(1, viewOf(head))
                .bind(2, int64_t(0))
                .bind(3, int64_t(0))
                .run());
    }
    TRY_ASSIGN(Statement mark, database_.prepare("UPDATE commits SET is_live=2 WHERE hash=?"));
    return mark.bindBlob(1, viewOf(head)).run();
}

base::Result<std::unordered_map<std::string, int64_t>> Store::lastTouches() {
    std::unordered_map<std::string, int64_t> times;
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT path, max(time) FROM touch JOIN commits ON "
                                 "commit_id = commits.id WHERE is_live > 0 GROUP BY path"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return times;
        times.emplace(query.text(0), query.integer(1));
    }
}

}  // namespace moxie::indexer
