// One append-only file of the KV store: a head, then records of a fixed header and a payload, each
// with its own checksum. Opening reads the headers only and stops at the first one that does not
// hold; a payload is checked when it is read. A file appears under its name with its head written
// and synchronised, or not at all; a record that was cut off by a crash is cut away by the next
// writer and not seen by readers.
// Not here: what records are for, which to keep (engine/kv/kv_store.h).
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace moxie::engine {

// In front of everything, and in front of each payload.
constexpr int64_t kSegmentHeadBytes = 40;
constexpr int64_t kRecordHeaderBytes = 96;

enum class RecordKind : uint32_t {
    page = 1,    // token ids and rows of a whole page
    point = 2,   // token ids and rows since the last whole page, and a resume point
    answer = 3,  // the tokens of a text that the model wrote
    gone = 4,    // no payload: the record of this name ahead of it was given up
};

struct SegmentRecord {
    RecordKind kind = RecordKind::page;
    int64_t nIds = 0;
    int64_t firstToken = 0;  // the position of the first of them
    base::Hash128 key = {};
    base::Hash128 parent = {};
    int64_t offset = 0;  // of the payload in the file
    int64_t bytes = 0;   // of the payload
    base::Hash128 sum = {};
};

enum class SegmentAccess { read, append };

class SegmentFile {
public:
    // Makes an empty file. Fails: denied, io.
    static base::Result<SegmentFile> create(const std::filesystem::path& path,
                                            const base::Hash128& fingerprint);
    // Fails: notFound, denied, io, corrupt (no file of ours, another version or fingerprint).
    static base::Result<SegmentFile> open(const std::filesystem::path& path,
                                          const base::Hash128& fingerprint, SegmentAccess access);
    ~SegmentFile();
    SegmentFile(SegmentFile&& other) noexcept;
    SegmentFile& operator=(SegmentFile&& other) noexcept;
    SegmentFile(const SegmentFile&) = delete;
    SegmentFile& operator=(const SegmentFile&) = delete;

    // In the order they were written, without those that were given up.
    std::span<const SegmentRecord> records() const { return records_; }

    int64_t bytes() const { return end_; }

    // Without the holes of what was given up.
    int64_t diskBytes() const { return end_ - holeBytes_; }

    // Fills in offset, bytes and sum. Fails: io; the file is then as it was before.
    base::Result<SegmentRecord> append(SegmentRecord record, std::span<const uint8_t> payload);
    // Gives the room of a payload back to the file system and notes that its record is gone. The
    // time of warmUntilMs() stays. Fails: unsupported (the file system makes no holes; nothing was
    // done), io.
    base::Status giveUp(const SegmentRecord& record);
    // Fails: io, corrupt (the checksum does not hold).
    base::Result<std::vector<uint8_t>> read(const SegmentRecord& record) const;
    // The beginning of a payload, unchecked: a hint, to be checked by reading it all. Fails: io,
    // corrupt.
    base::Status peek(const SegmentRecord& record, std::span<uint8_t> bytes) const;

    // Brings what was written to the disk itself. Fails: io.
    base::Status synchronise();

    // When the file would have cooled down to a single use, in milliseconds of the wall clock; kept
    // as its time of modification (kv_store.cpp: warmed()).
    int64_t warmUntilMs() const;
    void setWarmUntilMs(int64_t wallMs);

private:
    SegmentFile(int descriptor, const base::Hash128& fingerprint)
        : descriptor_(descriptor),
          fingerprint_(fingerprint) {}

    base::Status checkHead() const;
    base::Status readRecords();
    void takeOut(const SegmentRecord& gone);

    int descriptor_ = -1;
    base::Hash128 fingerprint_ = {};
    int64_t end_ = 0;  // behind the last record that holds
    int64_t holeBytes_ = 0;
    std::vector<SegmentRecord> records_;
};

}  // namespace moxie::engine
