// What this computer is, as far as it matters to Moxie: for `moxie doctor` and the window's first
// run. Threads: any thread; reads a few small files.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace moxie::app {

struct Machine {
    std::string cpu;      // "?" where the system does not tell
    std::string kernels;  // the best that this processor can run: "scalar", "avx2", ...
    int32_t processors = 0;
    int64_t memoryBytes = 0, memoryAvailableBytes = 0;
    std::filesystem::path diskFolder;  // where data goes, or the nearest folder that exists
    int64_t diskAvailableBytes = 0;
    std::string accelerator;  // device file of a GPU or NPU that this build does not use; or empty
};

Machine examineMachine();

}  // namespace moxie::app
