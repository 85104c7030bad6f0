// How a command reaches the running window: through its socket, with one JSON object per line. The
// protocol's other end is app/desktop/shell/single_instance.h. Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace moxie::app {

struct WindowRequest {
    std::string path = {};  // absolute
    int32_t line = 0, column = 0;
    std::string ask = {};
};

// In the runtime folder of the user; another one for each MOXIE_HOME. Creates nothing.
std::filesystem::path windowSocketPath();

// Hands a request over and waits until the window took it. Fails: notFound (no window listens),
// busy (it does not answer within `timeoutMs`), invalidInput (longer than a window reads), io.
base::Status sendToWindow(const std::filesystem::path& socket, const WindowRequest& request,
                          int64_t timeoutMs);

}  // namespace moxie::app
