// States of token timelines on disk: one folder per fingerprint with append-only segment files, of
// which each page and each resume point is a record under the name of its prefix (prefix_key.h).
// Records are written once and never changed. Token ids are compared and checksums verified on
// load; a record that fails is dropped with one line in the log, and its tokens are evaluated
// again. One process writes (a lock file); others read what was there when they opened it.
// A segment is warmed by each use and cools by a half-life; the coldest of all models go when the
// folders outgrow their budget, but for those of the prefix that was loaded or appended last.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/kv/prefix_key.h"
#include "engine/kv/segment_file.h"
#include "engine/kv/state_codec.h"

namespace moxie::engine {

// Which tokens a text of the model was made of, so that a later process does not tokenise it anew.
struct StoredAnswer {
    base::Hash128 key = {};  // of the prompt before it and the text
    std::string text = {};
    std::vector<int32_t> tokens = {};
};

struct KvStoreOptions {
    std::filesystem::path directory = {};  // of all models; made if it is missing
    int64_t bytesMax = 20'000'000'000;     // of all models
    int64_t segmentBytes = 256'000'000;    // a file is closed when it has reached this
    double halfLifeHours = 6;
};

struct KvStoreStats {
    bool isWriter = false;
    int64_t pages = 0;
    int64_t points = 0;
    int64_t answers = 0;
    int64_t bytes = 0;         // on disk, of this model
    int64_t writtenBytes = 0;  // since it was opened, as are the following
    int64_t readBytes = 0;
    int64_t hits = 0;
    int64_t hitTokens = 0;
    int64_t dropped = 0;       // records that failed a check
    int64_t refusedBytes = 0;  // for which the budget had no room
    int64_t removedSegments = 0;
    int64_t thinnedPoints = 0;
};

class KvStore {
public:
    // `clock` must outlive it, as must what `codec` points to. Fails: denied, io (the folder).
    static base::Result<std::unique_ptr<KvStore>> open(StateCodec codec,
                                                       const base::Hash128& fingerprint,
                                                       const KvStoreOptions& options,
                                                       base::Clock& clock);
    ~KvStore();
    KvStore(const KvStore&) = delete;
    KvStore& operator=(const KvStore&) = delete;

    // Tokens of the longest prefix that load() would try. Cost: reads at most a few kilobytes.
    int64_t find(std::span<const int32_t> tokens) const;
    // The state of the longest prefix that can be read and holds; no tokens if there is none.
    // Whole pages of `known`, a state of a prefix of the same tokens, are not read again.
    TimelineSnapshot load(std::span<const int32_t> tokens, const TimelineSnapshot& known = {});

    // Writes what is not there yet; nothing if another process is the writer. Of the points of a
    // timeline about as many are kept in each power of two of the distance from its end.
    // Fails: io (then no more is written by this object).
    base::Status append(const TimelineView& timeline);

    base::Status appendAnswer(const StoredAnswer& answer);
    // The latest answers, the oldest of them first, of at most `bytesMax` on disk.
    std::vector<StoredAnswer> answers(int64_t bytesMax);

    // Reads every record. Gives the number that failed, which are dropped.
    int64_t verify();

    const KvStoreStats& stats() const { return stats_; }

private:
    struct Place {
        int64_t segment = 0;
        SegmentRecord record = {};
    };

    using Index = std::unordered_map<base::Hash128, Place, KeyHasher>;

    struct RecordName {
        RecordKind kind = RecordKind::page;
        base::Hash128 key = {};
        int64_t nIds = 0;
    };

    // A record and how many of its tokens are meant.
    struct Tail {
        const Place* place = nullptr;
        int64_t nIds = 0;
    };

    // The records of a prefix: whole pages, and what it ends with.
    struct Chain {
        std::vector<const Place*> pages = {};
        Tail tail = {};
        int64_t tokens = 0;
    };

    KvStore(StateCodec codec, const base::Hash128& fingerprint, const KvStoreOptions& options,
            base::Clock& clock);

    base::Status openSegments();
    base::Status openSegment(int64_t number);
    Index& indexOf(RecordKind kind);
    bool fits(const SegmentRecord& record) const;
    void indexRecord(int64_t segment, const SegmentRecord& record);
    void forget(const SegmentRecord& record);
    void countRecords();
    void drop(Place place, std::string_view reason);

    std::span<const int32_t> stepIds(std::span<const int32_t> tokens, int64_t page) const;
    Chain findChain(std::span<const int32_t> tokens) const;
    const Place* placeOf(const RecordName& name) const;
    Tail longestPoint(const base::Hash128& parent, std::span<const int32_t> rest) const;
    Tail mostAlike(const base::Hash128& parent, std::span<const int32_t> rest) const;
    int64_t agreeingIds(const Place& place, std::span<const int32_t> rest) const;
    base::Result<std::vector<uint8_t>> readRecord(const Place& place, std::span<const int32_t> ids);
    base::Result<TimelineSnapshot> loadChain(const Chain& chain, std::span<const int32_t> tokens,
                                             const TimelineSnapshot& known, const Place*& failing);
    base::Result<std::shared_ptr<KvPage>> loadPage(const Place& place,
                                                   std::span<const int32_t> ids);
    base::Status loadTail(const Place& place, std::span<const int32_t> ids,
                          TimelineSnapshot& snapshot);
    void pin(const Chain& chain);
    void warmPinned();

    base::Status appendNew(const TimelineView& timeline);
    base::Status appendPoint(const TimelineView& timeline, const std::vector<base::Hash128>& keys,
                             int64_t tokens, const ResumeSnapshot& resume);

    // A point of a timeline that is on disk.
    struct KeptPoint {
        int64_t tokens = 0;
        base::Hash128 key = {};
        base::Hash128 parent = {};
    };

    std::vector<KeptPoint> pointsOf(std::span<const int32_t> tokens,
                                    const std::vector<base::Hash128>& keys) const;
    bool isBranching(const base::Hash128& parent, size_t nOnWay) const;
    base::Status thinPoints(std::span<const int32_t> tokens,
                            const std::vector<base::Hash128>& keys);
    base::Status givePointUp(const base::Hash128& key);
    base::Status check(const Place& place) const;
    int64_t verifySegment(int64_t number);
    base::Result<StoredAnswer> readAnswer(const Place& place) const;
    base::Status appendRecord(SegmentRecord record, std::span<const uint8_t> payload);
    base::Status ensureSegment();
    bool makeRoom(int64_t bytes);
    std::optional<int64_t> coldestSegment() const;
    void removeSegment(int64_t number);

    StateCodec codec_;
    const base::Hash128 fingerprint_;
    const KvStoreOptions options_;
    const int64_t segmentBytes_;
    base::Clock& clock_;
    std::filesystem::path folder_;
    int lock_ = -1;
    bool canWrite_ = false;
    bool canThin_ = true;                      // the file system makes holes
    std::map<int64_t, SegmentFile> segments_;  // by number; the last one is being written
    Index pages_, points_, answers_;
    std::unordered_map<base::Hash128, std::vector<RecordName>, KeyHasher> behind_;  // by parent
    std::set<int64_t> pinned_;
    int64_t othersBytes_ = 0;  // of other models
    KvStoreStats stats_;
};

}  // namespace moxie::engine
