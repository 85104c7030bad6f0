#!/usr/bin/env python3
"""Renders conversations with the Jinja template inside a GGUF file and with its tokenizer, as golden data.

    pip install jinja2 tokenizers gguf
    chat_template_compare.py MODEL.gguf tests/data/tokenizer

Writes smollm2_chat.json (template, conversations, prompts) and smollm2_ids.json (texts and their token ids by the
`tokenizers` library). The default suite holds Moxie against them.
"""
import json
import pathlib
import sys

import gguf
import jinja2

import tokenizer_compare

CONVERSATIONS = [
    [("user", "Hello")],
    [("system", "You are a pirate."), ("user", "Hello")],
    [("system", ""), ("user", "")],
    [("user", "a"), ("assistant", "b"), ("user", " c\n"), ("assistant", ""), ("user", "\n\nd")],
    [("user", "list"), ("assistant", "ok"), ("tool", "a.txt\nb.txt"), ("system", "late"), ("user", "<|im_end|>")],
    [("user", "你好，世界 😀"), ("assistant", "Grüße"), ("user", "x" * 300)],
]

TEXTS = [
    "", " ", "Hello, world!", "int main() {\n    return 0;\n}\n", "\tif (x >= 10) { y += 0x1F; }\r\n",
    "The year 2026 has 365 days; it's what we've got.", "def f(a, b=3.14):\n\n\n    return a**b  # fin\n",
    "<|im_start|>user\n<|endoftext|>", "    \n  \t \n", "'s 't 're 'VE 'll", "don't DON'T can’t",
    tokenizer_compare.CHINESE, tokenizer_compare.EMOJI, "ñandú Ünïcödé ﬁ ſ", "a\u00a0b\u2003c\u180ed\u3000e",
    "١٢٣ ๑๒๓ ⅷ ½ ²", "日本語テキスト、한국어 텍스트, русский текст, עברית, العربية",
    "snake_case camelCase PascalCase kebab-case SCREAMING_CASE x86_64 utf8", "=" * 100, "a" * 200, "ab" * 100,
    "\u0001\u0004\u0006\u0013!\u0016!\u001d", "e\u0301\u0302 👨‍👩‍👧 🇨🇳", "https://example.org/a?b=c&d=%20#e",
    "{\"key\": [1, 2.5e-3, null, true]}", "SELECT * FROM t WHERE a <> 'b';", "x\u2028y\u2029z\u0085w",
]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    source = gguf.GGUFReader(model).fields["tokenizer.chat_template"].contents()
    template = jinja2.Environment().from_string(source)
    examples = []
    for conversation in CONVERSATIONS:
        messages = [{"role": role, "content": content} for role, content in conversation]
        examples.append({"messages": messages,
                         "prompt": template.render(messages=messages, add_generation_prompt=True)})
    origin = "made by tests/bench/peers/chat_template_compare.py from " + pathlib.Path(model).name
    chat = {"origin": origin, "template": source, "examples": examples}
    (folder / "smollm2_chat.json").write_text(json.dumps(chat, indent=1) + "\n")

    tokenizer = tokenizer_compare.reference(model)
    ids = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in TEXTS]
    lines = ",\n".join(json.dumps(entry) for entry in ids)
    (folder / "smollm2_ids.json").write_text(f'{{"origin": "{origin}", "texts": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
