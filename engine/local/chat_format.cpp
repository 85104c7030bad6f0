#include "engine/local/chat_format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace moxie::engine {

namespace {

constexpr std::string_view kStart = "<|im_start|>";
constexpr std::string_view kEnd = "<|im_end|>";

// Sentences that templates say by themselves if nobody gives a system message.
constexpr std::string_view kDefaultSystems[] = {
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face",
};

std::string_view roleName(Role role) {
    switch (role) {
        case Role::system:
            return "system";
        case Role::user:
            return "user";
        case Role::assistant:
            return "assistant";
        case Role::tool:
            return "tool";
    }
    return "user";
}

// A JSON string literal; bytes that are no UTF-8 become U+FFFD.
std::string jsonString(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void openMessage(std::vector<PromptPart>& parts, std::string_view role) {
    parts.push_back({PromptPart::Kind::special, std::string(kStart)});
    parts.push_back({PromptPart::Kind::plain, fmt::format("{}\n", role)});
}

void closeMessage(std::vector<PromptPart>& parts) {
    parts.push_back({PromptPart::Kind::special, std::string(kEnd)});
    parts.push_back({PromptPart::Kind::plain, "\n"});
}

void addMessage(std::vector<PromptPart>& parts, Role role, std::string text) {
    openMessage(parts, roleName(role));
    parts.push_back(
        {role == Role::assistant ? PromptPart::Kind::answerBody : PromptPart::Kind::plain,
         std::move(text)});
    closeMessage(parts);
}

}  // namespace

base::Result<ChatFormat> ChatFormat::make(std::string_view jinja, const Vocabulary& vocabulary) {
    constexpr std::string_view kSupported =
        "supported: ChatML (<|im_start|> and <|im_end|>); use `moxie generate --raw` for text "
        "without a template";
    if (jinja.empty())
        return base::fail(base::Errc::unsupported,
                          fmt::format("the model file has no chat template; {}", kSupported));
    if (jinja.find(kStart) == std::string_view::npos || jinja.find(kEnd) == std::string_view::npos)
        return base::fail(base::Errc::unsupported,
                          fmt::format("the chat template of the model file ({} bytes) is not one "
                                      "that Moxie knows; {}",
                                      jinja.size(), kSupported));
    for (const auto marker : {kStart, kEnd}) {
        const auto token = vocabulary.special(marker);
        if (!token || vocabulary.kind(*token) != TokenKind::control)
            return base::fail(
                base::Errc::unsupported,
                fmt::format("the vocabulary has no control token {}; {}", marker, kSupported));
    }
    ChatFormat format;
    for (const auto sentence : kDefaultSystems)
        if (jinja.find(sentence) != std::string_view::npos) format.defaultSystem_ = sentence;
    return format;
}

std::vector<PromptPart> ChatFormat::render(std::span<const Message> messages,
                                           std::span<const ToolSchema> tools) const {
    std::vector<PromptPart> parts;
    const bool hasSystem = !messages.empty() && messages.front().role == Role::system;
    std::string system = hasSystem ? messages.front().text : defaultSystem_;
    const std::string described = toolsText(tools);
    if (!system.empty() && !described.empty()) system += "\n\n";
    system += described;
    if (hasSystem || !system.empty()) addMessage(parts, Role::system, std::move(system));
    for (const auto& message : messages.subspan(hasSystem ? 1 : 0))
        addMessage(parts, message.role,
                   message.role == Role::assistant ? answerBody(message) : message.text);
    openMessage(parts, roleName(Role::assistant));
    return parts;
}

std::string ChatFormat::answerBody(const Message& message) {
    std::string body = message.text;
    for (const auto& call : message.toolCalls) {
        if (!call.isComplete) continue;
        if (!body.empty() && body.back() != '\n') body += '\n';
        body += fmt::format("<tool_call>{{\"name\": {}, \"arguments\": {}}}</tool_call>",
                            jsonString(call.name), call.arguments);
    }
    return body;
}

std::string ChatFormat::toolsText(std::span<const ToolSchema> tools) {
    if (tools.empty()) return {};
    std::string text =
        "You can call tools. To call one, write nothing but\n"
        "<tool_call>{\"name\": \"NAME\", \"arguments\": {...}}</tool_call>\n"
        "and wait for its result. These tools exist:\n<tools>\n";
    for (const auto& tool : tools)
        text += fmt::format("{{\"name\": {}, \"description\": {}, \"parameters\": {}}}\n",
                            jsonString(tool.name), jsonString(tool.description),
                            tool.parametersJson.empty() ? "{}" : tool.parametersJson);
    return text + "</tools>";
}

std::string toText(std::span<const PromptPart> parts) {
    std::string text;
    for (const auto& part : parts)
        text += part.text;
    return text;
}

}  // namespace moxie::engine
