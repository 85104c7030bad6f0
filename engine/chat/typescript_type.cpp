#include "engine/chat/typescript_type.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/chat/chat_input.h"

namespace moxie::engine {

namespace {

using Type = PythonJson::Type;

// The template does not take away these blanks of its own, so the model was trained on them.
constexpr std::string_view kTemplateBlanks = "                    ";

// As Jinja sees it: there, and neither null nor false nor empty nor zero.
bool isTrue(const PythonJson* json) {
    if (json == nullptr || json->type == Type::null) return false;
    if (json->type == Type::boolean) return json->text == "true";
    if (json->type == Type::string) return !json->text.empty();
    if (json->type == Type::number)
        return json->text.find_first_of("123456789") != std::string::npos;
    return !json->values.empty();
}

std::string orNull(const PythonJson& schema) {
    return isTrue(schema.find("nullable")) ? " | null" : "";
}

bool isRequired(const PythonJson& schema, std::string_view name) {
    const PythonJson* required = schema.find("required");
    if (required == nullptr) return false;
    return std::any_of(required->values.begin(), required->values.end(),
                       [&](const auto& one) { return one.text == name; });
}

std::string arrayType(const PythonJson& schema) {
    const PythonJson* items = schema.find("items");
    if (!isTrue(items)) return "any[]" + orNull(schema);
    const auto type = items->stringAt("type");
    std::string inner;
    if (type == "string" || type == "number" || type == "boolean")
        inner = std::string(type);
    else if (type == "integer")
        inner = "number";
    else
        inner = typescriptType(*items);
    if (inner == "object | object" || inner.size() > 50) inner = "any";
    return inner + "[]" + orNull(schema);
}

std::string choiceType(const PythonJson& choices) {
    const bool hasObject =
        std::any_of(choices.values.begin(), choices.values.end(),
                    [](const auto& one) { return one.stringAt("type") == "object"; });
    if (hasObject && choices.values.size() > 1) return "any";
    std::string out;
    for (size_t i = 0; i < choices.values.size(); ++i) {
        const PythonJson& choice = choices.values[i];
        out += typescriptType(choice);
        if (isTrue(choice.find("description")))
            out += fmt::format("// {}", choice.stringAt("description"));
        if (const PythonJson* value = choice.find("default"))
            out += fmt::format("{}// default: {}", kTemplateBlanks, toText(*value));
        if (i + 1 < choices.values.size()) out += " | \n";
    }
    return out;
}

std::string objectType(const PythonJson& schema) {
    const PythonJson* properties = schema.find("properties");
    if (!isTrue(properties)) return "object";
    std::string out = "{\n";
    for (size_t i = 0; i < properties->keys.size(); ++i)
        out += fmt::format("{}{}{}: \n{}{}", i > 0 ? ", " : "", properties->keys[i],
                           isRequired(schema, properties->keys[i]) ? "" : "?",
                           kTemplateBlanks.substr(0, 16), typescriptType(properties->values[i]));
    return out + "}";
}

std::string textType(const PythonJson& schema) {
    const PythonJson* values = schema.find("enum");
    if (!isTrue(values)) return "string" + orNull(schema);
    std::string out;
    for (const auto& value : values->values)
        out += fmt::format("{}\"{}\"", out.empty() ? "" : " | ", value.text);
    return out;
}

std::string defaultText(const PythonJson& schema) {
    const PythonJson* value = schema.find("default");
    if (value == nullptr) return {};
    if (isTrue(schema.find("enum"))) return ", // default: " + value->text;
    if (isTrue(schema.find("oneOf"))) return "// default: " + value->text;
    return ", // default: " + toText(*value);
}

std::string toolType(const ToolSchema& tool) {
    std::string out = fmt::format("// {}\ntype {} = ", tool.description, tool.name);
    const auto schema = parsePythonJson(parametersJson(tool));
    const PythonJson* properties = schema ? schema->find("properties") : nullptr;
    if (!isTrue(properties)) return out + "() => any;\n\n";
    out += "(_: {\n";
    for (size_t i = 0; i < properties->keys.size(); ++i) {
        const PythonJson& property = properties->values[i];
        if (isTrue(property.find("description")))
            out += fmt::format("// {}\n", property.stringAt("description"));
        out += fmt::format("{}{}: {}{},\n", properties->keys[i],
                           isRequired(*schema, properties->keys[i]) ? "" : "?",
                           typescriptType(property), defaultText(property));
    }
    return out + "}) => any;\n\n";
}

}  // namespace

std::string typescriptType(const PythonJson& schema) {
    const PythonJson* type = schema.find("type");
    const auto name = schema.stringAt("type");
    if (name == "array") return arrayType(schema);
    if (type != nullptr && type->type == Type::array && !type->values.empty()) {
        std::string out;
        for (const auto& one : type->values)
            out += (out.empty() ? "" : " | ") + one.text;
        return out;
    }
    if (isTrue(schema.find("oneOf"))) return choiceType(*schema.find("oneOf"));
    if (name == "string") return textType(schema);
    if (name == "number" || name == "integer") return "number";
    if (name == "boolean") return "boolean";
    return name == "object" ? objectType(schema) : "any";
}

std::string typescriptNamespace(std::span<const ToolSchema> tools) {
    std::string out = "## functions\n\nnamespace functions {\n\n";
    for (const auto& tool : tools)
        out += toolType(tool);
    return out + "} // namespace functions";
}

}  // namespace moxie::engine
