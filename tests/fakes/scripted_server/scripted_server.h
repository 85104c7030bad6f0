// A model server on loopback that speaks chat completions and Anthropic messages from scripts, and
// misbehaves as they say. It records every request. For tests only.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tests/fakes/scripted_server/script.h"

namespace moxie::tests {

struct ScriptedServerOptions {
    int32_t port = 0;                          // 0: any free one
    std::filesystem::path scriptsFolder = {};  // NAME.json answers the model NAME
    std::filesystem::path playbackFile = {};   // answers the model "playback", by turns
    std::filesystem::path recordFolder = {};   // bodies as 0001.json, 0002.json ...; empty: none
    std::map<std::string, Json> scripts = {};  // more, by model name
};

struct RecordedRequest {
    std::string path;     // "/v1/chat/completions"
    std::string headers;  // as received, lines
    std::string body;
    std::string model;
};

class ScriptedServer {
public:
    virtual ~ScriptedServer() = default;  // ends every connection and joins

    // Fails: invalidInput (a script), io (the port).
    static base::Result<std::unique_ptr<ScriptedServer>> start(ScriptedServerOptions options);

    virtual int32_t port() const = 0;
    virtual std::vector<RecordedRequest> requests() const = 0;

    std::string baseUrl() const { return "http://127.0.0.1:" + std::to_string(port()); }
};

}  // namespace moxie::tests
