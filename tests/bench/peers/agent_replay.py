#!/usr/bin/env python3
"""An agent's day through an HTTP server: how much of its prompts is read again, and for how many seconds it reads.

  agent_replay.py ours MOXIE MODEL [--turns 300] [--answer 24] [--threads 2] [--context 8192]
  agent_replay.py llama.cpp LLAMA_SERVER MODEL

Starts the server, holds one long conversation and sub-agents beside it, and prints one line of JSON. All of them begin
with the same system text. A turn is a question or a tool's result (files read, searches, test runs, drawn from a fixed
seed; as a user's words, since the sample model's template has no tools) and the server's own answer, greedy, which goes
into the next prompt as the text that came. Every 5th turn is a sub-agent's, which lives for 6 turns; every 11th turn of
the main conversation asks its last question another way; where the context is 7/8 full the conversation begins anew
with a summary. Only the questions are the same for both servers: each goes on from what it said itself.

New are the tokens of a prompt behind its longest beginning that was there before, in a prompt with its answer (counted
in the server's own tokens: what the conversation held, or the system text). Evaluated are those the server did not take
from its cache, as its usage says. Seconds are those from the request to the first piece of the answer, by the clock.
"""
import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

WORDS = ("return value parser config index buffer error token stream const auto size path test module request cache "
         "expected void session limit write read string vector begin end line column span result").split()


def code_lines(draw, count):
    """Lines as a file or a test run has them."""
    lines = []
    for i in range(count):
        name = "_".join(draw.sample(WORDS, 2))
        lines.append(draw.choice((f"    const auto {name} = {draw.choice(WORDS)}({draw.randrange(1000)});",
                                  f"    if ({name}.size() > {draw.randrange(64)}) return {draw.choice(WORDS)};",
                                  f"src/{draw.choice(WORDS)}/{name}.cpp:{draw.randrange(900)}: {' '.join(draw.sample(WORDS, 5))}",
                                  f"[{i:3}] {name} ... ok ({draw.randrange(90)} ms)", "}", "")))
    return "\n".join(lines)


def system_text():
    draw = random.Random(1)
    tools = "\n".join(f"- {name}: {' '.join(draw.choices(WORDS, k=25))}." for name in
                      ("bash", "read", "write", "edit", "grep", "glob", "symbols", "references"))
    return ("You are a coding agent in a repository. Work in small steps, use the tools, never guess a path, say what "
            f"you did not do. Tools:\n{tools}\nThe repository:\n{code_lines(draw, 40)}")


class Server:
    def __init__(self, command, port, log, home):
        self.port = port
        if self.answers():
            sys.exit(f"somebody answers at port {port} already")
        # Ours finds what was read on an earlier day again: here it begins with an empty home.
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"MOXIE_HOME": home})
        for _ in range(600):
            if self.answers():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"{command[0]} does not answer")

    def answers(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def ask(self, messages, answer_tokens):
        """(text, usage, seconds to the first piece, seconds in all)"""
        body = {"model": "any", "messages": messages, "stream": True, "temperature": 0, "max_tokens": answer_tokens,
                "stream_options": {"include_usage": True}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        began = time.monotonic()
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            sys.exit(f"{response.status}: {response.read()[:400]}")
        text, usage, first = "", None, None
        for line in response:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            for choice in event.get("choices", []):
                piece = choice["delta"].get("content")
                if piece or choice.get("finish_reason"):
                    first = first or time.monotonic() - began
                text += piece or ""
            usage = event.get("usage") or usage
        return text, usage, first, time.monotonic() - began

    def end(self):
        self.process.terminate()
        self.process.wait()


class Conversation:
    def __init__(self, task):
        self.messages = [{"role": "system", "content": system_text()}, {"role": "user", "content": task}]
        self.turns = 0
        self.held = []  # tokens after each answer, the newest last


class Replay:
    def __init__(self, server, args):
        self.server, self.args = server, args
        self.draw = random.Random(7)
        self.sums = {"turns": 0, "prompt": 0, "new": 0, "evaluated": 0, "output": 0, "compactions": 0, "rephrased": 0,
                     "read_again_turns": 0}
        self.first_seconds, self.all_seconds = 0.0, 0.0
        self.system_tokens = 0  # of the first prompt, without its task

    def turn(self, talk):
        text, usage, first, whole = self.server.ask(talk.messages, self.args.answer)
        prompt, output = usage["prompt_tokens"], usage["completion_tokens"]
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        if not self.sums["turns"]:
            # What follows the system text: the task, and a few tokens of the template.
            self.system_tokens = prompt - len(talk.messages[1]["content"].split()) * 2
            new = prompt
        else:
            new = prompt - (talk.held[-1] if talk.held else self.system_tokens)
        talk.held.append(prompt + output)
        for name, value in (("turns", 1), ("prompt", prompt), ("new", new), ("evaluated", prompt - cached),
                            ("output", output), ("read_again_turns", int(prompt - cached > new + 16))):
            self.sums[name] += value
        self.first_seconds += first
        self.all_seconds += whole
        talk.messages.append({"role": "assistant", "content": text})
        talk.turns += 1
        return prompt + output

    def say(self, talk):
        kind = self.draw.choices(("ask", "search", "file"), (1, 2, 3))[0]
        lines = {"ask": 1, "search": self.draw.randrange(3, 8), "file": self.draw.randrange(6, 20)}[kind]
        talk.messages.append({"role": "user", "content": f"[result of {kind}]\n{code_lines(self.draw, lines)}"})

    def run(self):
        main, sub = Conversation("Make the parser accept trailing commas."), None
        for i in range(self.args.turns):
            if i % 5 == 4:
                if sub is None or sub.turns == 6:
                    sub = Conversation(f"Find where {' '.join(self.draw.sample(WORDS, 3))} is read.")
                elif sub.turns:
                    self.say(sub)
                self.turn(sub)
                continue
            if main.turns:
                if main.turns % 11 == 10 and len(main.messages) > 4:
                    # The last question in other words: what it held before that question is still known.
                    del main.messages[-2:], main.held[-1]
                    self.sums["rephrased"] += 1
                self.say(main)
            held = self.turn(main)
            if held > self.args.context * 7 // 8 - 400:
                main = Conversation(f"What was done so far: {' '.join(self.draw.choices(WORDS, k=120))}")
                self.sums["compactions"] += 1
        return self.sums | {"evaluated_per_new": round(self.sums["evaluated"] / self.sums["new"], 4),
                            "first_piece_seconds": round(self.first_seconds, 2),
                            "seconds": round(self.all_seconds, 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("side", choices=("ours", "llama.cpp"))
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--answer", type=int, default=24)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--port", type=int, default=18471)
    parser.add_argument("--log", default=os.devnull)
    parser.add_argument("--more", default="", help="more arguments for the server, between spaces")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server ends with us
    command = [args.program, "serve", "--port", str(args.port), "-m", args.model, "--threads", str(args.threads)]
    if args.side == "llama.cpp":
        # A slot for each conversation that is alive; its prompt cache as it is by default.
        command = [args.program, "--port", str(args.port), "-m", args.model, "-t", str(args.threads), "-np", "2",
                   "-c", str(2 * args.context)]
    with open(args.log, "w", encoding="utf-8") as log, tempfile.TemporaryDirectory() as home:
        server = Server(command + args.more.split(), args.port, log, home)
        try:
            print(json.dumps({"side": args.side} | Replay(server, args).run()))
        finally:
            server.end()


if __name__ == "__main__":
    main()
