#include <nlohmann/json.hpp>

#include "app/cli/diff_view.h"
#include "app/cli/run_summary.h"
#include "app/cli/terminal.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::app;

TEST_CASE("text of a model cannot drive the terminal", "[app]") {
    CHECK(printable("a\x1b[31mb\x07\tc\n") == "a[31mb\tc\n");
    CHECK(printable("x\xe2\x80\xaey") == "xy");    // right-to-left override
    CHECK(printable("a\xff") == "a\xef\xbf\xbd");  // invalid UTF-8
    CHECK(printable("\xc2\x9b"
                    "2J") == "2J");  // 8-bit CSI
    CHECK(oneLine("  abcdef\nx ", 5) == "abcd…");
    CHECK(displayWidth("默契ab") == 6);
    CHECK(oneLine("默契默契", 5) == "默契…");
}

TEST_CASE("an edit is shown as the lines that differ", "[app]") {
    const CallDiff diff =
        diffOfCall("edit", R"({"path":"a","old":"one\ntwo\nthree\n","new":"one\n2\nthree\n"})", 10);
    CHECK(diff.lines == std::vector<std::string>{" one", "-two", "+2", " three"});
    const CallDiff cut = diffOfCall("write", R"({"path":"a","content":"1\n2\n3\n"})", 2);
    CHECK(cut.lines.size() == 2);
    CHECK(cut.linesLeftOut == 1);
    CHECK(diffOfCall("edit", "not json", 5).lines.empty());
    CHECK(diffOfCall("edit", R"({"old":3})", 5).lines.empty());
    CHECK(diffOfCall("bash", R"({"command":"ls"})", 5).lines.empty());
}

TEST_CASE("JUnit and SARIF tell the last run of each command and escape its output", "[app]") {
    RunSummary summary;
    const auto add = [&](agent::VerificationRun run) {
        summary.add({.seq = 1, .timeMs = 0, .turn = 1, .body = std::move(run)});
    };
    add({"make test", "bad", 2, false, 10});
    add({"make test", "", 0, true, 1500});
    add({"lint <x>", "a < b & \x01 \"c\"", 1, false, 20});
    const std::string junit = junitXml(summary);
    CHECK(junit.find("tests=\"2\" failures=\"1\"") != std::string::npos);
    CHECK(junit.find("a &lt; b &amp;  &quot;c&quot;") != std::string::npos);
    const auto sarif = nlohmann::json::parse(sarifJson(summary, "1"));
    CHECK(sarif["version"] == "2.1.0");
    REQUIRE(sarif["runs"][0]["results"].size() == 1);
    CHECK(sarif["runs"][0]["results"][0]["level"] == "error");
}
