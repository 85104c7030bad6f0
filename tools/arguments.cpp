#include "tools/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/text.h"

namespace moxie::tools {

using nlohmann::json;

namespace {

struct Problem {
    std::string path, expected, got;
};

std::string shownValue(const json& value) {
    constexpr int64_t kBytesMax = 60;
    if (value.is_object()) return fmt::format("an object with {} fields", value.size());
    if (value.is_array()) return fmt::format("a list of {}", value.size());
    const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    const std::string_view cut = base::cutUtf8(text, kBytesMax);
    return fmt::format("{} {}{}", value.type_name(), cut, cut.size() < text.size() ? "..." : "");
}

bool hasType(const json& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
}

std::string joined(const json& list) {
    std::string out;
    for (const json& item : list)
        out +=
            (out.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
    return out;
}

// Characters, not bytes: what the schema's maxLength counts.
int64_t characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (uint8_t(c) & 0xC0) != 0x80; });
}

// "between 1 and 2000", of the keywords lowKey and highKey; empty if the size fits.
std::string outOfRange(const json& schema, const char* lowKey, const char* highKey, int64_t size) {
    const bool hasLow = schema.contains(lowKey), hasHigh = schema.contains(highKey);
    const int64_t low = schema.value(lowKey, INT64_MIN), high = schema.value(highKey, INT64_MAX);
    if (size >= low && size <= high) return {};
    if (hasLow && hasHigh) return fmt::format("between {} and {}", low, high);
    return hasLow ? fmt::format("at least {}", low) : fmt::format("at most {}", high);
}

std::optional<Problem> checkValue(const json& schema, const json& value, const std::string& path);

std::optional<Problem> checkObject(const json& schema, const json& value, const std::string& path) {
    static const json kNone = json::object();
    static const json kNoNames = json::array();
    const json& properties = schema.contains("properties") ? schema["properties"] : kNone;
    const json& required = schema.contains("required") ? schema["required"] : kNoNames;
    const auto isRequired = [&](const std::string& name) {
        return std::find(required.begin(), required.end(), name) != required.end();
    };
    for (const json& name : required)
        if (!value.contains(name.get_ref<const std::string&>()))
            return Problem{path + "." + name.get<std::string>(), "a value (required)", "nothing"};
    for (const auto& [name, item] : value.items()) {
        const std::string itemPath =
            path + "." + std::string(base::cutUtf8(base::toValidUtf8(name), 60));
        if (!properties.contains(name)) {
            std::string known;
            for (const auto& [knownName, ignored] : properties.items())
                known += (known.empty() ? "" : ", ") + knownName;
            return Problem{itemPath, "one of the fields " + known, "an unknown field"};
        }
        if (item.is_null() && !isRequired(name)) continue;
        if (auto problem = checkValue(properties[name], item, itemPath)) return problem;
    }
    return std::nullopt;
}

std::optional<Problem> checkValue(const json& schema, const json& value, const std::string& path) {
    const std::string type = schema.value("type", "object");
    if (!hasType(value, type)) return Problem{path, type, shownValue(value)};
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
        return Problem{path, "one of " + joined(schema["enum"]), shownValue(value)};
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (!base::isValidUtf8(text)) return Problem{path, "valid UTF-8", "malformed bytes"};
        const int64_t length = characters(text);
        const std::string range = outOfRange(schema, "minLength", "maxLength", length);
        if (!range.empty())
            return Problem{path, range + " characters", fmt::format("{} characters", length)};
    }
    if (value.is_number_integer()) {
        // An unsigned value above the signed range is out of every range of ours.
        const bool isHuge =
            value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX);
        const std::string range =
            outOfRange(schema, "minimum", "maximum", isHuge ? INT64_MAX : value.get<int64_t>());
        if (isHuge || !range.empty()) return Problem{path, "integer " + range, shownValue(value)};
    }
    if (value.is_array()) {
        const std::string range = outOfRange(schema, "minItems", "maxItems", int64_t(value.size()));
        if (!range.empty()) return Problem{path, range + " items", shownValue(value)};
        if (schema.contains("items"))
            for (size_t i = 0; i < value.size(); ++i)
                if (auto problem =
                        checkValue(schema["items"], value[i], fmt::format("{}[{}]", path, i)))
                    return problem;
    }
    if (value.is_object()) return checkObject(schema, value, path);
    return std::nullopt;
}

}  // namespace

ArgumentSchema::ArgumentSchema(std::string toolName, std::string_view schemaText,
                               std::string example)
    : toolName_(std::move(toolName)),
      example_(std::move(example)),
      schema_(std::make_unique<const json>(json::parse(schemaText, nullptr, false))) {
    BASE_CHECK(schema_->is_object());
    text_ = schema_->dump();
}

ArgumentSchema::~ArgumentSchema() = default;

std::optional<ToolResult> ArgumentSchema::check(const json& arguments) const {
    const auto problem = checkValue(*schema_, arguments, toolName_);
    if (!problem) return std::nullopt;
    return refusal(
        "bad arguments",
        fmt::format("{}: expected {}, got {}", problem->path, problem->expected, problem->got),
        "Send the call again, like this: " + example_);
}

std::string stringArgument(const json& arguments, const char* name, std::string_view fallback) {
    const auto found = arguments.is_object() ? arguments.find(name) : arguments.end();
    if (found == arguments.end() || !found->is_string()) return std::string(fallback);
    return found->get<std::string>();
}

int64_t integerArgument(const json& arguments, const char* name, int64_t fallback) {
    const auto found = arguments.is_object() ? arguments.find(name) : arguments.end();
    if (found == arguments.end() || !found->is_number_integer()) return fallback;
    return found->get<int64_t>();
}

bool booleanArgument(const json& arguments, const char* name, bool fallback) {
    const auto found = arguments.is_object() ? arguments.find(name) : arguments.end();
    if (found == arguments.end() || !found->is_boolean()) return fallback;
    return found->get<bool>();
}

ToolResult refusal(std::string_view code, std::string_view fact, std::string_view advice) {
    ToolResult result;
    result.isError = true;
    result.text = base::toValidUtf8(
        fmt::format("[{}: {}]{}{}", code, fact, advice.empty() ? "" : " ", advice));
    return result;
}

}  // namespace moxie::tools
