// What every command gets: texts, output, time, the stop token. Made in main, lives as long as it.
// Threads: owner thread only.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "app/cli/config.h"
#include "app/cli/messages.h"
#include "app/cli/signals.h"
#include "app/cli/terminal.h"
#include "base/clock.h"
#include "base/result.h"

namespace moxie::app {

// Exit codes of all commands; `moxie run` has more (agent::EndStatus).
constexpr int kExitDone = 0;
constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

struct Context {
    const Messages& say;
    Output& out;
    Output& error;
    base::Clock& clock;
    Signals& signals;

    // Reports settings that were not taken, on standard error.
    Config loadConfig(const std::filesystem::path& repository) const;

    // One sentence on standard error, and the exit code that goes with it: 130 or 143 after a
    // signal, 2 for invalidInput, else 1.
    int fail(const base::Error& error) const;
    int failUsage(std::string_view sentence) const;
    void warn(std::string_view sentence) const;
};

}  // namespace moxie::app
