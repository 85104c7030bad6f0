// KvStore: opening, finding, loading and checking; kv_store_append.cpp writes.
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
constexpr size_t kRecordsPeekedMax = 16;
constexpr int64_t kSegmentsMin = 8;  // in a budget that is full, so that little goes at a time

std::span<const int32_t> idsOf(std::span<const int32_t> tokens, int64_t begin, int64_t count) {
    return tokens.subspan(static_cast<size_t>(begin), static_cast<size_t>(count));
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
    stats_.bytes += opened->diskBytes();
    const auto at = segments_.emplace(number, *std::move(opened)).first;
    for (const SegmentRecord& record : at->second.records())
        indexRecord(number, record);
    return {};
}

KvStore::Index& KvStore::indexOf(RecordKind kind) {
    switch (kind) {
        case RecordKind::page:
            return pages_;
        case RecordKind::point:
            return points_;
        case RecordKind::answer:
        case RecordKind::gone:  // a segment keeps these to itself
            break;
    }
    return answers_;
}

// Whether its ids can be of this layout.
bool KvStore::fits(const SegmentRecord& record) const {
    const int64_t stepTokens = kPageTokens + codec_.layout().lookaheadTokens();
    if (record.kind == RecordKind::page) return record.nIds == stepTokens;
    return record.nIds < stepTokens;
}

void KvStore::indexRecord(int64_t segment, const SegmentRecord& record) {
    if (!fits(record)) return;
    const bool isNew =
        indexOf(record.kind).insert_or_assign(record.key, Place{segment, record}).second;
    if (isNew && record.kind != RecordKind::answer)
        behind_[record.parent].push_back(
            {.kind = record.kind, .key = record.key, .nIds = record.nIds});
    countRecords();
}

void KvStore::countRecords() {
    stats_.pages = std::ssize(pages_);
    stats_.points = std::ssize(points_);
    stats_.answers = std::ssize(answers_);
}

void KvStore::forget(const SegmentRecord& record) {
    indexOf(record.kind).erase(record.key);
    countRecords();
    const auto names = behind_.find(record.parent);
    if (names == behind_.end()) return;
    std::erase_if(names->second, [&](const RecordName& name) { return name.key == record.key; });
    if (names->second.empty()) behind_.erase(names);
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

// nullptr: it was dropped.
const KvStore::Place* KvStore::placeOf(const RecordName& name) const {
    const Index& index = name.kind == RecordKind::page ? pages_ : points_;
    const auto found = index.find(name.key);
    return found != index.end() && found->second.record.nIds == name.nIds ? &found->second
                                                                          : nullptr;
}

// The longest point that all of leads on to `rest`.
KvStore::Tail KvStore::longestPoint(const Hash128& parent, std::span<const int32_t> rest) const {
    Tail longest;
    const auto names = behind_.find(parent);
    if (names == behind_.end()) return longest;
    for (const RecordName& name : names->second) {
        if (name.kind != RecordKind::point || name.nIds > std::ssize(rest)) continue;
        if (longest.place != nullptr && longest.nIds >= name.nIds) continue;
        if (pointKey(parent, rest.first(static_cast<size_t>(name.nIds))) != name.key) continue;
        if (const Place* place = placeOf(name)) longest = {.place = place, .nIds = name.nIds};
    }
    return longest;
}

int64_t KvStore::agreeingIds(const Place& place, std::span<const int32_t> rest) const {
    std::vector<int32_t> ids(static_cast<size_t>(place.record.nIds));
    const std::span bytes(reinterpret_cast<uint8_t*>(ids.data()), ids.size() * sizeof(int32_t));
    if (!segments_.at(place.segment).peek(place.record, bytes)) return 0;
    return std::ranges::mismatch(ids, rest).in1 - ids.begin();
}

// The page or point that has most tokens in common with `rest`, the newest ones first.
KvStore::Tail KvStore::mostAlike(const Hash128& parent, std::span<const int32_t> rest) const {
    Tail best = longestPoint(parent, rest);
    const auto names = behind_.find(parent);
    if (names == behind_.end()) return best;
    const size_t count = std::min(names->second.size(), kRecordsPeekedMax);
    for (const RecordName& name : std::span(names->second).last(count)) {
        const Place* place = placeOf(name);
        if (place == nullptr || name.nIds <= best.nIds) continue;
        const int64_t nIds = std::min(agreeingIds(*place, rest), kPageTokens);
        if (nIds > best.nIds) best = {.place = place, .nIds = nIds};
    }
    return best;
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
    const bool needsPoint = codec_.layout().needsResumePoint();
    while (true) {
        const int64_t begin = std::ssize(chain.pages) * kPageTokens;
        const auto rest = tokens.subspan(static_cast<size_t>(begin));
        chain.tail = needsPoint ? longestPoint(keys.back(), rest) : mostAlike(keys.back(), rest);
        chain.tokens = begin + chain.tail.nIds;
        if (chain.tail.place != nullptr || !needsPoint) return chain;
        if (chain.pages.empty()) return {};
        chain.pages.pop_back();
        keys.pop_back();
    }
}

int64_t KvStore::find(std::span<const int32_t> tokens) const {
    return findChain(tokens).tokens;
}

// The payload behind its ids, which begin with the ones expected.
Result<std::vector<uint8_t>> KvStore::readRecord(const Place& place, std::span<const int32_t> ids) {
    const auto segment = segments_.find(place.segment);
    if (segment == segments_.end()) return fail(Errc::notFound, "its segment is gone");
    TRY_ASSIGN(std::vector<uint8_t> payload, segment->second.read(place.record));
    stats_.readBytes += std::ssize(payload);
    const int64_t idBytes = place.record.nIds * int64_t{sizeof(int32_t)};
    if (std::ssize(payload) < idBytes || place.record.nIds < std::ssize(ids) ||
        (!ids.empty() && std::memcmp(payload.data(), ids.data(), ids.size_bytes()) != 0))
        return fail(Errc::corrupt, "the ids are others");
    payload.erase(payload.begin(), payload.begin() + idBytes);
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

// `ids`: those that are meant, of the ones that the record has.
Status KvStore::loadTail(const Place& place, std::span<const int32_t> ids,
                         TimelineSnapshot& snapshot) {
    TRY_ASSIGN(const std::vector<uint8_t> payload, readRecord(place, ids));
    const bool isPage = place.record.kind == RecordKind::page;
    const int64_t rowTokens = isPage ? kPageTokens : place.record.nIds;
    const int64_t rowBytes = codec_.rowBytes(rowTokens);
    if (std::ssize(payload) < rowBytes)
        return fail(Errc::corrupt,
                    fmt::format("{} bytes, expected {} of rows", payload.size(), rowBytes));
    const auto rows = std::span(payload).first(static_cast<size_t>(rowBytes));
    if (!ids.empty()) {
        snapshot.pages.push_back(codec_.readRows(rows, rowTokens));
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
    if (chain.tail.place != nullptr) {
        failing = chain.tail.place;
        const int64_t nIds = chain.tail.nIds;
        TRY(loadTail(*failing, idsOf(tokens, chain.tokens - nIds, nIds), snapshot));
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
        const int64_t segment = failing->segment;
        drop(*failing, snapshot.error().message());
        // Where one record fails others may, and would stand in the way of being written again.
        verifySegment(segment);
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
    if (chain.tail.place != nullptr) pinned_.insert(chain.tail.place->segment);
}

Result<StoredAnswer> KvStore::readAnswer(const Place& place) const {
    TRY_ASSIGN(const std::vector<uint8_t> payload, segments_.at(place.segment).read(place.record));
    uint64_t textBytes = 0;
    if (payload.size() < sizeof textBytes) return fail(Errc::corrupt, "an answer without a head");
    std::memcpy(&textBytes, payload.data(), sizeof textBytes);
    const std::span<const uint8_t> rest = std::span(payload).subspan(sizeof textBytes);
    if (textBytes > rest.size() || (rest.size() - textBytes) % sizeof(int32_t) != 0)
        return fail(Errc::corrupt, fmt::format("an answer of {} bytes says its text has {}",
                                               payload.size(), textBytes));
    StoredAnswer answer = {.key = place.record.key};
    answer.text.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(textBytes));
    answer.tokens.resize((rest.size() - textBytes) / sizeof(int32_t));
    if (!answer.tokens.empty())
        std::memcpy(answer.tokens.data(), rest.data() + textBytes, rest.size() - textBytes);
    return answer;
}

std::vector<StoredAnswer> KvStore::answers(int64_t bytesMax) {
    std::vector<Place> places;
    for (const auto& [key, place] : answers_)
        places.push_back(place);
    std::ranges::sort(places, std::greater(), [](const Place& place) {
        return std::pair(place.segment, place.record.offset);
    });
    std::vector<StoredAnswer> found;
    for (const Place& place : places) {
        bytesMax -= place.record.bytes;
        if (bytesMax < 0) break;
        if (auto answer = readAnswer(place))
            found.push_back(*std::move(answer));
        else
            drop(place, answer.error().message());
    }
    std::ranges::reverse(found);
    return found;
}

// Whether the payload holds and leads to the record's own name.
Status KvStore::check(const Place& place) const {
    const SegmentRecord& record = place.record;
    if (record.kind == RecordKind::answer) {
        TRY(readAnswer(place));
        return {};
    }
    TRY_ASSIGN(const std::vector<uint8_t> payload, segments_.at(place.segment).read(record));
    std::vector<int32_t> ids(static_cast<size_t>(record.nIds));
    const size_t idBytes = ids.size() * sizeof(int32_t);
    if (payload.size() < idBytes) return fail(Errc::corrupt, "the ids are cut off");
    if (idBytes > 0) std::memcpy(ids.data(), payload.data(), idBytes);
    const bool isPage = record.kind == RecordKind::page;
    const Hash128 key = isPage ? pageKey(record.parent, ids) : pointKey(record.parent, ids);
    if (key != record.key) return fail(Errc::corrupt, "the ids are others");
    const int64_t rows = codec_.rowBytes(isPage ? kPageTokens : record.nIds);
    const auto rest = static_cast<int64_t>(payload.size() - idBytes);
    if (isPage ? rest != rows : rest < rows)
        return fail(Errc::corrupt, fmt::format("{} bytes of rows, expected {}", rest, rows));
    return {};
}

int64_t KvStore::verifySegment(int64_t number) {
    std::vector<std::pair<Place, std::string>> failing;
    for (const Index* index : {&pages_, &points_, &answers_})
        for (const auto& [key, place] : *index) {
            if (place.segment != number) continue;
            if (const auto sound = check(place); !sound)
                failing.emplace_back(place, sound.error().message());
        }
    for (const auto& [place, reason] : failing)
        drop(place, reason);
    return std::ssize(failing);
}

int64_t KvStore::verify() {
    int64_t failing = 0;
    for (const auto& [number, segment] : segments_)
        failing += verifySegment(number);
    return failing;
}

}  // namespace moxie::engine
