// Our side of tests/bench/peers/chat/compare.py. Reads one JSON request a line and answers with one
// JSON line: the prompt as text, its control tokens in order, and its token ids where a tokenizer
// is named; or the parts of an answer, where the request has one to "parse"; or the family of a
// "template".
//   moxie_peer_chat [TOKENIZER] < requests > answers
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/chat/chat_family.h"
#include "engine/chat/deepseek_v4.h"
#include "engine/local/local_model.h"
#include "engine/tokenizer/tokenizer.h"

using namespace moxie;
using namespace moxie::engine;
using nlohmann::json;

namespace {

std::vector<ToolCall> callsOf(const json& message) {
    std::vector<ToolCall> calls;
    for (const auto& call : message.value("tool_calls", json::array()))
        calls.push_back({.id = call.value("id", ""),
                         .name = call["name"].get<std::string>(),
                         .arguments = call["arguments"].get<std::string>()});
    return calls;
}

DeepseekV4Message v4Message(const json& message) {
    using V4Role = DeepseekV4Message::Role;
    const std::map<std::string, V4Role> roles = {
        {"system", V4Role::system},       {"user", V4Role::user},
        {"developer", V4Role::developer}, {"latest_reminder", V4Role::latestReminder},
        {"assistant", V4Role::assistant}, {"tool", V4Role::tool}};
    return {.role = roles.at(message["role"].get<std::string>()),
            .text = message.value("content", ""),
            .reasoning = message.value("reasoning", ""),
            .toolCalls = callsOf(message),
            .endsOpen = message.value("wo_eos", false),
            .toolCallId = message.value("tool_call_id", ""),
            .toolSchemas = message.value("tools", std::vector<std::string>()),
            .responseSchema = message.value("response_format", ""),
            .task = message.value("task", "")};
}

Effort effortOf(const std::string& name) {
    const std::map<std::string, Effort> efforts = {
        {"none", Effort::none}, {"low", Effort::low}, {"high", Effort::high}, {"max", Effort::max}};
    return efforts.at(name);
}

Message messageOf(const json& message) {
    const std::map<std::string, Role> roles = {{"system", Role::system},
                                               {"user", Role::user},
                                               {"assistant", Role::assistant},
                                               {"tool", Role::tool}};
    return {.role = roles.at(message["role"].get<std::string>()),
            .text = message.value("content", ""),
            .reasoning = message.value("reasoning", ""),
            .toolCalls = callsOf(message),
            .toolCallId = message.value("tool_call_id", "")};
}

base::Status writeV4Request(const json& request, PromptWriter& out) {
    std::vector<DeepseekV4Message> messages;
    for (const auto& message : request["messages"])
        messages.push_back(v4Message(message));
    using Options = DeepseekV4Options;
    const Options options = {
        .thinking =
            request.value("thinking", true) ? Options::Thinking::on : Options::Thinking::off,
        .history = request.value("drop_thinking", true) ? Options::History::dropThinking
                                                        : Options::History::keepThinking,
        .effort = effortOf(request.value("effort", "low")),
        .ladder = request.value("ladder", "0731") == "preview" ? DeepseekV4Ladder::preview
                                                               : DeepseekV4Ladder::from0731};
    return writeDeepseekV4(messages, options, out);
}

base::Status writeRequest(const json& request, PromptWriter& out) {
    std::vector<Message> messages;
    for (const auto& message : request["messages"])
        messages.push_back(messageOf(message));
    std::vector<ToolSchema> tools;
    for (const auto& tool : request.value("tools", json::array()))
        tools.push_back({.name = tool["name"].get<std::string>(),
                         .description = tool["description"].get<std::string>(),
                         .parametersJson = tool["parameters"].get<std::string>()});
    const std::string schema = request.value("response_format", "");
    return chatFamilyNamed(request["family"].get<std::string>())
        ->write({.messages = messages,
                 .tools = tools,
                 .effort = effortOf(request.value("effort", "high")),
                 .responseSchemaJson = schema,
                 .today = "2026-11-27"},
                out);
}

std::vector<std::string> specialsOf(const json& request) {
    const std::string family = request.value("family", "deepseek-v4");
    const auto names = chatFamilyNamed(family)->specials;
    return {names.begin(), names.end()};
}

// An answer of a model taken apart; names of control tokens in it are control tokens.
json partsOf(const json& request) {
    const MarkerNames names(specialsOf(request));
    const std::vector<ToolSchema> tools = {{.name = "any"}};
    const auto parser = chatFamilyNamed(request["family"].get<std::string>())
                            ->parser({.names = names,
                                      .tools = tools,
                                      .effort = effortOf(request.value("effort", "high"))});
    json answer = {{"reasoning", ""}, {"content", ""}, {"tool_calls", json::array()}};
    const auto add = [&answer](const std::vector<AnswerPart>& parts) {
        for (const auto& part : parts) {
            if (const auto* reasoning = std::get_if<ReasoningDelta>(&part))
                answer["reasoning"] = answer["reasoning"].get<std::string>() + reasoning->text;
            if (const auto* text = std::get_if<TextDelta>(&part))
                answer["content"] = answer["content"].get<std::string>() + text->text;
            if (const auto* call = std::get_if<ToolCall>(&part); call && call->isComplete)
                answer["tool_calls"].push_back({call->name, call->arguments});
        }
    };
    add(parser->push(names.mark(request["parse"].get<std::string>())));
    add(parser->finish(AnswerEnd::byModel));
    return answer;
}

// Which family a template is taken for, by a vocabulary that has every name.
json familyOf(const std::string& jinja) {
    const auto names = chatSpecials();
    const auto family = findChatFamily(jinja, MarkerNames({names.begin(), names.end()}));
    return family ? json{{"family", (*family)->name}} : json{{"error", family.error().message()}};
}

json answerTo(const json& request, const Tokenizer* tokenizer) {
    if (request.contains("template")) return familyOf(request["template"].get<std::string>());
    if (request.contains("parse")) return partsOf(request);
    PromptWriter writer(specialsOf(request));
    const auto status = request.contains("family") ? writeRequest(request, writer)
                                                   : writeV4Request(request, writer);
    if (!status) return {{"error", status.error().message()}};
    const auto parts = writer.take();
    json specials = json::array();
    for (const auto& part : parts)
        if (part.kind == PromptPart::Kind::special) specials.push_back(part.text);
    json answer = {{"prompt", toText(parts)}, {"specials", specials}};
    if (tokenizer != nullptr) answer["ids"] = promptTokens(*tokenizer, AnswerMemory(), parts);
    return answer;
}

}  // namespace

int main(int argc, char** argv) {
    std::unique_ptr<const Tokenizer> tokenizer;
    if (argc > 1) {
        auto opened = Tokenizer::open(argv[1]);
        if (!opened) {
            std::cerr << opened.error().message() << '\n';
            return 1;
        }
        tokenizer = *std::move(opened);
    }
    for (std::string line; std::getline(std::cin, line);)
        std::cout << answerTo(json::parse(line), tokenizer.get()).dump() << '\n';
}
