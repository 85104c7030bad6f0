#include "engine/weights/map_guard.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace moxie::engine {

namespace {

constexpr int64_t kNone = -1;
constexpr uintptr_t kPageBytes = 4096;

// Read by a signal handler: atomics that need no lock, and nothing that moves.
struct GuardedRange {
    std::atomic<uintptr_t> begin = 0, end = 0;  // end 0: free
    std::atomic<int64_t> damagedAt = kNone;     // offset of the first bad page
};

static_assert(std::atomic<uintptr_t>::is_always_lock_free);

std::array<GuardedRange, 1024> ranges;
std::mutex mutex;  // of those who make and destroy guards
struct sigaction before = {};

GuardedRange* rangeAt(uintptr_t address) {
    for (GuardedRange& range : ranges)
        if (address < range.end.load() && address >= range.begin.load()) return &range;
    return nullptr;
}

// Async-signal-safe: the system call itself. A reader of the same page on another thread faults,
// too, or reads the zeros: the chunk is dropped either way.
void onBusError(int signal, siginfo_t* info, void* context) {
    const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
    if (GuardedRange* range = rangeAt(address)) {
        const uintptr_t page = address / kPageBytes * kPageBytes;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the faulting page
        void* at = reinterpret_cast<void*>(page);
        if (::syscall(SYS_mmap, at, kPageBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                      -1, 0) == long(page)) {
            int64_t none = kNone;
            range->damagedAt.compare_exchange_strong(none, int64_t(page - range->begin.load()));
            return;
        }
    }
    if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr)
        return before.sa_sigaction(signal, info, context);
    if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
        return before.sa_handler(signal);
    ::signal(SIGBUS, SIG_DFL);  // the instruction runs again and ends the process
}

void takeOverSignal() {
    static bool isTaken = false;  // under the mutex
    if (isTaken) return;
    struct sigaction action = {};
    action.sa_sigaction = onBusError;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    isTaken = ::sigaction(SIGBUS, &action, &before) == 0;
}

int takeSlot(const base::MappedFile& file) {
    const auto begin = reinterpret_cast<uintptr_t>(file.bytes().data());
    for (size_t i = 0; i < ranges.size() && !file.bytes().empty(); ++i) {
        if (ranges[i].end.load() != 0) continue;
        ranges[i].damagedAt = kNone;
        ranges[i].begin = begin;
        ranges[i].end = (begin + file.bytes().size() + kPageBytes - 1) / kPageBytes * kPageBytes;
        return int(i);
    }
    return -1;
}

}  // namespace

MapGuard::MapGuard(std::span<const base::MappedFile* const> files)
    : files_(files.begin(), files.end()) {
    std::lock_guard lock(mutex);
    takeOverSignal();
    for (const base::MappedFile* file : files_)
        slots_.push_back(takeSlot(*file));
}

MapGuard::~MapGuard() {
    std::lock_guard lock(mutex);
    for (const int slot : slots_)
        if (slot >= 0) ranges[size_t(slot)].end = 0;
}

std::optional<base::Error> MapGuard::damage() const {
    for (size_t i = 0; i < files_.size(); ++i) {
        if (slots_[i] < 0) continue;
        const int64_t at = ranges[size_t(slots_[i])].damagedAt;
        if (at == kNone) continue;
        return base::Error(
            base::Errc::corrupt,
            fmt::format("{} cannot be read at byte {}; it had {} bytes when it was "
                        "opened: was it cut, or is the disk failing?",
                        files_[i]->path().filename().string(), at, files_[i]->bytes().size()));
    }
    return std::nullopt;
}

}  // namespace moxie::engine
