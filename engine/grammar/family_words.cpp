#include "engine/grammar/family_words.h"

#include <algorithm>
#include <iterator>

namespace moxie::engine {

namespace {

constexpr CallWords kHermes = {"\n{\"name\": \"", "\", \"arguments\": ", "}\n"};
constexpr ParameterWords kDsml = {"<｜DSML｜parameter name=\"", "\"",
                                  " string=\"true\">",          " string=\"false\">",
                                  "</｜DSML｜parameter>",       "\n"};
constexpr FamilyWords kV4 = {
    "deepseek-v4",     "<｜DSML｜tool_calls>\n", "\n</｜DSML｜tool_calls>", "\n",
    "<｜DSML｜invoke", "</｜DSML｜invoke>",      {" name=\"", "\">\n", ""}, kDsml};

constexpr FamilyWords withName(std::string_view family, FamilyWords words) {
    words.family = family;
    return words;
}

constexpr FamilyWords kQwen = {"qwen3",        "",      "", "",        "<tool_call>",
                               "</tool_call>", kHermes, {}, "<think>", "</think>"};
constexpr FamilyWords kHermesOnly = {"qwen2.5",      "",      "", "", "<tool_call>",
                                     "</tool_call>", kHermes, {}, "", ""};
constexpr FamilyWords kKimi = {"kimi-k2",
                               "<|tool_calls_section_begin|>",
                               "<|tool_calls_section_end|>",
                               "",
                               "<|tool_call_begin|>",
                               "<|tool_call_end|>",
                               {"functions.", "<|tool_call_argument_begin|>", ""}};

constexpr FamilyWords kFamilyWords[] = {
    kV4,
    withName("deepseek-v4-preview", kV4),
    {"deepseek-v3.2",
     "<｜DSML｜function_calls>\n",
     "\n</｜DSML｜function_calls>",
     "\n",
     "<｜DSML｜invoke",
     "</｜DSML｜invoke>",
     {" name=\"", "\">\n", ""},
     kDsml},
    {"deepseek-v3.1",
     "<｜tool▁calls▁begin｜>",
     "<｜tool▁calls▁end｜>",
     "",
     "<｜tool▁call▁begin｜>",
     "<｜tool▁call▁end｜>",
     {"", "<｜tool▁sep｜>", ""}},
    {"deepseek-v3",
     "<｜tool▁calls▁begin｜>",
     "<｜tool▁calls▁end｜>",
     "\n",
     "<｜tool▁call▁begin｜>",
     "<｜tool▁call▁end｜>",
     {"function<｜tool▁sep｜>", "\n```json\n", "\n```"}},
    kHermesOnly,
    kQwen,
    withName("qwen3-thinking", kQwen),
    kKimi,
    withName("kimi-k2-thinking", kKimi),
    {"glm-4.5",
     "",
     "",
     "",
     "<tool_call>",
     "</tool_call>",
     {"", "\n", ""},
     {"<arg_key>", "</arg_key>\n<arg_value>", "", "", "</arg_value>", "\n"}},
    {"minimax-m2",
     "<minimax:tool_call>\n",
     "\n</minimax:tool_call>",
     "\n",
     "<invoke",
     "</invoke>",
     {" name=\"", "\">\n", ""},
     {"<parameter name=\"", "\">", "", "", "</parameter>", "\n"}},
    withName("chatml", kHermesOnly),
};

}  // namespace

const FamilyWords* familyWordsOf(std::string_view family) {
    const auto* const found = std::ranges::find(kFamilyWords, family, &FamilyWords::family);
    return found == std::end(kFamilyWords) ? nullptr : found;
}

}  // namespace moxie::engine
