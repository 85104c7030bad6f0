#include "engine/kv/segment_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Hash128;
using base::Result;
using base::Status;

namespace {

static_assert(std::endian::native == std::endian::little, "segments are little-endian");

constexpr uint64_t kSegmentMagic = 0x31564B4549584F4D;  // "MOXIEKV1"
constexpr uint32_t kRecordMagic = 0x43455256;           // "VREC"
constexpr int64_t kPayloadBytesMax = int64_t{1} << 33;
constexpr int64_t kIdsMax = 512;  // above a page and what follows it

using Head = std::array<uint8_t, kSegmentHeadBytes>;
using RecordHeader = std::array<uint8_t, kRecordHeaderBytes>;

// Values one after the other, without padding.
template <size_t n>
class Packer {
public:
    explicit Packer(std::array<uint8_t, n>& bytes) : bytes_(bytes) {}

    template <class T>
    Packer& put(const T& value) {
        std::memcpy(bytes_.data() + at_, &value, sizeof value);
        at_ += sizeof value;
        return *this;
    }

private:
    std::array<uint8_t, n>& bytes_;
    size_t at_ = 0;
};

class Unpacker {
public:
    explicit Unpacker(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    template <class T>
    T take() {
        T value;
        std::memcpy(&value, bytes_.data() + at_, sizeof value);
        at_ += sizeof value;
        return value;
    }

private:
    std::span<const uint8_t> bytes_;
    size_t at_ = 0;
};

std::string_view asText(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Hash128 sumOf(const Hash128& seed, std::span<const uint8_t> bytes) {
    return base::hash128(seed, asText(bytes));
}

Head makeHead(const Hash128& fingerprint) {
    Head head = {};
    Packer(head).put(kSegmentMagic).put(fingerprint);
    const auto sum = sumOf(fingerprint, std::span(head).first(kSegmentHeadBytes - sizeof(Hash128)));
    std::memcpy(head.data() + kSegmentHeadBytes - sizeof sum, &sum, sizeof sum);
    return head;
}

RecordHeader makeRecordHeader(const SegmentRecord& record, const Hash128& fingerprint) {
    RecordHeader header = {};
    Packer(header)
        .put(kRecordMagic)
        .put(static_cast<uint32_t>(record.kind))
        .put(record.nIds)
        .put(record.firstToken)
        .put(record.bytes)
        .put(record.key)
        .put(record.parent)
        .put(record.sum);
    const auto sum =
        sumOf(fingerprint, std::span(header).first(kRecordHeaderBytes - sizeof(Hash128)));
    std::memcpy(header.data() + kRecordHeaderBytes - sizeof sum, &sum, sizeof sum);
    return header;
}

// nullopt: not a header that was written whole.
std::optional<SegmentRecord> parseRecordHeader(const RecordHeader& bytes,
                                               const Hash128& fingerprint) {
    Unpacker in(bytes);
    SegmentRecord record;
    if (in.take<uint32_t>() != kRecordMagic) return std::nullopt;
    record.kind = static_cast<RecordKind>(in.take<uint32_t>());
    record.nIds = in.take<int64_t>();
    record.firstToken = in.take<int64_t>();
    record.bytes = in.take<int64_t>();
    record.key = in.take<Hash128>();
    record.parent = in.take<Hash128>();
    record.sum = in.take<Hash128>();
    if (makeRecordHeader(record, fingerprint) != bytes) return std::nullopt;
    const bool isKnown = record.kind >= RecordKind::page && record.kind <= RecordKind::gone;
    if (!isKnown || record.nIds < 0 || record.nIds > kIdsMax || record.firstToken < 0 ||
        record.bytes < 0 || record.bytes > kPayloadBytesMax)
        return std::nullopt;
    return record;
}

struct Hole {
    int64_t begin = 0;
    int64_t bytes = 0;
};

// The whole blocks of a payload: no less is given back.
Hole holeOf(const SegmentRecord& record) {
    constexpr int64_t kBlockBytes = 4096;
    const int64_t begin = (record.offset + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
    const int64_t end = (record.offset + record.bytes) / kBlockBytes * kBlockBytes;
    return {.begin = begin, .bytes = std::max<int64_t>(end - begin, 0)};
}

Status writeAll(int descriptor, std::span<const uint8_t> bytes, int64_t offset) {
    while (!bytes.empty()) {
        const ssize_t n = pwrite(descriptor, bytes.data(), bytes.size(), offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(base::errnoError(errno, "write KV segment"));
        bytes = bytes.subspan(static_cast<size_t>(n));
        offset += n;
    }
    return {};
}

// Fails: corrupt where the file ends before.
Status readAll(int descriptor, std::span<uint8_t> bytes, int64_t offset) {
    while (!bytes.empty()) {
        const ssize_t n = pread(descriptor, bytes.data(), bytes.size(), offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(base::errnoError(errno, "read KV segment"));
        if (n == 0)
            return fail(Errc::corrupt, fmt::format("the KV segment ends at {}, {} bytes short",
                                                   offset, bytes.size()));
        bytes = bytes.subspan(static_cast<size_t>(n));
        offset += n;
    }
    return {};
}

Status synchroniseFolder(const std::filesystem::path& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return fail(base::errnoError(errno, "open " + folder.string()));
    const int result = fsync(descriptor);
    const int saved = errno;
    close(descriptor);
    if (result != 0) return fail(base::errnoError(saved, "synchronise " + folder.string()));
    return {};
}

}  // namespace

SegmentFile::~SegmentFile() {
    if (descriptor_ >= 0) close(descriptor_);
}

SegmentFile::SegmentFile(SegmentFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      fingerprint_(other.fingerprint_),
      end_(other.end_),
      holeBytes_(other.holeBytes_),
      records_(std::move(other.records_)) {}

SegmentFile& SegmentFile::operator=(SegmentFile&& other) noexcept {
    if (this == &other) return *this;
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    fingerprint_ = other.fingerprint_;
    end_ = other.end_;
    holeBytes_ = other.holeBytes_;
    records_ = std::move(other.records_);
    return *this;
}

Result<SegmentFile> SegmentFile::create(const std::filesystem::path& path,
                                        const Hash128& fingerprint) {
    std::filesystem::path unfinished = path;
    unfinished += ".new";
    const int descriptor =
        ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return fail(base::errnoError(errno, "create " + unfinished.string()));
    SegmentFile file(descriptor, fingerprint);
    TRY(writeAll(descriptor, makeHead(fingerprint), 0));
    TRY(file.synchronise());
    if (rename(unfinished.c_str(), path.c_str()) != 0)
        return fail(base::errnoError(errno, "rename " + unfinished.string()));
    TRY(synchroniseFolder(path.parent_path()));
    file.end_ = kSegmentHeadBytes;
    return file;
}

Result<SegmentFile> SegmentFile::open(const std::filesystem::path& path, const Hash128& fingerprint,
                                      SegmentAccess access) {
    const int flags = access == SegmentAccess::append ? O_RDWR : O_RDONLY;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return fail(base::errnoError(errno, "open " + path.string()));
    SegmentFile file(descriptor, fingerprint);
    struct stat status = {};
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(Errc::corrupt, "no regular file");
    TRY(file.checkHead());
    TRY(file.readRecords());
    if (access == SegmentAccess::append && ftruncate(descriptor, file.end_) != 0)
        return fail(base::errnoError(errno, "cut " + path.string()));
    return file;
}

Status SegmentFile::checkHead() const {
    Head head = {};
    TRY(readAll(descriptor_, head, 0));
    if (head == makeHead(fingerprint_)) return {};
    return fail(Errc::corrupt, "no KV segment of this version and model");
}

Status SegmentFile::readRecords() {
    struct stat status = {};
    if (fstat(descriptor_, &status) != 0) return fail(base::errnoError(errno, "stat KV segment"));
    end_ = kSegmentHeadBytes;
    while (status.st_size - end_ >= kRecordHeaderBytes) {
        RecordHeader header = {};
        TRY(readAll(descriptor_, header, end_));
        auto record = parseRecordHeader(header, fingerprint_);
        if (!record) return {};
        record->offset = end_ + kRecordHeaderBytes;
        if (record->bytes > status.st_size - record->offset) return {};
        end_ = record->offset + record->bytes;
        if (record->kind == RecordKind::gone)
            takeOut(*record);
        else
            records_.push_back(*record);
    }
    return {};
}

void SegmentFile::takeOut(const SegmentRecord& gone) {
    const auto found =
        std::find_if(records_.rbegin(), records_.rend(),
                     [&](const SegmentRecord& record) { return record.key == gone.key; });
    if (found == records_.rend()) return;
    holeBytes_ += holeOf(*found).bytes;
    records_.erase(std::next(found).base());
}

Status SegmentFile::giveUp(const SegmentRecord& record) {
    const int64_t warmMs = warmUntilMs();
    const Hole hole = holeOf(record);
    constexpr int kMode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (hole.bytes > 0 && fallocate(descriptor_, kMode, hole.begin, hole.bytes) != 0)
        return errno == EOPNOTSUPP || errno == ENOSYS
                   ? fail(Errc::unsupported, "the file system makes no holes in files")
                   : fail(base::errnoError(errno, "make a hole in a KV segment"));
    TRY_ASSIGN(const SegmentRecord gone,
               append({.kind = RecordKind::gone, .key = record.key, .parent = record.parent}, {}));
    records_.pop_back();
    takeOut(gone);
    setWarmUntilMs(warmMs);
    return {};
}

Result<SegmentRecord> SegmentFile::append(SegmentRecord record, std::span<const uint8_t> payload) {
    record.offset = end_ + kRecordHeaderBytes;
    record.bytes = std::ssize(payload);
    record.sum = sumOf(record.key, payload);
    const RecordHeader header = makeRecordHeader(record, fingerprint_);
    std::vector<uint8_t> whole(header.begin(), header.end());
    whole.insert(whole.end(), payload.begin(), payload.end());
    if (auto written = writeAll(descriptor_, whole, end_); !written) {
        // What stays behind if this fails too is no record, and the next writer cuts it away.
        (void)ftruncate(descriptor_, end_);
        return fail(std::move(written).error());
    }
    end_ = record.offset + record.bytes;
    records_.push_back(record);
    return record;
}

Result<std::vector<uint8_t>> SegmentFile::read(const SegmentRecord& record) const {
    std::vector<uint8_t> payload(static_cast<size_t>(record.bytes));
    TRY(readAll(descriptor_, payload, record.offset));
    if (sumOf(record.key, payload) != record.sum)
        return fail(Errc::corrupt, fmt::format("the checksum of {} bytes at {} does not hold",
                                               record.bytes, record.offset));
    return payload;
}

Status SegmentFile::peek(const SegmentRecord& record, std::span<uint8_t> bytes) const {
    if (std::ssize(bytes) > record.bytes)
        return fail(Errc::corrupt,
                    fmt::format("{} bytes of a payload of {}", bytes.size(), record.bytes));
    return readAll(descriptor_, bytes, record.offset);
}

Status SegmentFile::synchronise() {
    if (fdatasync(descriptor_) != 0) return fail(base::errnoError(errno, "synchronise KV segment"));
    return {};
}

int64_t SegmentFile::warmUntilMs() const {
    struct stat status = {};
    if (fstat(descriptor_, &status) != 0) return 0;
    return static_cast<int64_t>(status.st_mtim.tv_sec) * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

void SegmentFile::setWarmUntilMs(int64_t wallMs) {
    const struct timespec time = {.tv_sec = wallMs / 1000, .tv_nsec = wallMs % 1000 * 1'000'000};
    const struct timespec times[2] = {time, time};
    // A file of another user cannot be warmed; it ages faster then, no more.
    (void)futimens(descriptor_, times);
}

}  // namespace moxie::engine
