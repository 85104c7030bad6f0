// Reads the command line, shows help and usage errors in the user's language, and runs the chosen
// command. Threads: owner thread only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/context.h"

namespace moxie::app {

// `arguments` without the program's name. Returns the exit code.
int runCommandLine(const std::vector<std::string>& arguments, Context& context);

std::string_view moxieVersion();

}  // namespace moxie::app
