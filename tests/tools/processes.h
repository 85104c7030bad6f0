// Looking at the machine's processes from tests.
#pragma once
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "base/file.h"

namespace moxie::tests {

// How many processes have `mark` in their command line; reads /proc. Marks are made unique by
// using the test's temporary folder or an odd number.
inline int processesWith(const std::string& mark) {
    int n = 0;
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ec)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto line = base::readFile(entry.path() / "cmdline");
        if (line && line->find(mark) != std::string::npos) ++n;
    }
    return n;
}

// Polls until `condition` or `limitMs` pass; the answer to "did it happen".
template <class Condition>
bool happens(const Condition& condition, int limitMs = 5000) {
    using namespace std::chrono;
    const auto end = steady_clock::now() + milliseconds(limitMs);
    while (!condition()) {
        if (steady_clock::now() > end) return false;
        std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
}

}  // namespace moxie::tests
