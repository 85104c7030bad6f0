#include "app/desktop/screens/conversation/permission_card.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>

#include "agent/shell_text.h"
#include "app/desktop/screens/conversation/permission_text.h"
#include "app/desktop/screens/conversation/policy_reasons.h"
#include "app/desktop/shell/translations.h"
#include "tests/desktop/conversation/conversation_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

agent::PermissionQuestion question(const std::string& id, const std::string& command) {
    return {.callId = id,
            .tool = "bash",
            .summary = command,
            .reason = "commands are asked for",
            .detail = R"({"command":")" + command + R"("})",
            .rule = "mode ask",
            .touches = "write, execute; in the jail, no network",
            .suggestedRule = "bash(ctest*)",
            .whyOnlyOnce = {}};
}

}  // namespace

TEST_CASE("a question is an attention block and a card that says everything",
          "[desktop][conversation]") {
    Rig rig;
    rig.play({agent::TurnStarted{"test it"}, call("x", "bash", R"({"command":"ctest"})", "execute"),
              agent::PermissionAsked{"x", "bash", "ctest", "commands are asked for"}});
    rig.session.ask(question("x", "ctest"));
    CHECK(rig.blockWith(QStringLiteral("needs your permission")) >= 0);
    CHECK(rig.widget("conversation.permission")->isVisible());
    CHECK(rig.announced().startsWith("Permission needed"));
    CHECK(qobject_cast<QPlainTextEdit*>(rig.widget("permission.wanted"))->toPlainText() == "ctest");
    const auto text = [&](const char* name) {
        return qobject_cast<QLabel*>(rig.widget(name))->text();
    };
    CHECK(text("permission.why").contains("commands are asked for"));
    CHECK(text("permission.why").contains("mode ask"));
    CHECK(text("permission.touches").contains("Inside the sandbox, without network"));
    rig.screen.setDensity(Density::summary);
    CHECK(rig.blockWith(QStringLiteral("needs your permission")) >= 0);
}

TEST_CASE("nothing is answered in the first two seconds", "[desktop][conversation]") {
    Rig rig;
    rig.session.ask(question("x", "ctest"));
    rig.clock.advance(1'999);
    rig.trigger("permission.1");
    CHECK(rig.session.wishes.empty());
    rig.clock.advance(1);
    rig.trigger("permission.1");
    CHECK(rig.session.wishes == std::vector<std::string>{"answer x once  "});
    CHECK_FALSE(rig.widget("conversation.permission")->isVisible());
}

TEST_CASE("a wider answer carries the rule as edited in place", "[desktop][conversation]") {
    Rig rig;
    rig.session.ask(question("x", "ctest -R a"));
    rig.clock.advance(3'000);
    qobject_cast<QLineEdit*>(rig.widget("permission.rule"))->setText("bash(ctest -R *)");
    rig.trigger("permission.3");
    CHECK(rig.session.wishes == std::vector<std::string>{"answer x session bash(ctest -R *) "});
}

TEST_CASE("a scope that is not offered cannot be chosen and the card says why",
          "[desktop][conversation]") {
    Rig rig;
    agent::PermissionQuestion only = question("x", "git push --force");
    only.suggestedRule.clear();
    only.whyOnlyOnce = "destructive git commands are asked each time";
    rig.session.ask(only);
    QApplication::processEvents();
    rig.clock.advance(3'000);
    rig.trigger("permission.4");
    CHECK(rig.session.wishes.empty());
    CHECK(qobject_cast<QLabel*>(rig.widget("permission.onlyOnce"))
              ->text()
              .contains("destructive git commands"));
    CHECK_FALSE(rig.widget("permission.rule")->isVisible());
}

TEST_CASE("Enter never allows and denying can say why", "[desktop][conversation]") {
    Rig rig;
    rig.session.ask(question("x", "rm -r build"));
    QApplication::processEvents();
    rig.clock.advance(3'000);
    auto* card = qobject_cast<PermissionCard*>(rig.widget("conversation.permission"));
    for (QWidget* child : card->findChildren<QWidget*>()) {
        if (!child->isVisible() || child->focusPolicy() == Qt::NoFocus) continue;
        child->setFocus();
        QTest::keyClick(child, Qt::Key_Return);
        QTest::keyClick(child, Qt::Key_Enter);
    }
    CHECK(rig.session.wishes.empty());
    card->askWhy();
    auto* reason = rig.widget("permission.reason");
    REQUIRE(reason->isVisible());
    QTest::keyClicks(reason, "use make clean");
    QTest::keyClick(reason, Qt::Key_Return);
    CHECK(rig.session.wishes == std::vector<std::string>{"answer x denied  use make clean"});
}

TEST_CASE("several questions are one card with ticks", "[desktop][conversation]") {
    Rig rig;
    rig.session.ask(question("a", "ctest"));
    rig.session.ask(question("b", "make"));
    rig.session.ask(question("c", "rm x"));
    QApplication::processEvents();
    rig.clock.advance(3'000);
    auto* card = rig.widget("conversation.permission");
    const auto ticks = card->findChildren<QCheckBox*>();
    QList<QCheckBox*> visible;
    for (QCheckBox* tick : ticks)
        if (tick->isVisible()) visible << tick;
    REQUIRE(visible.size() == 3);
    visible[1]->setChecked(false);
    rig.trigger("permission.1");
    CHECK(rig.session.wishes == std::vector<std::string>{"answer a once  ", "answer c once  "});
    CHECK(rig.session.pending().size() == 1);
    CHECK(card->isVisible());
}

TEST_CASE("everything one can act on has a name", "[desktop][conversation]") {
    Rig rig;
    rig.screen.setExamples({"Explain the last commit"});
    rig.session.ask(question("a", "ctest"));
    rig.session.ask(question("b", "make"));
    for (const QWidget* child : rig.screen.findChildren<QWidget*>()) {
        const auto* button = qobject_cast<const QAbstractButton*>(child);
        const bool isEditor = qobject_cast<const QLineEdit*>(child) != nullptr ||
                              qobject_cast<const QPlainTextEdit*>(child) != nullptr;
        if (button == nullptr && !isEditor) continue;
        // Parts of stock widgets (the clear button of a line edit) are Qt's.
        if (qobject_cast<const QLineEdit*>(child->parentWidget()) != nullptr) continue;
        if (child->objectName() == "newItems" || child->objectName() == "conversation.retry")
            continue;  // named when there is something to say
        CAPTURE(child->objectName().toStdString(), child->metaObject()->className());
        CHECK_FALSE(child->objectName().isEmpty());
        CHECK_FALSE(
            (child->accessibleName().isEmpty() && (button == nullptr || button->text().isEmpty())));
    }
}

TEST_CASE("control and direction characters of a command are written out",
          "[desktop][conversation]") {
    CHECK(escapedText(QStringLiteral("a\x1b[31mb\nc\td")) == "a\\x1b[31mb\nc\td");
    CHECK(escapedText(QString(QChar(0x202E)) + "txt.exe") == "\\u202etxt.exe");
    agent::PermissionQuestion asked = question("x", "");
    asked.detail = "{\"command\":\"echo \\u001b[2K" + std::string(20'000, 'x') + "\"}";
    const PermissionTexts texts = textsOf(asked);
    CHECK(texts.wanted.startsWith("echo \\x1b[2K"));
    CHECK(texts.wanted.size() == 5 + 7 + 20'000);
}

TEST_CASE("a question says where the call could reach", "[desktop][conversation]") {
    agent::PermissionQuestion asked = question("x", "ctest");
    for (const auto& [touches, sentence] :
         {std::pair{"execute; in the jail, with the network", "Inside the sandbox, with network"},
          std::pair{"execute; without a jail, with the network", "Not inside the sandbox"},
          std::pair{"network; outside the jail", "Not inside the sandbox"},
          std::pair{"write; in the workspace", "Only inside the workspace"}}) {
        asked.touches = touches;
        CHECK(textsOf(asked).touches.contains(sentence));
    }
}

TEST_CASE("why the policy asks is said in the user's language", "[desktop][conversation]") {
    application();
    Translations translations;
    translations.use(QStringLiteral("zh"));
    CHECK(policyReason("it runs a command") == QStringLiteral("它要运行命令"));
    for (const char* command :
         {"git reset --hard", "git checkout -- a", "git clean -fd", "git push --force",
          "git branch -D a", "git tag -d a", "git stash drop", "git commit --amend",
          "git config alias.x y", "git -c alias.x=y x", "git worktree remove a",
          "git submodule deinit a", "git reflog expire", "git update-ref a b", "git gc --prune=now",
          "git rm -f a", "git rebase a", "git $X"}) {
        const auto danger = agent::findDestructiveGit(command);
        REQUIRE(danger);
        CAPTURE(*danger);
        CHECK(policyReason(*danger).contains(QRegularExpression(QStringLiteral("[一-龥]"))));
    }
    CHECK(policyReason("git log is odd") == QStringLiteral("git log is odd"));
    CHECK(policyReason("an older sentence") == QStringLiteral("an older sentence"));
}
