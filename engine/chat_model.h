// The door to every language model: the local engine, remote APIs and the chain that tries them in
// order. It is not a session store and knows no agent: a request carries the whole conversation
// each time. Threads: start(), limits() and countTokens() from any thread; one ChatStream belongs
// to one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

enum class Role { system, user, assistant, tool };

// One call as the model made it.
struct ToolCall {
    std::string id = {};    // unique within a conversation; made by us if the provider gave none
    std::string name = {};  // as spoken; may name a tool that does not exist
    // Raw bytes as received; JSON if isComplete, else possibly cut anywhere.
    std::string arguments = {};
    bool isComplete =
        true;  // false: the output ended inside this call; it must never be run or repaired
    // Why it is not complete, where a parser knows: what was found wrong, and at which byte.
    std::string problem = {};
    bool operator==(const ToolCall&) const = default;
};

// A picture of a message, as its file has it: PNG, JPEG, GIF or WebP, in the form that APIs and the
// event log want it.
struct Image {
    std::string mediaType = {};  // "image/png"
    std::string base64 = {};
    bool operator==(const Image&) const = default;
};

struct Message {
    Role role = Role::user;
    std::string text = {};
    // Assistant only: the reasoning as text, and the provider's own reasoning blocks (JSON array,
    // byte-exact), which Anthropic-style APIs want back unchanged. Empty where the provider has
    // none.
    std::string reasoning = {};
    std::string reasoningBlocks = {};
    std::vector<ToolCall> toolCalls = {};  // assistant only
    std::string toolCallId = {};           // tool only: the call this answers
    bool isToolError = false;              // tool only
    std::vector<Image> images = {};        // user only; for models that take them
    bool operator==(const Message&) const = default;
};

// What the caller knows of an argument: it is one of these words, or a list of them. The words are
// shared, 100,000 of them are fine. Local models are held to them; remote ones are not told.
struct ArgumentFacts {
    std::string argument = {};
    std::shared_ptr<const std::vector<std::string>> allowed = {};
};

struct ToolSchema {
    std::string name = {};
    std::string description = {};
    std::string parametersJson = {};  // a JSON Schema of type object, canonical bytes
    std::vector<ArgumentFacts> facts = {};
};

enum class Effort { none, low, high, max };

// required: the answer is a call. Local models only; others are not told.
enum class ToolUse { free, required };

struct ChatOptions {
    Effort effort = Effort::high;
    int64_t outputTokensMax = 8192;
    std::optional<double> temperature = {};  // nullopt: the model's own default; 0: greedy
    std::optional<uint64_t> seed = {};
    std::vector<std::string> stop = {};
    std::string responseSchemaJson = {};  // empty: free text
    ToolUse toolUse = ToolUse::free;
    std::string requiredTool = {};  // the only one that may be called; empty: any
};

// Serialisation is canonical: adding messages at the end leaves every earlier byte of the request
// as it was.
struct ChatRequest {
    std::vector<Message> messages;
    std::vector<ToolSchema> tools = {};
    ChatOptions options = {};
};

// ---- what a stream yields, in this order: ModelChosen, then any of the middle ones, then Finish
// ----

// Which model answers, and why this one ("first in your list", "deepseek: 401, so the next"). A
// chain gives it out again when it moves on, which it does only before the answer's first token.
struct ModelChosen {
    std::string model = {};    // "deepseek-flash", "SmolLM2-135M-Instruct.Q4_1.gguf"
    std::string backend = {};  // "openai", "anthropic", "local", "recorded", "scripted"
    std::string reason = {};
};

struct ReasoningDelta {
    std::string text = {};  // complete UTF-8 characters
};

struct TextDelta {
    std::string text = {};  // complete UTF-8 characters
};

// A whole call, given out when it is complete, or cut off (isComplete false) right before Finish.
struct ToolCallReady {
    ToolCall call;
};

// Totals of this request; may come several times, the last one counts. Money is computed by the
// agent.
struct Usage {
    int64_t inputTokens = 0;        // all prompt tokens, cached ones included
    int64_t cachedInputTokens = 0;  // of these, read from a prefix cache
    int64_t outputTokens = 0;       // reasoning included
    int64_t reasoningTokens = 0;
    bool operator==(const Usage&) const = default;
};

// An attempt failed and will be made again: everything since ModelChosen or the last
// AttemptDiscarded is void.
struct AttemptDiscarded {
    int32_t attempt = 1;      // number of the failed attempt, from 1
    int64_t waitMs = 0;       // until the next one
    std::string reason = {};  // "HTTP 429, Retry-After 3 s"
};

// Progress before the first token, a few times a second at most.
struct Waiting {
    std::string what = {};   // "queued at the provider", "reading the prompt"
    int64_t doneTokens = 0;  // local prefill; 0 of 0 if unknown
    int64_t totalTokens = 0;
};
enum class FinishReason {
    stop,         // the model ended its turn
    toolCalls,    // ended to have tools run
    length,       // output limit; calls may be cut
    contextFull,  // the conversation does not fit
    refusal,      // the model or a filter declined
};
std::string_view toString(FinishReason reason);

struct Finish {
    FinishReason reason = FinishReason::stop;
    std::string reasoningBlocks = {};  // for Message::reasoningBlocks
    std::string detail = {};           // the provider's own word, for the log
};

using StreamEvent = std::variant<ModelChosen, ReasoningDelta, TextDelta, ToolCallReady, Usage,
                                 AttemptDiscarded, Waiting, Finish>;

class ChatStream {
public:
    virtual ~ChatStream() = default;
    // The next event; blocks. nullopt after Finish. An error is final: cancelled, denied (key,
    // balance, quota), notFound (no such model, or no API at the address), invalidInput (the
    // provider refused the request), io (network, retries used up), corrupt, outOfMemory.
    // Destroying a stream early cancels it and waits for its threads.
    virtual base::Result<std::optional<StreamEvent>> next() = 0;
};

struct ModelLimits {
    std::string model = {};
    int64_t contextTokens = 0;
    int64_t outputTokensMax = 0;
    bool hasTools = true;  // false: tool schemas would be ignored or only described in text
    bool hasReasoning = false;
    bool isLocal = false;
    bool takesImages = false;  // false: a request that holds one is refused before it is sent

    // Price in US dollars per million tokens; nullopt where unknown (then money budgets cannot be
    // enforced).
    struct Price {
        double input = 0;
        double cachedInput = 0;
        double output = 0;
    };

    std::optional<Price> price = {};
};

// Outlives its streams.
class ChatModel {
public:
    virtual ~ChatModel() = default;
    // Starts an answer. `stop` ends it at the next event with Errc::cancelled.
    // Fails at once only for what needs no network: invalidInput, unsupported; everything later
    // comes from next().
    virtual base::Result<std::unique_ptr<ChatStream>> start(ChatRequest request,
                                                            std::stop_token stop) = 0;
    virtual ModelLimits limits() const = 0;
    // Exact for local models; for remote ones an estimate that errs on the high side.
    virtual int64_t countTokens(std::string_view text) const = 0;
    // The exact bytes that start() would send, secrets left out; empty where nothing is sent. For
    // logs and tests.
    virtual std::string serialise(const ChatRequest& request) const = 0;
};

}  // namespace moxie::engine
