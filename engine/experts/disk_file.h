// A file read around the page cache, in whole pages, from any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace moxie::engine {

// What offsets, lengths and places of such reads are multiples of.
constexpr int64_t kDiskPageBytes = 4096;

class DiskFile {
public:
    // A file system that does not read around its cache is read through it. Fails: notFound,
    // denied, io.
    static base::Result<DiskFile> open(const std::filesystem::path& path);
    ~DiskFile();
    DiskFile(DiskFile&& other) noexcept;
    DiskFile& operator=(DiskFile&& other) noexcept;
    DiskFile(const DiskFile&) = delete;
    DiskFile& operator=(const DiskFile&) = delete;

    int64_t bytes() const { return bytes_; }  // when it was opened

    // Reads [offset, offset + count) to `to`, all multiples of kDiskPageBytes; the file may end
    // inside the last page. Fails: io; corrupt (it ends earlier than it did), with the place.
    base::Status read(int64_t offset, int64_t count, uint8_t* to) const;

private:
    DiskFile(int fd, int64_t bytes, std::string name)
        : fd_(fd),
          bytes_(bytes),
          name_(std::move(name)) {}

    int fd_ = -1;
    int64_t bytes_ = 0;
    std::string name_;
};

}  // namespace moxie::engine
