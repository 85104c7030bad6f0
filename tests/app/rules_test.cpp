// The user's permission rules per project: the file, the command, the options of a session, the
// prompt that keeps one.
#include "app/cli/rules.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "agent/policy.h"
#include "app/cli/permission_prompt.h"
#include "app/cli/session_options.h"
#include "base/file.h"
#include "tests/app/moxie_command.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::app;
using nlohmann::json;

namespace {

const Messages kRulesSay(Language::english);

// A home of our own and a project with a folder below it.
struct RulesHome {
    RulesHome() {
        ::setenv("MOXIE_HOME", home.path().c_str(), 1);
        project.write(".git/HEAD", "ref: refs/heads/main\n");
        project.write("deep/er/x", "");
    }

    ~RulesHome() { ::unsetenv("MOXIE_HOME"); }

    std::string text() const { return base::readFile(rulesFile()).value_or(""); }

    std::string path() const { return project.path().string(); }

    test::TempFolder home, project;
};

// Standard input is a terminal on which `typed` was typed, as long as it lives.
class TypingPerson {
public:
    explicit TypingPerson(const std::string& typed) : before_(::dup(STDIN_FILENO)) {
        master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        REQUIRE(master_ >= 0);
        REQUIRE(::grantpt(master_) == 0);
        REQUIRE(::unlockpt(master_) == 0);
        const int slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
        REQUIRE(slave >= 0);
        REQUIRE(::dup2(slave, STDIN_FILENO) == STDIN_FILENO);
        ::close(slave);
        REQUIRE(::write(master_, typed.data(), typed.size()) == ssize_t(typed.size()));
    }

    ~TypingPerson() {
        ::dup2(before_, STDIN_FILENO);
        ::close(before_);
        ::close(master_);
    }

    TypingPerson(const TypingPerson&) = delete;
    TypingPerson& operator=(const TypingPerson&) = delete;

private:
    int before_ = -1, master_ = -1;
};

agent::PermissionReply answerTo(const agent::PermissionQuestion& question, const RulesHome& rules,
                                const std::string& typed) {
    const TypingPerson person(typed);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    Output out(nowhere, ColorChoice::never), error(nowhere, ColorChoice::never);
    base::SystemClock clock;
    Signals signals([](int) {});
    Context context{kRulesSay, out, error, clock, signals};
    auto reply = askPermission(question, rules.project.path(), context, {});
    ::close(nowhere);
    return reply;
}

}  // namespace

TEST_CASE("a rule is kept under its work tree and found from any folder in it", "[app][rules]") {
    RulesHome rules;
    REQUIRE(addRule(rules.project.path() / "deep/er", RuleKind::allow, "bash(ctest*)", kRulesSay));
    REQUIRE(addRule(rules.project.path(), RuleKind::deny, "bash(git push*)", kRulesSay));
    REQUIRE(addRule(rules.project.path(), RuleKind::allow, "bash(ctest*)", kRulesSay));
    const auto found = loadRules(rules.project.path() / "deep", kRulesSay);
    REQUIRE(found);
    CHECK(found->project == rules.project.path());
    CHECK(found->allow == std::vector<std::string>{"bash(ctest*)"});
    CHECK(found->deny == std::vector<std::string>{"bash(git push*)"});
    CHECK(loadRules(rules.home.path(), kRulesSay)->allow.empty());
    REQUIRE(loadAllRules(kRulesSay)->size() == 1);

    CHECK(
        removeRule(rules.project.path(), RuleKind::ask, "bash(ctest*)", kRulesSay).error().kind() ==
        base::Errc::notFound);
    REQUIRE(removeRule(rules.project.path(), RuleKind::allow, "bash(ctest*)", kRulesSay));
    CHECK(loadRules(rules.project.path(), kRulesSay)->allow.empty());
}

TEST_CASE("what the file holds besides the rules stays in it", "[app][rules]") {
    RulesHome rules;
    rules.home.write("config/rules.json",
                     R"({"note": "mine", "projects": {"/b": {"color": 3, "allow": ["bash"]}, )" +
                         json(rules.path()).dump() + R"(: {"since": "2026", "ask": []}}})");
    REQUIRE(addRule(rules.project.path(), RuleKind::ask, "edit(src/*)", kRulesSay));
    const json file = json::parse(rules.text());
    CHECK(file["note"] == "mine");
    CHECK(file["projects"]["/b"]["color"] == 3);
    CHECK(file["projects"][rules.path()]["since"] == "2026");
    CHECK(file["projects"][rules.path()]["ask"] == json{"edit(src/*)"});
}

TEST_CASE("a broken file is named with its line and never written over", "[app][rules]") {
    RulesHome rules;
    const std::vector<std::pair<std::string, std::string>> broken = {
        {"{\n  \"projects\": {\n    oops\n  }\n}", "line 3"},
        {"[]", "line 1"},
        {"{\"projects\": []}", "line 1"},
        {"{\"projects\": {\n\"/x\": 1}}", "line 2"},
        {"{\"projects\": {\n\"/x\": {},\n\"/y.z\": {\"allow\": \"bash\"}}}", "line 3"},
        {"{\"projects\": {\n\n\"/x\": {\"deny\": [\"bash(\"]}}}", "line 3"}};
    for (const auto& [text, line] : broken) {
        CAPTURE(text);
        rules.home.write("config/rules.json", text);
        const auto loaded = loadRules(rules.project.path(), kRulesSay);
        REQUIRE_FALSE(loaded);
        CHECK(loaded.error().kind() == base::Errc::invalidInput);
        CHECK(loaded.error().message().find(line) != std::string::npos);
        CHECK(loaded.error().message().find("rules.json") != std::string::npos);
        CHECK_FALSE(addRule(rules.project.path(), RuleKind::allow, "bash", kRulesSay));
        CHECK_FALSE(removeRule(rules.project.path(), RuleKind::allow, "bash", kRulesSay));
        CHECK(rules.text() == text);
    }
    const std::string commented = "{\"projects\": {} // mine\n}";
    rules.home.write("config/rules.json", commented);
    CHECK(loadRules(rules.project.path(), kRulesSay));
    CHECK_FALSE(addRule(rules.project.path(), RuleKind::allow, "bash", kRulesSay));
    CHECK(rules.text() == commented);
}

TEST_CASE("a text that is no rule is not kept", "[app][rules]") {
    RulesHome rules;
    for (const char* wrong : {"", "bash(", "ls -l", "bash(\xff)"}) {
        CAPTURE(wrong);
        CHECK_FALSE(addRule(rules.project.path(), RuleKind::allow, wrong, kRulesSay));
    }
    CHECK(rules.text().empty());
}

TEST_CASE("writers in several threads lose no rule", "[app][rules]") {
    RulesHome rules;
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 4; ++i)
            writers.emplace_back([&, i] {
                for (int k = 0; k < 5; ++k) {
                    const std::string rule = "bash(a" + std::to_string(10 * i + k) + ")";
                    (void)addRule(rules.project.path(), RuleKind::allow, rule, kRulesSay);
                }
            });
    }
    CHECK(loadRules(rules.project.path(), kRulesSay)->allow.size() == 20);
}

TEST_CASE("a session's options hold the rules of its project and no other's", "[app][rules]") {
    RulesHome rules;
    REQUIRE(addRule(rules.project.path(), RuleKind::allow, "bash(ctest*)", kRulesSay));
    REQUIRE(addRule(rules.project.path(), RuleKind::ask, "edit(ci/*)", kRulesSay));
    REQUIRE(addRule(rules.project.path(), RuleKind::deny, "bash(git push*)", kRulesSay));
    const Config config = Config::load(rules.project.path(), kRulesSay);
    std::vector<std::string> notes;
    SessionWishes wishes;
    wishes.repo = rules.path();
    wishes.mode = "plan";
    wishes.budgetTime = "2m";
    auto options = makeSessionOptions(wishes, config, {}, kRulesSay, notes);
    REQUIRE(options);
    CHECK(options->allowRules == std::vector<std::string>{"bash(ctest*)"});
    CHECK(options->askRules == std::vector<std::string>{"edit(ci/*)"});
    CHECK(options->denyRules == std::vector<std::string>{"bash(git push*)"});
    CHECK(options->mode == agent::PermissionMode::plan);
    CHECK(options->budget.wallMs == 120'000);
    CHECK(options->budget.steps == 100);
    CHECK(notes.empty());

    wishes.repo = rules.home.path().string();
    CHECK(makeSessionOptions(wishes, config, {}, kRulesSay, notes)->allowRules.empty());
    rules.home.write("config/rules.json", "{");
    CHECK(makeSessionOptions(wishes, config, {}, kRulesSay, notes).error().kind() ==
          base::Errc::invalidInput);
    wishes.repo = "/does/not/exist";
    CHECK_FALSE(makeSessionOptions(wishes, config, {}, kRulesSay, notes));
}

TEST_CASE("the prompt keeps \"always in this project\" and takes wider answers with their rule",
          "[app][rules]") {
    using agent::PermissionAnswer;
    RulesHome rules;
    agent::PermissionQuestion question{.callId = "c",
                                       .tool = "bash",
                                       .summary = "bash: ctest -R x",
                                       .reason = "it runs a command",
                                       .detail = R"({"command":"ctest -R x"})",
                                       .rule = "mode ask",
                                       .touches = "execute",
                                       .suggestedRule = "bash(ctest*)"};
    CHECK(answerTo(question, rules, "y\n").answer == PermissionAnswer::once);
    CHECK(answerTo(question, rules, "x\nn\n").answer == PermissionAnswer::denied);
    CHECK(answerTo(question, rules, "T\n").answer == PermissionAnswer::forTurn);
    CHECK(answerTo(question, rules, "a\n").rule == "bash(ctest*)");
    CHECK(rules.text().empty());
    const auto always = answerTo(question, rules, "p\n");
    CHECK(always.answer == PermissionAnswer::always);
    CHECK(always.rule == "bash(ctest*)");
    CHECK(loadRules(rules.project.path(), kRulesSay)->allow ==
          std::vector<std::string>{"bash(ctest*)"});
    const auto why = answerTo(question, rules, "w\nuse make\n");
    CHECK(why.answer == PermissionAnswer::denied);
    CHECK(why.reason == "use make");

    rules.home.write("config/rules.json", "{");
    CHECK(answerTo(question, rules, "p\n").answer == PermissionAnswer::forSession);
    question.suggestedRule.clear();
    question.whyOnlyOnce = "it is asked each time";
    CHECK(answerTo(question, rules, "p\na\nt\ny\n").answer == PermissionAnswer::once);
}

TEST_CASE("the command lists, adds and removes rules", "[app][rules]") {
    const test::MoxieCommand moxie;
    test::TempFolder project;
    project.write(".git/HEAD", "ref: refs/heads/main\n");
    const std::string path = project.path().string();
    CHECK(moxie.run({"config", "rules"}).out.find("no permission rules") != std::string::npos);
    CHECK(moxie.run({"config", "rules", "add", "allow", "bash(make test*)", "-C", path}).exitCode ==
          0);
    const auto listed = moxie.run({"config", "rules", "list", "--json"});
    CHECK(json::parse(listed.out)["projects"][path]["allow"] == json{"bash(make test*)"});
    CHECK(moxie.run({"config", "rules"}).out.find("bash(make test*)") != std::string::npos);
    CHECK(moxie.run({"config", "rules", "add", "allow", "bash(", "-C", path}).exitCode == 2);
    CHECK(moxie.run({"config", "rules", "add", "allows", "bash", "-C", path}).exitCode == 2);
    CHECK(moxie.run({"config", "rules", "remove", "deny", "bash", "-C", path}).exitCode == 1);
    CHECK(
        moxie.run({"config", "rules", "remove", "allow", "bash(make test*)", "-C", path, "--json"})
            .exitCode == 0);
    CHECK(moxie.run({"config", "rules"}).out.find("no permission rules") != std::string::npos);
    const auto help = moxie.run({"config", "rules", "add", "--help"});
    CHECK(help.out.find("moxie config rules add deny") != std::string::npos);
    test::MoxieCommand chinese;
    chinese.environment["MOXIE_LANG"] = "zh";
    CHECK(chinese.run({"config", "rules"}).out.find("还没有权限规则") != std::string::npos);
}
