#include "app/cli/demo_project.h"

#include <system_error>

#include "base/file.h"
#include "tools/git.h"

namespace moxie::app {

namespace {

constexpr std::string_view kTask = "Make parse_list accept a trailing comma; its test fails.";
constexpr std::string_view kCommitMessage = "Accept a trailing comma in lists";

constexpr std::string_view kPythonSource = R"(def parse_list(text):
    """The items of "milk, eggs, bread", without the spaces around them."""
    if not text.strip():
        return []
    return [item.strip() for item in text.split(",")]


def format_list(items):
    return ", ".join(items)
)";

constexpr std::string_view kPythonTest = R"(import unittest

from shopping import format_list, parse_list


class ParseList(unittest.TestCase):
    def test_plain(self):
        self.assertEqual(parse_list("milk, eggs"), ["milk", "eggs"])

    def test_empty(self):
        self.assertEqual(parse_list("  "), [])

    def test_trailing_comma(self):
        self.assertEqual(parse_list("milk, eggs,"), ["milk", "eggs"])

    def test_round_trip(self):
        self.assertEqual(parse_list(format_list(["milk", "eggs"])), ["milk", "eggs"])


if __name__ == "__main__":
    unittest.main()
)";

constexpr std::string_view kPythonRecording = R"JSON({
  "model": "demo-recording",
  "steps": [
    {"reasoning": "First I look at how the test fails, then at the code.",
     "text": "I run the tests first.",
     "calls": [{"name": "bash", "arguments": {"command": "python3 -m unittest -q"}}]},
    {"text": "The trailing comma gives an empty last item. I read the parser.",
     "calls": [{"name": "read", "arguments": {"path": "shopping.py"}}]},
    {"text": "Items that are empty after stripping have to go only at the end, where the comma was; an empty item in the middle should stay visible.",
     "calls": [{"name": "edit", "arguments": {
       "path": "shopping.py",
       "old": "    return [item.strip() for item in text.split(\",\")]\n",
       "new": "    items = [item.strip() for item in text.split(\",\")]\n    if items[-1] == \"\":  # a trailing comma\n        items.pop()\n    return items\n"}}]},
    {"text": "Now the tests again.",
     "calls": [{"name": "bash", "arguments": {"command": "python3 -m unittest -q"}}]},
    {"text": "parse_list now drops the empty item behind a trailing comma. All four tests pass."}
  ]
})JSON";

constexpr std::string_view kShellSource =
    R"(# Prints the items of "milk, eggs, bread", one a line, without the spaces around them.
parse_list() {
    printf '%s\n' "$1" | tr ',' '\n' | sed 's/^ *//; s/ *$//'
}
)";

constexpr std::string_view kShellTest = R"sh(#!/bin/sh
. ./shopping.sh
failed=0
check() {
    if [ "$2" = "$3" ]; then echo "ok: $1"; else echo "FAILED: $1"; failed=1; fi
}
check plain "$(parse_list 'milk, eggs' | wc -l)" "$(printf 'milk\neggs\n' | wc -l)"
check 'trailing comma' "$(parse_list 'milk, eggs,' | wc -l)" "$(printf 'milk\neggs\n' | wc -l)"
exit $failed
)sh";

constexpr std::string_view kShellRecording = R"JSON({
  "model": "demo-recording",
  "steps": [
    {"reasoning": "First I look at how the test fails, then at the code.",
     "text": "I run the tests first.",
     "calls": [{"name": "bash", "arguments": {"command": "sh test_shopping.sh"}}]},
    {"text": "The trailing comma gives an empty last item. I read the parser.",
     "calls": [{"name": "read", "arguments": {"path": "shopping.sh"}}]},
    {"text": "A comma at the end of the text is taken away before it is split.",
     "calls": [{"name": "edit", "arguments": {
       "path": "shopping.sh",
       "old": "    printf '%s\\n' \"$1\" | tr",
       "new": "    printf '%s\\n' \"$1\" | sed 's/, *$//' | tr"}}]},
    {"text": "Now the tests again.",
     "calls": [{"name": "bash", "arguments": {"command": "sh test_shopping.sh"}}]},
    {"text": "parse_list now ignores a trailing comma. Both tests pass."}
  ]
})JSON";

}  // namespace

const DemoProject& pythonDemo() {
    static const DemoProject project = {
        .files = {{"README.md", "# shopping\n\nReads shopping lists as people type them.\n"},
                  {".gitignore", "__pycache__/\n"},
                  {"shopping.py", kPythonSource},
                  {"test_shopping.py", kPythonTest}},
        .task = kTask,
        .verifyCommand = "python3 -m unittest -q",
        .commitMessage = kCommitMessage,
        .recordingJson = kPythonRecording};
    return project;
}

const DemoProject& shellDemo() {
    static const DemoProject project = {
        .files = {{"README.md", "# shopping\n\nReads shopping lists as people type them.\n"},
                  {"shopping.sh", kShellSource},
                  {"test_shopping.sh", kShellTest}},
        .task = kTask,
        .verifyCommand = "sh test_shopping.sh",
        .commitMessage = kCommitMessage,
        .recordingJson = kShellRecording};
    return project;
}

base::Status writeDemo(const DemoProject& project, const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return base::fail(base::errnoError(failed.value(), "make " + folder.string()));
    tools::CommitRequest first{.message = "A shopping list parser", .paths = {}};
    for (const DemoFile& file : project.files) {
        TRY(base::writeFileAtomically(folder / file.path, file.content,
                                      base::Durability::renameOnly));
        first.paths.emplace_back(file.path);
    }
    TRY_ASSIGN(tools::Git git, tools::Git::init(folder));
    TRY(git.commit(first));
    return {};
}

}  // namespace moxie::app
