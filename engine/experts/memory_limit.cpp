#include "engine/experts/memory_limit.h"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "base/log.h"
#include "engine/plan/cost.h"

namespace moxie::engine {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kMegabyte = 1'000'000;

// The first number of a text; nullopt: none ("max").
std::optional<int64_t> numberIn(std::string_view text) {
    const size_t at = text.find_first_of("0123456789");
    if (at == text.npos) return std::nullopt;
    int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    return code == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<int64_t> numberIn(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    return std::getline(in, line) ? numberIn(std::string_view(line)) : std::nullopt;
}

// The value behind `name` in a file of "name value" or "name: value" lines.
int64_t valueIn(const fs::path& file, std::string_view name) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with(name) && line.size() > name.size() &&
            (line[name.size()] == ' ' || line[name.size()] == ':'))
            return numberIn(std::string_view(line).substr(name.size())).value_or(0);
    return 0;
}

struct GroupFiles {
    std::string_view controller;  // in /proc/self/cgroup, with its colons
    std::string_view root;
    std::string_view limit, usage;
};

constexpr GroupFiles kGroups[] = {
    {":memory:", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"},
    {"0::", "/sys/fs/cgroup", "memory.max", "memory.current"}};

// Narrows `memory` by one group of processes.
void narrow(const fs::path& group, const GroupFiles& files, MachineMemory& memory) {
    const auto limit = numberIn(group / files.limit);
    if (!limit || *limit <= 0 || *limit >= memory.systemBytes) return;
    const int64_t pages = valueIn(group / "memory.stat", "inactive_file") +
                          valueIn(group / "memory.stat", "active_file");
    const int64_t used = std::max<int64_t>(0, numberIn(group / files.usage).value_or(0) - pages);
    memory.systemBytes = *limit;
    memory.availableBytes = std::min(memory.availableBytes, std::max<int64_t>(0, *limit - used));
}

void narrowByGroups(MachineMemory& memory) {
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);)
        for (const GroupFiles& files : kGroups) {
            const size_t at = line.find(files.controller);
            if (at == line.npos || (files.controller == "0::" && at != 0)) continue;
            fs::path path = line.substr(at + files.controller.size());
            for (; path.has_relative_path(); path = path.parent_path())
                narrow(fs::path(files.root) / path.relative_path(), files, memory);
        }
}

int64_t megabytes(int64_t bytes) {
    return (bytes + kMegabyte - 1) / kMegabyte;
}

}  // namespace

MachineMemory machineMemory() {
    MachineMemory memory;
    struct sysinfo info = {};
    if (sysinfo(&info) == 0)
        memory.systemBytes = static_cast<int64_t>(info.totalram) * info.mem_unit;
    memory.availableBytes = valueIn("/proc/meminfo", "MemAvailable") * 1024;
    narrowByGroups(memory);
    return memory;
}

base::Result<std::unique_ptr<ExpertCache>> openExpertCache(const LoadedModel& model,
                                                           const MemoryPlan& plan,
                                                           int64_t limitBytes) {
    if (limitBytes < 0)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("a memory limit of {} bytes", limitBytes));
    const bool isGiven = limitBytes > 0;
    const int64_t available = isGiven ? limitBytes : machineMemory().availableBytes;
    if (isGiven ? plan.total() <= available : plan.weightBytes <= available) return nullptr;
    const int64_t experts = expertBytes(model.plan);
    const int64_t rest = plan.total() + plan.streamingBytes - experts;
    // A machine that is full to the brim reads its own program from disk.
    const int64_t budget = (isGiven ? available : available * 9 / 10) - rest;
    if (isGiven && (budget <= 0 || experts == 0))
        return base::fail(
            base::Errc::outOfMemory,
            fmt::format("the model needs {} MB beside its routed experts, {} MB of them for the "
                        "rows of its context, the limit is {} MB: {} MB are missing{}",
                        megabytes(rest), megabytes(plan.kvBytes), megabytes(available),
                        megabytes(rest - available),
                        plan.kvBytes > rest - available
                            ? "; a shorter context or rows in f16 take less"
                            : ""));
    auto cache = ExpertCache::open(model, {.bytes = std::max<int64_t>(0, budget)});
    if (cache || isGiven) return cache;
    base::log(base::LogLevel::warn, "engine",
              fmt::format("the weights are larger than the memory, and experts cannot be kept in "
                          "a cache: {}",
                          cache.error().message()));
    return nullptr;
}

}  // namespace moxie::engine
