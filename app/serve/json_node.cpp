#include "app/serve/json_node.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace moxie::serve {

namespace {

constexpr size_t kDepthMax = 100;
constexpr int64_t kMembersMax = 1000;
constexpr int64_t kValuesMax = 1'000'000;

// What would cost too much before or after parsing. Counts commas, which is right for every text
// that is JSON at all. Null: nothing.
const char* excessOf(std::string_view text) {
    std::vector<int64_t> commas;
    int64_t nCommas = 0;
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
            if (commas.size() == kDepthMax) return "is nested deeper than 100";
            commas.push_back(c == '{' ? 0 : INT64_MIN);
        } else if ((c == ']' || c == '}') && !commas.empty()) {
            commas.pop_back();
        } else if (c == ',' && ++nCommas >= kValuesMax) {
            return "has more than a million values";
        } else if (c == ',' && !commas.empty() && ++commas.back() >= kMembersMax) {
            return "has an object with more than 1000 members";
        }
    }
    return nullptr;
}

// The code unit of "\uXXXX" at `pos`, or -1.
int codeUnit(std::string_view text, size_t pos) {
    if (pos + 6 > text.size() || text[pos] != '\\' || text[pos + 1] != 'u') return -1;
    int unit = 0;
    for (const char c : text.substr(pos + 2, 4)) {
        const char lower = char(c | 0x20);
        const bool isDigit = c >= '0' && c <= '9';
        if (!isDigit && (lower < 'a' || lower > 'f')) return -1;
        unit = unit * 16 + (isDigit ? c - '0' : lower - 'a' + 10);
    }
    return unit;
}

bool isHighHalf(int unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}

bool isLowHalf(int unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

std::string withoutHalfPairs(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        const int unit = codeUnit(text, i);
        const size_t nBytes = text[i] != '\\' ? 1 : unit < 0 ? 2 : 6;
        if (isHighHalf(unit) && isLowHalf(codeUnit(text, i + 6))) {
            result += text.substr(i, 12);
            i += 12;
            continue;
        }
        const bool isHalf = isHighHalf(unit) || isLowHalf(unit);
        result += isHalf ? std::string_view("\\uFFFD") : text.substr(i, nBytes);
        i += nBytes;
    }
    return result;
}

const char* kindOf(const Json& value) {
    if (value.is_null()) return "missing";
    if (value.is_boolean()) return "a boolean";
    if (value.is_number()) return "a number";
    if (value.is_string()) return "a string";
    return value.is_array() ? "a list" : "an object";
}

}  // namespace

base::Result<Json> parseJson(std::string_view text) {
    const std::string valid = base::toValidUtf8(text);
    if (const char* excess = excessOf(valid))
        return base::fail(base::Errc::invalidInput, fmt::format("body: {}", excess));
    Json value = Json::parse(valid, nullptr, false);
    if (value.is_discarded()) value = Json::parse(withoutHalfPairs(valid), nullptr, false);
    if (value.is_discarded()) return base::fail(base::Errc::invalidInput, "body: is not JSON");
    return value;
}

std::string dumped(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

JsonNode JsonNode::operator[](const char* key) const {
    static const Json kMissing;
    const std::string place = place_.empty() ? key : place_ + "." + key;
    if (!value_->is_object()) return JsonNode(kMissing, place);
    const auto found = value_->find(key);
    return JsonNode(found == value_->end() ? kMissing : *found, place);
}

base::Error JsonNode::complaint(std::string_view sentence) const {
    return {base::Errc::invalidInput,
            fmt::format("{}: {}", place_.empty() ? "body" : place_, sentence)};
}

base::Error JsonNode::expected(std::string_view what) const {
    return complaint(fmt::format("is {}, expected {}", kindOf(*value_), what));
}

base::Result<std::string> JsonNode::text() const {
    if (!isText()) return base::fail(expected("a string"));
    return value_->get<std::string>();
}

base::Result<std::vector<JsonNode>> JsonNode::items() const {
    if (!isList()) return base::fail(expected("a list"));
    std::vector<JsonNode> nodes;
    nodes.reserve(value_->size());
    for (size_t i = 0; i < value_->size(); ++i)
        nodes.emplace_back((*value_)[i], fmt::format("{}[{}]", place_, i));
    return nodes;
}

base::Result<int64_t> JsonNode::integer(NumberRange range) const {
    TRY_ASSIGN(const double found, number(range));
    if (found != std::floor(found)) return base::fail(complaint("expected a whole number"));
    return int64_t(found);
}

base::Result<double> JsonNode::number(NumberRange range) const {
    if (!value_->is_number()) return base::fail(expected("a number"));
    const double found = value_->get<double>();
    if (!(found >= range.min && found <= range.max))
        return base::fail(complaint(
            fmt::format("is {}, expected a number of {} to {}", found, range.min, range.max)));
    return found;
}

base::Status JsonNode::requireObject() const {
    if (!isObject()) return base::fail(expected("an object"));
    return {};
}

base::Result<bool> JsonNode::flagOr(bool fallback) const {
    if (!isGiven()) return fallback;
    if (!value_->is_boolean()) return base::fail(expected("true or false"));
    return value_->get<bool>();
}

base::Result<std::string> JsonNode::textOr(std::string_view fallback) const {
    if (!isGiven()) return std::string(fallback);
    return text();
}

base::Result<std::vector<JsonNode>> JsonNode::itemsOrNone() const {
    if (!isGiven()) return std::vector<JsonNode>{};
    return items();
}

}  // namespace moxie::serve
