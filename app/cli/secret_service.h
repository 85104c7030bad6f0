// Keys in the desktop's own keyring: the Secret Service of the session's message bus
// (org.freedesktop.secrets, freedesktop.org's Secret Service API 0.2), reached through libsecret.
// Reading never asks the user anything: an item that is locked counts as none.
// Threads: any thread, as long as nobody changes the environment.
#pragma once
#include <string>

#include "base/result.h"

namespace moxie::app {

// Empty: no such item, it is locked, or there is no service.
std::string secretOf(const std::string& variable);

// Takes the place of an older one. The service may ask the user to unlock the keyring.
// Fails: unsupported (no service), denied (the keyring stays locked), io.
base::Status storeSecret(const std::string& variable, const std::string& key);

}  // namespace moxie::app
