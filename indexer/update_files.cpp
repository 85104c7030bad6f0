#include "indexer/update_files.h"

#include <ctime>

#include "base/file.h"
#include "indexer/trusted_time.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kRacyNs = 2'000'000'000;  // file systems with coarse times

int64_t wallNs() {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// What happens to one path.
struct PathChange {
    enum class Kind { none, remove, retime, point, parse };
    Kind kind = Kind::none;
    std::string path;
    FileOnDisk file = {};
    int64_t blob = 0;  // retime, point
    ParsedFile parsed = {};
};

class FileUpdates {
public:
    explicit FileUpdates(const FilesUpdate& update) : update_(update) {}

    // `text`: what the file holds; null: it is read.
    base::Status plan(const std::string& path, const std::string_view* text);
    base::Result<std::vector<std::string>> write();

private:
    base::Status planGone(const std::string& path, bool hasRow);
    base::Status planText(FileOnDisk file, const std::optional<PathRow>& row,
                          const std::string_view* known);
    base::Status apply(PathChange& change);

    const FilesUpdate& update_;
    std::vector<PathChange> changes_;
};

base::Status FileUpdates::planGone(const std::string& path, bool hasRow) {
    if (hasRow) changes_.push_back({.kind = PathChange::Kind::remove, .path = path});
    TRY_ASSIGN(const auto inside, update_.store.pathsIn(path));
    for (const std::string& file : inside)
        if (!update_.tree.file(file))
            changes_.push_back({.kind = PathChange::Kind::remove, .path = file});
    return {};
}

base::Status FileUpdates::planText(FileOnDisk file, const std::optional<PathRow>& row,
                                   const std::string_view* known) {
    PathChange change = {.path = file.path, .file = file};
    const ParseOptions& options = update_.options;
    const bool isGiven =
        known && int64_t(known->size()) == file.bytes && file.bytes <= options.fileBytesMax;
    const int32_t guess = languageOfPath(file.path);
    std::optional<std::string> text;
    if (isGiven) {
        text = std::string(*known);
    } else if (file.bytes <= options.fileBytesMax) {
        auto read = base::readFile(options.root / file.path, options.fileBytesMax);
        if (!read) return planGone(file.path, row.has_value());
        text = std::move(*read);
    }
    std::optional<BlobRow> blob;
    if (text) {
        const BlobHash hash = blobHash(*text);
        TRY_ASSIGN(blob, update_.store.findBlob(hash, guess));
        if (!blob || blob->isPending) {
            TRY_ASSIGN(change.parsed, parseFile(update_.outliner, file.path, std::move(*text), hash,
                                                options.stop));
            blob.reset();
        }
    } else {
        TRY_ASSIGN(change.parsed, readAndParse(update_.outliner, {file}, options));
        TRY_ASSIGN(blob, update_.store.findBlob(change.parsed.hash, guess));
    }
    change.kind = PathChange::Kind::parse;
    if (blob) {
        change.blob = blob->id;
        change.kind = PathChange::Kind::point;
        if (row && row->blob == blob->id)
            change.kind = row->bytes == file.bytes && row->modifiedNs == trustedTime(file)
                              ? PathChange::Kind::none
                              : PathChange::Kind::retime;
    }
    if (change.kind != PathChange::Kind::none) changes_.push_back(std::move(change));
    return {};
}

base::Status FileUpdates::plan(const std::string& path, const std::string_view* text) {
    auto file = update_.tree.file(path);
    TRY_ASSIGN(const auto row, update_.store.findPath(path));
    if (!file) return planGone(path, row.has_value());
    return planText(std::move(*file), row, text);
}

base::Status FileUpdates::apply(PathChange& change) {
    Store& store = update_.store;
    switch (change.kind) {
        case PathChange::Kind::none:
            return {};
        case PathChange::Kind::remove:
            return store.removePath(change.path);
        case PathChange::Kind::parse: {
            TRY_ASSIGN(change.blob, store.addBlob(change.parsed));
            break;
        }
        case PathChange::Kind::retime:
        case PathChange::Kind::point:
            break;
    }
    return store.setPath(change.path, change.blob, change.file.bytes, trustedTime(change.file));
}

base::Result<std::vector<std::string>> FileUpdates::write() {
    std::vector<std::string> changed;
    if (changes_.empty()) return changed;
    TRY(update_.store.begin());
    base::Status done;
    for (PathChange& change : changes_) {
        if (done) done = apply(change);
        if (change.kind != PathChange::Kind::retime) changed.push_back(change.path);
    }
    if (done) done = changed.empty() ? update_.store.commitQuietly() : update_.store.commit();
    if (done) return changed;
    update_.store.rollback();
    return base::fail(std::move(done).error());
}

}  // namespace

int64_t trustedTime(const FileOnDisk& file) {
    return wallNs() - file.modifiedNs < kRacyNs ? 0 : file.modifiedNs;
}

base::Result<std::vector<std::string>> updateListedFiles(const FilesUpdate& update,
                                                         const std::vector<std::string>& paths) {
    FileUpdates updates(update);
    for (const std::string& path : paths)
        TRY(updates.plan(path, nullptr));
    return updates.write();
}

base::Status updateFileText(const FilesUpdate& update, const std::string& path,
                            std::string_view text) {
    FileUpdates updates(update);
    TRY(updates.plan(path, &text));
    TRY(updates.write());
    return {};
}

}  // namespace moxie::indexer
