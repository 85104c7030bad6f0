#include "engine/chat/call_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/chat/call_cursor.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

CallReading readDsmlCall(std::string_view inside, const MarkerNames& names) {
    const std::string open = names.mark("<｜DSML｜parameter name=\"");
    const std::string close = names.mark("</｜DSML｜parameter>");
    CallCursor cursor(inside);
    ToolCall call;
    if (!cursor.take(" name=\"")) return cursor.wrong(call, "expected ` name=\"` of the call");
    const auto name = cursor.until("\">");
    if (!name) return cursor.wrong(call, "the call's name has no end");
    call.name = *name;
    ArgumentList arguments;
    for (cursor.skipBlanks(); cursor.take(open); cursor.skipBlanks()) {
        const CallCursor start = cursor;
        const auto key = cursor.until("\" string=\"");
        if (!key) return start.wrong(call, "a parameter does not say `string=`");
        const auto isString = cursor.until("\">");
        if (!isString || (*isString != "true" && *isString != "false"))
            return start.wrong(call, fmt::format("parameter \"{}\" is neither string=\"true\" nor "
                                                 "string=\"false\"",
                                                 *key));
        const auto value = cursor.until(close);
        if (!value) return start.wrong(call, fmt::format("parameter \"{}\" has no end", *key));
        if (*isString == "false" && !parsePythonJson(*value))
            return start.wrong(call, fmt::format("parameter \"{}\" is no JSON", *key));
        if (!arguments.add(*key, *isString == "true" ? pythonString(*value) : *value))
            return start.wrong(call, fmt::format("parameter \"{}\" is there twice", *key));
    }
    if (!cursor.isAtEnd()) return cursor.wrong(call, "expected a parameter or the end of the call");
    if (call.name.empty()) return cursor.wrong(call, "the call has no name");
    return withArguments(std::move(call), arguments.json(), cursor);
}

CallReading readHermesCall(std::string_view inside) {
    const std::string json = unmarked(inside);
    const CallCursor cursor(inside);
    const auto parsed = parsePythonJson(json);
    if (!parsed)
        return cursor.wrong({}, fmt::format("the call is no JSON: {}", parsed.error().message()));
    ToolCall call = {.name = std::string(parsed->stringAt("name"))};
    const PythonJson* arguments = parsed->find("arguments");
    if (call.name.empty()) return cursor.wrong(call, "the call has no name");
    if (arguments == nullptr) return cursor.wrong(call, "the call has no arguments");
    if (parsed->keys.size() != 2 || parsed->hasKeyTwice)
        return cursor.wrong(call, "the call has more than a name and arguments");
    return withArguments(std::move(call),
                         std::string_view(json).substr(size_t(arguments->begin),
                                                       size_t(arguments->end - arguments->begin)),
                         cursor);
}

CallReading readDeepseekV3Call(std::string_view inside, const MarkerNames& names) {
    CallCursor cursor(inside);
    ToolCall call;
    const auto type = cursor.until(names.mark("<｜tool▁sep｜>"));
    if (type != "function") return CallCursor(inside).wrong(call, "expected a call of `function`");
    const auto name = cursor.until("\n```json\n");
    if (!name || name->empty()) return cursor.wrong(call, "the call has no name");
    call.name = *name;
    const CallCursor start = cursor;
    const auto json = cursor.until("\n```");
    if (!json) return cursor.wrong(call, "the arguments have no end");
    cursor.skipBlanks();
    if (!cursor.isAtEnd()) return cursor.wrong(call, "text behind the arguments");
    return withArguments(std::move(call), *json, start);
}

CallReading readDeepseekV31Call(std::string_view inside, const MarkerNames& names) {
    CallCursor cursor(inside);
    const auto name = cursor.until(names.mark("<｜tool▁sep｜>"));
    if (!name || name->empty()) return cursor.wrong({}, "the call has no name");
    return withArguments({.name = *name}, unmarked(cursor.rest()), cursor);
}

CallReading readKimiCall(std::string_view inside, const MarkerNames& names) {
    CallCursor cursor(inside);
    cursor.skipBlanks();
    const CallCursor start = cursor;
    const auto id = cursor.until(names.mark("<|tool_call_argument_begin|>"));
    if (!id) return start.wrong({}, "the call has no arguments");
    ToolCall call = {.id = id->substr(0, id->find_last_not_of(" \n") + 1)};
    constexpr std::string_view kPrefix = "functions.";
    const size_t colon = call.id.rfind(':');
    if (!call.id.starts_with(kPrefix) || colon == std::string::npos || colon <= kPrefix.size())
        return start.wrong(call, "expected functions.NAME:NUMBER");
    call.name = call.id.substr(kPrefix.size(), colon - kPrefix.size());
    return withArguments(std::move(call), unmarked(cursor.rest()), cursor);
}

CallReading readGlmCall(std::string_view inside, const MarkerNames& names,
                        const ArgumentTypes& types) {
    const std::string keyOpen = names.mark("<arg_key>");
    const std::string keyClose = names.mark("</arg_key>");
    const std::string valueOpen = names.mark("<arg_value>");
    const std::string valueClose = names.mark("</arg_value>");
    const size_t nameEnd = std::min(inside.find(keyOpen), inside.size());
    CallCursor cursor(inside.substr(nameEnd));
    std::string name = unmarked(inside.substr(0, nameEnd));
    const size_t first = name.find_first_not_of(" \n");
    name = first == std::string::npos
               ? std::string()
               : name.substr(first, name.find_last_not_of(" \n") + 1 - first);
    ToolCall call = {.name = name};
    const auto wrong = [&](const CallCursor& at, std::string problem) {
        CallReading reading = at.wrong(call, std::move(problem));
        reading.at += int64_t(unmarked(inside.substr(0, nameEnd)).size());
        return reading;
    };
    if (name.empty() || name.find('\n') != std::string::npos)
        return wrong(cursor, "the call has no name");
    ArgumentList arguments;
    for (; cursor.take(keyOpen); cursor.skipBlanks()) {
        const CallCursor start = cursor;
        const auto key = cursor.until(keyClose);
        if (!key) return wrong(start, "a parameter's name has no end");
        cursor.skipBlanks();
        if (!cursor.take(valueOpen))
            return wrong(cursor, fmt::format("parameter \"{}\" has no value", *key));
        const auto value = cursor.until(valueClose);
        if (!value) return wrong(cursor, fmt::format("parameter \"{}\" has no end", *key));
        const auto json = types.json(name, *key, *value);
        if (!json) return wrong(start, fmt::format("parameter \"{}\" is no JSON", *key));
        if (!arguments.add(*key, *json))
            return wrong(start, fmt::format("parameter \"{}\" is there twice", *key));
    }
    if (!cursor.isAtEnd()) return wrong(cursor, "expected a parameter or the end of the call");
    return withArguments(std::move(call), arguments.json(), cursor);
}

CallReading readMinimaxCall(std::string_view inside, const ArgumentTypes& types) {
    CallCursor cursor(inside);
    ToolCall call;
    if (!cursor.take(" name=\"")) return cursor.wrong(call, "expected ` name=\"` of the call");
    const auto name = cursor.until("\">");
    if (!name || name->empty()) return cursor.wrong(call, "the call has no name");
    call.name = *name;
    ArgumentList arguments;
    for (cursor.skipBlanks(); cursor.take("<parameter name=\""); cursor.skipBlanks()) {
        const CallCursor start = cursor;
        const auto key = cursor.until("\">");
        if (!key) return start.wrong(call, "a parameter's name has no end");
        const auto value = cursor.until("</parameter>");
        if (!value) return start.wrong(call, fmt::format("parameter \"{}\" has no end", *key));
        const auto json = types.json(call.name, *key, *value);
        if (!json) return start.wrong(call, fmt::format("parameter \"{}\" is no JSON", *key));
        if (!arguments.add(*key, *json))
            return start.wrong(call, fmt::format("parameter \"{}\" is there twice", *key));
    }
    if (!cursor.isAtEnd()) return cursor.wrong(call, "expected a parameter or the end of the call");
    return withArguments(std::move(call), arguments.json(), cursor);
}

CallSyntax deepseekV3Markers() {
    return {.reasoningOpen = "<think>",
            .reasoningClose = "</think>",
            .opens = {"<｜tool▁calls▁begin｜>"},
            .blockCloses = {"<｜tool▁calls▁end｜>"},
            .callOpen = "<｜tool▁call▁begin｜>",
            .callClose = "<｜tool▁call▁end｜>"};
}

}  // namespace

CallSyntax dsmlSyntax(const MarkerNames& names) {
    return {.reasoningOpen = "<think>",
            .reasoningClose = "</think>",
            .opens = {"\n\n<｜DSML｜tool_calls>", "<｜DSML｜tool_calls>",
                      "\n\n<｜DSML｜function_calls>", "<｜DSML｜function_calls>"},
            .blockCloses = {"</｜DSML｜tool_calls>", "</｜DSML｜function_calls>"},
            .callOpen = "<｜DSML｜invoke",
            .callClose = "</｜DSML｜invoke>",
            .readCall = [names](std::string_view inside) { return readDsmlCall(inside, names); }};
}

CallSyntax hermesSyntax() {
    return {.opens = {"\n<tool_call>", "<tool_call>"},
            .callClose = "</tool_call>",
            .readCall = readHermesCall};
}

CallSyntax qwen3Syntax() {
    return {.reasoningOpen = "<think>",
            .reasoningClose = "</think>",
            .opens = {"\n<tool_call>", "<tool_call>"},
            .callClose = "</tool_call>",
            .trimsLines = true,
            .readCall = readHermesCall};
}

CallSyntax deepseekV3Syntax(const MarkerNames& names) {
    CallSyntax syntax = deepseekV3Markers();
    syntax.trimsLines = true;
    syntax.readCall = [names](std::string_view inside) {
        return readDeepseekV3Call(inside, names);
    };
    return syntax;
}

CallSyntax deepseekV31Syntax(const MarkerNames& names) {
    CallSyntax syntax = deepseekV3Markers();
    syntax.readCall = [names](std::string_view inside) {
        return readDeepseekV31Call(inside, names);
    };
    return syntax;
}

CallSyntax kimiK2Syntax(const MarkerNames& names) {
    return {.reasoningOpen = "<think>",
            .reasoningClose = "</think>",
            .opens = {"<|tool_calls_section_begin|>"},
            .blockCloses = {"<|tool_calls_section_end|>"},
            .callOpen = "<|tool_call_begin|>",
            .callClose = "<|tool_call_end|>",
            .readCall = [names](std::string_view inside) { return readKimiCall(inside, names); }};
}

CallSyntax glm45Syntax(const MarkerNames& names, ArgumentTypes types) {
    return {.reasoningOpen = "<think>",
            .reasoningClose = "</think>",
            .opens = {"\n<tool_call>", "<tool_call>"},
            .callClose = "</tool_call>",
            .trimsLines = true,
            .readCall = [names, types = std::move(types)](std::string_view inside) {
                return readGlmCall(inside, names, types);
            }};
}

CallSyntax minimaxM2Syntax(ArgumentTypes types) {
    return {.reasoningOpen = "<think>",
            .reasoningClose = "</think>",
            .opens = {"\n<minimax:tool_call>", "<minimax:tool_call>"},
            .blockCloses = {"</minimax:tool_call>"},
            .callOpen = "<invoke",
            .callClose = "</invoke>",
            .trimsLines = true,
            .readCall = [types = std::move(types)](std::string_view inside) {
                return readMinimaxCall(inside, types);
            }};
}

}  // namespace moxie::engine
