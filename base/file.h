// Small file primitives that report errors as values.
// Threads: any thread; two writers of one path must be kept apart by the caller.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace moxie::base {

// Reads a whole regular file. Fails: notFound, denied, io, invalidInput (larger than bytesMax).
Result<std::string> readFile(const std::filesystem::path& path, int64_t bytesMax = int64_t(1)
                                                                                   << 31);

enum class Durability {
    renameOnly,    // atomic for readers; may be lost on power failure
    synchronised,  // also fsync of file and directory
};

// Replaces or creates a file so that a reader sees the old or the new bytes, never a mixture:
// temporary file in the same directory, (fsync,) rename. Follows a symlink to its target and keeps
// the target's mode and owner. New files get mode 0644 less the umask. Fails: denied, io; the old
// file is untouched then.
Status writeFileAtomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability = Durability::synchronised);

// A read-only mapping of a whole file. Move-only; unmapped on destruction.
// A file that shrinks while mapped raises SIGBUS on access: do not map files others may truncate.
class MappedFile {
public:
    // Fails: notFound, denied, io. An empty file maps to an empty span.
    static Result<MappedFile> open(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }

    const std::filesystem::path& path() const { return path_; }  // as it was opened

private:
    MappedFile(std::filesystem::path path, const std::byte* data, size_t size)
        : path_(std::move(path)),
          data_(data),
          size_(size) {}

    std::filesystem::path path_;
    const std::byte* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace moxie::base
