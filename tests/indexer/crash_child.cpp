// Indexes a folder until it is killed: by itself, after so many microseconds. Usage:
// moxie_indexer_crash_child ROOT CACHE MICROSECONDS [edit]. `edit` goes on writing files and taking
// them in when the index is up to date. Exit status 0: done before the kill, 1: failed.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

#include "indexer/index.h"

namespace {

using namespace moxie;

bool killAfter(int64_t microseconds) {
    sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer = {};
    itimerspec when = {};
    when.it_value.tv_sec = microseconds / 1'000'000;
    when.it_value.tv_nsec = microseconds % 1'000'000 * 1000 + 1;
    return timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 &&
           timer_settime(timer, 0, &when, nullptr) == 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 4 || !killAfter(std::atoll(arguments[3]))) return 1;
    const std::filesystem::path root = arguments[1];
    auto index = indexer::openIndex({.root = root, .cacheFile = arguments[2], .threads = 2});
    if (!index || !(*index)->update({}, {})) return 1;
    if (count < 5 || std::string_view(arguments[4]) != "edit") return 0;
    for (int i = 0; i < 400; i++) {
        const std::string path = fmt::format("edited{}.c", i % 7);
        const std::string text = fmt::format("int edit_{}(void) {{ return {}; }}\n", i, i);
        std::ofstream(root / path, std::ios::binary) << text;
        if (!(*index)->updateText(path, text)) return 1;
    }
    return 0;
}
