#include "engine/kv/segment_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace moxie::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSegmentSuffix = ".kv";
constexpr std::string_view kUnfinishedSuffix = ".new";

std::vector<fs::path> entriesOf(const fs::path& folder) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        paths.push_back(it->path());
    return paths;
}

}  // namespace

std::string segmentName(int64_t number) {
    return fmt::format("{:08}{}", number, kSegmentSuffix);
}

std::optional<int64_t> segmentNumber(const fs::path& path) {
    const std::string stem = path.stem().string();
    int64_t number = 0;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (path.extension() != kSegmentSuffix || error != std::errc() || number <= 0 ||
        end != stem.data() + stem.size())
        return std::nullopt;
    return number;
}

std::vector<fs::path> segmentPaths(const fs::path& folder) {
    std::vector<fs::path> paths = entriesOf(folder);
    std::erase_if(paths, [](const fs::path& path) { return !segmentNumber(path); });
    std::ranges::sort(paths, {}, [](const fs::path& path) { return *segmentNumber(path); });
    return paths;
}

void removeUnfinished(const fs::path& folder) {
    for (const fs::path& path : entriesOf(folder))
        if (path.extension() == kUnfinishedSuffix) unlink(path.c_str());
}

int tryLockFolder(const fs::path& folder) {
    const int descriptor = open((folder / "lock").c_str(),
                                O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return -1;
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
    close(descriptor);
    return -1;
}

std::vector<SegmentOnDisk> segmentsOfOthers(const fs::path& directory, const fs::path& except) {
    std::vector<SegmentOnDisk> segments;
    for (const fs::path& folder : entriesOf(directory)) {
        if (folder == except) continue;
        for (const fs::path& path : segmentPaths(folder)) {
            struct stat status = {};
            if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
            segments.push_back({.path = path,
                                .bytes = std::min<int64_t>(status.st_size, status.st_blocks * 512),
                                .warmUntilMs = status.st_mtim.tv_sec * 1000});
        }
    }
    return segments;
}

bool removeOfOther(const SegmentOnDisk& segment) {
    const int lock = tryLockFolder(segment.path.parent_path());
    if (lock < 0) return false;
    const bool isGone = unlink(segment.path.c_str()) == 0;
    close(lock);
    return isGone;
}

int64_t warmed(int64_t untilMs, int64_t nowMs, double halfLifeMs) {
    // Bounded: the time may come from a file that somebody touched.
    const double halfLives =
        std::clamp(static_cast<double>(untilMs - nowMs) / halfLifeMs, -60.0, 20.0);
    const double heat = std::exp2(halfLives);
    return nowMs + static_cast<int64_t>(halfLifeMs * std::log2(heat + 1));
}

}  // namespace moxie::engine
