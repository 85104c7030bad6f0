#include "engine/kv/kv_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "engine/kv/segment_folder.h"

namespace moxie::engine {

namespace fs = std::filesystem;

using base::Errc;
using base::fail;
using base::Hash128;
using base::Result;
using base::Status;

namespace {

constexpr double kMsPerHour = 3'600'000;
constexpr int64_t kSegmentsMin = 8;  // in a budget that is full, so that little goes at a time

std::span<const int32_t> idsOf(std::span<const int32_t> tokens, int64_t begin, int64_t count) {
    return tokens.subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
}

std::vector<uint8_t> startPayload(std::span<const int32_t> ids) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(ids.data());
    return {bytes, bytes + ids.size_bytes()};
}

}  // namespace

// ---- opening

KvStore::KvStore(StateCodec codec, const Hash128& fingerprint, const KvStoreOptions& options,
                 base::Clock& clock)
    : codec_(std::move(codec)),
      fingerprint_(fingerprint),
      options_(options),
      segmentBytes_(std::min(options.segmentBytes, options.bytesMax / kSegmentsMin)),
      clock_(clock),
      folder_(options.directory / fingerprint.hex()) {}

KvStore::~KvStore() {
    if (lock_ >= 0) close(lock_);
}

Result<std::unique_ptr<KvStore>> KvStore::open(StateCodec codec, const Hash128& fingerprint,
                                               const KvStoreOptions& options, base::Clock& clock) {
    std::unique_ptr<KvStore> store(new KvStore(std::move(codec), fingerprint, options, clock));
    std::error_code error;
    fs::create_directories(store->folder_, error);
    if (error) return fail(base::errnoError(error.value(), "create " + store->folder_.string()));
    // Prompts can be read back from the rows; nobody else needs to see them.
    fs::permissions(store->folder_, fs::perms::owner_all, error);
    store->lock_ = tryLockFolder(store->folder_);
    store->canWrite_ = store->stats_.isWriter = store->lock_ >= 0;
    TRY(store->openSegments());
    return store;
}

Status KvStore::openSegments() {
    if (canWrite_) removeUnfinished(folder_);
    for (const SegmentOnDisk& segment : segmentsOfOthers(options_.directory, folder_))
        othersBytes_ += segment.bytes;
    for (const fs::path& path : segmentPaths(folder_))
        TRY(openSegment(*segmentNumber(path)));
    return {};
}

Status KvStore::openSegment(int64_t number) {
    const fs::path path = folder_ / segmentName(number);
    const auto access = canWrite_ ? SegmentAccess::append : SegmentAccess::read;
    auto opened = SegmentFile::open(path, fingerprint_, access);
    if (!opened) {
        base::log(base::LogLevel::warn, "engine",
                  fmt::format("KV segment {} is left out: {}", path.filename().string(),
                              opened.error().message()));
        // A file that is none of ours any more only takes room.
        if (canWrite_ && opened.error().kind() == Errc::corrupt) ::unlink(path.c_str());
        return {};
    }
    stats_.bytes += opened->bytes();
    const auto at = segments_.emplace(number, *std::move(opened)).first;
    for (const SegmentRecord& record : at->second.records())
        indexRecord(number, record);
    return {};
}

// A record whose ids cannot be of this layout is passed over.
void KvStore::indexRecord(int64_t segment, const SegmentRecord& record) {
    const int64_t stepTokens = kPageTokens + codec_.layout().lookaheadTokens();
    const bool fits =
        record.kind == RecordKind::page ? record.nIds == stepTokens : record.nIds < stepTokens;
    if (!fits) return;
    Index& index = record.kind == RecordKind::page ? pages_ : points_;
    const bool isNew = index.insert_or_assign(record.key, Place{segment, record}).second;
    if (!isNew) return;
    ++(record.kind == RecordKind::page ? stats_.pages : stats_.points);
    if (record.kind == RecordKind::point)
        pointsBehind_[record.parent].push_back({.key = record.key, .nIds = record.nIds});
}

void KvStore::forget(const SegmentRecord& record) {
    if (record.kind == RecordKind::page) {
        stats_.pages -= static_cast<int64_t>(pages_.erase(record.key));
        return;
    }
    stats_.points -= static_cast<int64_t>(points_.erase(record.key));
    std::erase_if(pointsBehind_[record.parent],
                  [&](const PointName& name) { return name.key == record.key; });
}

// Takes the place by value: it may be one of the index.
void KvStore::drop(Place place, std::string_view reason) {
    ++stats_.dropped;
    base::log(base::LogLevel::warn, "engine",
              fmt::format("KV record dropped, its tokens are evaluated again: {} segment={} "
                          "offset={} key={}",
                          reason, place.segment, place.record.offset, place.record.key.hex()));
    forget(place.record);
}

// ---- finding and loading

std::span<const int32_t> KvStore::stepIds(std::span<const int32_t> tokens, int64_t page) const {
    const int64_t count = kPageTokens + codec_.layout().lookaheadTokens();
    if (page * kPageTokens + count > std::ssize(tokens)) return {};
    return idsOf(tokens, page * kPageTokens, count);
}

const KvStore::Place* KvStore::longestPoint(const Hash128& parent,
                                            std::span<const int32_t> rest) const {
    const auto names = pointsBehind_.find(parent);
    if (names == pointsBehind_.end()) return nullptr;
    const Place* longest = nullptr;
    for (const PointName& name : names->second) {
        if (name.nIds > std::ssize(rest)) continue;
        if (longest != nullptr && longest->record.nIds >= name.nIds) continue;
        if (pointKey(parent, rest.first(static_cast<size_t>(name.nIds))) != name.key) continue;
        const auto point = points_.find(name.key);
        if (point == points_.end() || point->second.record.nIds != name.nIds) continue;
        longest = &point->second;
    }
    return longest;
}

KvStore::Chain KvStore::findChain(std::span<const int32_t> tokens) const {
    Chain chain;
    std::vector<Hash128> keys = {fingerprint_};
    while (true) {
        const auto ids = stepIds(tokens, std::ssize(chain.pages));
        if (ids.empty()) break;
        const auto page = pages_.find(pageKey(keys.back(), ids));
        if (page == pages_.end()) break;
        keys.push_back(page->first);
        chain.pages.push_back(&page->second);
    }
    while (true) {
        const int64_t begin = std::ssize(chain.pages) * kPageTokens;
        chain.point = longestPoint(keys.back(), tokens.subspan(static_cast<size_t>(begin)));
        chain.tokens = begin + (chain.point != nullptr ? chain.point->record.nIds : 0);
        if (chain.point != nullptr || !codec_.layout().needsResumePoint()) return chain;
        if (chain.pages.empty()) return {};
        chain.pages.pop_back();
        keys.pop_back();
    }
}

int64_t KvStore::find(std::span<const int32_t> tokens) const {
    return findChain(tokens).tokens;
}

// The payload behind the ids, which are the ones expected.
Result<std::vector<uint8_t>> KvStore::readRecord(const Place& place, std::span<const int32_t> ids) {
    const auto segment = segments_.find(place.segment);
    if (segment == segments_.end()) return fail(Errc::notFound, "its segment is gone");
    TRY_ASSIGN(std::vector<uint8_t> payload, segment->second.read(place.record));
    stats_.readBytes += std::ssize(payload);
    if (payload.size() < ids.size_bytes() || place.record.nIds != std::ssize(ids) ||
        std::memcmp(payload.data(), ids.data(), ids.size_bytes()) != 0)
        return fail(Errc::corrupt, "the ids are others");
    payload.erase(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(ids.size_bytes()));
    return payload;
}

Result<std::shared_ptr<KvPage>> KvStore::loadPage(const Place& place,
                                                  std::span<const int32_t> ids) {
    TRY_ASSIGN(const std::vector<uint8_t> rows, readRecord(place, ids));
    if (std::ssize(rows) != codec_.rowBytes(kPageTokens))
        return fail(Errc::corrupt, fmt::format("{} bytes of rows, expected {}", rows.size(),
                                               codec_.rowBytes(kPageTokens)));
    auto page = codec_.readRows(rows, kPageTokens);
    if (page == nullptr) return fail(Errc::outOfMemory, "no memory for a page");
    return page;
}

Status KvStore::loadPoint(const Place& place, std::span<const int32_t> ids,
                          TimelineSnapshot& snapshot) {
    TRY_ASSIGN(const std::vector<uint8_t> payload, readRecord(place, ids));
    const int64_t rowBytes = codec_.rowBytes(std::ssize(ids));
    if (std::ssize(payload) < rowBytes)
        return fail(Errc::corrupt,
                    fmt::format("{} bytes, expected {} of rows", payload.size(), rowBytes));
    const auto rows = std::span(payload).first(static_cast<size_t>(rowBytes));
    if (!ids.empty()) {
        snapshot.pages.push_back(codec_.readRows(rows, std::ssize(ids)));
        if (snapshot.pages.back() == nullptr)
            return fail(Errc::outOfMemory, "no memory for a page");
    }
    if (!codec_.layout().needsResumePoint()) return {};
    TRY_ASSIGN(ResumePoint point, codec_.readPoint(std::span(payload).subspan(rows.size()),
                                                   std::ssize(snapshot.tokens)));
    snapshot.resume = std::make_shared<const ResumePoint>(std::move(point));
    return {};
}

// `failing`: the record at fault.
Result<TimelineSnapshot> KvStore::loadChain(const Chain& chain, std::span<const int32_t> tokens,
                                            const TimelineSnapshot& known, const Place*& failing) {
    TimelineSnapshot snapshot = {.tokens = {tokens.begin(), tokens.begin() + chain.tokens}};
    const int64_t knownPages = codec_.layout().finishedPages(std::ssize(known.tokens));
    for (int64_t i = 0; i < std::ssize(chain.pages); ++i) {
        if (i < knownPages) {
            snapshot.pages.push_back(known.pages[static_cast<size_t>(i)]);
            continue;
        }
        failing = chain.pages[static_cast<size_t>(i)];
        TRY_ASSIGN(auto page, loadPage(*failing, stepIds(tokens, i)));
        snapshot.pages.push_back(std::move(page));
    }
    if (chain.point != nullptr) {
        failing = chain.point;
        const int64_t nIds = failing->record.nIds;
        TRY(loadPoint(*failing, idsOf(tokens, chain.tokens - nIds, nIds), snapshot));
    }
    return snapshot;
}

TimelineSnapshot KvStore::load(std::span<const int32_t> tokens, const TimelineSnapshot& known) {
    // Each round that fails takes a record out of the index.
    while (true) {
        const Chain chain = findChain(tokens);
        if (chain.tokens == 0 || chain.tokens <= std::ssize(known.tokens)) return {};
        const Place* failing = nullptr;
        auto snapshot = loadChain(chain, tokens, known, failing);
        if (snapshot) {
            ++stats_.hits;
            stats_.hitTokens += chain.tokens;
            pin(chain);
            warmPinned();
            return *std::move(snapshot);
        }
        if (snapshot.error().kind() == Errc::outOfMemory) return {};
        drop(*failing, snapshot.error().message());
    }
}

void KvStore::warmPinned() {
    const int64_t now = clock_.wallMs();
    for (const int64_t number : pinned_) {
        SegmentFile& segment = segments_.at(number);
        segment.setWarmUntilMs(
            warmed(segment.warmUntilMs(), now, options_.halfLifeHours * kMsPerHour));
    }
}

void KvStore::pin(const Chain& chain) {
    pinned_.clear();
    for (const Place* page : chain.pages)
        pinned_.insert(page->segment);
    if (chain.point != nullptr) pinned_.insert(chain.point->segment);
}

int64_t KvStore::verify() {
    std::vector<std::pair<Place, std::string>> failing;
    for (const Index* index : {&pages_, &points_})
        for (const auto& [key, place] : *index) {
            const auto payload = segments_.at(place.segment).read(place.record);
            if (!payload) failing.emplace_back(place, payload.error().message());
        }
    for (const auto& [place, reason] : failing)
        drop(place, reason);
    return std::ssize(failing);
}

// ---- writing

Status KvStore::append(const TimelineView& timeline) {
    if (!canWrite_) return {};
    pin(findChain(timeline.tokens));
    auto status = appendNew(timeline);
    if (!status) canWrite_ = false;
    return status;
}

Status KvStore::appendNew(const TimelineView& timeline) {
    const int64_t whole = codec_.layout().finishedPages(std::ssize(timeline.tokens));
    std::vector<Hash128> keys = {fingerprint_};
    for (int64_t i = 0; i < whole; ++i) {
        const auto ids = stepIds(timeline.tokens, i);
        const Hash128 parent = keys.back();
        keys.push_back(pageKey(parent, ids));
        if (pages_.contains(keys.back())) continue;
        std::vector<uint8_t> payload = startPayload(ids);
        codec_.writeRows(*timeline.pages[static_cast<size_t>(i)], kPageTokens, payload);
        TRY(appendRecord({.kind = RecordKind::page,
                          .nIds = std::ssize(ids),
                          .firstToken = i * kPageTokens,
                          .key = keys.back(),
                          .parent = parent},
                         payload));
    }
    if (!codec_.layout().needsResumePoint())
        return appendPoint(timeline, keys, std::ssize(timeline.tokens), nullptr);
    for (const auto& [tokens, resume] : *timeline.points)
        if (tokens > 0) TRY(appendPoint(timeline, keys, tokens, resume));
    return {};
}

// `keys`: of the whole pages, from the root on.
Status KvStore::appendPoint(const TimelineView& timeline, const std::vector<Hash128>& keys,
                            int64_t tokens, const ResumeSnapshot& resume) {
    const int64_t page = codec_.layout().finishedPages(tokens);
    const int64_t begin = page * kPageTokens;
    if (tokens == begin && resume == nullptr) return {};
    const auto ids = idsOf(timeline.tokens, begin, tokens - begin);
    const Hash128 parent = keys[static_cast<size_t>(page)];
    const Hash128 key = pointKey(parent, ids);
    if (points_.contains(key)) return {};
    std::vector<uint8_t> payload = startPayload(ids);
    if (!ids.empty())
        codec_.writeRows(*timeline.pages[static_cast<size_t>(page)], std::ssize(ids), payload);
    if (resume != nullptr) codec_.writePoint(*resume, tokens, payload);
    return appendRecord({.kind = RecordKind::point,
                         .nIds = std::ssize(ids),
                         .firstToken = begin,
                         .key = key,
                         .parent = parent},
                        payload);
}

Status KvStore::appendRecord(SegmentRecord record, std::span<const uint8_t> payload) {
    if (!makeRoom(std::ssize(payload))) {
        stats_.refusedBytes += std::ssize(payload);
        return {};
    }
    TRY(ensureSegment());
    auto& [number, segment] = *segments_.rbegin();
    const int64_t before = segment.bytes();
    TRY_ASSIGN(const SegmentRecord written, segment.append(record, payload));
    stats_.writtenBytes += segment.bytes() - before;
    stats_.bytes += segment.bytes() - before;
    indexRecord(number, written);
    return {};
}

// The last segment is one that is not full.
Status KvStore::ensureSegment() {
    if (!segments_.empty() && segments_.rbegin()->second.bytes() < segmentBytes_) return {};
    const int64_t number = segments_.empty() ? 1 : segments_.rbegin()->first + 1;
    if (!segments_.empty()) TRY(segments_.rbegin()->second.synchronise());
    TRY_ASSIGN(SegmentFile segment,
               SegmentFile::create(folder_ / segmentName(number), fingerprint_));
    segment.setWarmUntilMs(clock_.wallMs());
    stats_.bytes += segment.bytes();
    segments_.emplace(number, std::move(segment));
    return {};
}

// False: what is pinned, in use or being written fills the budget.
bool KvStore::makeRoom(int64_t bytes) {
    if (stats_.bytes + othersBytes_ + bytes <= options_.bytesMax) return true;
    std::vector<SegmentOnDisk> others = segmentsOfOthers(options_.directory, folder_);
    othersBytes_ = 0;
    for (const SegmentOnDisk& segment : others)
        othersBytes_ += segment.bytes;
    std::ranges::sort(others, std::greater(), &SegmentOnDisk::warmUntilMs);
    while (stats_.bytes + othersBytes_ + bytes > options_.bytesMax) {
        const std::optional<int64_t> own = coldestSegment();
        const bool isOwn = own && (others.empty() ||
                                   segments_.at(*own).warmUntilMs() <= others.back().warmUntilMs);
        if (!isOwn && others.empty()) return false;
        if (isOwn) {
            removeSegment(*own);
            continue;
        }
        if (removeOfOther(others.back())) othersBytes_ -= others.back().bytes;
        others.pop_back();
    }
    return true;
}

std::optional<int64_t> KvStore::coldestSegment() const {
    std::optional<int64_t> coldest;
    int64_t coldestMs = 0;
    for (const auto& [number, segment] : segments_) {
        if (pinned_.contains(number) || number == segments_.rbegin()->first) continue;
        const int64_t untilMs = segment.warmUntilMs();
        if (coldest && untilMs >= coldestMs) continue;
        coldest = number;
        coldestMs = untilMs;
    }
    return coldest;
}

void KvStore::removeSegment(int64_t number) {
    const auto segment = segments_.find(number);
    for (const SegmentRecord& record : segment->second.records()) {
        const Index& index = record.kind == RecordKind::page ? pages_ : points_;
        const auto found = index.find(record.key);
        if (found != index.end() && found->second.segment == number) forget(record);
    }
    unlink((folder_ / segmentName(number)).c_str());
    stats_.bytes -= segment->second.bytes();
    ++stats_.removedSegments;
    segments_.erase(segment);
}

}  // namespace moxie::engine
