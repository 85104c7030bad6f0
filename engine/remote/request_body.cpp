#include "engine/remote/request_body.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "engine/remote/json_text.h"

namespace moxie::engine {

std::string argumentsAsObject(const std::string& arguments) {
    if (base::trim(arguments).empty()) return "{}";
    if (base::isValidUtf8(arguments) && isJsonObject(arguments))
        return std::string(base::trim(arguments));
    return "{\"unparsed\":" + quoteJson(arguments) + "}";
}

std::string safeIdentifier(const std::string& text) {
    std::string safe = text.substr(0, 128);
    for (char& c : safe)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '_';
    return safe.empty() ? "unknown" : safe;
}

bool isBlank(const std::string& text) {
    return base::trim(text).empty();
}

}  // namespace moxie::engine
