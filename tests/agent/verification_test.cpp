// Which checks a project has, told by its files and by the programs that are there.
#include "agent/verification.h"

#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) {
        if (const char* before = getenv(name)) before_ = before;
        setenv(name, value.c_str(), 1);
    }

    ~Variable() { setenv(name_, before_.c_str(), 1); }

    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
    std::string before_;
};

// A folder of programs that is the whole PATH. A program is a shell script.
class Programs {
public:
    Programs& add(const std::string& name, const std::string& script = "exit 0") {
        writeText(folder_.path / name, "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(folder_.path / name, std::filesystem::perms::owner_all);
        return *this;
    }

    std::string path() const { return folder_.path.string(); }

private:
    TempFolder folder_;
};

VerificationPlan planOf(const std::filesystem::path& root, const Programs& programs) {
    const Variable path("PATH", programs.path());
    return planVerification(root, {});
}

std::string only(const VerificationPlan& plan) {
    REQUIRE(plan.commands.size() == 1);
    return plan.commands[0];
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

int runIn(const std::filesystem::path& root, const std::string& command, const std::string& path) {
    writeText(root / ".check.sh", command);
    const Variable guard("PATH", path);
    return WEXITSTATUS(shell(root, "/bin/bash .check.sh"));
}

}  // namespace

TEST_CASE("each kind of project has its own checks", "[agent][verification]") {
    Programs all;
    for (const char* name : {"cmake", "make", "npm", "node", "go", "cargo", "python3"})
        all.add(name);
    const Programs none;

    struct Case {
        const char* file;
        const char* content;
        const char* expected;  // part of the command
    };

    for (const Case& c : std::vector<Case>{
             {"CMakeLists.txt", "enable_testing()\n", "ctest --test-dir"},
             {"CMakeLists.txt", "project(x)\n", "cmake --build"},
             {"Makefile", "all:\n\ntest: all\n\t./t\n", "make test"},
             {"Makefile", "check:\n\t./t\n", "make check"},
             {"package.json", R"({"scripts":{"test":"node --test"}})", "npm test --silent"},
             {"go.mod", "module x\n", "go vet ./... && go test ./..."},
             {"Cargo.toml", "[package]\n", "cargo test"},
             {"test_x.py", "", "unittest discover"},
             {"tests/test_x.py", "", "unittest discover -s tests 2>&1"}}) {
        CAPTURE(c.file, c.content);
        TempFolder root;
        writeText(root.path / c.file, c.content);
        CHECK(contains(only(planOf(root.path, all)), c.expected));
        const VerificationPlan without = planOf(root.path, none);
        CHECK(without.commands.empty());
        REQUIRE(without.notes.size() == 1);
        CHECK(contains(without.notes[0], "there is no"));
    }
}

TEST_CASE("what is no check is not taken for one", "[agent][verification]") {
    Programs all;
    for (const char* name : {"cmake", "make", "npm", "python3"})
        all.add(name);
    for (const auto& [file, content] : std::vector<std::pair<const char*, const char*>>{
             {"Makefile", "test := 1\ntests:\n\t./t\n"},
             {"package.json", "{\"scripts\":{\"test\":\"echo \\\"Error: no test specified\\\"\"}}"},
             {"package.json", R"({"scripts":{"test":["a"]}})"},
             {"package.json", "[[[[ no json"},
             {"pyproject.toml", "[project]\n"},
             {"README.md", "make test\n"}}) {
        CAPTURE(file, content);
        TempFolder root;
        writeText(root.path / file, content);
        const VerificationPlan plan = planOf(root.path, all);
        CHECK(plan.commands.empty());
        CHECK(plan.notes.empty());
    }
    TempFolder both;  // the Makefile is taken for what CMake made
    writeText(both.path / "CMakeLists.txt", "enable_testing()\n");
    writeText(both.path / "Makefile", "test:\n");
    CHECK(contains(only(planOf(both.path, all)), "ctest"));
    CHECK(planVerification(both.path, {"mine"}).commands == std::vector<std::string>{"mine"});
}

TEST_CASE("without npm the test script itself is run by node", "[agent][verification]") {
    TempFolder root;
    writeText(root.path / "package.json", R"({"scripts":{"test":"node --test"}})");
    writeText(root.path / "node_modules/.bin/unused", "");
    Programs programs;
    programs.add("node", "test \"$1\" = --test || exit 9; exit 3");
    const std::string command = only(planOf(root.path, programs));
    CHECK_FALSE(contains(command, "npm"));
    CHECK(runIn(root.path, command, programs.path()) == 3);
}

TEST_CASE("without pytest the tests are run by unittest", "[agent][verification]") {
    if (access("/usr/bin/python3", X_OK) != 0) return;  // nothing to try it with
    Programs programs;
    programs.add("python3", "exec /usr/bin/python3 -S \"$@\"");  // no installed packages
    const auto run = [&](const std::string& test, bool isPackage = false) {
        TempFolder root;
        writeText(root.path / "mine.py", "value = 1\n");
        if (isPackage) writeText(root.path / "tests/__init__.py", "");
        writeText(root.path / "pyproject.toml", "[tool.pytest.ini_options]\n");
        writeText(root.path / "tests/test_x.py", test);
        const std::string command = only(planOf(root.path, programs));
        const int code = runIn(root.path, command, programs.path());
        CHECK_FALSE(std::filesystem::exists(root.path / "tests/__pycache__"));
        return code;
    };
    const std::string head =
        "import unittest, mine\nassert mine.value == 1\nclass T(unittest.TestCase):\n  def "
        "test_a(self):\n";
    CHECK(run(head + "    self.assertEqual(1, 1)\n") == 0);
    CHECK(run(head + "    self.assertEqual(1, 1)\n", true) == 0);
    CHECK(run(head + "    self.assertEqual(1, 2)\n") == 1);
    CHECK(run("def test_a():\n  assert True\n") == kCannotCheckExit);
    CHECK(run("import pytest\n") == kCannotCheckExit);
}

TEST_CASE("a check that cannot tell leaves the turn unverified", "[agent][verification]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("done")});
    Programs programs;
    programs.add("cargo", "echo no toolchain; exit 77");
    writeText(rig.repository / "Cargo.toml", "[package]\n");
    const char* path = getenv("PATH");
    const Variable guard("PATH", programs.path() + ":" + (path ? path : "/usr/bin:/bin"));
    // The program's folder lies in /var/tmp, which is another one in the jail.
    rig.options.sandbox = tools::SandboxMode::off;
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::unverified);
    CHECK(rig.all<VerificationRun>().empty());
    bool isSaid = false;
    for (const Notice& notice : rig.all<Notice>())
        isSaid = isSaid || (notice.code == "verification_unavailable" &&
                            contains(notice.text, "no toolchain"));
    CHECK(isSaid);
}
