// Readers of what the three APIs have in common. Parameters that would change the answer and that
// no model behind the door can take are refused by name; what the APIs themselves ignore is
// ignored. Threads: any thread.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>

#include "app/serve/answer.h"
#include "app/serve/json_node.h"

namespace moxie::serve {

// "none" ... "ultra" as the vendors use them. Fails: invalidInput.
base::Result<engine::Effort> readEffort(const JsonNode& node);

// A string, or a list of parts of which each must be a text of one of `types`; joined by line ends.
// Fails: invalidInput; unsupported for images, sound and files.
base::Result<std::string> readTextOrParts(const JsonNode& node,
                                          std::initializer_list<const char*> types);

// The first that is given of `nodes`, cut to what the model can write; the model's maximum if none.
base::Result<int64_t> readOutputLimit(std::initializer_list<JsonNode> nodes,
                                      const engine::ModelLimits& limits);

// temperature, seed, and refusals of top_p and the like where they are not at their default.
base::Status readSampling(const JsonNode& body, double temperatureMax,
                          engine::ChatOptions& options);

// A tool's name: 1 to 128 characters of a-z, A-Z, 0-9, _ - . and :
base::Result<std::string> readToolName(const JsonNode& node);
// A JSON Schema of type object as text; an empty one if it is not given.
base::Result<std::string> readSchema(const JsonNode& node);

// The answer is to be a call; of `tool`, or of any if it is empty. Only models in this process are
// held to it. `node` is where the request says so.
// Fails: unsupported ("tool_choice: WORD cannot be enforced ..."), invalidInput (no such tool).
base::Status requireCall(const JsonNode& node, std::string tool, const engine::ModelLimits& limits,
                         engine::ChatRequest& request);

}  // namespace moxie::serve
