#include "indexer/live_view.h"

#include <algorithm>
#include <utility>

namespace moxie::indexer {
namespace {

// Makes a view out of what is in the database and, where nothing changed, of an older view.
class ViewLoader {
public:
    ViewLoader(const Database& database, const LiveView* before)
        : database_(database),
          before_(before) {}

    base::Result<LiveViewSnapshot> load();

private:
    struct Wanted {
        int32_t blob = 0;    // in the new view
        int32_t known = -1;  // in the old one
    };

    base::Status loadFiles();
    base::Status loadAllChunks();
    base::Status loadChunksOf(int32_t blob);
    void copyChunks(const Wanted& wanted);
    void addChunk(const Statement& query, int32_t blob);
    void finishBlob(int32_t blob);

    const Database& database_;
    const LiveView* before_;
    std::shared_ptr<LiveView> view_ = std::make_shared<LiveView>();
    std::vector<Wanted> wanted_;
    std::vector<int32_t> lastFile_;  // of each blob
    size_t nUnknown_ = 0;
};

base::Status ViewLoader::loadFiles() {
    TRY_ASSIGN(Statement query,
               database_.prepare(
                   "SELECT path, id, lang, flags, blob.bytes, lines, tier, symbols, uses, changed "
                   "FROM snap_path JOIN blob ON blob.id = snap_path.blob WHERE snap=1 "
                   "ORDER BY path"));
    if (before_) view_->files.reserve(before_->files.size() + 1);
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        const int64_t id = query.integer(1);
        const auto [at, isNew] = view_->blobById.try_emplace(id, int32_t(view_->blobs.size()));
        if (isNew) {
            view_->blobs.push_back({.id = id,
                                    .language = int32_t(query.integer(2)),
                                    .flags = int32_t(query.integer(3)),
                                    .tier = static_cast<Tier>(query.integer(6)),
                                    .bytes = query.integer(4),
                                    .lines = query.integer(5),
                                    .nSymbols = query.integer(7),
                                    .nUses = query.integer(8),
                                    .file = int32_t(view_->files.size())});
            Wanted wanted = {.blob = at->second};
            if (before_ && query.integer(9) <= before_->generation)
                if (const auto known = before_->blobById.find(id); known != before_->blobById.end())
                    wanted.known = known->second;
            if (wanted.known < 0) nUnknown_++;
            wanted_.push_back(wanted);
        }
        const auto file = int32_t(view_->files.size());
        if (isNew)
            lastFile_.push_back(file);
        else
            view_->nextFile[size_t(std::exchange(lastFile_[size_t(at->second)], file))] = file;
        view_->nextFile.push_back(-1);
        view_->files.push_back({.path = std::string(query.text(0)), .blob = at->second});
    }
}

void ViewLoader::addChunk(const Statement& query, int32_t blob) {
    view_->chunks.push_back({.id = query.integer(0),
                             .blob = blob,
                             .symbol = query.integer(2),
                             .lineFirst = int32_t(query.integer(3)),
                             .lineLast = int32_t(query.integer(4)),
                             .nBodyWords = int32_t(query.integer(5)),
                             .nNameWords = int32_t(query.integer(6))});
}

// Of the chunks at the end, which are its.
void ViewLoader::finishBlob(int32_t blob) {
    LiveBlob& owner = view_->blobs[size_t(blob)];
    for (int32_t i = owner.chunkFirst; i < owner.chunkFirst + owner.chunkCount; i++) {
        owner.nBodyWords += view_->chunks[size_t(i)].nBodyWords;
        owner.nNameWords += view_->chunks[size_t(i)].nNameWords;
    }
}

base::Status ViewLoader::loadAllChunks() {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT id, blob, sym, line_first, line_last, body_words, "
                                 "name_words FROM chunk"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const auto blob = view_->blobById.find(query.integer(1));
        if (blob != view_->blobById.end()) addChunk(query, blob->second);
    }
    auto& chunks = view_->chunks;
    // Those of one blob were mostly written one after the other, in line order.
    std::stable_sort(chunks.begin(), chunks.end(), [](const LiveChunk& a, const LiveChunk& b) {
        return a.blob != b.blob ? a.blob < b.blob : a.lineFirst < b.lineFirst;
    });
    for (size_t i = 0; i < chunks.size(); i++) {
        LiveBlob& owner = view_->blobs[size_t(chunks[i].blob)];
        if (owner.chunkCount++ == 0) owner.chunkFirst = int32_t(i);
    }
    for (size_t i = 0; i < view_->blobs.size(); i++)
        finishBlob(int32_t(i));
    return {};
}

base::Status ViewLoader::loadChunksOf(int32_t blob) {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT id, blob, sym, line_first, line_last, body_words, "
                                 "name_words FROM chunk WHERE blob=? ORDER BY line_first"));
    LiveBlob& owner = view_->blobs[size_t(blob)];
    owner.chunkFirst = int32_t(view_->chunks.size());
    query.bind(1, owner.id);
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        addChunk(query, blob);
    }
    owner.chunkCount = int32_t(view_->chunks.size()) - owner.chunkFirst;
    finishBlob(blob);
    return {};
}

void ViewLoader::copyChunks(const Wanted& wanted) {
    const LiveBlob& old = before_->blobs[size_t(wanted.known)];
    LiveBlob& owner = view_->blobs[size_t(wanted.blob)];
    owner.chunkFirst = int32_t(view_->chunks.size());
    owner.chunkCount = old.chunkCount;
    owner.nBodyWords = old.nBodyWords;
    owner.nNameWords = old.nNameWords;
    for (int32_t i = old.chunkFirst; i < old.chunkFirst + old.chunkCount; i++) {
        view_->chunks.push_back(before_->chunks[size_t(i)]);
        view_->chunks.back().blob = wanted.blob;
    }
}

base::Result<LiveViewSnapshot> ViewLoader::load() {
    TRY_ASSIGN(view_->generation, currentGeneration(database_));
    TRY(loadFiles());
    if (!before_ || nUnknown_ * 4 > wanted_.size()) {
        TRY(loadAllChunks());
    } else {
        view_->chunks.reserve(before_->chunks.size() + 64);
        for (const Wanted& wanted : wanted_) {
            if (wanted.known >= 0)
                copyChunks(wanted);
            else
                TRY(loadChunksOf(wanted.blob));
        }
    }
    if (std::any_of(view_->chunks.begin(), view_->chunks.end(),
                    [](const LiveChunk& chunk) { return chunk.id < 0 || chunk.id > kRowMax; }))
        return base::fail(base::Errc::corrupt, "index: a chunk has an impossible number");
    view_->chunkById.assign(view_->chunks);
    return LiveViewSnapshot(std::move(view_));
}

}  // namespace

void ChunkIds::assign(const std::vector<LiveChunk>& chunks) {
    int64_t last = -1;
    for (const LiveChunk& chunk : chunks)
        last = std::max(last, chunk.id);
    entries_.assign(size_t(last + 1), {});
    for (size_t i = 0; i < chunks.size(); i++)
        entries_[size_t(chunks[i].id)] = {chunks[i].id, int32_t(i)};
}

base::Result<int64_t> currentGeneration(const Database& database) {
    TRY_ASSIGN(const KeptStatement query,
               database.kept("SELECT value FROM meta WHERE key='generation'"));
    TRY_ASSIGN(const bool hasRow, query->step());
    if (!hasRow) return base::fail(base::Errc::corrupt, "index: no generation");
    return query->integer(0);
}

base::Result<LiveViewSnapshot> loadLiveView(const Database& database, const LiveView* before) {
    return ViewLoader(database, before).load();
}

const LiveFile* findFile(const LiveView& view, std::string_view path) {
    const auto at = std::lower_bound(
        view.files.begin(), view.files.end(), path,
        [](const LiveFile& file, std::string_view wanted) { return file.path < wanted; });
    return at != view.files.end() && at->path == path ? &*at : nullptr;
}

}  // namespace moxie::indexer
