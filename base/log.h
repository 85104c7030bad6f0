// Logging set-up: one spdlog logger per module, to a bounded ring of files under dataDir()/log.
// Never log prompts, file contents or keys; log sizes and hashes. Facts go to the end as key=value.
// Threads: startLogging() once from main before other threads; logger() from any thread.
#pragma once
#include <spdlog/logger.h>

#include <memory>
#include <string_view>

#include "base/result.h"

namespace moxie::base {

enum class LogLevel { error, warn, info, debug };

// Opens the ring (3 files of 2 MB). Before this call, and if it fails, loggers drop everything.
Status startLogging(LogLevel level);

// The logger of a module ("engine", "agent", ...). Never null.
std::shared_ptr<spdlog::logger> logger(std::string_view module);

}  // namespace moxie::base
