#include "tests/engine/grammar/random_schema.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace moxie::engine::grammar_test {

using nlohmann::json;

namespace {

constexpr const char* kWords[] = {"a",    "ab",   "abc",   "b",         "name", "path",
                                  "n",    "语言", "",      "a b",       "q\"t", "back\\",
                                  "<x>",  "true", "12",    "line\nend", "x/",   "é",
                                  "🙂", "na",   "tab\t", "}",         "\",",  "1"};
constexpr const char* kKeys[] = {"a", "ab", "abc", "b", "name", "path", "语", "k\"q", "x<y", "na"};

// What texts are held to, and texts that fit.
struct Held {
    const char* keyword;
    const char* said;
    const char* texts[3];
};

constexpr Held kHeld[] = {
    {"pattern", "^[a-z]+$", {"a", "path", "zz"}},
    {"pattern", "^[A-Z][A-Z0-9_]*$", {"A", "MOXIE_1", "Z9"}},
    {"pattern", "a+b", {"ab", "xaab", "语ab\""}},
    {"pattern", "^(left|right|up)$", {"left", "right", "up"}},
    {"pattern", "^\\d{2,4}(-\\d+)?$", {"12", "2024-1", "123"}},
    {"pattern", "^[^\"<]*$", {"", "语言", "a\\b"}},
    {"pattern", "^(\\w+/)*\\w+\\.(cpp|h)$", {"a.h", "src/x/y.cpp", "b_1.h"}},
    {"format", "date", {"2024-02-29", "1999-12-31", "0001-01-01"}},
    {"format",
     "uuid",
     {"123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-00000000000A",
      "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
    {"format", "ipv4", {"0.0.0.0", "127.0.0.1", "255.255.255.255"}},
    {"format", "email", {"a@b.cd", "x.y+z@host.example", "1@2.com"}}};

}  // namespace

json RandomSchema::heldText() {
    json schema = {{"type", "string"}};
    const uint64_t way = number(3);
    if (way > 0) {
        const Held& held = kHeld[number(std::size(kHeld))];
        schema[held.keyword] = held.said;
    }
    if (way != 1 && !schema.contains("format")) {
        const uint64_t least = number(3);
        if (number(2) == 0) schema["minLength"] = least;
        // What patterns need fits in twelve characters.
        if (number(2) == 0) schema["maxLength"] = (way == 0 ? least : 12) + number(20);
    }
    return schema;
}

json RandomSchema::heldNumber() {
    const bool isInteger = number(2) == 0;
    json schema = {{"type", isInteger ? "integer" : "number"}};
    const int least = int(number(400)) - 200;
    if (number(3) > 0) schema[number(2) == 0 ? "minimum" : "exclusiveMinimum"] = least;
    if (number(3) > 0)
        schema[number(2) == 0 ? "maximum" : "exclusiveMaximum"] = least + 20 + int(number(300));
    if (isInteger && number(4) == 0) schema["multipleOf"] = 1 + number(9);
    if (!isInteger && number(4) == 0) schema["multipleOf"] = 0.25;
    return schema;
}

json RandomSchema::textOf(const json& schema, const std::string& word) {
    std::string text = word;
    for (const Held& held : kHeld)
        if (schema.contains(held.keyword) && schema[held.keyword] == held.said)
            text = held.texts[number(3)];
    const bool isHeld = schema.contains("pattern") || schema.contains("format");
    const auto least = schema.value("minLength", size_t{0});
    const auto most = schema.value("maxLength", size_t{1000});
    const auto count = [](const std::string& of) {
        return size_t(
            std::ranges::count_if(of, [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
    };
    for (int n = 0; isHeld && (count(text) < least || count(text) > most) && n < 50; ++n)
        text = textOf({{"pattern", schema["pattern"]}}, "").get<std::string>();
    if (isHeld) return text;
    while (count(text) < least)
        text += number(2) == 0 ? "x" : "语";
    while (count(text) > most)
        text.pop_back();
    while (!text.empty() && json(text).dump(-1, ' ', false, json::error_handler_t::ignore) !=
                                json(text).dump(-1, ' ', false, json::error_handler_t::replace))
        text.pop_back();  // half a character
    while (count(text) < least)
        text += 'y';
    return text;
}

json RandomSchema::numberOf(const json& schema, bool isInteger) {
    const double step = schema.value("multipleOf", isInteger ? 1.0 : 0.0625);
    double least = schema.value("minimum", schema.value("exclusiveMinimum", -1000.0));
    double most = schema.value("maximum", schema.value("exclusiveMaximum", least + 2000));
    if (schema.value("exclusiveMinimum", 1e9) <= least) least += step / 2;
    if (schema.value("exclusiveMaximum", 1e9) <= most) most -= step / 2;
    const auto first = int64_t(std::ceil(least / step));
    const auto last = int64_t(std::floor(most / step));
    const int64_t times = first + int64_t(number(uint64_t(last - first + 1)));
    if (isInteger) return int64_t(double(times) * step);
    return double(times) * step;
}

std::string RandomSchema::word() {
    return kWords[number(std::size(kWords))];
}

json RandomSchema::plainSchema() {
    switch (number(11)) {
        case 8:
        case 9:
            return heldText();
        case 10:
            return heldNumber();
        case 0:
            return {{"type", "string"}};
        case 1:
            return {{"type", "integer"}};
        case 2:
            return {{"type", "number"}};
        case 3:
            return {{"type", "boolean"}};
        case 4:
            return {{"type", json::array({"null", number(2) == 0 ? "string" : "integer"})}};
        case 5: {
            json values = json::array({word(), word()});
            if (number(2) == 0) values.push_back(int(number(100)));
            if (number(3) == 0) values.push_back(nullptr);
            if (number(3) == 0) values.push_back(json::array({1, "b"}));
            return {{"enum", values}};
        }
        case 6:
            return {{"const", number(2) == 0 ? json(word()) : json({{"a", 1}})}};
        default:
            return json::object();
    }
}

json RandomSchema::objectSchema(int levels) {
    json schema = {{"type", "object"}, {"properties", json::object()}};
    const uint64_t count = number(5);
    for (uint64_t i = 0; i < count; ++i) {
        const std::string key = kKeys[number(std::size(kKeys))];
        schema["properties"][key] = this->schema(levels - 1);
    }
    for (const auto& [key, member] : schema["properties"].items())
        if (number(2) == 0) schema["required"].push_back(key);
    switch (number(4)) {
        case 0:
            schema["additionalProperties"] = this->schema(levels - 1);
            break;
        case 1:
            schema["additionalProperties"] = number(2) == 0;
            break;
        default:
            schema["additionalProperties"] = false;
    }
    return schema;
}

json RandomSchema::arraySchema(int levels) {
    json schema = {{"type", "array"}, {"items", this->schema(levels - 1)}};
    const uint64_t least = number(3);
    if (number(2) == 0) schema["minItems"] = least;
    if (number(2) == 0) schema["maxItems"] = least + number(3);
    if (number(3) == 0) schema["prefixItems"] = json::array({this->schema(levels - 1)});
    return schema;
}

json RandomSchema::schema(int levels) {
    if (levels <= 0) return plainSchema();
    switch (number(6)) {
        case 0:
        case 1:
            return objectSchema(levels);
        case 2:
            return arraySchema(levels);
        case 3: {
            json choices = json::array();
            for (uint64_t i = 0; i <= number(3); ++i)
                choices.push_back(schema(levels - 1));
            return {{"anyOf", choices}};
        }
        case 4: {  // a value that may hold itself
            if (levels < 3) return plainSchema();
            json schema = objectSchema(levels - 1);
            schema["properties"]["child"] = {
                {"anyOf", json::array({{{"$ref", "#"}}, {{"type", "null"}}})}};
            return schema;
        }
        default:
            return plainSchema();
    }
}

json RandomSchema::anyValue(int levels) {
    switch (number(levels > 0 ? 7 : 5)) {
        case 0:
            return word();
        case 1:
            return int64_t(number(2000)) - 1000;
        case 2:
            return number(2) == 0;
        case 3:
            return nullptr;
        case 4:
            return double(int64_t(number(4000)) - 2000) / 8;
        case 5: {
            json items = json::array();
            for (uint64_t i = 0; i < number(3); ++i)
                items.push_back(anyValue(levels - 1));
            return items;
        }
        default: {
            json object = json::object();
            for (uint64_t i = 0; i < number(3); ++i)
                object["o" + std::to_string(number(9))] = anyValue(levels - 1);
            return object;
        }
    }
}

json RandomSchema::objectOf(const json& schema, int levels) {
    json value = json::object();
    const json properties = schema.value("properties", json::object());
    const json required = schema.value("required", json::array());
    for (const auto& [key, member] : properties.items()) {
        const bool isRequired = std::find(required.begin(), required.end(), key) != required.end();
        if (isRequired || (levels > 0 && number(2) == 0)) value[key] = valueOf(member, levels - 1);
    }
    const json others = schema.value("additionalProperties", json(properties.empty()));
    for (uint64_t i = number(3); others != json(false) && levels > 0 && i > 0; --i) {
        constexpr const char* kOthers[] = {"abcd", "这", "语言", "o1", "o2"};
        const std::string key = kOthers[number(std::size(kOthers))];
        if (!properties.contains(key))
            value[key] = others.is_object() ? valueOf(others, levels - 1) : anyValue(levels - 1);
    }
    return value;
}

json RandomSchema::arrayOf(const json& schema, int levels) {
    const uint64_t least = schema.value("minItems", uint64_t{0});
    const uint64_t most = schema.value("maxItems", least + 3);
    const uint64_t count = levels > 0 ? least + number(most - least + 1) : least;
    json value = json::array();
    const json first = schema.value("prefixItems", json::array());
    for (uint64_t i = 0; i < count; ++i)
        value.push_back(valueOf(i < first.size() ? first[i] : schema.value("items", json::object()),
                                levels - 1));
    return value;
}

json RandomSchema::valueOf(const json& schema, int levels) {
    if (root_.is_null() || &schema == &root_) root_ = schema;
    if (schema.contains("$ref")) return valueOf(json(root_), levels - 1);
    if (schema.contains("const")) return schema["const"];
    if (schema.contains("enum")) return schema["enum"][number(schema["enum"].size())];
    if (schema.contains("anyOf")) {
        const json& choices = schema["anyOf"];
        // What may hold itself comes first, and ends.
        const bool isNested = choices[0].contains("$ref");
        return valueOf(choices[isNested && levels <= 0 ? 1 : number(choices.size())], levels);
    }
    if (!schema.contains("type")) return anyValue(std::max(levels, 0));
    const json& types = schema["type"];
    const std::string type = types.is_array() ? types[number(types.size())] : types;
    if (type == "object") return objectOf(schema, levels);
    if (type == "array") return arrayOf(schema, levels);
    if (type == "string") return textOf(schema, word());
    if (type == "integer" || type == "number") return numberOf(schema, type == "integer");
    if (type == "boolean") return number(2) == 0;
    return nullptr;
}

std::string RandomSchema::quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const size_t at = std::string("\"\\\b\f\n\r\t").find(c);
        if (c != '\0' && at != std::string::npos)
            quoted += std::string("\\") + "\"\\bfnrt"[at];
        else
            quoted += c;
    }
    return quoted + '"';
}

std::string RandomSchema::textOf(const json& value) {
    if (value.is_string()) return quoted(value);
    if (!value.is_structured()) return value.dump();
    const auto gap = [this] { return std::string(number(2), ' '); };
    std::vector<std::string> parts;
    for (const auto& [key, member] : value.items())
        parts.push_back(value.is_object() ? quoted(key) + ":" + gap() + textOf(member)
                                          : textOf(member));
    if (value.is_object()) std::ranges::shuffle(parts, random_);
    std::string text;
    for (const auto& part : parts)
        text += (text.empty() ? "" : "," + gap()) + part;
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

}  // namespace moxie::engine::grammar_test
