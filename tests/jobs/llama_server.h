// llama.cpp's own `llama-server` with the sample model on a free port of 127.0.0.1: a server that
// somebody else wrote, for tests tagged [peer]. tests/bench/peers/build_llama_cpp.sh builds it.
// Threads: one.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/jobs/job_harness.h"

namespace moxie::tests {

struct LlamaServerOptions {
    int32_t contextTokens = 8192;
    std::string apiKey;  // what it asks of clients
};

class LlamaServer {
public:
    // Starts it and waits until it is healthy. Fails the test if it is missing or will not start.
    explicit LlamaServer(LlamaServerOptions options);
    ~LlamaServer();
    LlamaServer(const LlamaServer&) = delete;
    LlamaServer& operator=(const LlamaServer&) = delete;

    std::string address() const { return "http://127.0.0.1:" + std::to_string(port_); }

    bool isHealthy() const;
    // A counter of its /metrics since it started, or -1.
    int64_t counter(const std::string& name) const;
    // SIGKILL; returns when it is gone.
    void kill();

private:
    // The body of the answer to GET PATH, or "".
    std::string get(const std::string& path) const;
    // The last lines it wrote.
    std::string log() const;

    TemporaryFolder folder_;
    std::filesystem::path logFile_;
    std::string apiKey_;
    int32_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace moxie::tests
