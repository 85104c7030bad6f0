#include "agent/call_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::agent {

namespace {

using nlohmann::json;

constexpr size_t kArgumentBytesMax = 8 << 20;
constexpr int32_t kDepthMax = 64;  // a deeper value would overflow the stack of recursive readers

// Walks over the text without building anything: finds the first error and the depth.
class Checker final : public nlohmann::json_sax<json> {
public:
    std::string problem;

    bool null() override { return true; }

    bool boolean(bool) override { return true; }

    bool number_integer(number_integer_t) override { return true; }

    bool number_unsigned(number_unsigned_t) override { return true; }

    bool number_float(number_float_t, const string_t&) override { return true; }

    bool string(string_t&) override { return true; }

    bool binary(binary_t&) override { return true; }

    bool start_object(size_t) override { return enter(); }

    bool key(string_t&) override { return true; }

    bool end_object() override { return leave(); }

    bool start_array(size_t) override { return enter(); }

    bool end_array() override { return leave(); }

    bool parse_error(size_t position, const std::string&, const json::exception& error) override {
        std::string_view what = error.what();
        if (const size_t end = what.find("] "); end != std::string_view::npos)
            what.remove_prefix(end + 2);
        problem = fmt::format("not valid JSON at byte {}: {}", position, base::cutUtf8(what, 240));
        return false;
    }

private:
    bool enter() {
        if (++depth_ <= kDepthMax) return true;
        problem = fmt::format("nested more than {} levels deep", kDepthMax);
        return false;
    }

    bool leave() {
        --depth_;
        return true;
    }

    int32_t depth_ = 0;
};

}  // namespace

base::Result<json> parseCallArguments(std::string_view text) {
    if (base::trim(text).empty()) return json::object();
    if (text.size() > kArgumentBytesMax)
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("{} long, at most {} are taken", base::humanBytes(int64_t(text.size())),
                        base::humanBytes(int64_t(kArgumentBytesMax))));
    Checker checker;
    if (!json::sax_parse(text, &checker))
        return base::fail(base::Errc::invalidInput, checker.problem);
    json value = json::parse(text, nullptr, false);
    if (!value.is_object())
        return base::fail(base::Errc::invalidInput,
                          fmt::format("a JSON object is expected, this is {} {}",
                                      value.is_array() ? "an" : "a", value.type_name()));
    return value;
}

std::vector<std::string> nearestNames(std::string_view name,
                                      const std::vector<std::string>& names) {
    constexpr int64_t kDistanceMax = 4;
    std::vector<std::pair<int64_t, std::string>> found;
    for (const std::string& candidate : names) {
        const bool contains = name.find(candidate) != std::string_view::npos ||
                              (!name.empty() && candidate.find(name) != std::string::npos);
        const int64_t distance = contains ? 0 : base::editDistance(name, candidate, kDistanceMax);
        if (distance <= kDistanceMax) found.emplace_back(distance, candidate);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> nearest;
    for (size_t i = 0; i < found.size() && i < 3; ++i)
        nearest.push_back(found[i].second);
    return nearest;
}

bool hasCallInText(std::string_view text) {
    for (const std::string_view mark : {"<tool_call>", "<function=", "<function_calls>",
                                        "<invoke name=", "[TOOL_CALLS]", "<|tool_call",
                                        "<\xEF\xBD\x9C"
                                        "tool",
                                        "<|python_tag|>", "```tool_code", "<|DSML|", "<tool_use>"})
        if (text.find(mark) != std::string_view::npos) return true;
    return false;
}

}  // namespace moxie::agent
