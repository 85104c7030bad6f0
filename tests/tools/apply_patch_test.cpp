#include <sys/resource.h>

#include <csignal>

#include "tests/tools/fixture.h"
#include "tools/file_tools.h"

using moxie::tests::contains;
using moxie::tests::ToolBench;
using moxie::tools::ToolResult;

namespace {

struct Patches : ToolBench {
    std::unique_ptr<moxie::tools::Tool> tool = moxie::tools::makeApplyPatchTool();
    std::unique_ptr<moxie::tools::Tool> reader = moxie::tools::makeReadTool();

    ToolResult apply(const std::string& body) {
        return run(*tool, {{"patch", "*** Begin Patch\n" + body + "*** End Patch\n"}});
    }
};

}  // namespace

TEST_CASE("a patch adds, changes, moves and deletes in one go", "[tools]") {
    Patches patches;
    patches.folder.put("a.py", "def f():\n    return 1\n\ndef g():\n    return 1\n");
    patches.folder.put("b.txt", "one\ntwo\n");
    patches.folder.put("c.txt", "gone\n");
    patches.run(*patches.reader, {{"path", "c.txt"}});
    const ToolResult result = patches.apply(
        "*** Add File: new/x.txt\n+hello\n+\n"
        "*** Update File: a.py\n@@ def g():\n-    return 1\n+    return 2\n"
        "*** Update File: b.txt\n*** Move to: sub/b.txt\n@@\n one\n-two\n+2\n*** End of File\n"
        "*** Delete File: c.txt\n");
    CHECK(result.text == "Applied:\nA new/x.txt\nM a.py\nM b.txt -> sub/b.txt\nD c.txt");
    CHECK(result.changedPaths ==
          std::vector<std::string>{"new/x.txt", "a.py", "b.txt", "sub/b.txt", "c.txt"});
    CHECK(patches.folder.get("new/x.txt") == "hello\n\n");
    CHECK(patches.folder.get("a.py") == "def f():\n    return 1\n\ndef g():\n    return 2\n");
    CHECK(patches.folder.get("sub/b.txt") == "one\n2\n");
    CHECK_FALSE(patches.folder.has("b.txt"));
    CHECK_FALSE(patches.folder.has("c.txt"));
}

TEST_CASE("a patch that fails anywhere changes nothing", "[tools]") {
    Patches patches;
    patches.folder.put("a", "1\n2\n");
    patches.folder.put("b", "x\ny\nx\n");
    patches.folder.put("unseen", "u\n");
    const std::string good = "*** Update File: a\n@@\n-1\n+one\n";
    const auto [body, expected] = GENERATE(table<std::string, std::string>({
        {"*** Update File: b\n@@\n-z\n+q\n", "b: hunk 1: there is no line z"},
        {"*** Update File: b\n@@\n-x\n+q\n", "[ambiguous: b: hunk 1: its lines fit lines 1 and 3"},
        {"*** Update File: none\n@@\n-x\n+q\n", "[not found: "},
        {"*** Update File: ../x\n@@\n-x\n+q\n", "[denied: "},
        {"*** Update File: /etc/passwd\n@@\n-x\n+q\n", "[bad path: "},
        {"*** Add File: .git/hooks/x\n+q\n", "[denied: "},
        {"*** Add File: b\n+q\n", "[exists: b"},
        {"*** Delete File: unseen\n", "[unseen: "},
        {"*** Update File: b\n*** Move to: unseen\n@@\n-y\n+q\n", "[exists: unseen"},
        {"*** Update File: a\n@@\n-2\n+two\n", "[bad patch: a is named twice"},
        {"*** Update File: b\n@@\n x\n", "expected a line that begins with '-' or '+'"},
        {"*** Rename File: b\n", "expected a line that begins"},
        {"*** Update File: b\n@@\n-y\n+q\n@@ nowhere\n-x\n+q\n", "there is no line nowhere"},
    }));
    CAPTURE(body);
    const ToolResult result = patches.apply(good + body);
    CHECK(result.isError);
    CHECK(contains(result.text, expected));
    CHECK(patches.folder.get("a") == "1\n2\n");
    CHECK(patches.folder.get("b") == "x\ny\nx\n");
    CHECK_FALSE(patches.folder.has(".git"));
}

TEST_CASE("a patch that was cut off is never applied", "[tools]") {
    Patches patches;
    patches.folder.put("a", "1\n2\n");
    const std::string whole =
        "*** Begin Patch\n*** Update File: a\n@@\n-1\n+one\n 2\n*** Add File: b\n+x\n*** End Patch";
    for (size_t length = 1; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(patches.run(*patches.tool, {{"patch", whole.substr(0, length)}}).isError);
    }
    CHECK(patches.folder.get("a") == "1\n2\n");
    CHECK_FALSE(patches.run(*patches.tool, {{"patch", whole}}).isError);
}

TEST_CASE("a patch keeps the line ends and the missing last line end of a file", "[tools]") {
    Patches patches;
    patches.folder.put("crlf", "a\r\nb\r\n");
    patches.folder.put("open", "a\nb");
    CHECK_FALSE(patches
                    .apply("*** Update File: crlf\n@@\n a\n-b\n+c\n+d\n"
                           "*** Update File: open\n@@\n a\n-b\n+c\n")
                    .isError);
    CHECK(patches.folder.get("crlf") == "a\r\nc\r\nd\r\n");
    CHECK(patches.folder.get("open") == "a\nc");
}

TEST_CASE("a patch overlooks indentation and says so", "[tools]") {
    Patches patches;
    patches.folder.put("a", "void f() {\n\tint a = 1;\n\tint b = 2;\n}\n");
    const ToolResult result = patches.apply(
        "*** Update File: a\n@@ void f() {\n     int a = 1;\n-    int b = 2;\n+    int b = 3;\n");
    CHECK(contains(result.text, "M a [indentation overlooked"));
    CHECK(patches.folder.get("a") == "void f() {\n\tint a = 1;\n\tint b = 3;\n}\n");
}

TEST_CASE("a disk that is full at the second file leaves the first as it was", "[tools]") {
    Patches patches;
    patches.folder.put("a", "1\n");
    patches.folder.put("big", std::string(100'000, 'x') + "\nend\n");

    struct rlimit old {};

    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = old;
    small.rlim_cur = 50'000;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const ToolResult result = patches.apply(
        "*** Update File: a\n@@\n-1\n+one\n*** Add File: sub/new\n+x\n"
        "*** Update File: big\n@@\n-end\n+END\n");
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(result.isError);
    CHECK(contains(result.text, "[io: "));
    CHECK(patches.folder.get("a") == "1\n");
    CHECK_FALSE(patches.folder.has("sub"));
    std::error_code ignored;
    CHECK(std::distance(std::filesystem::directory_iterator(patches.folder.path(), ignored), {}) ==
          2);
}
