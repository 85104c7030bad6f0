#include "tools/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/catch.h"
#include "tests/tools/fixture.h"
#include "tests/tools/processes.h"
#include "tools/jail.h"

namespace moxie::tools {

using namespace moxie::tests;
namespace fs = std::filesystem;

namespace {

// Sets variables of the environment and puts them back.
class Environment {
public:
    void set(const std::string& name, const std::string& value) {
        const char* before = std::getenv(name.c_str());
        saved_.emplace_back(name, before == nullptr ? std::optional<std::string>() : before);
        ::setenv(name.c_str(), value.c_str(), 1);
    }

    ~Environment() {
        for (auto it = saved_.rbegin(); it != saved_.rend(); ++it) {
            if (it->second) {
                ::setenv(it->first.c_str(), it->second->c_str(), 1);
            } else {
                ::unsetenv(it->first.c_str());
            }
        }
    }

private:
    std::vector<std::pair<std::string, std::optional<std::string>>> saved_;
};

// A home folder with secrets and, in it, a workspace.
struct Home {
    Home() {
        top.put("home/.ssh/id_ed25519", "PRIVATE");
        top.put("home/.netrc", "password");
        top.put("home/.config/gh/hosts.yml", "token");
        top.put("home/.cargo/credentials.toml", "token");
        top.put("home/.cargo/bin/tool", "#!/bin/sh\necho tool\n");
        top.put("home/project/a.txt", "a\n");
        environment.set("HOME", (top.path() / "home").string());
    }

    fs::path workspace() const { return top.path() / "home/project"; }

    TempFolder top;
    Environment environment;
};

ProcessResult inJail(const Sandbox& sandbox, const std::string& command,
                     NetworkAccess network = NetworkAccess::denied) {
    auto request = sandbox.wrap({.argv = {"sh", "-c", command}, .timeoutMs = 20'000}, network);
    REQUIRE(request);
    auto result = runProcess(*request, {});
    REQUIRE(result);
    return *result;
}

}  // namespace

TEST_CASE("folders of killed processes are removed, those of living ones stay", "[tools][jail]") {
    const TempFolder folder;
    Environment environment;
    environment.set("TMPDIR", folder.path().string());
    const auto make = [&](const char* name, fs::perms perms) {
        fs::create_directories(folder.path() / name / "temp");
        fs::permissions(folder.path() / name, perms);
    };
    make("moxie-jail.abcdef", fs::perms::owner_all);
    make("moxie-jail.others", fs::perms(0755));
    make("moxie-jailhouse", fs::perms::owner_all);
    const auto living = PrivateFolders::make();
    REQUIRE(living);
    PrivateFolders::sweep();
    CHECK_FALSE(fs::exists(folder.path() / "moxie-jail.abcdef"));
    CHECK(fs::exists(folder.path() / "moxie-jail.others"));
    CHECK(fs::exists(folder.path() / "moxie-jailhouse"));
    CHECK(fs::exists((*living)->temp()));
}

TEST_CASE("a jailed command writes the workspace and its temp folder, nothing else",
          "[tools][sandbox]") {
    const Home home;
    const Sandbox sandbox = Sandbox::open(home.workspace(), SandboxMode::required);
    INFO(sandbox.reason());
    REQUIRE(sandbox.level() == "full");
    CHECK(inJail(sandbox, "cat a.txt && echo b > b.txt && mkdir d && echo t > /tmp/moxie-jail-test")
              .exitCode == 0);
    CHECK(home.top.get("home/project/b.txt") == "b\n");
    CHECK_FALSE(fs::exists("/tmp/moxie-jail-test"));
    CHECK(inJail(sandbox, "cat /tmp/moxie-jail-test").output == "t\n");  // lasts for the session
    for (const char* place : {"/etc/moxie-x", "/usr/moxie-x", "/moxie-x"}) {
        CHECK(inJail(sandbox, fmt::format("echo x > {}", place)).exitCode != 0);
        CHECK_FALSE(fs::exists(place));
    }
    CHECK(inJail(sandbox, fmt::format("echo x > {}/x", home.top.path().string())).exitCode == 0);
    CHECK_FALSE(home.top.has("x"));  // it went to the private folder over /tmp
}

TEST_CASE("a jailed command sees no secret of the home folder, but the toolchains",
          "[tools][sandbox]") {
    Home home;
    home.environment.set("OPENAI_API_KEY", "sk-moxie-secret");
    home.environment.set("GITHUB_TOKEN", "sk-moxie-secret");
    home.environment.set("SSH_AUTH_SOCK", "/tmp/sk-moxie-secret");
    home.environment.set("DATABASE_URL", "postgres://me:sk-moxie-secret@host/db");
    home.environment.set("CMAKE_GENERATOR", "Ninja");
    const Sandbox sandbox = Sandbox::open(home.workspace(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    CHECK_FALSE(contains(inJail(sandbox, "env").output, "sk-moxie-secret"));
    CHECK(contains(inJail(sandbox, "env").output, "CMAKE_GENERATOR=Ninja"));
    for (const char* file :
         {".ssh/id_ed25519", ".netrc", ".config/gh/hosts.yml", ".cargo/credentials.toml"})
        CHECK(inJail(sandbox, fmt::format("cat ~/{}", file)).exitCode != 0);
    CHECK(inJail(sandbox, "sh ~/.cargo/bin/tool").output == "tool\n");
    CHECK(inJail(sandbox, "echo x > ~/.cargo/bin/tool").exitCode != 0);
    CHECK(inJail(sandbox, "cat /etc/shadow").exitCode != 0);
    // A home of its own that can be written, and lasts.
    CHECK(inJail(sandbox, "echo cache > ~/.cached && cat ~/.cached").exitCode == 0);
    CHECK_FALSE(home.top.has("home/.cached"));
    CHECK(inJail(sandbox, "cat ~/.cached").output == "cache\n");
}

TEST_CASE("there is no network, no other process and no hardware list in the jail",
          "[tools][sandbox]") {
    const TempFolder folder;
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    CHECK(inJail(sandbox, "ls /sys/class/net").exitCode != 0);
    CHECK(inJail(sandbox, "tail -n +3 /proc/net/dev | grep -v lo: | wc -l").output == "0\n");
    CHECK(inJail(sandbox, fmt::format("ls /proc/{}/environ", ::getpid())).exitCode != 0);
    CHECK(inJail(sandbox, "ls /run").output.empty());
    CHECK(inJail(sandbox, "cat /proc/self/status | grep CapEff").output ==
          "CapEff:\t0000000000000000\n");
    CHECK(inJail(sandbox, "unshare -Ur true").exitCode != 0);
    CHECK(inJail(sandbox, "mount -o remount,rw /").exitCode != 0);
    // Found by this test: as root the kernel's settings could be written.
    CHECK(inJail(sandbox, "test -w /proc/sys/kernel/core_pattern").exitCode != 0);
    const std::string own = inJail(sandbox, "readlink /proc/self/ns/net").output;
    const std::string shared =
        inJail(sandbox, "readlink /proc/self/ns/net", NetworkAccess::allowed).output;
    CHECK(shared == fs::read_symlink("/proc/self/ns/net").string() + "\n");
    CHECK(own != shared);
}

TEST_CASE("git's folder, agent and CI configuration are read-only in the jail",
          "[tools][sandbox]") {
    const TempFolder folder;
    REQUIRE(runProcess({.argv = {"git", "init", "-q", folder.path().string()}}, {}));
    folder.put(".github/workflows/ci.yml", "on: push\n");
    folder.put(".moxie/config.json", "{}");
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    CHECK(inJail(sandbox, "git status && cat .github/workflows/ci.yml").exitCode == 0);
    for (const char* command :
         {"echo x > .git/hooks/pre-commit", "git config core.fsmonitor ./x", "mv .git g",
          "rm -rf .git", "echo x > .moxie/config.json", "echo x > .github/workflows/ci.yml",
          "mv .github g && mkdir .github", "rm .moxie/config.json"})
        CHECK(inJail(sandbox, command).exitCode != 0);
    CHECK(folder.get(".moxie/config.json") == "{}");
    CHECK_FALSE(folder.has(".git/hooks/pre-commit"));
}

TEST_CASE("protected names that do not exist cannot be made, and leave no litter",
          "[tools][sandbox]") {
    const TempFolder folder;
    folder.put("a.txt", "a");
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    for (const char* command :
         {"mkdir -p .moxie && echo x > .moxie/config.json", "echo x > .mcp.json", "git init",
          "rmdir .moxie && mkdir .moxie && echo x > .moxie/config.json",
          "mkdir x && mv x .vscode && echo x > .vscode/tasks.json", "ln -s a.txt .envrc"})
        CHECK(inJail(sandbox, command).exitCode != 0);
    fs::remove_all(folder.path() / "x");
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path()))
        names.push_back(entry.path().filename().string());
    CHECK(names == std::vector<std::string>{"a.txt"});
}

TEST_CASE("the end of one jail does not unmask a name for another", "[tools][sandbox]") {
    const TempFolder folder;
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    auto waiting =
        sandbox.wrap({.argv = {"sh", "-c", "echo up; read go; mkdir .moxie/x; touch .moxie/x/y"}},
                     NetworkAccess::denied);
    REQUIRE(waiting);
    waiting->input = std::make_shared<ProcessInput>();
    waiting->onOutput = [&](std::string_view text) {
        if (!contains(text, "up")) return;
        CHECK(inJail(sandbox, "true").exitCode == 0);
        REQUIRE(waiting->input->write("go\n"));
    };
    REQUIRE(runProcess(*waiting, {}));
    waiting = base::fail(base::Errc::internal, "let go of the jail");
    CHECK_FALSE(folder.has(".moxie"));
}

TEST_CASE("a nested repository cannot be swapped by renaming its parents", "[tools][sandbox]") {
    const TempFolder folder;
    folder.put("a/sub/.git/config", "[core]\n");
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    CHECK(inJail(sandbox, "echo x > a/sub/.git/config").exitCode != 0);
    CHECK(inJail(sandbox, "mv a/sub a/other").exitCode != 0);
    CHECK(inJail(sandbox, "mv a b").exitCode != 0);
    CHECK(inJail(sandbox, "echo x > a/sub/file && mv a/sub/file a/file").exitCode == 0);
    CHECK(folder.get("a/sub/.git/config") == "[core]\n");
    CHECK(folder.get("a/file") == "x\n");
}

TEST_CASE("a worktree's git folder outside the workspace can be read, not written",
          "[tools][sandbox]") {
    const Home home;
    const std::string top = home.top.path().string();
    const std::string script = "cd " + top +
                               "/home && git init -q main && cd main && git config user.name n && "
                               "git config user.email e && git commit -q --allow-empty -m first && "
                               "git worktree add -q ../tree";
    REQUIRE(runProcess({.argv = {"sh", "-c", script}}, {})->exitCode == 0);
    const Sandbox sandbox = Sandbox::open(top + "/home/tree", SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    CHECK(contains(inJail(sandbox, "git log --oneline").output, "first"));
    CHECK(inJail(sandbox, "echo x > ../main/.git/hooks/pre-commit").exitCode != 0);
    CHECK_FALSE(home.top.has("home/main/.git/hooks/pre-commit"));
}

TEST_CASE("a jailed command and all it started end with it", "[tools][sandbox]") {
    const TempFolder folder;
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    CHECK(inJail(sandbox, "setsid sleep 4721.25 & sleep 0.05; echo done").output == "done\n");
    CHECK(happens([] { return processesWith("4721.25") == 0; }));
    // Polite signals reach the command inside, not the monitor of the jail.
    auto request = sandbox.wrap(
        {.argv = {"sh", "-c", "trap 'echo bye; exit 7' INT; while :; do sleep 0.02; done"},
         .timeoutMs = 300},
        NetworkAccess::denied);
    REQUIRE(request);
    const auto result = runProcess(*request, {});
    REQUIRE(result);
    CHECK(contains(result->output, "bye"));
    CHECK(result->exitCode == 7);
}

TEST_CASE("when we are killed nothing in the jail stays, even what left its group",
          "[tools][sandbox]") {
    const TempFolder folder;
    const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
    REQUIRE(sandbox.level() == "full");
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        auto request = sandbox.wrap({.argv = {"sh", "-c", "setsid sleep 4722.25 & sleep 4722.25"}},
                                    NetworkAccess::denied);
        if (request) (void)runProcess(*request, {});
        ::_exit(0);
    }
    CHECK(happens([] { return processesWith("4722.25") >= 3; }));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    CHECK(happens([] { return processesWith("4722.25") == 0; }));
}

TEST_CASE("where no jail can be made a command is refused, unless the user says so",
          "[tools][sandbox]") {
    const TempFolder folder;
    // A user namespace in which no further namespace may be made.
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        if (::unshare(CLONE_NEWUSER) != 0) ::_exit(77);
        const int fd = ::open("/proc/sys/user/max_user_namespaces", O_WRONLY);
        if (fd < 0 || ::write(fd, "0", 1) != 1) ::_exit(77);
        const Sandbox sandbox = Sandbox::open(folder.path(), SandboxMode::required);
        if (sandbox.level() != "none" || sandbox.reason().empty()) ::_exit(1);
        const auto refused = sandbox.wrap({.argv = {"true"}}, NetworkAccess::denied);
        if (refused || refused.error().kind() != base::Errc::unsupported) ::_exit(2);
        const Sandbox off = Sandbox::open(folder.path(), SandboxMode::off);
        const auto allowed = off.wrap({.argv = {"true"}}, NetworkAccess::denied);
        ::_exit(off.level() == "none" && allowed && runProcess(*allowed, {}) ? 0 : 3);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) == 77) {
        WARN("this machine cannot forbid namespaces: not tested");
        return;
    }
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("the home folder itself is no workspace", "[tools][sandbox]") {
    const Home home;
    const Sandbox own = Sandbox::open(home.top.path() / "home", SandboxMode::required);
    CHECK(own.level() == "none");
    CHECK(contains(own.reason(), "home folder"));
    CHECK(Sandbox::open(home.top.path(), SandboxMode::required).level() == "none");
}

TEST_CASE("names and values of secrets are known", "[tools][sandbox]") {
    for (const char* name : {"OPENAI_API_KEY", "npm_token", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD",
                             "SSH_AUTH_SOCK", "GOOGLE_APPLICATION_CREDENTIALS", "XAUTHORITY"})
        CHECK(isSecret(name, "x"));
    CHECK(isSecret("HTTPS_PROXY", "http://u:p@proxy:80/"));
    for (const char* name : {"PATH", "CC", "CMAKE_BUILD_TYPE", "LANG", "GOPATH"})
        CHECK_FALSE(isSecret(name, "/usr/bin"));
    CHECK_FALSE(isSecret("HTTPS_PROXY", "http://proxy:80/a@b:c"));
}

}  // namespace moxie::tools
