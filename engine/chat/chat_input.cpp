#include "engine/chat/chat_input.h"

#include <fmt/format.h>

#include "engine/chat/python_json.h"

namespace moxie::engine {

std::string parametersJson(const ToolSchema& tool) {
    return tool.parametersJson.empty() ? "{}" : pythonJsonOr(tool.parametersJson);
}

std::string functionJson(const ToolSchema& tool) {
    return fmt::format("{{\"name\": {}, \"description\": {}, \"parameters\": {}}}",
                       pythonString(tool.name), pythonString(tool.description),
                       parametersJson(tool));
}

std::string toolJson(const ToolSchema& tool) {
    return fmt::format("{{\"type\": \"function\", \"function\": {}}}", functionJson(tool));
}

}  // namespace moxie::engine
