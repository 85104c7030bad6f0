// Two JSON Schemas for one value as one schema, where that is plain. Threads: any thread.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

// Whether the keyword says nothing of a value.
bool isAnnotation(std::string_view keyword);

// The count that a keyword gives.
int32_t countAt(const PythonJson& schema, std::string_view keyword, int32_t otherwise);

// What "#/a/b" points at; null if nothing.
const PythonJson* pointedAt(const PythonJson& root, std::string_view ref);

// `schema` without one of its keywords.
PythonJson without(const PythonJson& schema, std::string_view keyword);

// What takes the values that both take.
// Fails: unsupported (the keyword that both have and that cannot be put together).
base::Result<PythonJson> mergedSchemas(const PythonJson& a, const PythonJson& b);

}  // namespace moxie::engine
