// Asks the person at the terminal whether a call may run. Only where both standard input and
// standard error are terminals; elsewhere nobody is there, which is not a yes.
// Threads: owner thread only.
#pragma once
#include <filesystem>
#include <stop_token>

#include "agent/session.h"
#include "app/cli/context.h"

namespace moxie::app {

bool canAsk(const Context& context);

// "Always in this project" is kept among the user's rules of the project around `repository`.
agent::PermissionReply askPermission(const agent::PermissionQuestion& question,
                                     const std::filesystem::path& repository, Context& context,
                                     const std::stop_token& stop);

// One line typed by the person, without its end; nullopt on end of input or stop.
std::optional<std::string> readTypedLine(const std::stop_token& stop);

}  // namespace moxie::app
