"""The chat encoding of DeepSeek V4 as its reference text (f.3, f.4) says it, written from that text alone and not from
engine/chat. compare.py holds the engine against it, and it against the makers' own packages.

One rule is later than the text: a system message that ends the conversation, or stands before an answer, opens the
answer as a user's message does (deepseek-recipe 0.2.0, vLLM 0.33).
"""
import copy
import json

BOS, EOS = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
USER, ASSISTANT, REMINDER = "<｜User｜>", "<｜Assistant｜>", "<｜latest_reminder｜>"
D = "｜DSML｜"

P1 = ("Reasoning Effort: Absolute maximum with no shortcuts permitted.\n"
      "You MUST be very thorough in your thinking and comprehensively decompose the problem to resolve the root cause, "
      "rigorously stress-testing your logic against all potential paths, edge cases, and adversarial scenarios.\n"
      "Explicitly write out your entire deliberation process, documenting every intermediate step, considered "
      "alternative, and rejected hypothesis to ensure absolutely no assumption is left unchecked.\n\n")
P2 = ("Reasoning Effort: Beyond maximum — exhaustive, relentless, and uncompromising.\n"
      "You MUST reason with the utmost depth and rigor, leaving absolutely nothing to chance: exhaustively decompose "
      "the problem into its most fundamental components, trace every causal chain to its root, and resolve the "
      "underlying cause rather than any surface symptom.\n"
      "Do not stop reasoning until you have independently verified the solution from multiple angles and are certain "
      "that no assumption remains unchecked and no error remains undiscovered.\n\n")
PREFIX = {"preview": {"max": P1}, "0731": {"high": P1, "max": P2}}

TOOLS = """## Tools

You have access to a set of tools to help answer the user's question. You can invoke tools by writing a "<{D}tool_calls>" block like the following:

<{D}tool_calls>
<{D}invoke name="$TOOL_NAME">
<{D}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</{D}parameter>
...
</{D}invoke>
<{D}invoke name="$TOOL_NAME2">
...
</{D}invoke>
</{D}tool_calls>

String parameters should be specified as is and set `string="true"`. For all other types (numbers, booleans, arrays, objects), pass the value in JSON format and set `string="false"`.

If thinking_mode is enabled (triggered by <think>), you MUST output your complete reasoning inside <think>...</think> BEFORE any tool calls or final response.

Otherwise, output directly after </think> with tool calls or final response.

### Available Tool Schemas

{SCHEMAS}

You MUST strictly follow the above defined tool name and parameter schemas to invoke tool calls.
"""


def dumps(value):
    return json.dumps(value, ensure_ascii=False)


def merge(messages):
    out = []
    for message in messages:
        role = message["role"]
        if role not in ("user", "tool"):
            out.append(copy.deepcopy(message))
            continue
        block = (role, message.get("content", ""), message.get("tool_call_id", ""))
        previous = out[-1] if out and out[-1]["role"] == "user" else None
        if previous is not None and (role == "tool" or not previous.get("task")):
            previous["blocks"].append(block)
        else:
            out.append({"role": "user", "blocks": [block], "task": message.get("task") if role == "user" else None})
    return out


def reorder(messages):
    order = {}
    for message in messages:
        if message["role"] == "assistant" and message.get("tool_calls"):
            order = {call["id"]: i for i, call in enumerate(message["tool_calls"]) if call.get("id")}
        if message["role"] == "user":
            results = sorted((b for b in message["blocks"] if b[0] == "tool"), key=lambda b: order.get(b[2], 0))
            message["blocks"] = [results.pop(0) if b[0] == "tool" else b for b in message["blocks"]]


def last_question(messages):
    return max((i for i, m in enumerate(messages) if m["role"] in ("user", "developer")), default=-1)


def call_text(call):
    try:
        arguments = json.loads(call["arguments"])
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        arguments = {"arguments": call["arguments"]}
    lines = []
    for key, value in arguments.items():
        is_string = isinstance(value, str)
        text = value if is_string else dumps(value)
        lines.append(f'<{D}parameter name="{key}" string="{"true" if is_string else "false"}">{text}</{D}parameter>')
    return f'<{D}invoke name="{call["name"]}">\n' + "\n".join(lines) + f"\n</{D}invoke>"


def instructions(message):
    text = message.get("content", "")
    if message.get("tools"):
        text += "\n\n" + TOOLS.replace("{D}", D).replace("{SCHEMAS}", "\n".join(message["tools"]))
    if message.get("response_format"):
        text += ("\n\n## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n"
                 + dumps(json.loads(message["response_format"])))
    return text


def encode(messages, thinking=True, drop_thinking=True, effort="low", ladder="0731"):
    drop = drop_thinking and not any(m.get("tools") for m in messages)
    messages = merge(messages)
    reorder(messages)
    if thinking and drop:
        last = last_question(messages)
        messages = [m for i, m in enumerate(messages) if i >= last or m["role"] != "developer"]
    last = last_question(messages)
    out = BOS
    if thinking and messages:
        out += PREFIX[ladder].get(effort, "")
    for i, message in enumerate(messages):
        role = message["role"]
        if role == "user":
            blocks = [text if kind == "user" else f"<tool_result>{text}</tool_result>"
                      for kind, text, _ in message["blocks"]]
            out += USER + "\n\n".join(blocks)
        elif role == "developer":
            out += USER + instructions(message)
        elif role == "system":
            out += instructions(message)
        elif role == "latest_reminder":
            out += REMINDER + message.get("content", "")
        else:
            behind_task = i > 0 and messages[i - 1].get("task")
            if thinking and not behind_task and (not drop or i > last):
                out += message.get("reasoning", "") + "</think>"
            out += message.get("content", "")
            if message.get("tool_calls"):
                calls = "\n".join(call_text(call) for call in message["tool_calls"])
                out += f"\n\n<{D}tool_calls>\n{calls}\n</{D}tool_calls>"
            if not message.get("wo_eos"):
                out += EOS
        following = messages[i + 1]["role"] if i + 1 < len(messages) else None
        if following not in (None, "assistant", "latest_reminder"):
            continue
        task = message.get("task")
        thinks = thinking and (not drop or i >= last)
        if task == "action":
            out += ASSISTANT + ("<think>" if thinking else "</think>") + "<｜action｜>"
        elif task:
            out += f"<｜{task}｜>"
        elif role in ("user", "developer") or (role == "system" and following != "latest_reminder"):
            out += ASSISTANT + ("<think>" if thinks else "</think>")
    return out
