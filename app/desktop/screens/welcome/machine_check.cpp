#include "app/desktop/screens/welcome/machine_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "base/paths.h"
#include "engine/bench/memory_read.h"

namespace moxie::desktop {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int64_t kMegabyte = 1 << 20, kGigabyte = 1 << 30;
constexpr int64_t kDiskBytes = 64 * kMegabyte;
constexpr double kDiskSecondsMax = 1.0;          // for writing and for reading each
constexpr double kReadingTokensPerSecond = 5.0;  // about as fast as one reads

double secondsSince(SteadyClock::time_point start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

double measureMemory(const app::Machine& machine, const std::stop_token& stop) {
    const int64_t room = machine.memoryAvailableBytes / 4;
    const int64_t threads = std::clamp<int64_t>(room / engine::kMemoryReadBlockBytes, 0,
                                                std::max(machine.processors, 1));
    return engine::measureMemoryRead(int32_t(threads), stop);
}

// A file without a name, gone when it is closed.
class ScratchFile {
public:
    explicit ScratchFile(const std::filesystem::path& folder)
        : descriptor_(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}

    ~ScratchFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    int get() const { return descriptor_; }

private:
    int descriptor_;
};

double measureDisk(const std::filesystem::path& folder, const std::stop_token& stop) {
    const ScratchFile file(folder);
    if (file.get() < 0) return 0;
    std::vector<char> piece(size_t(kMegabyte), 'm');
    int64_t written = 0;
    auto start = SteadyClock::now();
    while (written < kDiskBytes && secondsSince(start) < kDiskSecondsMax) {
        if (stop.stop_requested()) return 0;
        if (::write(file.get(), piece.data(), piece.size()) != ssize_t(piece.size())) return 0;
        written += kMegabyte;
    }
    if (::fdatasync(file.get()) != 0) return 0;
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);  // out of the cache
    int64_t read = 0;
    start = SteadyClock::now();
    while (read < written && secondsSince(start) < kDiskSecondsMax) {
        if (stop.stop_requested()) return 0;
        if (::pread(file.get(), piece.data(), piece.size(), read) != ssize_t(piece.size())) break;
        read += kMegabyte;
    }
    return double(read) / std::max(secondsSince(start), 1e-6);
}

int64_t weightBytes(ModelClass size) {
    switch (size) {
        case ModelClass::tiny:
            return 400 * kMegabyte;
        case ModelClass::small:
            return 2 * kGigabyte;
        case ModelClass::medium:
            return 5 * kGigabyte;
        case ModelClass::large:
            return 9 * kGigabyte;
        case ModelClass::huge:
            return 19 * kGigabyte;
    }
    return 0;
}

}  // namespace

MachineFacts measureMachine(const std::stop_token& stop) {
    MachineFacts facts;
    facts.machine = app::examineMachine();
    facts.memoryBytesPerSecond = measureMemory(facts.machine, stop);
    if (!stop.stop_requested())
        facts.diskBytesPerSecond = measureDisk(facts.machine.diskFolder, stop);
    return facts;
}

ModelVerdict verdictOf(ModelClass size, const MachineFacts& facts) {
    ModelVerdict verdict;
    const int64_t weights = weightBytes(size);
    verdict.bytesNeeded = weights + weights / 5 + 256 * kMegabyte;
    verdict.tokensPerSecondMax = facts.memoryBytesPerSecond / double(weights);
    // The system and other programs need some, too.
    const int64_t room =
        facts.machine.memoryBytes - std::min(2 * kGigabyte, facts.machine.memoryBytes / 4);
    if (verdict.bytesNeeded > room)
        verdict.fit = Fit::no;
    else if (verdict.bytesNeeded > facts.machine.memoryAvailableBytes)
        verdict.fit = Fit::tight;
    else
        verdict.fit = verdict.tokensPerSecondMax >= kReadingTokensPerSecond ? Fit::good : Fit::slow;
    return verdict;
}

bool isTooSmallForWork(const MachineFacts& facts) {
    return verdictOf(ModelClass::medium, facts).fit != Fit::good;
}

}  // namespace moxie::desktop
