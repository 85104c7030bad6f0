// The folders of the KV store on disk: DIRECTORY/FINGERPRINT/NUMBER.kv, and a lock per folder.
// Threads: any thread; removing takes the folder's lock.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace moxie::engine {

std::string segmentName(int64_t number);
// nullopt: no segment's name.
std::optional<int64_t> segmentNumber(const std::filesystem::path& path);

// Files of segments in the order of their numbers.
std::vector<std::filesystem::path> segmentPaths(const std::filesystem::path& folder);
// What a crash left of segments that were never finished is removed.
void removeUnfinished(const std::filesystem::path& folder);

// An exclusive lock on a folder, held until close(); -1 if somebody else has it.
int tryLockFolder(const std::filesystem::path& folder);

struct SegmentOnDisk {
    std::filesystem::path path;
    int64_t bytes = 0;
    int64_t warmUntilMs = 0;
};

// Segments of all folders in `directory` but `except`.
std::vector<SegmentOnDisk> segmentsOfOthers(const std::filesystem::path& directory,
                                            const std::filesystem::path& except);
// False: its folder is in use, or it could not be removed.
bool removeOfOther(const SegmentOnDisk& segment);

// A segment's heat halves with each half-life, so that one time says it all: heat =
// 2^((untilMs - nowMs) / halfLifeMs). This is that time after one more use.
int64_t warmed(int64_t untilMs, int64_t nowMs, double halfLifeMs);

}  // namespace moxie::engine
