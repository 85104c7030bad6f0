#include "engine/chat/argument_types.h"

#include <algorithm>
#include <vector>

#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

// The names of types that a schema allows; empty: it does not say.
std::vector<std::string> typesOf(const PythonJson& schema) {
    std::vector<std::string> types;
    if (const PythonJson* type = schema.find("type")) {
        if (type->type == PythonJson::Type::string) types.push_back(type->text);
        for (const auto& one : type->values)
            types.push_back(one.text);
    }
    for (const std::string_view choice : {"anyOf", "oneOf"})
        if (const PythonJson* choices = schema.find(choice))
            for (const auto& one : choices->values)
                if (one.find("type") != nullptr) types.emplace_back(one.stringAt("type"));
    const PythonJson* values = schema.find("enum");
    if (types.empty() && values != nullptr)
        for (const auto& one : values->values)
            types.emplace_back(one.type == PythonJson::Type::string ? "string" : "other");
    return types;
}

}  // namespace

ArgumentTypes::ArgumentTypes(std::span<const ToolSchema> tools) {
    for (const auto& tool : tools) {
        const auto schema = parsePythonJson(tool.parametersJson);
        if (!schema) continue;
        const PythonJson* properties = schema->find("properties");
        if (properties == nullptr) continue;
        for (size_t i = 0; i < properties->keys.size(); ++i) {
            const auto types = typesOf(properties->values[i]);
            if (types.empty()) continue;
            const auto has = [&types](std::string_view name) {
                return std::find(types.begin(), types.end(), name) != types.end();
            };
            tools_[tool.name][properties->keys[i]] = {.hasText = has("string"),
                                                      .hasNull = has("null")};
        }
    }
}

std::optional<std::string> ArgumentTypes::json(std::string_view tool, std::string_view parameter,
                                               std::string_view value) const {
    const bool isJson = parsePythonJson(value).has_value();
    const auto known = tools_.find(tool);
    if (known != tools_.end())
        if (const auto types = known->second.find(parameter); types != known->second.end()) {
            const bool isNull = types->second.hasNull && value == "null";
            if (types->second.hasText && !isNull) return pythonString(value);
            return isJson ? std::optional(std::string(value)) : std::nullopt;
        }
    return isJson ? std::string(value) : pythonString(value);
}

}  // namespace moxie::engine
