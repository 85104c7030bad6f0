#include "app/cli/machine.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/file.h"
#include "base/paths.h"
#include "base/text.h"
#include "kernels/dispatch.h"

namespace moxie::app {

namespace {

// The value behind "NAME:" of a file in /proc; empty if there is none.
std::string procValue(const char* file, std::string_view name) {
    const auto text = base::readFile(file, 8 << 20);
    if (!text) return {};
    for (const std::string_view line : base::splitLines(*text))
        if (line.starts_with(name) && line.find(':') != std::string_view::npos)
            return std::string(base::trim(line.substr(line.find(':') + 1)));
    return {};
}

// What can be taken without swapping; free pages alone leave out the file cache.
int64_t availableMemory() {
    const std::string text = procValue("/proc/meminfo", "MemAvailable");
    int64_t kilobytes = 0;
    std::from_chars(text.data(), text.data() + text.size(), kilobytes);
    return kilobytes > 0 ? kilobytes * 1024 : ::sysconf(_SC_AVPHYS_PAGES) * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

Machine examineMachine() {
    Machine machine;
    machine.cpu = procValue("/proc/cpuinfo", "model name");
    if (machine.cpu.empty()) machine.cpu = "?";
    machine.kernels = kernels::toString(kernels::detectIsa());
    machine.processors = int32_t(std::thread::hardware_concurrency());
    machine.memoryBytes = ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE);
    machine.memoryAvailableBytes = availableMemory();
    std::error_code failed;
    machine.diskFolder = base::dataDir();
    while (!std::filesystem::exists(machine.diskFolder, failed) &&
           machine.diskFolder.has_relative_path())
        machine.diskFolder = machine.diskFolder.parent_path();
    const auto space = std::filesystem::space(machine.diskFolder, failed);
    machine.diskAvailableBytes = failed ? 0 : int64_t(space.available);
    for (const char* device : {"/dev/nvidia0", "/dev/davinci0", "/dev/kfd"})
        if (machine.accelerator.empty() && std::filesystem::exists(device, failed))
            machine.accelerator = device;
    return machine;
}

}  // namespace moxie::app
