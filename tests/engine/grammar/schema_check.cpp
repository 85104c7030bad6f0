#include "tests/engine/grammar/schema_check.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <regex>
#include <string>

namespace moxie::engine::grammar_test {

using nlohmann::json;

namespace {

bool isOfType(const std::string& type, const json& value) {
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
}

bool isOfObject(const json& root, const json& schema, const json& value) {
    for (const auto& name : schema.value("required", json::array()))
        if (!value.contains(name.get<std::string>())) return false;
    const json properties = schema.value("properties", json::object());
    for (const auto& [key, member] : value.items()) {
        if (properties.contains(key)) {
            if (!isOf(root, properties[key], member)) return false;
        } else if (schema.contains("additionalProperties")) {
            const json& others = schema["additionalProperties"];
            if (others == false || (others.is_object() && !isOf(root, others, member)))
                return false;
        } else if (!properties.empty()) {
            return false;
        }
    }
    return true;
}

bool isOfArray(const json& root, const json& schema, const json& value) {
    if (value.size() < schema.value("minItems", size_t{0})) return false;
    if (value.size() > schema.value("maxItems", SIZE_MAX)) return false;
    const json first = schema.value("prefixItems", json::array());
    for (size_t i = 0; i < value.size(); ++i) {
        if (i < first.size() && !isOf(root, first[i], value[i])) return false;
        if (i >= first.size() && schema.contains("items") && !isOf(root, schema["items"], value[i]))
            return false;
    }
    return true;
}

bool isOfText(const json& schema, const std::string& text) {
    const auto characters =
        size_t(std::ranges::count_if(text, [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
    if (characters < schema.value("minLength", size_t{0})) return false;
    if (characters > schema.value("maxLength", SIZE_MAX)) return false;
    if (schema.contains("pattern") &&
        !std::regex_search(text, std::regex(schema["pattern"].get<std::string>())))
        return false;
    const std::string format = schema.value("format", "");
    if (format == "date") {
        int year = 0;
        unsigned month = 0;
        unsigned day = 0;
        return std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) == 3 &&
               text.size() == 10 && year > 0 &&
               std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day))
                   .ok();
    }
    if (format == "uuid") {
        static const std::regex kUuid("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
        return std::regex_match(text, kUuid);
    }
    if (format == "ipv4") {
        unsigned parts[4] = {};
        return std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u", &parts[0], &parts[1], &parts[2],
                           &parts[3]) == 4 &&
               std::ranges::all_of(parts, [](unsigned part) { return part < 256; });
    }
    if (format == "email") return std::ranges::count(text, '@') == 1;
    return true;
}

bool isOfNumber(const json& schema, double value) {
    if (value < schema.value("minimum", -INFINITY) || value > schema.value("maximum", INFINITY))
        return false;
    if (value <= schema.value("exclusiveMinimum", -INFINITY)) return false;
    if (value >= schema.value("exclusiveMaximum", INFINITY)) return false;
    return !schema.contains("multipleOf") ||
           std::remainder(value, schema["multipleOf"].get<double>()) == 0;
}

}  // namespace

bool isOf(const json& root, const json& schema, const json& value) {
    if (schema.is_boolean()) return schema == true;
    if (schema.contains("$ref"))
        return isOf(root, root.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1))),
                    value);
    if (schema.contains("const") && value != schema["const"]) return false;
    if (schema.contains("enum")) {
        const auto& values = schema["enum"];
        if (std::find(values.begin(), values.end(), value) == values.end()) return false;
    }
    for (const auto* word : {"anyOf", "oneOf"})
        if (schema.contains(word) &&
            std::none_of(schema[word].begin(), schema[word].end(),
                         [&](const json& one) { return isOf(root, one, value); }))
            return false;
    if (schema.contains("type")) {
        const json types =
            schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
        if (std::none_of(types.begin(), types.end(), [&](const json& type) {
                return isOfType(type.get<std::string>(), value);
            }))
            return false;
    }
    if (value.is_string() && !isOfText(schema, value)) return false;
    if (value.is_number() && !isOfNumber(schema, value)) return false;
    if (value.is_object() && !isOfObject(root, schema, value)) return false;
    if (value.is_array() && !isOfArray(root, schema, value)) return false;
    return true;
}

}  // namespace moxie::engine::grammar_test
