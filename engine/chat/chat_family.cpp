#include "engine/chat/chat_family.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "engine/chat/call_syntax.h"
#include "engine/chat/chat_writers.h"
#include "engine/chat/harmony_parser.h"
#include "engine/chat/llama_parser.h"

namespace moxie::engine {

namespace {

template <void (*writer)(const ChatInput&, PromptWriter&)>
base::Status writeWith(const ChatInput& input, PromptWriter& out) {
    writer(input, out);
    return {};
}

template <DeepseekV4Ladder ladder>
base::Status writeV4(const ChatInput& input, PromptWriter& out) {
    const bool thinks = input.effort != Effort::none;
    return writeDeepseekV4(
        deepseekV4Messages(input),
        {.thinking = thinks ? DeepseekV4Options::Thinking::on : DeepseekV4Options::Thinking::off,
         .effort = input.effort,
         .ladder = ladder},
        out);
}

std::unique_ptr<AnswerParser> markedParser(CallSyntax syntax, const ParserInput& input,
                                           AnswerStart start) {
    if (input.tools.empty()) syntax.opens.clear();
    return std::make_unique<MarkedAnswerParser>(std::move(syntax), input.names, start,
                                                CallIds(input.messages));
}

AnswerStart startFor(const ParserInput& input) {
    return input.effort == Effort::none ? AnswerStart::text : AnswerStart::reasoning;
}

std::unique_ptr<AnswerParser> dsmlParser(const ParserInput& input) {
    return markedParser(dsmlSyntax(input.names), input, startFor(input));
}

std::unique_ptr<AnswerParser> hermesParser(const ParserInput& input) {
    return markedParser(hermesSyntax(), input, AnswerStart::text);
}

std::unique_ptr<AnswerParser> qwen3Parser(const ParserInput& input) {
    return markedParser(qwen3Syntax(), input, AnswerStart::text);
}

std::unique_ptr<AnswerParser> qwen3ThinkingParser(const ParserInput& input) {
    return markedParser(qwen3Syntax(), input, AnswerStart::reasoning);
}

// Behind a tool's results the prompt opens no reasoning.
bool isBehindResults(const ParserInput& input) {
    return !input.messages.empty() && input.messages.back().role == Role::tool;
}

std::unique_ptr<AnswerParser> deepseekV3Parser(const ParserInput& input) {
    return markedParser(deepseekV3Syntax(input.names), input,
                        isBehindResults(input) ? AnswerStart::text : startFor(input));
}

std::unique_ptr<AnswerParser> deepseekV31Parser(const ParserInput& input) {
    const bool thinks = input.tools.empty() && !isBehindResults(input);
    return markedParser(deepseekV31Syntax(input.names), input,
                        thinks ? startFor(input) : AnswerStart::text);
}

std::unique_ptr<AnswerParser> kimiParser(const ParserInput& input) {
    return markedParser(kimiK2Syntax(input.names), input, AnswerStart::text);
}

std::unique_ptr<AnswerParser> glmParser(const ParserInput& input) {
    return markedParser(glm45Syntax(input.names, ArgumentTypes(input.tools)), input,
                        AnswerStart::text);
}

std::unique_ptr<AnswerParser> minimaxParser(const ParserInput& input) {
    return markedParser(minimaxM2Syntax(ArgumentTypes(input.tools)), input, AnswerStart::reasoning);
}

std::unique_ptr<AnswerParser> harmonyParser(const ParserInput& input) {
    return std::make_unique<HarmonyParser>(input.names, CallIds(input.messages));
}

std::unique_ptr<AnswerParser> llamaParser(const ParserInput& input) {
    if (input.tools.empty()) return markedParser({}, input, AnswerStart::text);
    return std::make_unique<LlamaParser>(input.names, CallIds(input.messages));
}

constexpr std::string_view kV3Specials[] = {
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<think>",
    "</think>",
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁calls▁end｜>",
    "<｜tool▁call▁begin｜>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁outputs▁begin｜>",
    "<｜tool▁outputs▁end｜>",
    "<｜tool▁output▁begin｜>",
    "<｜tool▁output▁end｜>",
    "<｜tool▁sep｜>",
};
constexpr std::string_view kDeepseekNeeded[] = {"<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>",
                                                "<｜User｜>", "<｜Assistant｜>"};
constexpr std::string_view kV4Needed[] = {"<｜begin▁of▁sentence｜>",
                                          "<｜end▁of▁sentence｜>",
                                          "<｜User｜>",
                                          "<｜Assistant｜>",
                                          "</think>",
                                          "｜DSML｜"};
constexpr std::string_view kDeepseekEnds[] = {"<｜end▁of▁sentence｜>"};

constexpr std::string_view kChatMlSpecials[] = {"<|im_start|>", "<|im_end|>"};
constexpr std::string_view kChatMlEnds[] = {"<|im_end|>", "<|endoftext|>"};
constexpr std::string_view kQwenSpecials[] = {"<|im_start|>",    "<|im_end|>",      "<think>",
                                              "</think>",        "<tool_call>",     "</tool_call>",
                                              "<tool_response>", "</tool_response>"};

constexpr std::string_view kKimiSpecials[] = {"<|im_system|>",
                                              "<|im_user|>",
                                              "<|im_assistant|>",
                                              "<|im_middle|>",
                                              "<|im_end|>",
                                              "<think>",
                                              "</think>",
                                              "<|tool_calls_section_begin|>",
                                              "<|tool_calls_section_end|>",
                                              "<|tool_call_begin|>",
                                              "<|tool_call_argument_begin|>",
                                              "<|tool_call_end|>"};
constexpr std::string_view kKimiNeeded[] = {"<|im_system|>", "<|im_user|>", "<|im_assistant|>",
                                            "<|im_middle|>", "<|im_end|>"};
constexpr std::string_view kKimiEnds[] = {"<|im_end|>", "[EOS]"};

constexpr std::string_view kGlmSpecials[] = {
    "[gMASK]",          "<sop>",      "<|system|>",  "<|user|>",     "<|assistant|>",
    "<think>",          "</think>",   "<tool_call>", "</tool_call>", "<|observation|>",
    "<arg_key>",        "</arg_key>", "<arg_value>", "</arg_value>", "<tool_response>",
    "</tool_response>", "/nothink"};
constexpr std::string_view kGlmNeeded[] = {"[gMASK]",  "<sop>",         "<|system|>",
                                           "<|user|>", "<|assistant|>", "<|observation|>"};
constexpr std::string_view kGlmEnds[] = {"<|user|>", "<|observation|>", "<|endoftext|>"};

constexpr std::string_view kMinimaxSpecials[] = {
    "]~!b[", "]~b]", "[e~[", "<think>", "</think>", "<minimax:tool_call>", "</minimax:tool_call>"};
constexpr std::string_view kMinimaxNeeded[] = {"]~!b[", "]~b]", "[e~["};
constexpr std::string_view kMinimaxEnds[] = {"[e~["};

constexpr std::string_view kHarmonySpecials[] = {"<|start|>",    "<|end|>",  "<|message|>",
                                                 "<|channel|>",  "<|call|>", "<|return|>",
                                                 "<|constrain|>"};
constexpr std::string_view kHarmonyEnds[] = {"<|call|>", "<|return|>"};

constexpr std::string_view kLlamaSpecials[] = {"<|begin_of_text|>", "<|start_header_id|>",
                                               "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>"};
constexpr std::string_view kLlamaNeeded[] = {"<|begin_of_text|>", "<|start_header_id|>",
                                             "<|end_header_id|>", "<|eot_id|>"};
constexpr std::string_view kLlamaEnds[] = {"<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"};

constexpr auto kShown = ChatFamily::Reasoning::shown;
constexpr auto kNoReasoning = ChatFamily::Reasoning::none;

std::vector<ChatFamily> makeFamilies() {
    const auto v4 = deepseekV4Specials();
    return {
        {"deepseek-v4", v4, kV4Needed, kDeepseekEnds, writeV4<DeepseekV4Ladder::from0731>,
         dsmlParser, kShown, ChatFamily::Schema::asked},
        {"deepseek-v4-preview", v4, kV4Needed, kDeepseekEnds, writeV4<DeepseekV4Ladder::preview>,
         dsmlParser, kShown, ChatFamily::Schema::asked},
        {"deepseek-v3.2", v4, kDeepseekNeeded, kDeepseekEnds, writeWith<writeDeepseekV32>,
         dsmlParser, kShown, ChatFamily::Schema::asked},
        {"deepseek-v3.1", kV3Specials, kDeepseekNeeded, kDeepseekEnds, writeWith<writeDeepseekV31>,
         deepseekV31Parser, kShown},
        {"deepseek-v3", kV3Specials, kDeepseekNeeded, kDeepseekEnds, writeWith<writeDeepseekV3>,
         deepseekV3Parser, kShown},
        {"qwen2.5", kQwenSpecials, kChatMlSpecials, kChatMlEnds, writeWith<writeQwen25>,
         hermesParser, kNoReasoning},
        {"qwen3", kQwenSpecials, kChatMlSpecials, kChatMlEnds, writeWith<writeQwen3>, qwen3Parser,
         kShown},
        {"qwen3-thinking", kQwenSpecials, kChatMlSpecials, kChatMlEnds,
         writeWith<writeQwen3Thinking>, qwen3ThinkingParser, kShown},
        {"kimi-k2", kKimiSpecials, kKimiNeeded, kKimiEnds, writeWith<writeKimiK2>, kimiParser,
         kNoReasoning},
        {"kimi-k2-thinking", kKimiSpecials, kKimiNeeded, kKimiEnds, writeWith<writeKimiK2Thinking>,
         kimiParser, kShown},
        {"glm-4.5", kGlmSpecials, kGlmNeeded, kGlmEnds, writeWith<writeGlm45>, glmParser, kShown},
        {"minimax-m2", kMinimaxSpecials, kMinimaxNeeded, kMinimaxEnds, writeWith<writeMinimaxM2>,
         minimaxParser, kShown},
        {"gpt-oss", kHarmonySpecials, kHarmonySpecials, kHarmonyEnds, writeWith<writeGptOss>,
         harmonyParser, kShown},
        {"llama-3", kLlamaSpecials, kLlamaNeeded, kLlamaEnds, writeWith<writeLlama3>, llamaParser,
         kNoReasoning},
        {"llama-3.0", kLlamaSpecials, kLlamaNeeded, kLlamaEnds, writeWith<writeLlama30>,
         llamaParser, kNoReasoning},
        {"chatml", kChatMlSpecials, kChatMlSpecials, kChatMlEnds, writeWith<writeChatMl>,
         hermesParser, kNoReasoning},
    };
}

// Words in a template that only one family has, all of them needed; the first line that fits
// counts.
struct TemplateTrait {
    std::string_view family;
    std::array<std::string_view, 3> words;
};

constexpr TemplateTrait kTraits[] = {
    {"deepseek-v4", {"｜DSML｜", "tool_calls", "Beyond maximum"}},
    {"deepseek-v3.2", {"｜DSML｜", "function_calls", ""}},
    {"deepseek-v4-preview", {"｜DSML｜", "tool_calls", ""}},
    {"deepseek-v3", {"<｜tool▁sep｜>", "```json", ""}},
    {"deepseek-v3.1", {"<｜tool▁sep｜>", "", ""}},
    {"kimi-k2-thinking", {"<|tool_calls_section_begin|>", "<think>", ""}},
    {"kimi-k2", {"<|tool_calls_section_begin|>", "", ""}},
    {"glm-4.5", {"[gMASK]<sop>", "<arg_key>", "/nothink"}},
    {"minimax-m2", {"<minimax:tool_call>", "]~b]", "<response>"}},
    {"gpt-oss", {"<|channel|>analysis<|message|>", "namespace functions", ""}},
    {"gpt-oss", {"<|channel|>analysis<|message|>", "render_tool_namespace", ""}},
    {"qwen3-thinking",
     {"<|im_start|>assistant\\n<think>\\n'", "{\\\"name\\\": <function-name>", "multi_step_tool"}},
    {"qwen3", {"enable_thinking", "{\\\"name\\\": <function-name>", "multi_step_tool"}},
    {"qwen2.5", {"You are Qwen, created by Alibaba Cloud", "{\\\"name\\\": <function-name>", ""}},
    {"llama-3",
     {"<|start_header_id|>", "Cutting Knowledge Date: December 2023",
      "{\"name\": function name, \"parameters\": dictionary"}},
    {"llama-3.0", {"<|start_header_id|>", "bos_token + content", "<|eot_id|>"}},
    {"chatml", {"<|im_start|>", "<|im_end|>", ""}},
};

const ChatFamily* familyOfTemplate(std::string_view jinja) {
    for (const auto& trait : kTraits)
        if (std::all_of(trait.words.begin(), trait.words.end(), [jinja](std::string_view word) {
                return jinja.find(word) != std::string_view::npos;
            }))
            return chatFamilyNamed(trait.family);
    return nullptr;
}

// Of models that are published without a template.
const ChatFamily* familyOfTokens(const MarkerNames& controls, DeepseekV4Ladder ladder) {
    if (!controls.has("｜DSML｜")) return nullptr;
    if (!controls.has("<｜latest_reminder｜>")) return chatFamilyNamed("deepseek-v3.2");
    return chatFamilyNamed(ladder == DeepseekV4Ladder::preview ? "deepseek-v4-preview"
                                                               : "deepseek-v4");
}

std::string knownFamilies() {
    std::string names;
    for (const auto& family : chatFamilies())
        names += fmt::format(
            "{}{}", names.empty() ? "" : ", ",
            family.name == "chatml" ? "ChatML (<|im_start|> and <|im_end|>)" : family.name);
    return fmt::format("supported: {}; use `moxie generate --raw` for text without a template",
                       names);
}

}  // namespace

std::span<const ChatFamily> chatFamilies() {
    static const std::vector<ChatFamily> families = makeFamilies();
    return families;
}

const ChatFamily* chatFamilyNamed(std::string_view name) {
    for (const auto& family : chatFamilies())
        if (family.name == name) return &family;
    return nullptr;
}

std::span<const std::string_view> chatSpecials() {
    static const std::vector<std::string_view> names = [] {
        std::set<std::string_view> all;
        for (const auto& family : chatFamilies()) {
            all.insert(family.specials.begin(), family.specials.end());
            all.insert(family.ends.begin(), family.ends.end());
        }
        return std::vector<std::string_view>(all.begin(), all.end());
    }();
    return names;
}

base::Result<const ChatFamily*> findChatFamily(std::string_view jinja, const MarkerNames& controls,
                                               DeepseekV4Ladder ladder) {
    const ChatFamily* family =
        jinja.empty() ? familyOfTokens(controls, ladder) : familyOfTemplate(jinja);
    if (family == nullptr)
        return base::fail(
            base::Errc::unsupported,
            jinja.empty()
                ? fmt::format("the model file has no chat template; {}", knownFamilies())
                : fmt::format("the chat template of the model file ({} bytes) is not one that "
                              "Moxie knows; {}",
                              jinja.size(), knownFamilies()));
    for (const auto name : family->needed)
        if (!controls.has(name))
            return base::fail(base::Errc::unsupported,
                              fmt::format("the vocabulary has no control token {}, which {} needs; "
                                          "{}",
                                          name, family->name, knownFamilies()));
    return family;
}

}  // namespace moxie::engine
