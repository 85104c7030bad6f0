#include "engine/chat/python_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/text.h"

namespace moxie::engine {

namespace {

constexpr int kJsonDepthMax = 200;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

void appendUtf8(std::string& out, uint32_t code) {
    if (code < 0x80) {
        out += char(code);
    } else if (code < 0x800) {
        out += {char(0xC0 | (code >> 6)), char(0x80 | (code & 0x3F))};
    } else if (code < 0x10000) {
        out += {char(0xE0 | (code >> 12)), char(0x80 | ((code >> 6) & 0x3F)),
                char(0x80 | (code & 0x3F))};
    } else {
        out += {char(0xF0 | (code >> 18)), char(0x80 | ((code >> 12) & 0x3F)),
                char(0x80 | ((code >> 6) & 0x3F)), char(0x80 | (code & 0x3F))};
    }
}

class PythonJsonReader {
public:
    explicit PythonJsonReader(std::string_view text) : text_(text) {}

    base::Result<PythonJson> read() {
        TRY_ASSIGN(PythonJson json, value(0));
        skipBlanks();
        if (pos_ != text_.size()) return wrong("the end");
        return json;
    }

private:
    tl::unexpected<base::Error> wrong(std::string_view expected) const {
        return base::fail(base::Errc::invalidInput,
                          fmt::format("byte {} of {}: expected {}", pos_, text_.size(), expected));
    }

    char peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }

    void skipBlanks() {
        while (pos_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[pos_]) != std::string_view::npos)
            ++pos_;
    }

    bool take(std::string_view word) {
        if (!text_.substr(pos_).starts_with(word)) return false;
        pos_ += word.size();
        return true;
    }

    base::Result<PythonJson> value(int depth) {
        if (depth > kJsonDepthMax) return wrong("nothing nested deeper");
        skipBlanks();
        const size_t begin = pos_;
        TRY_ASSIGN(PythonJson json, valueHere(depth));
        json.begin = int64_t(begin);
        json.end = int64_t(pos_);
        return json;
    }

    base::Result<PythonJson> valueHere(int depth) {
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"': {
                TRY_ASSIGN(std::string text, string());
                return PythonJson{.type = PythonJson::Type::string, .text = std::move(text)};
            }
            default:
                break;
        }
        for (const std::string_view word : {"true", "false"})
            if (take(word))
                return PythonJson{.type = PythonJson::Type::boolean, .text = std::string(word)};
        if (take("null")) return PythonJson{};
        return number();
    }

    void skipDigits() {
        while (isDigit(peek()))
            ++pos_;
    }

    base::Result<PythonJson> number() {
        const size_t begin = pos_;
        (void)take("-");  // the sign may be missing
        if (!isDigit(peek())) return wrong("a value");
        if (!take("0")) skipDigits();
        if (peek() == '.') {
            ++pos_;
            if (!isDigit(peek())) return wrong("a digit");
            skipDigits();
        }
        if (peek() == 'e' || peek() == 'E') {
            ++pos_;
            if (peek() == '+' || peek() == '-') ++pos_;
            if (!isDigit(peek())) return wrong("a digit");
            skipDigits();
        }
        return PythonJson{.type = PythonJson::Type::number,
                          .text = std::string(text_.substr(begin, pos_ - begin))};
    }

    base::Result<PythonJson> array(int depth) {
        PythonJson json = {.type = PythonJson::Type::array};
        ++pos_;
        skipBlanks();
        if (take("]")) return json;
        while (true) {
            TRY_ASSIGN(PythonJson item, value(depth + 1));
            json.values.push_back(std::move(item));
            skipBlanks();
            if (take("]")) return json;
            if (!take(",")) return wrong("`,` or `]`");
        }
    }

    base::Result<PythonJson> object(int depth) {
        PythonJson json = {.type = PythonJson::Type::object};
        ++pos_;
        skipBlanks();
        if (take("}")) return json;
        while (true) {
            skipBlanks();
            if (peek() != '"') return wrong("a key");
            TRY_ASSIGN(std::string key, string());
            skipBlanks();
            if (!take(":")) return wrong("`:`");
            TRY_ASSIGN(PythonJson member, value(depth + 1));
            const auto known = std::find(json.keys.begin(), json.keys.end(), key);
            if (known != json.keys.end()) {
                json.hasKeyTwice = true;
                json.values[size_t(known - json.keys.begin())] = std::move(member);
            } else {
                json.keys.push_back(std::move(key));
                json.values.push_back(std::move(member));
            }
            skipBlanks();
            if (take("}")) return json;
            if (!take(",")) return wrong("`,` or `}`");
        }
    }

    base::Result<std::string> string() {
        std::string out;
        ++pos_;
        while (true) {
            if (pos_ >= text_.size()) return wrong("`\"`");
            const char c = text_[pos_];
            if (uint8_t(c) < 0x20) return wrong("no control character");
            ++pos_;
            if (c == '"') return base::toValidUtf8(out);
            if (c != '\\') {
                out += c;
                continue;
            }
            TRY(escape(out));
        }
    }

    base::Status escape(std::string& out) {
        constexpr std::string_view kNames = "\"\\/bfnrt";
        constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
        const char c = peek();
        if (const size_t at = kNames.find(c); c != '\0' && at != std::string_view::npos) {
            ++pos_;
            out += kValues[at];
            return {};
        }
        if (c != 'u') return wrong("an escape");
        ++pos_;
        TRY_ASSIGN(uint32_t code, hexDigits());
        if (code >= 0xD800 && code < 0xDC00 && text_.substr(pos_).starts_with("\\u")) {
            const size_t second = pos_;
            pos_ += 2;
            TRY_ASSIGN(const uint32_t low, hexDigits());
            if (low >= 0xDC00 && low < 0xE000)
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            else
                pos_ = second;
        }
        appendUtf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
        return {};
    }

    base::Result<uint32_t> hexDigits() {
        uint32_t code = 0;
        const std::string_view digits = text_.substr(pos_, 4);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4)
            return wrong("four hexadecimal digits");
        pos_ += 4;
        return code;
    }

    std::string_view text_;
    size_t pos_ = 0;
};

// The digits and the decimal point as repr(float) places them.
std::string placePoint(std::string digits, int exponent) {
    const int length = int(digits.size());
    if (exponent >= 16 || exponent < -4) {
        if (length > 1) digits.insert(1, ".");
        return fmt::format("{}e{}{:02}", digits, exponent < 0 ? '-' : '+', std::abs(exponent));
    }
    if (exponent < 0) return "0." + std::string(size_t(-exponent - 1), '0') + digits;
    if (length <= exponent + 1)
        return digits + std::string(size_t(exponent + 1 - length), '0') + ".0";
    return digits.insert(size_t(exponent) + 1, ".");
}

// repr(float(text)): the shortest digits that give the same number.
std::string pythonFloat(const std::string& text) {
    const double number = std::strtod(text.c_str(), nullptr);
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    const std::string sign = std::signbit(number) ? "-" : "";
    if (number == 0) return sign + "0.0";
    char buffer[64];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, std::abs(number),
                                            std::chars_format::scientific);
    BASE_CHECK(error == std::errc());
    std::string spelled(buffer, end);
    const size_t e = spelled.find('e');
    std::string digits = spelled.substr(0, e);
    std::erase(digits, '.');
    return sign + placePoint(digits, std::atoi(spelled.c_str() + e + 1));
}

std::string pythonNumber(const std::string& text) {
    if (text.find_first_of(".eE") != std::string::npos) return pythonFloat(text);
    return text == "-0" ? "0" : text;
}

void write(const PythonJson& json, int32_t indent, int32_t level, std::string& out);

void writeItems(const PythonJson& json, int32_t indent, int32_t level, std::string& out) {
    const bool isObject = json.type == PythonJson::Type::object;
    const auto newLine = [&](int32_t at) {
        if (indent > 0) out += '\n' + std::string(size_t(indent) * size_t(at), ' ');
    };
    out += isObject ? '{' : '[';
    for (size_t i = 0; i < json.values.size(); ++i) {
        if (i > 0) out += indent > 0 ? "," : ", ";
        newLine(level + 1);
        if (isObject) out += pythonString(json.keys[i]) + ": ";
        write(json.values[i], indent, level + 1, out);
    }
    if (!json.values.empty()) newLine(level);
    out += isObject ? '}' : ']';
}

void write(const PythonJson& json, int32_t indent, int32_t level, std::string& out) {
    switch (json.type) {
        case PythonJson::Type::null:
            out += "null";
            return;
        case PythonJson::Type::boolean:
            out += json.text;
            return;
        case PythonJson::Type::number:
            out += pythonNumber(json.text);
            return;
        case PythonJson::Type::string:
            out += pythonString(json.text);
            return;
        case PythonJson::Type::array:
        case PythonJson::Type::object:
            writeItems(json, indent, level, out);
    }
}

}  // namespace

const PythonJson* PythonJson::find(std::string_view key) const {
    if (type != Type::object) return nullptr;
    for (size_t i = 0; i < keys.size(); ++i)
        if (keys[i] == key) return &values[i];
    return nullptr;
}

std::string_view PythonJson::stringAt(std::string_view key) const {
    const PythonJson* member = find(key);
    return member != nullptr && member->type == Type::string ? std::string_view(member->text)
                                                             : std::string_view();
}

int32_t PythonJson::depth() const {
    if (type != Type::array && type != Type::object) return 0;
    int32_t deepest = 0;
    for (const auto& value : values)
        deepest = std::max(deepest, value.depth());
    return deepest + 1;
}

base::Result<PythonJson> parsePythonJson(std::string_view text) {
    return PythonJsonReader(text).read();
}

std::string toText(const PythonJson& json, int32_t indent) {
    std::string out;
    write(json, indent, 0, out);
    return out;
}

std::string pythonString(std::string_view text) {
    constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    std::string out = "\"";
    for (const char c : base::toValidUtf8(text)) {
        if (const size_t at = kEscaped.find(c); c != '\0' && at != std::string_view::npos)
            out += {'\\', kNames[at]};
        else if (uint8_t(c) < 0x20)
            out += fmt::format("\\u{:04x}", uint8_t(c));
        else
            out += c;
    }
    return out + '"';
}

std::string pythonJsonOr(std::string_view text) {
    const auto json = parsePythonJson(text);
    return json ? toText(*json) : std::string(text);
}

}  // namespace moxie::engine
