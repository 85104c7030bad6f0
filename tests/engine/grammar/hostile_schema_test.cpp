// Schemas that nobody means well: what they say is not taken on trust, and reading them ends.
#include <random>
#include <string>
#include <vector>

#include "engine/grammar/json_schema.h"
#include "tests/catch.h"

namespace moxie::engine {

namespace {

const std::vector<std::string> kBeginnings = {
    R"({"type": "string", "pattern": "^(a|[b-f]{2,4}|\\d+?)*x$", "minLength": 2, "maxLength": 9})",
    R"({"type": ["integer", "null"], "minimum": 1, "exclusiveMaximum": 12, "multipleOf": 3})",
    R"({"type": "number", "minimum": -1.5e3, "maximum": 0.25, "multipleOf": 0.05})",
    R"({"type": "string", "format": "date-time"})",
    R"({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]},
        {"$ref": "#/$defs/n"}], "$defs": {"n": {"properties": {"b": {"$ref": "#"}}}}})",
    R"({"$ref": "#", "minLength": 1})",
    R"({"anyOf": [{"$ref": "#"}, {"$ref": "#/anyOf/0"}], "maxItems": 3})",
    R"({"oneOf": [{"properties": {"k": {"const": "a"}}}, {"enum": [1, "b", null, [1], {"c": 2}]}]})",
    R"({"type": "array", "prefixItems": [{"type": "string"}, {"$ref": "#"}], "items": {"$ref": "#"},
        "minItems": 1, "maxItems": 4})",
    R"({"type": "object", "additionalProperties": {"$ref": "#"}, "required": ["x", "y"]})",
};

std::string mutated(std::mt19937& random) {
    std::string text = kBeginnings[random() % kBeginnings.size()];
    for (int n = random() % 4 == 0 ? 3 : 1; n > 0; --n) {
        const std::string& other = kBeginnings[random() % kBeginnings.size()];
        const size_t at = random() % text.size(), from = random() % other.size();
        switch (random() % 4) {
            case 0:
                text[at] = "{}[]()*+?^$|\\,:\"019aex#/-.\xC3"[random() % 28];
                break;
            case 1:
                text.insert(at, other.substr(from, random() % 20));
                break;
            case 2:
                if (text.size() > 20) text.erase(at, random() % 8);
                break;
            default:
                text.insert(at, text.substr(at, random() % 30));
        }
    }
    return text;
}

void readAll(uint32_t seed, int32_t count) {
    std::mt19937 random(seed);
    int32_t known = 0;
    for (int32_t i = 0; i < count; ++i) {
        const std::string text = mutated(random);
        INFO(text);
        SchemaTable table;
        const int32_t schema = table.add(text, "x");
        REQUIRE(schema >= 0);
        if (table.at(schema).kind != SchemaNode::Kind::any) ++known;
    }
    // Else the mutations say nothing about the reader.
    CHECK(known > count / 10);
}

}  // namespace

TEST_CASE("schemas that were damaged are read to an end", "[engine][grammar]") {
    readAll(7, 400);
}

TEST_CASE("twenty thousand schemas that were damaged are read to an end",
          "[.slow][engine][grammar]") {
    readAll(8, 20'000);
}

TEST_CASE("schemas that lead back to themselves are read to an end", "[engine][grammar]") {
    for (
        const char* text :
        {R"({"$ref": "#", "minLength": 1})", R"({"allOf": [{"$ref": "#"}, {"$ref": "#"}]})",
         R"({"anyOf": [{"$ref": "#", "minItems": 1}, {"$ref": "#", "maxItems": 2}], "title": "t",
              "type": ["array", "object"]})",
         R"({"allOf": [{"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}], "properties": {"a": {"$ref": "#"}}})",
         R"({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}})"}) {
        INFO(text);
        SchemaTable table;
        table.add(text, "x");
        CHECK_FALSE(table.notes().empty());
    }
}

}  // namespace moxie::engine
