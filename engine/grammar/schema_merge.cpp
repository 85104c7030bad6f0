#include "engine/grammar/schema_merge.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace moxie::engine {

namespace {

using JsonType = PythonJson::Type;

constexpr std::string_view kAnnotations[] = {"title",
                                             "description",
                                             "default",
                                             "examples",
                                             "example",
                                             "$comment",
                                             "deprecated",
                                             "readOnly",
                                             "writeOnly",
                                             "$schema",
                                             "$id",
                                             "$anchor",
                                             "$defs",
                                             "definitions",
                                             "$vocabulary",
                                             "contentEncoding",
                                             "contentMediaType",
                                             "discriminator",
                                             "strict",
                                             "nullable"};
constexpr std::string_view kLargerCounts[] = {"minimum", "exclusiveMinimum", "minLength",
                                              "minItems", "minProperties"};
constexpr std::string_view kSmallerCounts[] = {"maximum", "exclusiveMaximum", "maxLength",
                                               "maxItems", "maxProperties"};

template <class Words>
bool isAmong(const Words& words, std::string_view word) {
    return std::ranges::find(words, word) != std::end(words);
}

PythonJson listOf(std::vector<PythonJson> values) {
    return {.type = JsonType::array, .values = std::move(values)};
}

std::vector<PythonJson> oneOrMany(const PythonJson& json) {
    return json.type == JsonType::array ? json.values : std::vector<PythonJson>{json};
}

bool holdsValue(const std::vector<PythonJson>& values, const PythonJson& value) {
    const std::string text = toText(value);
    return std::ranges::any_of(values, [&](const auto& one) { return toText(one) == text; });
}

PythonJson bothTypes(const PythonJson& a, const PythonJson& b) {
    std::vector<PythonJson> types;
    for (const auto& one : oneOrMany(a))
        for (const auto& other : oneOrMany(b)) {
            if (one.text == other.text || (one.text == "integer" && other.text == "number"))
                types.push_back(one);
            else if (one.text == "number" && other.text == "integer")
                types.push_back(other);
        }
    return listOf(std::move(types));
}

PythonJson bothProperties(const PythonJson& a, const PythonJson& b) {
    PythonJson all = a;
    for (size_t i = 0; i < b.keys.size(); ++i) {
        const auto same = std::ranges::find(all.keys, b.keys[i]);
        if (same == all.keys.end()) {
            all.keys.push_back(b.keys[i]);
            all.values.push_back(b.values[i]);
            continue;
        }
        PythonJson& mine = all.values[size_t(same - all.keys.begin())];
        if (toText(mine) == toText(b.values[i])) continue;
        mine = {.type = JsonType::object,
                .keys = {"allOf"},
                .values = {listOf({std::move(mine), b.values[i]})}};
    }
    return all;
}

// One value of a keyword that both have.
base::Result<PythonJson> bothOf(std::string_view keyword, const PythonJson& a,
                                const PythonJson& b) {
    if (isAnnotation(keyword) || toText(a) == toText(b)) return a;
    if (keyword == "type") {
        PythonJson types = bothTypes(a, b);
        if (!types.values.empty()) return types;
    }
    if (keyword == "required") {
        std::vector<PythonJson> all = a.values;
        for (const auto& name : b.values)
            if (!holdsValue(all, name)) all.push_back(name);
        return listOf(std::move(all));
    }
    if (keyword == "enum") {
        std::vector<PythonJson> shared;
        for (const auto& value : a.values)
            if (holdsValue(b.values, value)) shared.push_back(value);
        if (!shared.empty()) return listOf(std::move(shared));
    }
    if (keyword == "properties") return bothProperties(a, b);
    const bool areNumbers = a.type == JsonType::number && b.type == JsonType::number;
    const bool isLess = std::strtod(a.text.c_str(), nullptr) < std::strtod(b.text.c_str(), nullptr);
    if (areNumbers && isAmong(kLargerCounts, keyword)) return isLess ? b : a;
    if (areNumbers && isAmong(kSmallerCounts, keyword)) return isLess ? a : b;
    return base::fail(base::Errc::unsupported, std::string(keyword));
}

// How much an object schema says of properties that it does not name.
enum class Others { open, closed, limited };

Others othersOf(const PythonJson& schema) {
    const PythonJson* others = schema.find("additionalProperties");
    if (others == nullptr || (others->type == JsonType::boolean && others->text == "true"))
        return Others::open;
    return others->type == JsonType::boolean ? Others::closed : Others::limited;
}

// `schema` without the properties that `closed` does not name.
PythonJson narrowed(PythonJson schema, const PythonJson& closed) {
    const PythonJson* named = closed.find("properties");
    for (size_t i = 0; i < schema.keys.size(); ++i) {
        if (schema.keys[i] != "properties") continue;
        PythonJson kept = {.type = JsonType::object};
        for (size_t n = 0; n < schema.values[i].keys.size(); ++n) {
            if (!named || !named->find(schema.values[i].keys[n])) continue;
            kept.keys.push_back(schema.values[i].keys[n]);
            kept.values.push_back(schema.values[i].values[n]);
        }
        schema.values[i] = std::move(kept);
    }
    return schema;
}

bool namesProperties(const PythonJson& schema) {
    const PythonJson* named = schema.find("properties");
    return named != nullptr && !named->keys.empty();
}

std::string unescapedStep(std::string_view step) {
    std::string text;
    for (size_t i = 0; i < step.size(); ++i) {
        const bool isEscape = step[i] == '~' && i + 1 < step.size();
        text += !isEscape ? step[i] : step[++i] == '1' ? '/' : '~';
    }
    return text;
}

}  // namespace

bool isAnnotation(std::string_view keyword) {
    return isAmong(kAnnotations, keyword) || keyword.starts_with("x-");
}

int32_t countAt(const PythonJson& schema, std::string_view keyword, int32_t otherwise) {
    const PythonJson* found = schema.find(keyword);
    if (found == nullptr || found->type != PythonJson::Type::number) return otherwise;
    int32_t value = 0;
    const auto [end, error] =
        std::from_chars(found->text.data(), found->text.data() + found->text.size(), value);
    return error == std::errc() && *end == '\0' && value >= 0 ? value : otherwise;
}

const PythonJson* pointedAt(const PythonJson& root, std::string_view ref) {
    if (!ref.starts_with('#')) return nullptr;
    const PythonJson* at = &root;
    ref.remove_prefix(1);
    while (at != nullptr && ref.starts_with('/')) {
        ref.remove_prefix(1);
        const size_t end = std::min(ref.find('/'), ref.size());
        at = at->find(unescapedStep(ref.substr(0, end)));
        ref.remove_prefix(end);
    }
    return ref.empty() ? at : nullptr;
}

PythonJson without(const PythonJson& schema, std::string_view keyword) {
    PythonJson rest = schema;
    const auto found = std::ranges::find(rest.keys, keyword);
    if (found == rest.keys.end()) return rest;
    rest.values.erase(rest.values.begin() + (found - rest.keys.begin()));
    rest.keys.erase(found);
    return rest;
}

base::Result<PythonJson> mergedSchemas(const PythonJson& a, const PythonJson& b) {
    if (a.type != JsonType::object || b.type != JsonType::object)
        return base::fail(base::Errc::unsupported, "a schema that is no object");
    const bool isLimited = (othersOf(a) == Others::limited &&
                            (namesProperties(b) || othersOf(b) == Others::limited)) ||
                           (othersOf(b) == Others::limited && namesProperties(a));
    if (isLimited) return base::fail(base::Errc::unsupported, "additionalProperties");
    PythonJson all = othersOf(b) == Others::closed ? narrowed(a, b) : a;
    const PythonJson more = othersOf(a) == Others::closed ? narrowed(b, a) : b;
    for (size_t i = 0; i < more.keys.size(); ++i) {
        const auto same = std::ranges::find(all.keys, more.keys[i]);
        if (same == all.keys.end()) {
            all.keys.push_back(more.keys[i]);
            all.values.push_back(more.values[i]);
            continue;
        }
        PythonJson& mine = all.values[size_t(same - all.keys.begin())];
        if (more.keys[i] == "additionalProperties") {
            if (othersOf(b) == Others::closed) mine = more.values[i];
            continue;
        }
        TRY_ASSIGN(mine, bothOf(more.keys[i], mine, more.values[i]));
    }
    return all;
}

}  // namespace moxie::engine
