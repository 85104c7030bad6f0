// JSON Schemas drawn at random, values of them, and texts of these values as a model may write
// them. The same seed draws the same. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace moxie::engine::grammar_test {

class RandomSchema {
public:
    explicit RandomSchema(uint64_t seed) : random_(seed) {}

    // Objects (closed and open, required and not), arrays with bounds, enums, const, anyOf, texts,
    // numbers, several types at once, references, texts with lengths, patterns and formats, numbers
    // with bounds. No keyword that the grammar leaves out.
    nlohmann::json schema(int levels = 3);
    // A value that the schema takes.
    nlohmann::json valueOf(const nlohmann::json& schema, int levels = 4);
    // One space or none behind colons and commas, keys in any order, some escapes.
    std::string textOf(const nlohmann::json& value);

    uint64_t number(uint64_t below) { return random_() % below; }

private:
    nlohmann::json plainSchema();
    nlohmann::json heldText();
    nlohmann::json heldNumber();
    nlohmann::json textOf(const nlohmann::json& schema, const std::string& word);
    nlohmann::json numberOf(const nlohmann::json& schema, bool isInteger);
    nlohmann::json objectSchema(int levels);
    nlohmann::json arraySchema(int levels);
    nlohmann::json objectOf(const nlohmann::json& schema, int levels);
    nlohmann::json arrayOf(const nlohmann::json& schema, int levels);
    nlohmann::json anyValue(int levels);
    std::string word();
    std::string quoted(const std::string& text);
    std::string numberText(const nlohmann::json& value) const;

    std::mt19937_64 random_;
    nlohmann::json root_;
};

}  // namespace moxie::engine::grammar_test
