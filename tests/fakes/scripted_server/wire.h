// The two dialects a scripted answer is spoken in. A Wire turns steps into the bytes of server-sent
// events and remembers what it needs for the end.
// Threads: one thread at a time.
#pragma once
#include <memory>
#include <string>

#include "tests/fakes/scripted_server/script.h"

namespace moxie::tests {

struct ScriptedUsage {
    int64_t input = 0;
    int64_t cached = 0;
    int64_t output = 0;
    int64_t reasoning = 0;
};

class Wire {
public:
    virtual ~Wire() = default;
    virtual std::string begin(const ScriptedUsage& usage) = 0;
    virtual std::string text(const std::string& text) = 0;
    virtual std::string reasoning(const std::string& text) = 0;
    // Ends: whether the call is written to its end.
    enum class Ends { yes, no };
    virtual std::string call(const Json& call, Ends ends) = 0;
    virtual std::string signature(const std::string& signature) = 0;
    virtual std::string redacted(const std::string& data) = 0;
    virtual std::string error(const Json& error) = 0;
    virtual std::string finish(const std::string& reason, const ScriptedUsage* usage) = 0;
    // The whole answer as one JSON body instead; from what the calls above collected.
    virtual std::string whole(const std::string& reason, const ScriptedUsage* usage) = 0;
    virtual bool hasCalls() const = 0;
};

std::unique_ptr<Wire> makeOpenAiWire(std::string model);
std::unique_ptr<Wire> makeAnthropicWire(std::string model);

// Arguments of a call as raw text: a string as it is, anything else as JSON.
std::string argumentsText(const Json& call);

}  // namespace moxie::tests
