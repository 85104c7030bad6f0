// Where the writers of model files put their bytes: a file, or memory in tests. Threads: one
// thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

class ByteSink {
public:
    virtual ~ByteSink() = default;
    // Appends. Fails: io.
    virtual base::Status write(std::span<const std::byte> bytes) = 0;
};

class MemorySink final : public ByteSink {
public:
    base::Status write(std::span<const std::byte> bytes) override;

    std::span<const std::byte> bytes() const { return bytes_; }

private:
    std::vector<std::byte> bytes_;
};

// Writes beside `path` and takes its place in commit(), so that nobody sees half a model. Removed
// again if commit() is not called or fails.
class FileSink final : public ByteSink {
public:
    // Fails: notFound (the folder), denied, io.
    static base::Result<FileSink> create(const std::filesystem::path& path);
    ~FileSink() override;
    FileSink(FileSink&& other) noexcept;
    FileSink& operator=(FileSink&& other) noexcept;
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;

    base::Status write(std::span<const std::byte> bytes) override;
    // Once, at the end. Fails: denied, io; the old file is untouched then.
    base::Status commit();

private:
    FileSink(int fd, std::string temporary, std::filesystem::path path);

    int fd_ = -1;
    std::string temporary_;  // empty once it has taken its place
    std::filesystem::path path_;
};

}  // namespace moxie::engine
