// Fetches one model file over http or https, with libcurl: goes on where an earlier attempt ended,
// checks size and SHA-256 where they are known, and puts the file in its place only when it is
// whole. Until then it is FILE.part, which stays after a cancel. Threads: any thread; blocks its
// caller.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace moxie::desktop {

struct DownloadRequest {
    std::string url = {};
    std::filesystem::path file = {};  // its folder is made
    std::string sha256 = {};          // 64 hexadecimal digits; empty: not known
};

struct DownloadProgress {
    int64_t bytes = 0;       // that are here, also of earlier attempts
    int64_t bytesTotal = 0;  // 0: the server does not say
    bool isChecking = false;
};

// Told a few times a second, on the thread of the caller.
using DownloadListener = std::function<void(const DownloadProgress&)>;

// The name a model gets that is fetched from there. Fails: invalidInput (no http or https address
// of a .gguf file).
base::Result<std::string> modelFileName(const std::string& url);

// Fails: cancelled; invalidInput (the file is there already, a bad address or sum, what came is no
// GGUF file); corrupt (the sum differs: what came is removed); notFound and denied (as the server
// says); io (no connection, no room on the disk).
base::Status downloadModel(const DownloadRequest& request, const DownloadListener& listener,
                           const std::stop_token& stop);

}  // namespace moxie::desktop
