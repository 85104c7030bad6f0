// The real binary, as a user or a script meets it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/app/moxie_command.h"
#include "tests/catch.h"

using namespace moxie::test;
using nlohmann::json;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

const std::vector<std::vector<std::string>> kCommands = {{"run"},
                                                         {"index"},
                                                         {"search"},
                                                         {"symbols"},
                                                         {"refs"},
                                                         {"pack"},
                                                         {"generate"},
                                                         {"logits"},
                                                         {"bench"},
                                                         {"perplexity"},
                                                         {"tokens"},
                                                         {"undo"},
                                                         {"doctor"},
                                                         {"demo"},
                                                         {"completions"},
                                                         {"sessions"},
                                                         {"sessions", "list"},
                                                         {"sessions", "show"},
                                                         {"sessions", "replay"},
                                                         {"config"},
                                                         {"config", "get"},
                                                         {"config", "set"},
                                                         {"sessions", "export"},
                                                         {"config", "list"},
                                                         {"config", "path"},
                                                         {"sessions", "delete"}};

}  // namespace

TEST_CASE("every command has help with an example in both languages", "[app]") {
    MoxieCommand moxie;
    for (std::vector<std::string> words : kCommands) {
        CAPTURE(words);
        words.emplace_back("--help");
        moxie.environment["MOXIE_LANG"] = "en";
        const CommandResult english = moxie.run(words);
        CHECK(english.exitCode == 0);
        CHECK(contains(english.out, "Example:"));
        moxie.environment["MOXIE_LANG"] = "zh";
        const CommandResult chinese = moxie.run(words);
        CHECK(contains(chinese.out, "示例:"));
        CHECK_FALSE(contains(chinese.out, "Options"));
    }
}

TEST_CASE("moxie tokens wants one text and a tokenizer it can read", "[app]") {
    const MoxieCommand moxie;
    CHECK(moxie.run({"tokens"}).exitCode == 2);
    CHECK(moxie.run({"tokens", "--text", "a", "file.txt"}).exitCode == 2);
    const CommandResult missing = moxie.run({"tokens", "--text", "a", "-m", "no_such_folder"});
    CHECK(missing.exitCode == 1);
    CHECK(contains(missing.error, "no_such_folder"));
}

TEST_CASE("usage errors exit with 2 and name the nearest word", "[app]") {
    const MoxieCommand moxie;
    const CommandResult command = moxie.run({"serch", "x"});
    CHECK(command.exitCode == 2);
    CHECK(contains(command.error, "Did you mean \"search\"?"));
    const CommandResult option = moxie.run({"run", "task", "--moed", "ask"});
    CHECK(option.exitCode == 2);
    CHECK(contains(option.error, "--mode"));
    const CommandResult choice = moxie.run({"run", "task", "--mode", "atuo"});
    CHECK(choice.exitCode == 2);
    CHECK(contains(choice.error, "Did you mean \"auto\"?"));
    CHECK(moxie.run({"run"}).exitCode == 2);
    CHECK(moxie.run({"sessions", "shwo"}).exitCode == 2);
    CHECK(moxie.run({"run", "two", "words"}).exitCode == 2);
    CHECK(moxie.run({"run", "x", "--budget-time", "soon"}).exitCode == 2);
    CHECK(moxie.run({"run", "x", "--repo", "/nowhere"}).exitCode == 2);
    CHECK(moxie.run({"run", "-"}, "  \n").exitCode == 2);
    CHECK(moxie.run({"run", "x", "--base-url", "http://127.0.0.1:9"}).exitCode == 2);
    CHECK(moxie.run({"config", "get", "mdoe"}).exitCode == 2);
}

TEST_CASE("the locale chooses Chinese where MOXIE_LANG is silent", "[app]") {
    MoxieCommand moxie;
    moxie.environment.erase("MOXIE_LANG");
    moxie.environment["LANG"] = "zh_CN.UTF-8";
    CHECK(contains(moxie.run({"--help"}).out, "用法"));
    moxie.environment["LC_ALL"] = "C.UTF-8";
    CHECK(contains(moxie.run({"--help"}).out, "Usage"));
}

TEST_CASE("config set, get and list agree, and refuse what is not allowed", "[app]") {
    const MoxieCommand moxie;
    CHECK(moxie.run({"config", "set", "budget.steps", "42"}).exitCode == 0);
    CHECK(moxie.run({"config", "set", "mode", "ask"}).exitCode == 0);
    CHECK(moxie.run({"config", "get", "budget.steps"}).out == "42\n");
    CHECK(moxie.run({"config", "get", "mode"}).out == "ask\n");
    CHECK(moxie.run({"config", "set", "mode", "wild"}).exitCode == 2);
    CHECK(moxie.run({"config", "get", "mode"}).out == "ask\n");
    const json all = json::parse(moxie.run({"config", "list", "--json"}).out);
    CHECK(all["budget.steps"]["value"] == 42);
    CHECK(all["budget.steps"]["origin"] == "user");
    CHECK(all["sandbox"]["origin"] == "default");
}

TEST_CASE("doctor gives verdicts as JSON and colours only where asked", "[app]") {
    const MoxieCommand moxie;
    const CommandResult doctor = moxie.run({"doctor", "--json"});
    const json report = json::parse(doctor.out);
    CHECK(report["findings"].size() >= 9);
    CHECK(doctor.exitCode == (report["is_good"] == true ? 0 : 1));
    const json& findings = report["findings"];
    CHECK(std::any_of(findings.begin(), findings.end(), [](const json& finding) {
        return finding["check"] == "kv_store" && contains(finding["text"], "/kv");
    }));
    CHECK_FALSE(contains(moxie.run({"doctor"}).out, "\x1b["));
    CHECK(contains(moxie.run({"doctor", "--color", "always"}).out, "\x1b["));
}

TEST_CASE("index, search, symbols, refs and pack answer about a real folder", "[app]") {
    const MoxieCommand moxie;
    const TempFolder repo;
    repo.write("src/list.py", "def parse_list(text):\n    return text.split(',')\n");
    repo.write("src/main.py", "from list import parse_list\nprint(parse_list('a,b'))\n");
    const std::string folder = repo.path().string();
    repo.write("logo.bin", std::string("\x89PNG\0\0", 6));
    const json stats = json::parse(moxie.run({"index", folder, "--json"}).out);
    CHECK(stats["files"] == 3);
    CHECK(stats["files_by_tier"]["syntax"] == 2);
    CHECK(stats["left_out"][0]["why"] == "binary");
    const std::string shown = moxie.run({"index", folder, "--stats"}).out;
    CHECK(contains(shown, "by words alone: 1"));
    CHECK(contains(shown, "logo.bin: binary"));
    const json symbols =
        json::parse(moxie.run({"symbols", "parse_list", "-C", folder, "--json"}).out);
    REQUIRE_FALSE(symbols.empty());
    CHECK(symbols[0]["path"] == "src/list.py");
    const std::string uses = moxie.run({"refs", "parse_list", "-C", folder}).out;
    CHECK(contains(uses, "src/main.py:"));
    CHECK(contains(uses, "-> src/list.py:1 (imported"));
    const json callers =
        json::parse(moxie.run({"refs", "parse_list", "--callers", "-C", folder, "--json"}).out);
    REQUIRE(callers.size() == 1);
    CHECK(callers[0]["callers"][0]["path"] == "src/main.py");
    CHECK(contains(moxie.run({"search", "parse_list", "-C", folder}).out, "src/list.py"));
    CHECK(contains(moxie.run({"search", "zzzqqq", "-C", folder}).out, "Nothing was found"));
    const json pack = json::parse(
        moxie.run({"pack", "change parse_list", "--budget", "500", "-C", folder, "--json"}).out);
    CHECK(pack["tokens"] <= 500);
}

TEST_CASE("completions and man page name every command", "[app]") {
    const MoxieCommand moxie;
    for (const char* kind : {"bash", "zsh", "fish", "man"}) {
        CAPTURE(kind);
        const CommandResult result = moxie.run({"completions", kind});
        CHECK(result.exitCode == 0);
        for (const auto& words : kCommands)
            CHECK(contains(result.out, words.back()));
    }
}

TEST_CASE("an empty list of sessions says how to begin", "[app]") {
    const MoxieCommand moxie;
    const CommandResult list = moxie.run({"sessions", "list", "--all"});
    CHECK(list.exitCode == 0);
    CHECK(contains(list.out, "moxie run"));
    CHECK(json::parse(moxie.run({"sessions", "list", "--json"}).out).empty());
    CHECK(moxie.run({"sessions", "show", "nope"}).exitCode == 1);
    CHECK(moxie.run({"undo"}).exitCode == 1);
}
