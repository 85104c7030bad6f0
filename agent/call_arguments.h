// The arguments of a tool call as the model wrote them: read strictly, with what is wrong said so
// that a model can put it right. Threads: any thread; pure functions.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::agent {

// A JSON object of bounded size and depth; "" counts as {}. Fails: invalidInput, with place and
// cause.
base::Result<nlohmann::json> parseCallArguments(std::string_view text);

// At most three of `names` that a model may have meant by `name`, the nearest first.
std::vector<std::string> nearestNames(std::string_view name, const std::vector<std::string>& names);

// True if the text holds a tool call in the mark-up of some model instead of a real one.
bool hasCallInText(std::string_view text);

}  // namespace moxie::agent
