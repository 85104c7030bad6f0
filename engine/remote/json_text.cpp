#include "engine/remote/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::engine {

namespace {

constexpr int kJsonDepthMax = 100;

// Deeper nesting would overflow the stack when the value is written again.
bool isTooDeep(std::string_view text) {
    int depth = 0;
    bool isInString = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isInString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                isInString = false;
        } else if (c == '"') {
            isInString = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kJsonDepthMax) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

// The code unit of "\uXXXX" at `pos`, or -1.
int unitAt(std::string_view text, size_t pos) {
    if (pos + 6 > text.size() || text[pos] != '\\' || text[pos + 1] != 'u') return -1;
    int value = 0;
    for (size_t i = pos + 2; i < pos + 6; ++i) {
        const char c = text[i];
        int digit = 0;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

// A character cut in two by the server arrives as half a surrogate pair.
std::string withoutLoneSurrogates(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        if (text[i] != '\\') {
            result.push_back(text[i++]);
            continue;
        }
        const int unit = unitAt(text, i);
        if (unit < 0) {
            result.append(text.substr(i, 2));
            i += 2;
            continue;
        }
        const bool isHigh = unit >= 0xD800 && unit < 0xDC00;
        const bool isLow = unit >= 0xDC00 && unit < 0xE000;
        const int next = isHigh ? unitAt(text, i + 6) : -1;
        if (isHigh && next >= 0xDC00 && next < 0xE000) {
            result.append(text.substr(i, 12));
            i += 12;
            continue;
        }
        result.append(isHigh || isLow ? std::string_view("\\uFFFD") : text.substr(i, 6));
        i += 6;
    }
    return result;
}

}  // namespace

std::optional<Json> parseJson(std::string_view text) {
    const std::string valid = base::toValidUtf8(text);
    if (isTooDeep(valid)) return std::nullopt;
    Json value = Json::parse(valid, nullptr, false);
    if (value.is_discarded()) value = Json::parse(withoutLoneSurrogates(valid), nullptr, false);
    if (value.is_discarded()) return std::nullopt;
    return value;
}

bool isJsonObject(std::string_view text) {
    const std::optional<Json> value = parseJson(text);
    return value && value->is_object();
}

std::string dumpJson(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string quoteJson(std::string_view text) {
    return dumpJson(Json(std::string(text)));
}

const Json& member(const Json& object, const char* key) {
    static const Json kNull;
    if (!object.is_object()) return kNull;
    const auto found = object.find(key);
    return found == object.end() ? kNull : *found;
}

std::string stringMember(const Json& object, const char* key) {
    const Json& value = member(object, key);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<int64_t> countMember(const Json& object, const char* key) {
    const Json& value = member(object, key);
    if (!value.is_number()) return std::nullopt;
    constexpr double kCountMax = 9007199254740992.0;  // 2^53
    const double number = value.get<double>();
    if (!(number > 0)) return 0;
    return int64_t(std::min(number, kCountMax));
}

}  // namespace moxie::engine
