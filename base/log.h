// Logging set-up: one spdlog logger per module, to a bounded ring of files under dataDir()/log.
// Never log prompts, file contents or keys; log sizes and hashes. Facts go to the end as key=value.
// Takes finished text: spdlog's templates would bring fmt's whole formatter into every file.
// Threads: startLogging() once from main before other threads; log() from any thread.
#pragma once
#include <string_view>

#include "base/result.h"

namespace moxie::base {

enum class LogLevel { error, warn, info, debug };

// Opens the ring (3 files of 2 MB). Before this call, and if it fails, log() drops everything.
Status startLogging(LogLevel level);

// One line of a module ("engine", "agent", ...).
void log(LogLevel level, std::string_view module, std::string_view text);

}  // namespace moxie::base
