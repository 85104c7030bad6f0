#include "engine/chat/call_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

// What reads the arguments later may recurse.
constexpr int32_t kArgumentsDepthMax = 64;

}  // namespace

bool ArgumentList::add(const std::string& name, std::string_view json) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return false;
    names_.push_back(name);
    if (!members_.empty()) members_ += ", ";
    members_ += fmt::format("{}: {}", pythonString(name), json);
    return true;
}

CallReading withArguments(ToolCall call, std::string_view json, const CallCursor& cursor) {
    const auto parsed = parsePythonJson(json);
    const auto refuse = [&](std::string_view why) {
        return cursor.wrong(call, fmt::format("the arguments are {}", why));
    };
    if (!parsed) return refuse("no JSON: " + parsed.error().message());
    if (parsed->type != PythonJson::Type::object) return refuse("no JSON object");
    if (parsed->hasKeyTwice) return refuse("an object with a key twice");
    if (parsed->depth() > kArgumentsDepthMax) return refuse("nested deeper than 64");
    call.arguments = json.substr(size_t(parsed->begin), size_t(parsed->end - parsed->begin));
    return {.call = std::move(call)};
}

}  // namespace moxie::engine
