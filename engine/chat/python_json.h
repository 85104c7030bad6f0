// JSON as Python's json.dumps(ensure_ascii=False) writes it: `", "` and `": "`, keys in their
// order, floats as repr() gives them. Chat formats are defined by Python programs, and models were
// trained on these bytes. Not here: schemas, numbers as numbers. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

// A JSON text, taken apart. Numbers stay as they were spelled.
struct PythonJson {
    enum class Type { null, boolean, number, string, array, object };
    Type type = Type::null;
    std::string text = {};                // boolean, number: as spelled; string: its characters
    std::vector<std::string> keys = {};   // object: one for each value
    std::vector<PythonJson> values = {};  // array, object
    bool hasKeyTwice = false;             // object
    int64_t begin = 0;                    // where it stands in the text
    int64_t end = 0;

    // The member of an object; null if there is none.
    const PythonJson* find(std::string_view key) const;
    // The text of a string member, else empty.
    std::string_view stringAt(std::string_view key) const;
    int32_t depth() const;  // 0 for a plain value, 1 for [] and {}
};

// As json.loads does: of a key that comes twice the last value counts, at the place of the first.
// Stricter in two points: NaN and Infinity are refused; half a surrogate pair becomes U+FFFD.
// Fails: invalidInput (no JSON, at which byte; nested deeper than 200).
base::Result<PythonJson> parsePythonJson(std::string_view text);

// `indent` spaces for each level, as json.dumps(indent=N); 0: one line.
std::string toText(const PythonJson& json, int32_t indent = 0);
// A string literal. Bytes that are no UTF-8 become U+FFFD.
std::string pythonString(std::string_view text);
// The text rewritten as above; as it stands if it is no JSON.
std::string pythonJsonOr(std::string_view text);

}  // namespace moxie::engine
