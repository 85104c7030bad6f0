// What one does in the window that leads from one screen to another.
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QToolButton>
#include <fstream>
#include <iterator>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/shell/translations.h"
#include "base/file.h"
#include "tests/desktop/window/desk_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::calls;
using moxie::tests::says;
namespace base = moxie::base;

namespace {

std::string bytesOf(const std::filesystem::path& file) {
    const auto text = base::readFile(file);
    REQUIRE(text);
    return *text;
}

void writeProjectSettings(const std::filesystem::path& repository, const std::string& json) {
    std::filesystem::create_directories(repository / ".moxie");
    REQUIRE(base::writeFileAtomically(repository / ".moxie" / "config.json", json,
                                      base::Durability::renameOnly));
}

bool isShown(const QWidget* widget) {
    return widget != nullptr && widget->isVisible();
}

}  // namespace

TEST_CASE("an earlier message is edited and sent again in a session that begins before it",
          "[desktop][window]") {
    DeskRig it({says("First answer."), says("Second answer."), says("Another answer.")});
    it.begin();
    it.ask(qs("one"), qs("First answer."));
    it.ask(qs("two"), qs("Second answer."));
    const QString before = it.desk.sessionId();
    it.press(qs("Edit and resend"), 1);
    REQUIRE(waitUntil([&] { return it.desk.sessionId() != before; }));
    REQUIRE(waitUntil([&] { return it.composer().draft() == qs("two"); }));
    REQUIRE(waitUntil([&] { return it.read().contains(qs("First answer.")); }));
    CHECK_FALSE(it.read().contains(qs("Second answer.")));
    it.ask(qs("two, but otherwise"), qs("Another answer."));
    CHECK(it.read().contains(qs("First answer.")));
    CHECK_FALSE(it.read().contains(qs("Second answer.")));
    // The model was told what came before, and nothing of what was taken back.
    const std::string request = it.rig.model->requests().back();
    CHECK(request.find("First answer.") != std::string::npos);
    CHECK(request.find("Second answer.") == std::string::npos);
    it.desk.openSession(before);
    REQUIRE(waitUntil([&] { return it.read().contains(qs("Second answer.")); }));
}

TEST_CASE("the first message of a session can be edited and sent again", "[desktop][window]") {
    DeskRig it({says("First answer."), says("Another answer.")});
    it.begin();
    it.ask(qs("one"), qs("First answer."));
    const QString before = it.desk.sessionId();
    it.press(qs("Edit and resend"));
    REQUIRE(waitUntil([&] { return it.desk.sessionId() != before; }));
    REQUIRE(waitUntil([&] { return it.composer().draft() == qs("one"); }));
    it.ask(qs("one, but otherwise"), qs("Another answer."));
    CHECK_FALSE(it.read().contains(qs("First answer.")));
    CHECK(it.rig.model->requests().back().find("First answer.") == std::string::npos);
}

TEST_CASE("an answer is quoted once", "[desktop][window]") {
    DeskRig it({says("First line.\n\nSecond line.")});
    it.begin();
    it.ask(qs("one"), qs("Second line."));
    it.press(qs("Quote"));
    CHECK(it.composer().draft() == qs("> First line.\n> \n> Second line.\n\n"));
}

TEST_CASE("the files are made as they were before a turn, from the conversation",
          "[desktop][window]") {
    DeskRig it({calls("read", R"({"path": "a.txt"})"),
                calls("write", R"({"path": "a.txt", "content": "changed\n"})"), says("Written."),
                calls("write", R"({"path": "b.txt", "content": "new\n"})"), says("Added.")});
    it.begin();
    it.ask(qs("change a"), qs("Written."));
    it.ask(qs("add b"), qs("Added."));
    const auto file = it.rig.repository / "a.txt", added = it.rig.repository / "b.txt";
    REQUIRE(bytesOf(file) == "changed\n");
    it.press(qs("Restore to here"), 0);
    CHECK(it.window.currentTab() == qs("changes"));
    const auto* list = it.part<QListWidget>("changes.points.list");
    REQUIRE(waitUntil([&] { return isShown(list) && list->count() > 0; }));
    REQUIRE(waitUntil([&] { return list->currentItem()->text().contains(qs("Before turn 1")); }));
    it.part<QPushButton>("changes.points.restore")->click();
    REQUIRE(waitUntil([&] { return bytesOf(file) == "one\ntwo\nthree\n"; }));
    CHECK(waitUntil([&] { return !std::filesystem::exists(added); }));
    // A restore can be undone.
    REQUIRE(waitUntil([&] { return it.window.findChild<QToolButton*>(qs("notices.undo")); }));
    it.part<QToolButton>("notices.undo")->click();
    CHECK(
        waitUntil([&] { return bytesOf(file) == "changed\n" && std::filesystem::exists(added); }));
}

TEST_CASE("the composer names the model that would answer until one has", "[desktop][window]") {
    DeskRig it({says("Done.")});
    it.rig.planned = {{.name = "qwen3-coder", .backend = "local"}};
    it.begin();
    const auto* chip = it.part<QToolButton>("composer.model");
    REQUIRE(waitUntil([&] { return chip->text().contains(qs("qwen3-coder")); }));
    it.rig.planned = {{.name = "deepseek-chat", .backend = "openai"}};
    it.set("retry.attempts", "3");  // any change of the settings may choose another
    REQUIRE(waitUntil([&] { return chip->text().contains(qs("deepseek-chat")); }));
    it.ask(qs("go"), qs("Done."));
    CHECK(chip->text().contains(qs("scripted")));
}

TEST_CASE("settings stand in front of the session, which is shown again when they close",
          "[desktop][window]") {
    DeskRig it({says("First answer.")});
    it.begin();
    it.ask(qs("one"), qs("First answer."));
    const QString id = it.desk.sessionId();
    it.desk.showSettings({});
    CHECK(it.desk.sessionId() == id);  // what is restored at the next start
    CHECK(it.part<BlockCanvas>("conversation.canvas") == nullptr);
    it.desk.showSettings(qs("About"));
    it.part<QWidget>("settings")->setFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    REQUIRE(waitUntil([&] { return it.part<BlockCanvas>("conversation.canvas") != nullptr; }));
    CHECK(it.desk.sessionId() == id);
    CHECK(it.read().contains(qs("First answer.")));
}

TEST_CASE("a project's settings are those of the folder of the shown session",
          "[desktop][window]") {
    DeskRig it({says("First answer."), says("Second answer.")});
    const auto other = it.rig.root / "other";
    std::filesystem::create_directories(other);
    REQUIRE(shellIn(other, "git init -q -b main") == 0);
    writeProjectSettings(other, R"({"mode": "ask", "budget": {"steps": 7}})");
    it.begin();
    it.ask(qs("one"), qs("First answer."));
    const QString here = it.desk.sessionId();
    CHECK(it.settings.text("mode") == qs("auto"));
    it.desk.openFolder(QString::fromStdString(other.string()));
    CHECK(it.settings.text("mode") == qs("ask"));
    CHECK(it.settings.integer("budget.steps") == 7);
    it.ask(qs("two"), qs("Second answer."));
    const QString there = it.desk.sessionId();
    it.desk.openSession(here);
    REQUIRE(waitUntil([&] { return it.settings.text("mode") == qs("auto"); }));
    CHECK(it.settings.integer("budget.steps") == 100);
    // A stored session says its folder only once it is read; the mode is of that folder.
    it.desk.openSession(there);
    REQUIRE(waitUntil([&] { return it.settings.text("mode") == qs("ask"); }));
    CHECK(waitUntil(
        [&] { return it.part<QToolButton>("composer.mode")->text().startsWith(qs("Ask")); }));
}

TEST_CASE("the first run comes before a folder while no model is set up", "[desktop][window]") {
    DeskRig it({says("First answer.")});
    it.desk.begin(it.folder(), {});
    showActive(it.window, {1'280, 900});
    CHECK(isShown(it.part<QWidget>("welcome")));
    CHECK(it.desk.repository() == it.folder());
    it.desk.newSession();
    it.ask(qs("one"), qs("First answer."));
}

TEST_CASE("the terminal without a session speaks the language of the window", "[desktop][window]") {
    DeskRig it({says("First answer.")});
    it.begin();
    it.desk.showSettings({});
    const auto* empty = it.part<QLabel>("terminal.empty");
    REQUIRE(empty != nullptr);
    CHECK(empty->text() == qs("Commands of the agent appear here."));
    Translations translations;
    translations.use(qs("zh"));
    CHECK(waitUntil([&] { return empty->text() == qs("智能体执行的命令会显示在这里。"); }));
    translations.use(qs("en"));
}

TEST_CASE("code of an answer is looked at, written, reviewed and taken back", "[desktop][window]") {
    DeskRig it({says("Write this:\n\n```text a.txt\none\nTWO\nthree\n```\n")});
    it.begin();
    it.ask(qs("what now?"), qs("TWO"));
    it.press(qs("Apply to file"));
    CHECK(it.window.currentTab() == qs("changes"));
    auto* write = it.part<QPushButton>("changes.apply.write");
    REQUIRE(waitUntil([&] { return isShown(write) && write->isEnabled(); }));
    const auto file = it.rig.repository / "a.txt";
    CHECK(bytesOf(file) == "one\ntwo\nthree\n");
    write->click();
    REQUIRE(waitUntil([&] { return bytesOf(file) == "one\nTWO\nthree\n"; }));
    REQUIRE(waitUntil([&] { return it.window.findChild<QToolButton*>(qs("notices.undo")); }));
    it.part<QToolButton>("notices.undo")->click();
    CHECK(waitUntil([&] { return bytesOf(file) == "one\ntwo\nthree\n"; }));
}

TEST_CASE("a question on the side is answered beside the conversation, and an answer is rated",
          "[desktop][window]") {
    DeskRig it({says("Mended."), says("Because of **that**.")});
    it.begin();
    it.ask(qs("mend it"), qs("Mended."));
    const QString before = it.read();
    it.registry.action(QLatin1String("aside.open")).trigger();
    auto* question = it.part<QLineEdit>("aside.question");
    REQUIRE(isShown(question));
    QTest::keyClicks(question, qs("why?"));
    QTest::keyClick(question, Qt::Key_Return);
    auto* canvas = it.part<BlockCanvas>("aside.canvas");
    REQUIRE(waitUntil([&] {
        for (int64_t item = 0; item < canvas->itemCount(); ++item)
            if (canvas->itemText(item).contains(qs("Because of that."))) return true;
        return false;
    }));
    CHECK(it.read() == before);
    QTest::keyClick(question, Qt::Key_Escape);
    CHECK_FALSE(isShown(canvas));
    CHECK(it.composer().draft().isEmpty());
    it.press(qs("Helpful"));
    REQUIRE(waitUntil([&] {
        std::ifstream marks(it.rig.root / "data/marks.json");
        const std::string text{std::istreambuf_iterator<char>(marks), {}};
        return text.find("\"ratings\"") != std::string::npos;
    }));
    it.press(QString::fromUtf8("✓ Rated helpful"));
}
