// The formats in which models call tools, as tables for MarkedAnswerParser.
// Threads: any thread.
// Sources: the reference text on DeepSeek V4, f.5; the makers' chat templates.
#pragma once
#include "engine/chat/argument_types.h"
#include "engine/chat/marked_answer_parser.h"

namespace moxie::engine {

// DeepSeek V4 and V3.2. Both names of the block are taken: V4 says `function_calls` now and then.
//   <｜DSML｜tool_calls>
//   <｜DSML｜invoke name="NAME">
//   <｜DSML｜parameter name="KEY" string="true|false">VALUE</｜DSML｜parameter>
//   </｜DSML｜invoke>
//   </｜DSML｜tool_calls>
// Values of string="false" are JSON and are kept as they are spelled.
CallSyntax dsmlSyntax(const MarkerNames& names);
// <tool_call>{"name": NAME, "arguments": {...}}</tool_call>, exactly these two members.
CallSyntax hermesSyntax();
// The same with <think>, and line ends as Qwen3's template writes them.
CallSyntax qwen3Syntax();
// function<｜tool▁sep｜>NAME, line end, ```json, {...}, ``` (V3, R1); NAME<｜tool▁sep｜>{...}
// (V3.1).
CallSyntax deepseekV3Syntax(const MarkerNames& names);
CallSyntax deepseekV31Syntax(const MarkerNames& names);
// functions.NAME:NUMBER<|tool_call_argument_begin|>{...}, in a section.
CallSyntax kimiK2Syntax(const MarkerNames& names);
// <tool_call>NAME, then <arg_key>KEY</arg_key> and <arg_value>VALUE</arg_value> in turn.
CallSyntax glm45Syntax(const MarkerNames& names, ArgumentTypes types);
// <invoke name="NAME"> with <parameter name="KEY">VALUE</parameter>, in <minimax:tool_call>.
CallSyntax minimaxM2Syntax(ArgumentTypes types);

}  // namespace moxie::engine
