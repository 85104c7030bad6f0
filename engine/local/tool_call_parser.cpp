#include "engine/local/tool_call_parser.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace moxie::engine {

namespace {

constexpr std::string_view kOpen = "<tool_call>";
constexpr std::string_view kClose = "</tool_call>";
constexpr std::string_view kBlanks = " \t\r\n";
// nlohmann's parser is iterative, but what reads the arguments later may recurse.
constexpr int kCallDepthMax = 64;

void skipBlanks(std::string_view json, size_t& pos) {
    while (pos < json.size() && kBlanks.find(json[pos]) != std::string_view::npos)
        ++pos;
}

void skipString(std::string_view json, size_t& pos) {
    for (++pos; pos < json.size() && json[pos] != '"'; ++pos)
        if (json[pos] == '\\') ++pos;
    ++pos;
}

// The bytes of the value that begins at `pos`; the JSON is known to be well-formed.
std::string_view takeValue(std::string_view json, size_t& pos) {
    const size_t begin = pos;
    int depth = 0;
    while (pos < json.size()) {
        const char c = json[pos];
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
        if (c == '"') {
            skipString(json, pos);
            continue;
        }
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        ++pos;
    }
    const std::string_view value = json.substr(begin, pos - begin);
    const size_t last = value.find_last_not_of(kBlanks);
    return value.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

struct RawMember {
    std::string_view key, value;
};

// The members of a well-formed JSON object as they are written, doubled ones included.
std::vector<RawMember> rawMembers(std::string_view json) {
    std::vector<RawMember> members;
    size_t pos = json.find('{') + 1;
    for (skipBlanks(json, pos); pos < json.size() && json[pos] == '"'; skipBlanks(json, pos)) {
        const size_t keyBegin = pos + 1;
        skipString(json, pos);
        const std::string_view key = json.substr(keyBegin, pos - 1 - keyBegin);
        skipBlanks(json, pos);
        ++pos;  // the colon
        skipBlanks(json, pos);
        members.push_back({key, takeValue(json, pos)});
        if (pos < json.size() && json[pos] == ',') ++pos;
    }
    return members;
}

bool isDeeperThan(std::string_view json, int depthMax) {
    int depth = 0;
    for (size_t pos = 0; pos < json.size(); ++pos) {
        const char c = json[pos];
        if (c == '"') {
            skipString(json, pos);
            --pos;
        } else if (c == '{' || c == '[') {
            if (++depth > depthMax) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

// nullopt unless it is exactly a name and an object of arguments.
std::optional<ToolCall> parseCall(std::string_view json) {
    if (isDeeperThan(json, kCallDepthMax)) return std::nullopt;
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object() || parsed.size() != 2) return std::nullopt;
    const auto name = parsed.find("name");
    const auto arguments = parsed.find("arguments");
    if (name == parsed.end() || !name->is_string() || arguments == parsed.end() ||
        !arguments->is_object())
        return std::nullopt;
    const auto members = rawMembers(json);
    if (members.size() != 2) return std::nullopt;  // a member twice
    ToolCall call;
    call.name = name->get<std::string>();
    for (const auto& member : members)
        if (member.key == "arguments") call.arguments = std::string(member.value);
    // A key may be spelled with escapes; then its bytes are not found, and the call is refused.
    if (call.name.empty() || call.arguments.empty()) return std::nullopt;
    return call;
}

void addText(std::vector<ToolCallParser::Part>& parts, std::string text) {
    if (text.empty()) return;
    if (!parts.empty())
        if (auto* last = std::get_if<std::string>(&parts.back())) {
            *last += text;
            return;
        }
    parts.emplace_back(std::move(text));
}

}  // namespace

ToolCallParser::ToolCallParser(std::span<const Message> messages)
    : open_({std::string(kOpen)}),
      close_({std::string(kClose)}) {
    for (const auto& message : messages) {
        calls_ += int64_t(message.toolCalls.size());
        for (const auto& call : message.toolCalls)
            usedIds_.insert(call.id);
    }
}

std::string ToolCallParser::nextId() {
    std::string id;
    do {
        id = fmt::format("call_{}", ++calls_);
    } while (!usedIds_.insert(id).second);
    return id;
}

std::vector<ToolCallParser::Part> ToolCallParser::push(std::string_view text) {
    std::vector<Part> parts;
    std::string pending(text);
    while (true) {
        MarkerScanner& scanner = isInside_ ? close_ : open_;
        auto found = scanner.scan(std::exchange(pending, {}));
        if (isInside_)
            inside_ += found.before;
        else
            addText(parts, std::move(found.before));
        if (!found.marker) return parts;
        pending = scanner.takeRest();
        if (isInside_) closeCall(parts);
        isInside_ = !isInside_;
    }
}

void ToolCallParser::closeCall(std::vector<Part>& parts) {
    const std::string content = std::exchange(inside_, {});
    if (auto call = parseCall(content)) {
        call->id = nextId();
        parts.emplace_back(*std::move(call));
        return;
    }
    refused_.push_back({.id = nextId(), .arguments = content, .isComplete = false});
    addText(parts, fmt::format("{}{}{}", kOpen, content, kClose));
}

std::vector<ToolCallParser::Part> ToolCallParser::finish() {
    std::vector<Part> parts;
    if (isInside_) {
        inside_ += close_.takeRest();
        addText(parts, fmt::format("{}{}", kOpen, inside_));
        refused_.push_back(
            {.id = nextId(), .arguments = std::exchange(inside_, {}), .isComplete = false});
        isInside_ = false;
    } else {
        addText(parts, open_.takeRest());
    }
    for (auto& call : std::exchange(refused_, {}))
        parts.emplace_back(std::move(call));
    return parts;
}

}  // namespace moxie::engine
