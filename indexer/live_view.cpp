#include "indexer/live_view.h"

namespace moxie::indexer {
namespace {

base::Status loadFiles(const Database& database, LiveView& view) {
    TRY_ASSIGN(
        Statement query,
        database.prepare("SELECT path, id, lang, flags, blob.bytes, lines FROM snap_path "
                         "JOIN blob ON blob.id = snap_path.blob WHERE snap=1 ORDER BY path"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        const int64_t id = query.integer(1);
        const auto [at, isNew] = view.blobById.try_emplace(id, int32_t(view.blobs.size()));
        if (isNew)
            view.blobs.push_back({.id = id,
                                  .language = int32_t(query.integer(2)),
                                  .flags = int32_t(query.integer(3)),
                                  .bytes = query.integer(4),
                                  .lines = query.integer(5),
                                  .file = int32_t(view.files.size())});
        view.files.push_back({.path = std::string(query.text(0)), .blob = at->second});
    }
}

// Chunks of one blob were written one after the other, in line order.
base::Status loadChunks(const Database& database, LiveView& view) {
    TRY_ASSIGN(Statement query,
               database.prepare("SELECT id, blob, sym, line_first, line_last, body_words, "
                                "name_words FROM chunk ORDER BY id"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return {};
        const auto blob = view.blobById.find(query.integer(1));
        if (blob == view.blobById.end()) continue;
        const auto at = int32_t(view.chunks.size());
        view.chunks.push_back({.id = query.integer(0),
                               .blob = blob->second,
                               .symbol = query.integer(2),
                               .lineFirst = int32_t(query.integer(3)),
                               .lineLast = int32_t(query.integer(4)),
                               .nBodyWords = int32_t(query.integer(5)),
                               .nNameWords = int32_t(query.integer(6))});
        view.chunkById.emplace(view.chunks.back().id, at);
        LiveBlob& owner = view.blobs[size_t(blob->second)];
        if (owner.chunkCount++ == 0) owner.chunkFirst = at;
        owner.nBodyWords += view.chunks.back().nBodyWords;
        owner.nNameWords += view.chunks.back().nNameWords;
    }
}

}  // namespace

base::Result<int64_t> currentGeneration(const Database& database) {
    return database.integer("SELECT value FROM meta WHERE key='generation'");
}

base::Result<LiveViewSnapshot> loadLiveView(const Database& database) {
    auto view = std::make_shared<LiveView>();
    TRY_ASSIGN(view->generation, currentGeneration(database));
    TRY(loadFiles(database, *view));
    TRY(loadChunks(database, *view));
    return LiveViewSnapshot(std::move(view));
}

}  // namespace moxie::indexer
