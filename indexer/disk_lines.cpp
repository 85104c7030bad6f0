#include "indexer/disk_lines.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kLookupBytesMax = 8'000'000;

// How many bytes came.
size_t readWhole(int file, char* bytes, size_t size) {
    size_t filled = 0;
    while (filled < size) {
        const ssize_t got = ::read(file, bytes + filled, size - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += size_t(got);
    }
    return filled;
}

// Behind so many ends of lines from `at` on, npos if there are fewer. Counts in a block are without
// branches, so that the compiler does many at once.
size_t behindLines(std::string_view text, size_t at, int32_t lines) {
    constexpr size_t kBlock = 64;
    while (at + kBlock <= text.size()) {
        uint8_t ends = 0;
        for (size_t i = 0; i < kBlock; i++)
            ends = uint8_t(ends + uint8_t(text[at + i] == '\n'));
        if (ends >= lines) break;
        lines -= ends;
        at += kBlock;
    }
    for (; lines > 0; lines--) {
        const size_t end = text.find('\n', at);
        if (end == text.npos) return end;
        at = end + 1;
    }
    return at;
}

}  // namespace

DiskLines::DiskLines(const std::filesystem::path& root)
    : folder_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

DiskLines::~DiskLines() {
    if (folder_ >= 0) ::close(folder_);
}

// What cannot be read has no lines.
void DiskLines::read(const std::string& path, File& into) const {
    const int file = ::openat(folder_, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return;
    struct stat info = {};
    if (::fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= kLookupBytesMax) {
        const auto size = size_t(info.st_size);
        into.bytes = std::make_unique_for_overwrite<char[]>(size);
        into.text = {into.bytes.get(), readWhole(file, into.bytes.get(), size)};
    }
    ::close(file);
}

DiskLines::File& DiskLines::file(const std::string& path) {
    const auto [at, isNew] = files_.try_emplace(path);
    if (isNew) read(path, at->second);
    return at->second;
}

std::string DiskLines::lines(const std::string& path, int32_t first, int32_t last) {
    File& own = file(path);
    if (first < 1 || last < first) return {};
    const std::string_view text = own.text;
    if (first < own.line) own.line = 1, own.first = 0;
    const size_t begin = behindLines(text, own.first, first - own.line);
    if (begin == text.npos) return {};
    own.line = first, own.first = begin;
    size_t end = own.first;
    for (int32_t line = first; line <= last && end < text.size(); line++)
        end = std::min(text.find('\n', end), text.size() - 1) + 1;
    return base::toValidUtf8(text.substr(own.first, end - own.first));
}

}  // namespace moxie::indexer
