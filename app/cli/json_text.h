// JSON with // and /* */ comments as a text a person keeps: parses it, says on which line a
// key stands, and changes one value while everything else keeps its bytes. Not a JSON library:
// values are nlohmann's. Threads: any thread.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::app {

// JSON for output, `indent` -1 for one line. Texts of files and models may hold invalid UTF-8,
// which dump() alone refuses with an exception.
std::string dumped(const nlohmann::json& value, int indent);

// Fails: invalidInput, "line 4: ...".
base::Result<nlohmann::json> parseJsonText(std::string_view text);

// Where the member `path` ("budget.steps") of nested objects stands.
struct KeyPlace {
    std::string path;
    int64_t line = 0;       // 1-based, of the key
    size_t valueBegin = 0;  // bytes of the value in the text
    size_t valueEnd = 0;
};

// All members of nested objects (not inside arrays), in the order of the text.
// Requires: `text` parses.
std::vector<KeyPlace> keyPlaces(std::string_view text);

// `text` with the value at `path` replaced, or the member added. `valueJson` is a JSON value.
// Requires: `text` parses to an object, or is empty.
std::string withValue(std::string_view text, std::string_view path, std::string_view valueJson);

}  // namespace moxie::app
