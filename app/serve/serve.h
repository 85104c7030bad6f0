// A server that lets other programs use one ChatModel through the APIs they know: OpenAI chat
// completions and responses, Anthropic messages. It keeps nothing between requests.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "engine/chat_model.h"

namespace moxie::serve {

struct ServeOptions {
    std::string host = "127.0.0.1";  // an address in numbers, or localhost
    int32_t port = 8080;             // 0: any free one
    std::string key = {};            // empty: none is asked for; only on loopback
    int32_t turnsMax = 0;            // answers at once; 0: 1 for a local model, else 8
    int32_t waitingMax = 16;         // requests that wait for their turn; more are refused
    int32_t connectionsMax = 64;
    int64_t bodyBytesMax = 33'554'432;
    int64_t headMs = 10'000;  // that a client may take for a request's head
    int64_t graceMs = 5'000;  // that running answers get when the server ends
};

class Server {
public:
    virtual ~Server() = default;  // lets running answers end within graceMs, then stops them

    // Whether such a server may be started. Fails: denied (no key, and not on loopback),
    // invalidInput (the address). Cost: none; for before a model is opened.
    static base::Status check(const ServeOptions& options);
    // `model` and `clock` outlive it. Fails: as check(), and io (the port is taken).
    static base::Result<std::unique_ptr<Server>> start(const ServeOptions& options,
                                                       engine::ChatModel& model,
                                                       base::Clock& clock);

    virtual int32_t port() const = 0;
    // "http://127.0.0.1:8080"
    virtual std::string url() const = 0;
    virtual int32_t running() const = 0;  // answers
    virtual int32_t waiting() const = 0;  // requests, for their turn
};

}  // namespace moxie::serve
