// A JSON Schema as the TypeScript-like type in which gpt-oss is shown its tools.
// Threads: any thread.
// Source: the template published with gpt-oss-120b.
#pragma once
#include <span>
#include <string>

#include "engine/chat/python_json.h"
#include "engine/chat_model.h"

namespace moxie::engine {

std::string typescriptType(const PythonJson& schema);
// `namespace functions { ... }` with all tools.
std::string typescriptNamespace(std::span<const ToolSchema> tools);

}  // namespace moxie::engine
