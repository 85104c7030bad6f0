// What the scripted model server answers, as data. A script is a JSON object:
//
//   {"about": "why it exists", "by": "requests" | "turns", "answers": [ANSWER, ...]}
//
// The n-th request for the script's name takes the n-th answer, the last one for ever. "by":
// "turns" counts the assistant messages in the request instead, so that retries and resumed
// sessions fit (playback). ANSWER:
//
//   {"steps": [STEP, ...], "finish": "toolCalls", "usage": {...}, "split": 7,
//    "status": 429, "headers": {"Retry-After": "1"}, "body": "text" or JSON, "whole": true}
//
// "body": the reply as it is, nothing else counts. "whole": one JSON body instead of a stream.
// "finish": stop, toolCalls, length, contentFilter, contextFull; null: none; absent: as fits.
// "usage": input, cached, output, reasoning; null: none; absent: counted from the bytes.
// "split": the stream is sent in pieces of so many bytes. STEP is one of:
//
//   {"text": "..."}  {"reasoning": "..."}  {"comment": "keep-alive"}  {"delayMs": 20}
//   {"call": {"name", "arguments": "raw" or object, "id", "pieces": 3, "oddity": "..."}}
//   {"open": {"name", "arguments"}}  a call that never ends
//   {"raw": "bytes"}  {"rawHex": "ff"}  {"error": {"type", "message", "code"}}
//   {"finish": "stop"}  again, in the middle   {"signature": "..."}  {"redacted": "..."}
//   {"close": true}  the socket, now           {"hang": true}  until the client goes
//   {"repeat": {"times": 500, "steps": [...]}}
//
// "oddity" (chat completions only): noIndex, noId, noIndexNoId, sameIndex, nameInPieces,
// nameAgain, argumentsObject, idAgain. In every string {{n}} is the request's number from 1,
// {{i}} the number of the repetition from 0, {{x*n}} n times "x".
// Threads: values.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace moxie::tests {

using Json = nlohmann::json;

struct Script {
    enum class By { requests, turns };
    By by = By::requests;
    std::vector<Json> answers;
};

base::Result<Script> parseScript(const Json& json);
base::Result<Script> readScript(const std::filesystem::path& file);

// `text` with {{n}}, {{i}} and {{x*n}} filled in.
std::string fillIn(std::string text, int64_t n, int64_t i);
// The same in every string inside.
Json fillIn(const Json& value, int64_t n, int64_t i);

}  // namespace moxie::tests
