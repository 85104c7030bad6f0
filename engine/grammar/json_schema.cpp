#include "engine/grammar/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/grammar/schema_merge.h"

namespace moxie::engine {

namespace {

constexpr size_t kSchemaNodesMax = 20000;
constexpr size_t kKeysMax = 64;  // one bit each
constexpr int32_t kSchemaNestingMax = 100;
constexpr int32_t kEndless = INT32_MAX / 2;
constexpr size_t kChoicesMax = 1000;
constexpr size_t kNotesMax = 64;
constexpr int32_t kPassesMax = 256;  // references that point backwards in a row

// Said of a value, and not what the automaton can hold it to.
constexpr std::string_view kIgnored[] = {
    "patternProperties", "uniqueItems",      "propertyNames", "minProperties",
    "maxProperties",     "contains",         "minContains",   "maxContains",
    "dependentRequired", "dependentSchemas", "dependencies",  "unevaluatedProperties",
    "unevaluatedItems"};
// With these a value is free: to take the rest alone could shut out every value that is right.
constexpr std::string_view kFreeing[] = {"not", "if", "$dynamicRef", "$recursiveRef"};
constexpr std::string_view kOfTexts[] = {"minLength", "maxLength", "pattern", "format"};
constexpr std::string_view kOfNumbers[] = {"minimum", "maximum", "exclusiveMinimum",
                                           "exclusiveMaximum", "multipleOf"};
constexpr std::string_view kOfArrays[] = {"items", "prefixItems", "minItems", "maxItems"};
constexpr std::string_view kOfObjects[] = {"properties", "required", "additionalProperties"};

bool saysAnything(const PythonJson& schema) {
    return std::ranges::any_of(schema.keys, [](const auto& key) { return !isAnnotation(key); });
}

template <size_t N>
bool hasAny(const PythonJson& schema, const std::string_view (&keywords)[N]) {
    return std::ranges::any_of(keywords, [&](auto word) { return schema.find(word) != nullptr; });
}

// The type of which a schema without one speaks; empty: of none, or of several.
std::string_view typeSpokenOf(const PythonJson& schema) {
    if (hasAny(schema, kOfObjects)) return "object";
    std::string_view type;
    int32_t count = 0;
    const auto ask = [&](std::string_view name, bool isIt) {
        if (isIt) type = name;
        count += isIt ? 1 : 0;
    };
    ask("string", hasAny(schema, kOfTexts));
    ask("number", hasAny(schema, kOfNumbers));
    ask("array", hasAny(schema, kOfArrays));
    return count == 1 ? type : std::string_view();
}

}  // namespace

SchemaTable::SchemaTable() {
    using Kind = SchemaNode::Kind;
    addNode({.kind = Kind::any});
    kindsOfAny_ = {
        addNode({.kind = Kind::text}), addNode({.kind = Kind::number}),
        addNode({.kind = Kind::literals, .words = addSet({"true", "false", "null"})}),
        addNode({.kind = Kind::object, .words = addSet({}), .others = kAny, .levels = 1}),
        addNode({.kind = Kind::array, .items = kAny, .levels = 1})};
}

int32_t SchemaTable::add(std::string_view schemaJson, std::string_view place) {
    const auto parsed = parsePythonJson(schemaJson);
    if (!parsed) {
        note(std::string(place), "no JSON: " + parsed.error().message());
        return kAny;
    }
    root_ = &*parsed;
    references_.clear();
    exclusive_.clear();
    mergedBytes_ = 0;
    const size_t first = nodes_.size();
    const int32_t schema = compile(*parsed, std::string(place));
    countLevels(first);
    freeEndless(first, place);
    flattenChoices(first);
    noteShared();
    root_ = nullptr;
    return schema;
}

int32_t SchemaTable::addObject(std::string_view schemaJson, std::string_view place) {
    const int32_t schema = schemaJson.empty() ? kAny : add(schemaJson, place);
    if (at(schema).kind == SchemaNode::Kind::object) return schema;
    const std::vector<int32_t>& choices = at(schema).members;
    if (at(schema).kind == SchemaNode::Kind::choice && choices.size() == 1 &&
        at(choices.front()).kind == SchemaNode::Kind::object)
        return choices.front();
    if (schema != kAny) note(std::string(place), "no plain object; any is taken");
    return addNode(
        {.kind = SchemaNode::Kind::object, .words = addSet({}), .others = kAny, .levels = 1});
}

int32_t SchemaTable::addWords(std::shared_ptr<const std::vector<std::string>> words) {
    sets_.emplace_back(std::move(words));
    if (sets_.back().isEmpty()) return kAny;
    return addNode({.kind = SchemaNode::Kind::words, .words = int32_t(sets_.size()) - 1});
}

bool SchemaTable::restrictMember(int32_t object, std::string_view member, int32_t words) {
    using Kind = SchemaNode::Kind;
    for (size_t i = 0; i < at(object).members.size(); ++i) {
        if (this->words(at(object).words).word(int32_t(i)) != member) continue;
        const int32_t schema = at(object).members[i];
        SchemaNode node = at(schema);
        int32_t restricted = words;
        if (node.kind == Kind::array && at(node.items).kind == Kind::text) {
            node.items = words;
            restricted = addNode(std::move(node));
        } else if (node.kind != Kind::text) {
            return false;
        }
        nodes_[size_t(object)].members[i] = restricted;
        return true;
    }
    return false;
}

void SchemaTable::note(const std::string& place, std::string_view what) {
    if (notes_.size() < kNotesMax) notes_.push_back(fmt::format("{}: {}", place, what));
}

int32_t SchemaTable::addNode(SchemaNode node) {
    nodes_.push_back(std::move(node));
    return int32_t(nodes_.size()) - 1;
}

int32_t SchemaTable::addSet(std::vector<std::string> words) {
    sets_.emplace_back(std::make_shared<const std::vector<std::string>>(std::move(words)));
    return int32_t(sets_.size()) - 1;
}

int32_t SchemaTable::compile(const PythonJson& schema, const std::string& place) {
    if (schema.type != PythonJson::Type::object) {
        if (schema.type != PythonJson::Type::boolean || schema.text != "true")
            note(place, "no schema; free");
        return kAny;
    }
    if (nodes_.size() >= kSchemaNodesMax || nesting_ >= kSchemaNestingMax) {
        note(place, "too large or too deep; free");
        return kAny;
    }
    for (const auto word : kFreeing)
        if (schema.find(word) != nullptr) {
            note(place, fmt::format("{}: free", word));
            return kAny;
        }
    if (const PythonJson* all = schema.find("allOf"))
        return compileTogether(without(schema, "allOf"), all->values, place);
    if (schema.find("$ref") != nullptr) {
        PythonJson rest = without(schema, "$ref");
        if (!saysAnything(rest)) return compileRef(schema.stringAt("$ref"), place);
        return compileTogether(std::move(rest), {resolved(schema)}, place);
    }
    noteIgnored(schema, place);
    ++nesting_;
    const int32_t slot = addNode({});
    SchemaNode node = nodeOf(schema, place);
    if (schema.find("oneOf") != nullptr) exclusive_.emplace_back(slot, place);
    nodes_[size_t(slot)] = std::move(node);
    --nesting_;
    return slot;
}

// A reference that is met again on its way is the node it began as.
int32_t SchemaTable::compileRef(std::string_view ref, const std::string& place) {
    const std::string key(ref);
    if (const auto known = references_.find(key); known != references_.end()) return known->second;
    const PythonJson* target = pointedAt(*root_, ref);
    if (target == nullptr) {
        note(place, fmt::format("$ref {} points nowhere; free", ref.substr(0, 80)));
        return kAny;
    }
    const int32_t slot = addNode({.kind = SchemaNode::Kind::choice});
    references_[key] = slot;
    ++nesting_;
    const int32_t found = compile(*target, place);
    --nesting_;
    nodes_[size_t(slot)].members = {found};
    return slot;
}

void SchemaTable::noteIgnored(const PythonJson& schema, const std::string& place) {
    for (const auto word : kIgnored)
        if (schema.find(word) != nullptr) note(place, fmt::format("{} is not enforced", word));
}

SchemaNode SchemaTable::nodeOf(const PythonJson& schema, const std::string& place) {
    if (const PythonJson* value = schema.find("const")) return valuesOf(schema, {*value}, place);
    if (const PythonJson* values = schema.find("enum"); values && !values->values.empty())
        return valuesOf(schema, values->values, place);
    for (const std::string_view word : {"anyOf", "oneOf"})
        if (const PythonJson* choices = schema.find(word); choices && !choices->values.empty())
            return choiceOf(schema, word, place);
    const PythonJson* type = schema.find("type");
    if (type == nullptr) {
        const std::string_view spoken = typeSpokenOf(schema);
        if (!spoken.empty()) return typed(schema, spoken, place);
        if (hasAny(schema, kOfTexts) || hasAny(schema, kOfNumbers) || hasAny(schema, kOfArrays))
            note(place, "bounds of several types, and no type; free");
        return {};
    }
    if (type->type == PythonJson::Type::string) return typed(schema, type->text, place);
    SchemaNode choice = {.kind = SchemaNode::Kind::choice};
    for (const auto& one : type->values) {
        SchemaNode node = typed(schema, one.text, place);
        choice.members.push_back(addNode(std::move(node)));
    }
    return choice.members.empty() ? SchemaNode() : choice;
}

SchemaNode SchemaTable::typed(const PythonJson& schema, std::string_view type,
                              const std::string& place) {
    if (type == "string") return textOf(schema, place);
    if (type == "number") return numberOf(schema, SchemaNode::Kind::number, place);
    if (type == "integer") return numberOf(schema, SchemaNode::Kind::integer, place);
    if (type == "object") return objectOf(schema, place);
    if (type == "array") return arrayOf(schema, place);
    if (type == "boolean")
        return {.kind = SchemaNode::Kind::literals, .words = addSet({"true", "false"})};
    if (type == "null") return {.kind = SchemaNode::Kind::literals, .words = addSet({"null"})};
    note(place, fmt::format("type {} is unknown; free", type.substr(0, 40)));
    return {};
}

SchemaNode SchemaTable::objectOf(const PythonJson& schema, const std::string& place) {
    const PythonJson* properties = schema.find("properties");
    const PythonJson* others = schema.find("additionalProperties");
    const bool isClosed = others && others->text == "false";
    std::vector<std::string> names = properties ? properties->keys : std::vector<std::string>();
    const bool isNamed = !names.empty();
    const PythonJson* required = schema.find("required");
    for (size_t i = 0; required && !isClosed && i < required->values.size(); ++i)
        if (const std::string& name = required->values[i].text;
            std::ranges::find(names, name) == names.end())
            names.push_back(name);
    const size_t count = names.size();
    if (count > kKeysMax) {
        note(place, fmt::format("{} properties, at most {} are enforced; any object is taken",
                                count, kKeysMax));
        return {.kind = SchemaNode::Kind::object, .words = addSet({}), .others = kAny};
    }
    SchemaNode node = {.kind = SchemaNode::Kind::object, .words = addSet(std::move(names))};
    const bool isOpen = others ? !isClosed : !isNamed;
    if (isOpen) node.others = others ? compile(*others, place + ".*") : kAny;
    const WordSet keys = words(node.words);
    for (int32_t i = 0; i < keys.all().end; ++i) {
        const PythonJson* named = properties ? properties->find(keys.word(i)) : nullptr;
        const int32_t unnamed = isOpen ? node.others : kAny;
        node.members.push_back(named ? compile(*named, place + "." + keys.word(i)) : unnamed);
    }
    for (size_t i = 0; required && i < required->values.size(); ++i) {
        const std::string& name = required->values[i].text;
        int32_t at = 0;
        while (at < keys.all().end && keys.word(at) != name)
            ++at;
        if (at < keys.all().end)
            node.required |= uint64_t{1} << at;
        else
            note(place, fmt::format("\"{}\" is required, but no property", name.substr(0, 40)));
    }
    return node;
}

SchemaNode SchemaTable::arrayOf(const PythonJson& schema, const std::string& place) {
    SchemaNode node = {.kind = SchemaNode::Kind::array, .items = kAny};
    const PythonJson* items = schema.find("items");
    const PythonJson* first = schema.find("prefixItems");
    if (items && items->type == PythonJson::Type::array) {  // as drafts before 2020 had it
        first = items;
        items = schema.find("additionalItems");
    }
    if (first != nullptr)
        for (const auto& item : first->values)
            node.members.push_back(compile(item, place + "[]"));
    node.itemsMin = countAt(schema, "minItems", 0);
    node.itemsMax = countAt(schema, "maxItems", INT32_MAX);
    if (items && items->type == PythonJson::Type::boolean && items->text == "false")
        node.itemsMax = std::min(node.itemsMax, int32_t(node.members.size()));
    else if (items)
        node.items = compile(*items, place + "[]");
    if (node.itemsMin <= node.itemsMax) return node;
    note(place, "minItems is above maxItems; any array is taken");
    return {.kind = SchemaNode::Kind::array, .items = kAny};
}

int32_t SchemaTable::levelsOf(const SchemaNode& node) const {
    const auto inner = [this](int32_t schema) { return nodes_[size_t(schema)].levels; };
    int32_t levels = 0;
    if (node.kind == SchemaNode::Kind::choice) {
        levels = kEndless;
        for (const int32_t member : node.members)
            levels = std::min(levels, inner(member));
    } else if (node.kind == SchemaNode::Kind::object) {
        for (size_t i = 0; i < node.members.size(); ++i)
            if (node.required >> i & 1) levels = std::max(levels, inner(node.members[i]));
        ++levels;
    } else if (node.kind == SchemaNode::Kind::array) {
        const auto named = int32_t(node.members.size());
        for (int32_t i = 0; i < std::min(node.itemsMin, named); ++i)
            levels = std::max(levels, inner(node.members[size_t(i)]));
        if (node.itemsMin > named) levels = std::max(levels, inner(node.items));
        ++levels;
    }
    return std::min(levels, kEndless);
}

// The least fixed point, from above: what stays endless has no value that ends.
void SchemaTable::countLevels(size_t first) {
    for (size_t i = first; i < nodes_.size(); ++i)
        nodes_[i].levels = kEndless;
    bool changes = true;
    for (int32_t pass = 0; changes && pass < kPassesMax; ++pass) {
        changes = false;
        for (size_t i = nodes_.size(); i-- > first;) {
            const int32_t levels = levelsOf(nodes_[i]);
            changes = changes || levels != nodes_[i].levels;
            nodes_[i].levels = levels;
        }
    }
}

void SchemaTable::freeEndless(size_t first, std::string_view place) {
    for (size_t i = first; i < nodes_.size(); ++i) {
        if (nodes_[i].levels <= kLevelsMax) continue;
        note(std::string(place), "a value that never ends, or too deep; free");
        nodes_[i] = {};
    }
}

// A choice among choices, which may be itself, is one among what they choose from.
void SchemaTable::flattenChoices(size_t first) {
    for (size_t i = first; i < nodes_.size(); ++i) {
        if (nodes_[i].kind != SchemaNode::Kind::choice) continue;
        std::set<int32_t> seen = {int32_t(i)};
        std::vector<int32_t> due = nodes_[i].members;
        std::vector<int32_t> flat;
        while (!due.empty() && seen.size() < kChoicesMax) {
            const int32_t member = due.back();
            due.pop_back();
            if (!seen.insert(member).second) continue;
            const SchemaNode& node = nodes_[size_t(member)];
            if (node.kind == SchemaNode::Kind::choice)
                due.insert(due.end(), node.members.begin(), node.members.end());
            else
                flat.push_back(member);
        }
        nodes_[i].members = due.empty() ? std::move(flat) : std::vector<int32_t>{kAny};
    }
}

}  // namespace moxie::engine
