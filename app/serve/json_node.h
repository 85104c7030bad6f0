// A value inside a request's JSON together with its place, so that every complaint says where it
// is: "messages[3].content: is a number, expected a string". Nodes look at the Json they were made
// from and do not outlive it. Threads: any thread.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::serve {

// Members keep the client's order: a tool's schema and a call's arguments reach the model as they
// were written.
using Json = nlohmann::ordered_json;

// Malformed UTF-8 and halves of surrogate pairs become U+FFFD (clients cut texts in the middle of a
// character). Fails: invalidInput, if it is no JSON, nested deeper than 100, has more than a
// million values (each costs memory), or an object of more than 1000 members (finding one is a
// linear search).
base::Result<Json> parseJson(std::string_view text);

// One line; malformed UTF-8 is replaced.
std::string dumped(const Json& value);

struct NumberRange {
    double min = 0;
    double max = 0;
};

class JsonNode {
public:
    explicit JsonNode(const Json& value, std::string place = {})
        : value_(&value),
          place_(std::move(place)) {}

    JsonNode(const Json&& value, std::string place = {}) = delete;  // it would not live on

    const Json& value() const { return *value_; }

    const std::string& place() const { return place_; }

    bool isGiven() const { return !value_->is_null(); }

    bool isText() const { return value_->is_string(); }

    bool isList() const { return value_->is_array(); }

    bool isObject() const { return value_->is_object(); }

    // The member of an object; one that is not given if it is missing or this is no object.
    JsonNode operator[](const char* key) const;

    // All of these fail with invalidInput: missing, wrong type, out of range.
    base::Result<std::string> text() const;
    base::Result<std::vector<JsonNode>> items() const;
    base::Result<int64_t> integer(NumberRange range) const;
    base::Result<double> number(NumberRange range) const;
    base::Status requireObject() const;

    // What is not given is the fallback.
    base::Result<bool> flagOr(bool fallback) const;
    base::Result<std::string> textOr(std::string_view fallback) const;
    base::Result<std::vector<JsonNode>> itemsOrNone() const;

    // invalidInput: "PLACE: SENTENCE".
    base::Error complaint(std::string_view sentence) const;
    // "is a number, expected WHAT".
    base::Error expected(std::string_view what) const;

private:
    const Json* value_;
    std::string place_;
};

}  // namespace moxie::serve
