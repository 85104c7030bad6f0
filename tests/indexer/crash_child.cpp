// Indexes a folder until it kills itself at one of the calls by which SQLite changes files: what is
// on disk changes there and nowhere else, and a call's number does not depend on how fast the
// machine is. Usage: moxie_indexer_crash_child ROOT CACHE CALL MICROSECONDS [edit]. With 0
// microseconds it dies in the middle of the call, with half of its bytes written, else so long
// after it; call 0 never comes. `edit` goes on writing files and taking them in when the index is
// up to date. Prints how many calls there were. Exit status 0: done before the kill, 1: failed.
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

#include "indexer/index.h"

namespace {

using namespace moxie;

int64_t killAt = 0, killAfterUs = 0;
std::atomic<int64_t> nCalls = 0;

[[noreturn]] void dieNow() {
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

void dieLater(int64_t microseconds) {
    sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer = {};
    itimerspec when = {};
    when.it_value.tv_sec = microseconds / 1'000'000;
    when.it_value.tv_nsec = microseconds % 1'000'000 * 1000;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        timer_settime(timer, 0, &when, nullptr) != 0)
        dieNow();
}

// One call, and the death that may be due at it.
template <class Half, class Whole>
auto counted(Half half, Whole whole) {
    const bool isLast = ++nCalls == killAt;
    if (isLast && killAfterUs == 0) {
        half();
        dieNow();
    }
    const auto result = whole();
    const int error = errno;
    if (isLast) dieLater(killAfterUs);
    errno = error;
    return result;
}

ssize_t writeCounted(int file, const void* bytes, size_t size) {
    return counted([&] { return ::write(file, bytes, size / 2); },
                   [&] { return ::write(file, bytes, size); });
}

ssize_t pwriteCounted(int file, const void* bytes, size_t size, off_t at) {
    return counted([&] { return ::pwrite(file, bytes, size / 2, at); },
                   [&] { return ::pwrite(file, bytes, size, at); });
}

ssize_t pwrite64Counted(int file, const void* bytes, size_t size, off64_t at) {
    return counted([&] { return ::pwrite64(file, bytes, size / 2, at); },
                   [&] { return ::pwrite64(file, bytes, size, at); });
}

int ftruncateCounted(int file, off_t size) {
    return counted([] {}, [&] { return ::ftruncate(file, size); });
}

int unlinkCounted(const char* path) {
    return counted([] {}, [&] { return ::unlink(path); });
}

template <class Call>
bool replace(sqlite3_vfs* files, const char* name, Call* call) {
    return files->xSetSystemCall(files, name, reinterpret_cast<sqlite3_syscall_ptr>(call)) ==
           SQLITE_OK;
}

bool countCalls() {
    sqlite3_vfs* files = sqlite3_vfs_find(nullptr);
    if (!files || files->iVersion < 3) return false;
    // Where SQLite was built without one of the two it has no such call.
    if (files->xGetSystemCall(files, "pwrite")) replace(files, "pwrite", pwriteCounted);
    if (files->xGetSystemCall(files, "pwrite64")) replace(files, "pwrite64", pwrite64Counted);
    return replace(files, "write", writeCounted) && replace(files, "ftruncate", ftruncateCounted) &&
           replace(files, "unlink", unlinkCounted);
}

bool edit(indexer::Index& index, const std::filesystem::path& root) {
    for (int i = 0; i < 100; i++) {
        const std::string path = fmt::format("edited{}.c", i % 7);
        const std::string text = fmt::format("int edit_{}(void) {{ return {}; }}\n", i, i);
        std::ofstream(root / path, std::ios::binary) << text;
        if (!index.updateText(path, text)) return false;
    }
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 5 || !countCalls()) return 1;
    killAt = std::atoll(arguments[3]);
    killAfterUs = std::atoll(arguments[4]);
    const std::filesystem::path root = arguments[1];
    {
        auto index = indexer::openIndex({.root = root, .cacheFile = arguments[2], .threads = 2});
        if (!index || !(*index)->update({}, {})) return 1;
        if (count > 5 && std::string_view(arguments[5]) == "edit" && !edit(**index, root)) return 1;
    }
    fmt::print("{}\n", nCalls.load());
    return 0;
}
