// Keys of model servers by the name of their variable: the environment first, then the desktop's
// keyring (secret_service.h), else a file that only the user can read (configDir()/keys/NAME, mode
// 0600). The window stores keys for people who set no variables. Keys go nowhere else: not into
// settings, not into logs. With MOXIE_HOME set, what belongs to another home is left alone: no
// keyring, only the file.
// Threads: any thread, as long as nobody changes the environment.
#pragma once
#include <string>

#include "base/result.h"

namespace moxie::app {

// Empty: there is none. A file that others can read is not taken.
std::string keyOf(const std::string& variable);

enum class SecretPlace { keyring, file };

// In the keyring if there is one that takes it, else in the file; the other place forgets it.
// Fails: invalidInput (no name of a variable, an empty key, one with control characters), io.
base::Result<SecretPlace> storeKey(const std::string& variable, const std::string& key);

}  // namespace moxie::app
