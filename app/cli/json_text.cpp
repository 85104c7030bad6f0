#include "app/cli/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr int32_t kTextDepthMax = 64;  // deeper is no configuration

// Finds out where a text stops being JSON; keeps nothing else.
class FirstError final : public nlohmann::json_sax<json> {
public:
    bool null() override { return true; }

    bool boolean(bool /*value*/) override { return true; }

    bool number_integer(number_integer_t /*value*/) override { return true; }

    bool number_unsigned(number_unsigned_t /*value*/) override { return true; }

    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }

    bool string(string_t& /*value*/) override { return true; }

    bool binary(binary_t& /*value*/) override { return true; }

    bool start_object(std::size_t /*count*/) override { return ++depth_ <= kTextDepthMax; }

    bool key(string_t& /*value*/) override { return true; }

    bool end_object() override {
        --depth_;
        return true;
    }

    bool start_array(std::size_t /*count*/) override { return ++depth_ <= kTextDepthMax; }

    bool end_array() override {
        --depth_;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& token,
                     const nlohmann::detail::exception& /*error*/) override {
        position_ = position;
        token_ = token;
        return false;
    }

    base::Error error(std::string_view text) const {
        if (depth_ > kTextDepthMax)
            return {base::Errc::invalidInput, fmt::format("nested deeper than {}", kTextDepthMax)};
        const auto end = text.begin() + std::ptrdiff_t(std::min(position_, text.size()));
        const auto line = 1 + std::count(text.begin(), end, '\n');
        return {base::Errc::invalidInput,
                fmt::format("line {}: not JSON at \"{}\"", line,
                            base::cutUtf8(base::toValidUtf8(base::trim(token_)), 60))};
    }

private:
    int32_t depth_ = 0;
    size_t position_ = 0;
    std::string token_;
};

// Walks a text that is known to be JSON with comments.
class Walker {
public:
    explicit Walker(std::string_view text) : text_(text) {}

    std::vector<KeyPlace> places() {
        skipSpace();
        if (pos_ < text_.size() && text_[pos_] == '{') walkObject("");
        return std::move(places_);
    }

private:
    void walkObject(const std::string& prefix) {
        ++pos_;  // {
        for (;;) {
            skipSpace();
            if (pos_ >= text_.size() || text_[pos_] == '}') break;
            if (text_[pos_] == ',') {
                ++pos_;
                continue;
            }
            const size_t keyBegin = pos_;
            skipString();
            const json key = json::parse(text_.substr(keyBegin, pos_ - keyBegin), nullptr, false);
            if (!key.is_string()) break;
            KeyPlace place;
            place.path = prefix + key.get<std::string>();
            place.line =
                1 + std::count(text_.begin(), text_.begin() + std::ptrdiff_t(keyBegin), '\n');
            skipSpace();
            ++pos_;  // :
            skipSpace();
            place.valueBegin = pos_;
            const size_t index = places_.size();
            places_.push_back(place);
            walkValue(place.path + ".");
            places_[index].valueEnd = pos_;
        }
        pos_ = std::min(pos_ + 1, text_.size());  // }
    }

    void walkValue(const std::string& prefix) {
        if (pos_ >= text_.size()) return;
        if (text_[pos_] == '{') return walkObject(prefix);
        if (text_[pos_] == '[') return skipArray();
        if (text_[pos_] == '"') return skipString();
        while (pos_ < text_.size() &&
               std::string_view(",]}/ \t\r\n").find(text_[pos_]) == std::string_view::npos)
            ++pos_;
    }

    void skipArray() {
        int32_t depth = 0;
        while (pos_ < text_.size()) {
            skipSpace();
            if (pos_ >= text_.size()) return;
            if (text_[pos_] == '"') {
                skipString();
                continue;
            }
            if (text_[pos_] == '[' || text_[pos_] == '{') ++depth;
            if (text_[pos_] == ']' || text_[pos_] == '}') --depth;
            ++pos_;
            if (depth == 0) return;
        }
    }

    void skipString() {
        ++pos_;
        while (pos_ < text_.size() && text_[pos_] != '"')
            pos_ += text_[pos_] == '\\' ? 2 : 1;
        pos_ = std::min(pos_ + 1, text_.size());
    }

    void skipSpace() {
        while (pos_ < text_.size()) {
            if (std::string_view(" \t\r\n").find(text_[pos_]) != std::string_view::npos) {
                ++pos_;
            } else if (text_.substr(pos_, 2) == "//") {
                pos_ = std::min(text_.find('\n', pos_), text_.size());
            } else if (text_.substr(pos_, 2) == "/*") {
                const size_t end = text_.find("*/", pos_ + 2);
                pos_ = end == std::string_view::npos ? text_.size() : end + 2;
            } else {
                return;
            }
        }
    }

    std::string_view text_;
    size_t pos_ = 0;
    std::vector<KeyPlace> places_;
};

// Adds a member as the first one of the object that begins at `brace`.
std::string withFirstMember(std::string_view text, size_t brace, std::string_view member,
                            int32_t depth) {
    const bool isEmpty = text.find_first_not_of(" \t\r\n", brace + 1) == text.find('}', brace + 1);
    const std::string indent(size_t(2 * (depth + 1)), ' ');
    const std::string_view head = text.substr(0, brace + 1);
    if (!isEmpty) return fmt::format("{}\n{}{},{}", head, indent, member, text.substr(brace + 1));
    return fmt::format("{}\n{}{}\n{}{}", head, indent, member, std::string(size_t(2 * depth), ' '),
                       text.substr(text.find('}', brace + 1)));
}

}  // namespace

std::string dumped(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

base::Result<json> parseJsonText(std::string_view text) {
    FirstError sax;
    if (!json::sax_parse(text, &sax, json::input_format_t::json, true, true))
        return base::fail(sax.error(text));
    return json::parse(text, nullptr, false, true);
}

std::vector<KeyPlace> keyPlaces(std::string_view text) {
    return Walker(text).places();
}

std::string withValue(std::string_view text, std::string_view path, std::string_view valueJson) {
    if (base::trim(text).empty()) return withValue("{\n}\n", path, valueJson);
    const std::vector<KeyPlace> places = keyPlaces(text);
    const auto placeOf = [&](std::string_view wanted) {
        return std::find_if(places.begin(), places.end(),
                            [&](const KeyPlace& place) { return place.path == wanted; });
    };
    if (const auto place = placeOf(path); place != places.end())
        return std::string(text.substr(0, place->valueBegin)) + std::string(valueJson) +
               std::string(text.substr(place->valueEnd));

    const size_t dot = path.find('.');
    if (dot != std::string_view::npos) {
        const auto parent = placeOf(path.substr(0, dot));
        const std::string member = fmt::format("\"{}\": {}", path.substr(dot + 1), valueJson);
        if (parent != places.end() && text[parent->valueBegin] == '{')
            return withFirstMember(text, parent->valueBegin, member, 1);
        return withValue(text, path.substr(0, dot), "{" + member + "}");
    }
    // The root's brace is the first one outside comments; all keys stand behind it.
    size_t brace = 0;
    for (size_t pos = 0; pos < text.size(); ++pos) {
        if (text.substr(pos, 2) == "//")
            pos = std::min(text.find('\n', pos), text.size());
        else if (text.substr(pos, 2) == "/*")
            pos = std::min(text.find("*/", pos + 2), text.size() - 2) + 1;
        else if (text[pos] == '{') {
            brace = pos;
            break;
        }
    }
    return withFirstMember(text, brace, fmt::format("\"{}\": {}", path, valueJson), 0);
}

}  // namespace moxie::app
