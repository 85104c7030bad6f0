// Keys of model servers by the name of their variable: the environment first, else a file that only
// the user can read (configDir()/keys/NAME, mode 0600), which the window writes for people who set
// no variables. Keys go nowhere else: not into settings, not into logs.
// Threads: any thread, as long as nobody changes the environment.
#pragma once
#include <string>

#include "base/result.h"

namespace moxie::app {

// Empty: there is none. A file that others can read is not taken.
std::string keyOf(const std::string& variable);

// Fails: invalidInput (no name of a variable, an empty key, one with control characters), io.
base::Status storeKey(const std::string& variable, const std::string& key);

}  // namespace moxie::app
