// KvStore: what it writes and what it gives up.
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <utility>

#include "engine/kv/kv_store.h"
#include "engine/kv/segment_folder.h"

namespace moxie::engine {

using base::Errc;
using base::Hash128;
using base::Status;

namespace {

std::vector<uint8_t> startPayload(std::span<const int32_t> ids) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(ids.data());
    return {bytes, bytes + ids.size_bytes()};
}

}  // namespace

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
    // Points ahead of the last one on disk were there, and were thinned.
    const auto kept = pointsOf(timeline.tokens, keys);
    const int64_t last = kept.empty() ? 0 : kept.back().tokens;
    for (const auto& [tokens, resume] : *timeline.points)
        if (tokens > last) TRY(appendPoint(timeline, keys, tokens, resume));
    return thinPoints(timeline.tokens, keys);
}

// In the order of their tokens, without those where other ways leave. `keys`: of the whole pages,
// from the root on.
std::vector<KvStore::KeptPoint> KvStore::pointsOf(std::span<const int32_t> tokens,
                                                  const std::vector<Hash128>& keys) const {
    std::vector<KeptPoint> points;
    for (size_t i = 0; i < keys.size(); ++i) {
        const auto names = behind_.find(keys[i]);
        if (names == behind_.end()) continue;
        const int64_t begin = static_cast<int64_t>(i) * kPageTokens;
        const auto rest = tokens.subspan(static_cast<size_t>(begin));
        for (const RecordName& name : names->second)
            if (name.kind == RecordKind::point && name.nIds <= std::ssize(rest) &&
                pointKey(keys[i], rest.first(static_cast<size_t>(name.nIds))) == name.key &&
                placeOf(name) != nullptr)
                points.push_back({.tokens = begin + name.nIds, .key = name.key, .parent = keys[i]});
    }
    std::ranges::sort(points, [](const KeptPoint& a, const KeptPoint& b) {
        return a.tokens != b.tokens ? a.tokens < b.tokens : a.key < b.key;
    });
    // A damaged file may name one twice.
    points.erase(std::ranges::unique(points, {}, &KeptPoint::key).begin(), points.end());
    return points;
}

// Keeps the points of a timeline few, but for those of pages where other timelines leave.
Status KvStore::thinPoints(std::span<const int32_t> tokens, const std::vector<Hash128>& keys) {
    std::vector<KeptPoint> points = pointsOf(tokens, keys);
    std::map<Hash128, size_t> nOnWay;
    for (const KeptPoint& point : points)
        ++nOnWay[point.parent];
    std::erase_if(points, [&](const KeptPoint& point) {
        return isBranching(point.parent, nOnWay.at(point.parent));
    });
    while (canThin_ && points.size() > kPointsPerPathMax) {
        std::vector<int64_t> counts;
        for (const KeptPoint& point : points)
            counts.push_back(point.tokens);
        const auto given = std::ranges::find(points, mostCrowdedPoint(counts, std::ssize(tokens)),
                                             &KeptPoint::tokens);
        TRY(givePointUp(given->key));
        points.erase(given);
    }
    return {};
}

// Whether anything but one page and `nOnWay` points follows.
bool KvStore::isBranching(const Hash128& parent, size_t nOnWay) const {
    const auto& names = behind_.at(parent);
    const auto nPages =
        static_cast<size_t>(std::ranges::count(names, RecordKind::page, &RecordName::kind));
    return nPages > 1 || names.size() - nPages > nOnWay;
}

Status KvStore::givePointUp(const Hash128& key) {
    const Place place = points_.at(key);
    SegmentFile& segment = segments_.at(place.segment);
    const int64_t before = segment.diskBytes();
    if (const auto given = segment.giveUp(place.record); !given) {
        if (given.error().kind() != Errc::unsupported) return given;
        canThin_ = false;
        return {};
    }
    stats_.bytes += segment.diskBytes() - before;
    ++stats_.thinnedPoints;
    forget(place.record);
    return {};
}

// `keys`: of the whole pages, from the root on.
Status KvStore::appendPoint(const TimelineView& timeline, const std::vector<Hash128>& keys,
                            int64_t tokens, const ResumeSnapshot& resume) {
    const int64_t page = codec_.layout().finishedPages(tokens);
    const int64_t begin = page * kPageTokens;
    if (tokens == begin && resume == nullptr) return {};
    const auto ids =
        timeline.tokens.subspan(static_cast<size_t>(begin), static_cast<size_t>(tokens - begin));
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

Status KvStore::appendAnswer(const StoredAnswer& answer) {
    if (!canWrite_ || answers_.contains(answer.key)) return {};
    const auto textBytes = static_cast<uint64_t>(answer.text.size());
    std::vector<uint8_t> payload(sizeof textBytes);
    std::memcpy(payload.data(), &textBytes, sizeof textBytes);
    payload.insert(payload.end(), answer.text.begin(), answer.text.end());
    const std::vector<uint8_t> ids = startPayload(answer.tokens);
    payload.insert(payload.end(), ids.begin(), ids.end());
    auto status = appendRecord({.kind = RecordKind::answer, .key = answer.key}, payload);
    if (!status) canWrite_ = false;
    return status;
}

Status KvStore::appendRecord(SegmentRecord record, std::span<const uint8_t> payload) {
    if (!makeRoom(kSegmentHeadBytes + kRecordHeaderBytes + std::ssize(payload))) {
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
        const Index& index = indexOf(record.kind);
        const auto found = index.find(record.key);
        if (found != index.end() && found->second.segment == number) forget(record);
    }
    unlink((folder_ / segmentName(number)).c_str());
    stats_.bytes -= segment->second.diskBytes();
    ++stats_.removedSegments;
    segments_.erase(segment);
}

}  // namespace moxie::engine
