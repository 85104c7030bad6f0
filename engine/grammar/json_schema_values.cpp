// Values of JSON Schemas that are no objects and no arrays: texts, numbers, enums.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/grammar/json_schema.h"
#include "engine/grammar/number_texts.h"
#include "engine/grammar/schema_merge.h"
#include "engine/grammar/text_pattern.h"

namespace moxie::engine {

namespace {

constexpr int64_t kShapeStatesMax = 200000;  // of all shapes
constexpr int32_t kValueNestingMax = 100;
constexpr size_t kValueKeysMax = 64;

int32_t charactersIn(std::string_view text) {
    return int32_t(std::ranges::count_if(text, [](char c) { return (uint8_t(c) & 0xC0) != 0x80; }));
}

bool isInteger(const PythonJson& value) {
    return value.text.find_first_of(".eE") == std::string::npos;
}

bool isOfType(std::string_view type, const PythonJson& value) {
    using Type = PythonJson::Type;
    switch (value.type) {
        case Type::null:
            return type == "null";
        case Type::boolean:
            return type == "boolean";
        case Type::number:
            return type == "number" || (type == "integer" && isInteger(value));
        case Type::string:
            return type == "string";
        case Type::array:
            return type == "array";
        case Type::object:
            return type == "object";
    }
    return false;
}

bool isOfTypeIn(const PythonJson& schema, const PythonJson& value) {
    const PythonJson* type = schema.find("type");
    if (type == nullptr) return true;
    if (type->type == PythonJson::Type::string) return isOfType(type->text, value);
    return std::ranges::any_of(type->values,
                               [&](const auto& one) { return isOfType(one.text, value); });
}

}  // namespace

// Its number; 0 where there is none, which is noted.
int32_t SchemaTable::addShape(base::Result<ByteDfa> shape, const std::string& place,
                              std::string_view what) {
    if (!shape) {
        note(place, fmt::format("{} is not enforced: {}", what, shape.error().message()));
        return 0;
    }
    if (shape->isEmpty()) {
        note(place, fmt::format("{}: nothing fits; it is not enforced", what));
        return 0;
    }
    if (shapeStates_ + shape->states() > kShapeStatesMax) {
        note(place, fmt::format("{} is not enforced: too many states in all", what));
        return 0;
    }
    const auto known = std::ranges::find(shapes_, *shape);
    if (known != shapes_.end()) return int32_t(known - shapes_.begin());
    shapeStates_ += shape->states();
    shapes_.push_back(*std::move(shape));
    return int32_t(shapes_.size()) - 1;
}

SchemaNode SchemaTable::textOf(const PythonJson& schema, const std::string& place) {
    SchemaNode node = {.kind = SchemaNode::Kind::text};
    node.charsMin = countAt(schema, "minLength", 0);
    node.charsMax = countAt(schema, "maxLength", INT32_MAX);
    if (node.charsMin > node.charsMax) {
        note(place, "minLength is above maxLength; neither is enforced");
        node.charsMin = 0;
        node.charsMax = INT32_MAX;
    }
    const std::string_view format = schema.stringAt("format");
    const std::string_view formatPattern = patternOfFormat(format);
    if (!format.empty() && formatPattern.empty())
        note(place, fmt::format("format {} is not enforced", format.substr(0, 40)));
    const PythonJson* pattern = schema.find("pattern");
    for (const std::string_view one :
         {formatPattern, pattern ? std::string_view(pattern->text) : std::string_view()}) {
        if (one.empty()) continue;
        base::Result<ByteDfa> shape = textsWithMatch(one);
        if (shape && node.shape > 0) {
            auto both = ByteDfa::both(this->shape(node.shape), *shape);
            if (both) shape = *std::move(both);
        }
        const int32_t added =
            addShape(std::move(shape), place, fmt::format("pattern {}", one.substr(0, 60)));
        if (added > 0) node.shape = added;
    }
    if (node.shape == 0 || (node.charsMin == 0 && node.charsMax == INT32_MAX)) return node;
    auto counted = this->shape(node.shape).ofLengths({.min = node.charsMin, .max = node.charsMax});
    const int32_t added =
        counted ? addShape(*std::move(counted), place, "minLength, maxLength with a pattern")
                : addShape(base::fail(base::Errc::unsupported, "too many states"), place,
                           "minLength, maxLength beside the pattern");
    if (added > 0) node.shape = added;
    node.charsMin = 0;
    node.charsMax = INT32_MAX;
    return node;
}

SchemaNode SchemaTable::numberOf(const PythonJson& schema, SchemaNode::Kind kind,
                                 const std::string& place) {
    SchemaNode node = {.kind = kind};
    const auto boundAt = [&](std::string_view keyword) {
        const PythonJson* bound = schema.find(keyword);
        return bound && bound->type == PythonJson::Type::number ? bound->text : std::string();
    };
    NumberBounds bounds = {.isInteger = kind == SchemaNode::Kind::integer,
                           .atLeast = boundAt("minimum"),
                           .above = boundAt("exclusiveMinimum"),
                           .atMost = boundAt("maximum"),
                           .below = boundAt("exclusiveMaximum"),
                           .multipleOf = boundAt("multipleOf")};
    const auto isStrict = [&](std::string_view keyword) {  // as draft 4 had it
        const PythonJson* word = schema.find(keyword);
        return word && word->type == PythonJson::Type::boolean && word->text == "true";
    };
    if (isStrict("exclusiveMinimum")) bounds.above = std::exchange(bounds.atLeast, {});
    if (isStrict("exclusiveMaximum")) bounds.below = std::exchange(bounds.atMost, {});
    const bool isBounded = !bounds.atLeast.empty() || !bounds.above.empty() ||
                           !bounds.atMost.empty() || !bounds.below.empty() ||
                           !bounds.multipleOf.empty();
    if (isBounded) node.shape = addShape(numbersWithin(bounds), place, "bounds of a number");
    return node;
}

// Whether a value of an enum is one of the node's.
bool SchemaTable::takes(const SchemaNode& node, const PythonJson& value) const {
    if (node.shape > 0) return shape(node.shape).accepts(value.text);
    const int32_t characters = charactersIn(value.text);
    return node.kind != SchemaNode::Kind::text ||
           (characters >= node.charsMin && characters <= node.charsMax);
}

// Those of the values that the rest of the schema takes.
SchemaNode SchemaTable::valuesOf(const PythonJson& schema, const std::vector<PythonJson>& values,
                                 const std::string& place) {
    const SchemaNode text = textOf(schema, place);
    const SchemaNode number = numberOf(schema, SchemaNode::Kind::number, place);
    std::vector<PythonJson> kept;
    for (const auto& value : values) {
        if (!isOfTypeIn(schema, value)) continue;
        const bool isText = value.type == PythonJson::Type::string;
        const bool isNumber = value.type == PythonJson::Type::number;
        if (isText ? takes(text, value) : !isNumber || takes(number, value)) kept.push_back(value);
    }
    if (!kept.empty()) return valuesOf(kept);
    note(place, "no value of the enum fits the rest; any of it is taken");
    return valuesOf(values);
}

SchemaNode SchemaTable::valuesOf(const std::vector<PythonJson>& values) {
    std::vector<std::string> texts;
    std::vector<std::string> literals;
    SchemaNode choice = {.kind = SchemaNode::Kind::choice};
    for (const auto& value : values) {
        if (value.type == PythonJson::Type::string)
            texts.push_back(value.text);
        else if (value.type == PythonJson::Type::array || value.type == PythonJson::Type::object)
            choice.members.push_back(valueNode(value));
        else
            literals.push_back(value.text.empty() ? "null" : value.text);
    }
    SchemaNode words = {.kind = SchemaNode::Kind::words, .words = addSet(std::move(texts))};
    SchemaNode others = {.kind = SchemaNode::Kind::literals, .words = addSet(std::move(literals))};
    for (SchemaNode* node : {&words, &others})
        if (!sets_[size_t(node->words)].isEmpty())
            choice.members.push_back(addNode(std::move(*node)));
    return choice.members.empty() ? SchemaNode() : choice;
}

// That value alone, however it is spelled.
int32_t SchemaTable::valueNode(const PythonJson& value) {
    const bool isObject = value.type == PythonJson::Type::object;
    if (nesting_ >= kValueNestingMax || (isObject && value.keys.size() > kValueKeysMax))
        return kAny;
    if (!isObject && value.type != PythonJson::Type::array) {
        SchemaNode node = valuesOf({value});
        return addNode(std::move(node));
    }
    ++nesting_;
    SchemaNode node = {.kind = SchemaNode::Kind::array,
                       .items = kAny,
                       .itemsMin = int32_t(value.values.size()),
                       .itemsMax = int32_t(value.values.size())};
    if (isObject) {
        node = {.kind = SchemaNode::Kind::object, .words = addSet(value.keys)};
        const WordSet keys = words(node.words);
        for (int32_t i = 0; i < keys.all().end; ++i) {
            node.members.push_back(valueNode(*value.find(keys.word(i))));
            node.required |= uint64_t{1} << i;
        }
    } else {
        for (const auto& item : value.values)
            node.members.push_back(valueNode(item));
    }
    --nesting_;
    return addNode(std::move(node));
}

}  // namespace moxie::engine
