// JSON from strangers, and JSON to strangers, without exceptions and without deep recursion.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace moxie::engine {

using Json = nlohmann::json;

// nullopt: not JSON, or nested deeper than 100. Malformed UTF-8 and lone surrogate escapes are
// replaced by U+FFFD first.
std::optional<Json> parseJson(std::string_view text);
bool isJsonObject(std::string_view text);

// As compact text; malformed UTF-8 is replaced.
std::string dumpJson(const Json& value);
std::string quoteJson(std::string_view text);

// The member of an object; null if it is missing or `object` is none.
const Json& member(const Json& object, const char* key);
// "" unless a string.
std::string stringMember(const Json& object, const char* key);
// nullopt unless a number; cut to 0 .. 2^53.
std::optional<int64_t> countMember(const Json& object, const char* key);

}  // namespace moxie::engine
