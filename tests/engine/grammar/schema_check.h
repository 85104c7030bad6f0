// JSON Schema written down once more, to hold the grammar against: the subset it takes.
#pragma once
#include <nlohmann/json.hpp>

namespace moxie::engine::grammar_test {

// `root`: what references are within.
bool isOf(const nlohmann::json& root, const nlohmann::json& schema, const nlohmann::json& value);

inline bool isOf(const nlohmann::json& schema, const nlohmann::json& value) {
    return isOf(schema, schema, value);
}

}  // namespace moxie::engine::grammar_test
