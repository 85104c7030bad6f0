#!/usr/bin/env python3
"""Holds `moxie serve` over a local model to its word, through the openai package: under
tool_choice required or a named tool the answer is a call whose arguments validate, under
response_format json_schema it is a value that validates; whole and streamed, at temperature 1.
Random models say anything, so nothing but the masks can make that true.

    serve_schemas.py --bin build/dev/bin --model FILE [--model FILE ...] [--answers N]

FILE: of `moxie model make`, or the sample model. Needs: pip install openai jsonschema.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile

import jsonschema
import openai

READ = {"type": "object", "properties": {
    "path": {"enum": ["src/a.cpp", "src/模块.h", "a \"b\".txt"]}, "lines": {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
    "mode": {"type": "string", "enum": ["r", "w"]}, "why": {"type": "string", "minLength": 2, "maxLength": 30},
    "on": {"type": "string", "format": "date"}, "share": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "deep": {"type": "object", "properties": {
        "on": {"type": "boolean"}, "x": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
        "required": ["on"], "additionalProperties": False}},
    "required": ["path", "lines"], "additionalProperties": False}
NOTE = {"type": "object", "properties": {"level": {"type": "integer", "minimum": 1, "maximum": 20, "multipleOf": 3},
        "tag": {"type": "string", "pattern": "^[a-z]{1,8}(-[0-9]+)?$", "maxLength": 12}, "of": {"type": "array", "minItems": 1, "maxItems": 2,
        "items": {"type": "object", "properties": {"id": {"type": "integer"}, "ok": {"type": ["boolean", "null"]}},
                  "required": ["id"], "additionalProperties": False}}},
        "required": ["level"], "additionalProperties": False}
SCHEMAS = {"read": READ, "note": NOTE}
TOOLS = [{"type": "function", "function": {"name": name, "description": name, "parameters": schema}} for name, schema in SCHEMAS.items()]
counts = {"valid": 0, "cut": 0}
failures = []


@contextlib.contextmanager
def serve(binaries, model, folder):
    env = {**os.environ, "MOXIE_HOME": str(folder / "home"), "MOXIE_LANG": "en"}
    process = subprocess.Popen([binaries / "moxie", "serve", "--port", "0", "-m", model], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, env=env)
    line = process.stdout.readline()
    try:
        yield openai.OpenAI(base_url=re.search(r"http://\S+:\d+", line).group(0) + "/v1", api_key="none", max_retries=0, timeout=600)
    finally:
        process.terminate()
        process.wait(timeout=30)


def validate(what, schema, text):
    try:
        jsonschema.validate(json.loads(text), schema, format_checker=jsonschema.FormatChecker())
        counts["valid"] += 1
    except (ValueError, jsonschema.ValidationError) as error:
        failures.append(what)
        print(f"FAILED {what}: {str(error).splitlines()[0]}: {text!r}")


def whole(client, ask):
    choice = client.chat.completions.create(**ask).choices[0]
    calls = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
    return calls, choice.message.content or "", choice.finish_reason


def streamed(client, ask):
    calls, text, reason = {}, "", None
    for chunk in client.chat.completions.create(**ask, stream=True):
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
            for call in choice.delta.tool_calls or []:
                name, arguments = calls.get(call.index, ("", ""))
                calls[call.index] = (name + (call.function.name or ""), arguments + (call.function.arguments or ""))
    return list(calls.values()), text, reason


def check(what, said, mode):
    calls, text, reason = said
    if reason == "length":
        counts["cut"] += 1
        return
    if mode == "schema":
        return validate(what, READ, text)
    if not calls or (mode == "note" and any(name != "note" for name, _ in calls)) or reason != "tool_calls":
        failures.append(what)
        print(f"FAILED {what}: {reason}, {calls}, {text!r}")
    for name, arguments in calls:
        validate(what, SCHEMAS[name], arguments)


def ask_model(client, model, answers):
    modes = {"required": {"tools": TOOLS, "tool_choice": "required"},
             "note": {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "note"}}},
             "schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "read", "schema": READ, "strict": True}}}}
    for mode, options in modes.items():
        for seed in range(answers):
            ask = dict(model="any", messages=[{"role": "user", "content": "Read src/a.cpp, or say a note."}], temperature=1,
                       seed=seed, max_completion_tokens=2000, reasoning_effort="none", **options)
            for way in (whole, streamed):
                what = f"{pathlib.Path(model).name} {mode} seed {seed} {way.__name__}"
                try:
                    check(what, way(client, ask), mode)
                except openai.APIError as error:
                    failures.append(what)
                    print(f"FAILED {what}: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--answers", type=int, default=10)
    options = parser.parse_args()
    for model in options.model:
        before = dict(counts)
        with tempfile.TemporaryDirectory() as folder, serve(options.bin, model, pathlib.Path(folder)) as client:
            ask_model(client, model, options.answers)
        print(f"{pathlib.Path(model).name}: {counts['valid'] - before['valid']} valid, {counts['cut'] - before['cut']} cut at the limit")
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
