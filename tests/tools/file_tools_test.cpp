// read, edit and write through the door of the tools.
#include "tools/file_tools.h"

#include <sys/stat.h>

#include "tests/tools/fixture.h"

using moxie::tests::contains;
using moxie::tests::ToolBench;
using moxie::tools::ToolResult;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A bench with read, edit and write.
struct Files : ToolBench {
    std::unique_ptr<moxie::tools::Tool> readTool = moxie::tools::makeReadTool();
    std::unique_ptr<moxie::tools::Tool> editTool = moxie::tools::makeEditTool();
    std::unique_ptr<moxie::tools::Tool> writeTool = moxie::tools::makeWriteTool();

    ToolResult read(const json& arguments) { return run(*readTool, arguments); }

    ToolResult edit(const json& arguments) { return run(*editTool, arguments); }

    ToolResult write(const json& arguments) { return run(*writeTool, arguments); }
};

}  // namespace

TEST_CASE("read numbers the lines and tells how to go on", "[tools]") {
    Files files;
    files.folder.put("a.txt", "one\n\ttwo\nthree\n");
    CHECK(files.read({{"path", "a.txt"}}).text ==
          "    1|one\n    2|\ttwo\n    3|three\n[lines 1-3 of 3; end of file]");
    CHECK(files.read({{"path", "a.txt"}, {"offset", 2}, {"limit", 1}}).text ==
          "    2|\ttwo\n[lines 2-2 of 3; next offset 3]");
    CHECK(files.read({{"path", "a.txt"}, {"offset", 4}}).isError);
    files.folder.put("empty", "");
    CHECK(files.read({{"path", "empty"}}).text == "(empty file)");
}

TEST_CASE("read keeps its limits of lines, characters and bytes", "[tools]") {
    Files files;
    std::string many;
    for (int i = 0; i < 3000; ++i)
        many += "line\n";
    files.folder.put("many", many);
    CHECK(
        contains(files.read({{"path", "many"}}).text, "[lines 1-2000 of 3000; next offset 2001]"));
    files.folder.put("long", std::string(5000, 'x') + "\nshort\n");
    const ToolResult cut = files.read({{"path", "long"}});
    CHECK(contains(cut.text, "[1 lines are longer than 2000 characters"));
    CHECK(cut.text.size() < 2300);
    std::string wide;
    for (int i = 0; i < 200; ++i)
        wide += std::string(1000, 'y') + "\n";
    files.folder.put("wide", wide);
    const ToolResult capped = files.read({{"path", "wide"}});
    CHECK(capped.text.size() < 51'000);
    CHECK(contains(capped.text, "next offset 50]"));
}

TEST_CASE("read says what is special about a file", "[tools]") {
    Files files;
    files.folder.put("crlf", "a\r\nb\r\n");
    CHECK(contains(files.read({{"path", "crlf"}}).text, "CRLF"));
    files.folder.put("bom", "\xEF\xBB\xBFhello\n");
    const ToolResult bom = files.read({{"path", "bom"}});
    CHECK(contains(bom.text, "    1|hello\n"));
    CHECK(contains(bom.text, "byte order mark"));
    files.folder.put("latin", "caf\xE9\n");
    const ToolResult latin = files.read({{"path", "latin"}});
    CHECK(contains(latin.text, "caf\xEF\xBF\xBD"));
    CHECK(contains(latin.text, "not valid UTF-8"));
    files.folder.put("image", std::string("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16));
    const ToolResult image = files.read({{"path", "image"}});
    CHECK(image.isError);
    CHECK(contains(image.text, "16 bytes, PNG image, begins with 89 50 4E 47"));
}

TEST_CASE("read lists a folder and offers near names", "[tools]") {
    Files files;
    files.folder.put("src/main.cpp", "x");
    files.folder.put("src/deep/file", "x");
    CHECK(files.read({{"path", "src"}}).text == "deep/\nmain.cpp\n[folder src: 2 names]");
    const ToolResult missing = files.read({{"path", "src/mian.cpp"}});
    CHECK(missing.isError);
    CHECK(contains(missing.text, "Near it: main.cpp."));
}

TEST_CASE("read reaches spilled outputs and nothing else outside", "[tools]") {
    Files files;
    files.session.put("spill/call1.txt", "output\n");
    files.session.put("secret", "s");
    CHECK(contains(files.read({{"path", (files.session.path() / "spill/call1.txt").string()}}).text,
                   "    1|output"));
    CHECK(files.read({{"path", (files.session.path() / "secret").string()}}).isError);
    CHECK(files.read({{"path", (files.session.path() / "spill/../secret").string()}}).isError);
    CHECK(files.read({{"path", "/etc/passwd"}}).isError);
    fs::create_symlink(files.session.path() / "secret", files.session.path() / "spill/link");
    CHECK(files.read({{"path", (files.session.path() / "spill/link").string()}}).isError);
}

TEST_CASE("read does not block on a FIFO or a device", "[tools]") {
    Files files;
    REQUIRE(::mkfifo((files.folder.path() / "fifo").c_str(), 0600) == 0);
    CHECK(contains(files.read({{"path", "fifo"}}).text, "not a regular file"));
}

TEST_CASE("edit changes what was read and shows the place", "[tools]") {
    Files files;
    files.folder.put("a.cpp", "int a;\nint b;\nint c;\n");
    fs::permissions(files.folder.path() / "a.cpp", fs::perms(0750));
    files.read({{"path", "a.cpp"}});
    const ToolResult result =
        files.edit({{"path", "a.cpp"}, {"old", "int b;"}, {"new", "long b;"}});
    CHECK_FALSE(result.isError);
    CHECK(result.text == "Edited a.cpp.\n    1|int a;\n    2|long b;\n    3|int c;\n");
    CHECK(result.changedPaths == std::vector<std::string>{"a.cpp"});
    CHECK(files.folder.get("a.cpp") == "int a;\nlong b;\nint c;\n");
    CHECK(files.index.updatedPaths() == std::vector<std::string>{"a.cpp"});
    CHECK((fs::status(files.folder.path() / "a.cpp").permissions() & fs::perms::mask) ==
          fs::perms(0750));
    // Our own write counts as seen.
    CHECK_FALSE(files.edit({{"path", "a.cpp"}, {"old", "long b;"}, {"new", "int b;"}}).isError);
}

TEST_CASE("edit refuses unseen and stale files and names the changed lines", "[tools]") {
    Files files;
    files.folder.put("a", "1\n2\n3\n4\n");
    const json call = {{"path", "a"}, {"old", "1"}, {"new", "one"}};
    CHECK(contains(files.edit(call).text, "[unseen: a was not read yet] Read it first"));
    files.read({{"path", "a"}});
    files.folder.put("a", "1\n2\nx\n4\n");
    const ToolResult stale = files.edit(call);
    CHECK(stale.isError);
    CHECK(stale.text ==
          "[stale: a changed on disk since it was read; what differs is in lines 3-3] Read it "
          "again.");
    CHECK(files.folder.get("a") == "1\n2\nx\n4\n");
    CHECK(files.edit({{"path", "none"}, {"old", "1"}, {"new", "2"}}).isError);
}

TEST_CASE("edit keeps line ends, byte order mark and foreign bytes", "[tools]") {
    Files files;
    files.folder.put("crlf",
                     "\xEF\xBB\xBF"
                     "a\r\nb\r\nc\r\n");
    files.read({{"path", "crlf"}});
    CHECK_FALSE(files.edit({{"path", "crlf"}, {"old", "a\nb\n"}, {"new", "a\nx\ny\n"}}).isError);
    CHECK(files.folder.get("crlf") ==
          "\xEF\xBB\xBF"
          "a\r\nx\r\ny\r\nc\r\n");
    files.folder.put("mixed", "a\nb\r\nc\nd\n");
    files.read({{"path", "mixed"}});
    CHECK_FALSE(files.edit({{"path", "mixed"}, {"old", "b\nc"}, {"new", "x\nc"}}).isError);
    CHECK(files.folder.get("mixed") == "a\nx\r\nc\nd\n");
    files.folder.put("latin", "caf\xE9 one\ntwo\n");
    files.read({{"path", "latin"}});
    CHECK_FALSE(files.edit({{"path", "latin"}, {"old", "two"}, {"new", "2"}}).isError);
    CHECK(files.folder.get("latin") == "caf\xE9 one\n2\n");
    CHECK(contains(files.edit({{"path", "latin"}, {"old", "2"}, {"new", "\u20AC"}}).text,
                   "[not UTF-8:"));
}

TEST_CASE("edit replaces all on request and counts the places", "[tools]") {
    Files files;
    files.folder.put("a", "x = 1\ny = x\nx = 2\n");
    files.read({{"path", "a"}});
    const ToolResult several = files.edit({{"path", "a"}, {"old", "x"}, {"new", "z"}});
    CHECK(contains(several.text, "[ambiguous: old fits 3 places, at lines 1, 2, 3]"));
    const ToolResult all =
        files.edit({{"path", "a"}, {"old", "x"}, {"new", "z"}, {"replace_all", true}});
    CHECK(contains(all.text, "in 3 places"));
    CHECK(files.folder.get("a") == "z = 1\ny = z\nz = 2\n");
    CHECK_FALSE(files.edit({{"path", "a"}, {"old", "z = "}, {"new", "q = "}, {"line", 3}}).isError);
    CHECK(files.folder.get("a") == "z = 1\ny = z\nq = 2\n");
}

TEST_CASE("write creates files with folders and replaces only what was seen", "[tools]") {
    Files files;
    const ToolResult made = files.write({{"path", "new/deep/a.txt"}, {"content", "hello\n"}});
    CHECK(made.text == "Created new/deep/a.txt (1 lines).");
    CHECK(made.changedPaths == std::vector<std::string>{"new/deep/a.txt"});
    CHECK(files.folder.get("new/deep/a.txt") == "hello\n");
    CHECK_FALSE(files.write({{"path", "new/deep/a.txt"}, {"content", "again\n"}}).isError);
    files.folder.put("b", "old\r\nfile\r\n");
    CHECK(contains(files.write({{"path", "b"}, {"content", "x"}}).text, "[unseen:"));
    files.read({{"path", "b"}});
    CHECK_FALSE(files.write({{"path", "b"}, {"content", "new\nfile\n"}}).isError);
    CHECK(files.folder.get("b") == "new\r\nfile\r\n");
    CHECK(files.write({{"path", "new"}, {"content", "x"}}).isError);
    CHECK(files.write({{"path", "c/"}, {"content", "x"}}).isError);
    CHECK(files.write({{"path", ".git/hooks/pre-commit"}, {"content", "x"}}).isError);
    CHECK(files.write({{"path", ".moxie/config.json"}, {"content", "x"}}).isError);
    CHECK(files.write({{"path", "../x"}, {"content", "x"}}).isError);
    CHECK(files.write({{"path", "a/b\n"}, {"content", std::string("a\0b", 3)}}).isError);
    CHECK_FALSE(files.folder.has("c"));
}

TEST_CASE("a hard link to a file outside never carries a write there", "[tools]") {
    Files files;
    files.session.put("outside", "secret\n");
    fs::create_hard_link(files.session.path() / "outside", files.folder.path() / "inside");
    files.read({{"path", "inside"}});
    const ToolResult result =
        files.edit({{"path", "inside"}, {"old", "secret"}, {"new", "changed"}});
    CHECK(contains(result.text, "1 other hard links"));
    CHECK(files.session.get("outside") == "secret\n");
    CHECK(files.folder.get("inside") == "changed\n");
}

TEST_CASE("an index that fails does not hide that the file was written", "[tools]") {
    Files files;
    files.index.failsUpdates = true;
    const ToolResult result = files.write({{"path", "a"}, {"content", "x\n"}});
    CHECK_FALSE(result.isError);
    CHECK(contains(result.text, "the index could not take in a"));
    CHECK(files.folder.get("a") == "x\n");
}

TEST_CASE("a stopped tool changes nothing", "[tools]") {
    Files files;
    std::stop_source stop;
    stop.request_stop();
    const auto result = files.writeTool->run(json{{"path", "a"}, {"content", "x"}}, files.context,
                                             stop.get_token());
    REQUIRE_FALSE(result);
    CHECK(result.error().kind() == moxie::base::Errc::cancelled);
    CHECK_FALSE(files.folder.has("a"));
}
