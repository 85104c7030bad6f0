#include "app/desktop/screens/conversation/conversation_screen.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QImage>
#include <QLabel>
#include <QMenu>
#include <QRegularExpression>
#include <QToolButton>

#include "app/desktop/screens/conversation/conversation_source.h"
#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/shell/picture.h"
#include "tests/desktop/conversation/conversation_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

// ---- states

TEST_CASE("an empty session invites with examples that fill the composer",
          "[desktop][conversation]") {
    Rig rig;
    rig.screen.setExamples({"Explain the last commit", "Mend the failing test", "Write docs", "x"});
    QSignalSpy chosen(&rig.screen, &ConversationScreen::exampleChosen);
    CHECK(rig.widget("conversation.empty")->isVisible());
    CHECK(rig.widget("conversation.example4") == nullptr);
    auto* second = qobject_cast<QPushButton*>(rig.widget("conversation.example2"));
    REQUIRE(second != nullptr);
    second->click();
    REQUIRE(chosen.size() == 1);
    CHECK(chosen[0][0].toString() == "Mend the failing test");
}

TEST_CASE("a session that is being read says so and one that cannot be read offers to try again",
          "[desktop][conversation]") {
    Rig rig;
    rig.session.set(SessionModel::State::loading);
    CHECK(rig.widget("conversation.loading")->isVisible());
    rig.session.set(SessionModel::State::error, QStringLiteral("log.sqlite: disk I/O error"));
    QWidget* page = rig.widget("conversation.error");
    REQUIRE(page->isVisible());
    bool hasReason = false;
    for (const QLabel* label : page->findChildren<QLabel*>())
        hasReason = hasReason || label->text().contains("disk I/O error");
    CHECK(hasReason);
    QSignalSpy retry(&rig.screen, &ConversationScreen::retryWanted);
    page->findChild<QPushButton*>(QStringLiteral("conversation.retry"))->click();
    CHECK(retry.size() == 1);
}

TEST_CASE("a failure that is no event goes to the window's strip", "[desktop][conversation]") {
    Rig rig;
    NoticeStrip strip(rig.appearance);
    strip.serve(rig.screen);
    emit rig.session.failed(QStringLiteral("the model cannot be opened: no file"));
    CHECK(strip.text().contains("cannot be opened"));
    strip.findChild<QToolButton*>(QStringLiteral("notices.close"))->click();
    CHECK(strip.text().isEmpty());
}

TEST_CASE("an answer is rated, and a second press takes it back", "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Done."));
    QSignalSpy rated(&rig.screen, &ConversationScreen::rated);
    const auto endBlock = [&] { return rig.canvas->itemCount() - 1; };
    REQUIRE(rig.press(endBlock(), QStringLiteral("Helpful")));
    REQUIRE(rated.size() == 1);
    CHECK(rated[0][0].toInt() == 1);
    CHECK(rated[0][1].value<Rating>() == Rating::good);
    rig.screen.setRatings({{1, Rating::good}});
    REQUIRE(rig.press(endBlock(), QString::fromUtf8("✓ Rated helpful")));
    CHECK(rated[1][1].value<Rating>() == Rating::none);
    REQUIRE(rig.press(endBlock(), QStringLiteral("Unhelpful")));
    CHECK(rated[2][1].value<Rating>() == Rating::bad);
}

TEST_CASE("code is offered to the file that its fence names", "[desktop][conversation]") {
    Rig rig;
    agent::MessageAdded answer = said("Here:\n\n```cpp src/list.cpp\nint x;\n```\n");
    rig.play({agent::TurnStarted{"do it"}, answer,
              agent::TurnEnded{agent::EndStatus::unverified, "", 1, 10}});
    QSignalSpy applied(&rig.screen, &ConversationScreen::applyWanted);
    REQUIRE(rig.press(rig.blockWith(QStringLiteral("int x;")), QStringLiteral("Apply to file")));
    REQUIRE(applied.size() == 1);
    CHECK(applied[0][0].toString() == QStringLiteral("int x;"));
    CHECK(applied[0][1].toString() == QStringLiteral("cpp"));
    CHECK(applied[0][2].toStringList().value(0) == QStringLiteral("src/list.cpp"));
}

TEST_CASE("pictures of a message are shown small and opened", "[desktop][conversation]") {
    Rig rig;
    QImage image(400, 200, QImage::Format_RGB32);
    image.fill(Qt::red);
    const auto picture = makePicture(image);
    REQUIRE(picture);
    agent::MessageAdded user;
    user.message.role = engine::Role::user;
    user.message.text = "look";
    const engine::Image broken = {"image/png", "bm8gcGljdHVyZQ=="};
    user.message.images = {broken, broken, broken};
    rig.play({agent::TurnStarted{"look"}, user,
              agent::TurnEnded{agent::EndStatus::unverified, "", 1, 10}});
    user.message.images = {picture->image, broken};
    rig.play({agent::TurnStarted{"look"}, user}, 2);
    const int64_t empty = rig.blockWith(QStringLiteral("3 pictures"));
    const int64_t block = rig.blockWith(QStringLiteral("2 pictures"));
    REQUIRE(empty >= 0);
    REQUIRE(block >= 0);
    const auto height = [&](int64_t of) { return rig.canvas->itemRect(of).height(); };
    REQUIRE(waitUntil([&] { return height(block) >= height(empty) + 60; }));
    QSignalSpy opened(&rig.screen, &ConversationScreen::pictureWanted);
    REQUIRE(rig.press(block, QStringLiteral("Open picture 1")));
    REQUIRE(opened.size() == 1);
    CHECK(opened[0][0].value<engine::Image>() == picture->image);
}

TEST_CASE("the screen says what is being prepared and that another program drives",
          "[desktop][conversation]") {
    Rig rig;
    auto* line = qobject_cast<QLabel*>(rig.widget("conversation.status"));
    CHECK_FALSE(line->isVisible());
    rig.session.preparing_ = QStringLiteral("loading the model");
    rig.session.set(SessionModel::Driver::us);
    CHECK(line->text() == "loading the model");
    rig.session.preparing_.clear();
    rig.session.set(SessionModel::Driver::other);
    CHECK(line->isVisible());
    CHECK(line->text().contains("another program", Qt::CaseInsensitive));
}

// ---- turns

TEST_CASE("a turn shows the message, its steps in one line, the answer and how it ended",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("The scan was **quadratic**."));
    rig.screen.setDensity(Density::summary);
    const QStringList shown = rig.shown();
    REQUIRE(shown.size() == 4);
    CHECK(shown[0] == "You, fix the tokenizer");
    CHECK(shown[1].contains("4 steps: read 1 file, ran 1 command, edited 1 file, 1 failed, 1.0 s"));
    CHECK(shown[2] == "Answer, The scan was quadratic.");
    CHECK(shown[3].contains("Verified in"));
}

TEST_CASE("each density shows more and each step can be opened on its own",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Done."));
    CHECK(rig.screen.density() == Density::normal);
    CHECK(rig.canvas->itemCount() == 8);  // and reasoning, read, run, edit
    const int64_t read = rig.blockWith(QStringLiteral("Read src/bpe.cpp"));
    REQUIRE(read >= 0);
    const QString folded = rig.canvas->spokenName(read);
    REQUIRE(rig.press(read, rig.canvas->controls(read).front().name));
    CHECK(rig.canvas->spokenName(read).size() > folded.size());

    QSignalSpy changed(&rig.screen, &ConversationScreen::densityChanged);
    rig.trigger("density.next");
    CHECK(rig.screen.density() == Density::verbose);
    CHECK(rig.blockWith(QStringLiteral("because of its scan")) >= 0);
    rig.trigger("density.next");
    CHECK(rig.screen.density() == Density::summary);
    CHECK(rig.canvas->itemCount() == 4);
    CHECK(changed.size() == 2);

    REQUIRE(rig.press(1, rig.canvas->controls(1).front().name));  // the line of the steps
    CHECK(rig.canvas->itemCount() == 8);
}

TEST_CASE("an edit shows its first lines with signs and leads to the review",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Done."));
    const int64_t edit = rig.blockWith(QStringLiteral("Edited src/bpe.cpp"));
    REQUIRE(edit >= 0);
    CHECK(rig.canvas->itemText(edit).contains("-b\n+c"));
    QSignalSpy review(&rig.screen, &ConversationScreen::reviewWanted);
    REQUIRE(rig.press(edit, QStringLiteral("Review changes")));
    REQUIRE(review.size() == 1);
    CHECK(review[0][0].toString() == "src/bpe.cpp");
}

TEST_CASE("a command shows its exit code and output without escape sequences, with links",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Done."));
    const int64_t run = rig.blockWith(QStringLiteral("Ran ctest -R tokenizer"));
    REQUIRE(run >= 0);
    CHECK(rig.canvas->spokenName(run).contains("exit code 8"));
    CHECK(
        rig.canvas->itemText(run).contains("$ ctest -R tokenizer\nFAILED bpe.cpp:42: wrong rank"));
    QSignalSpy output(&rig.screen, &ConversationScreen::outputWanted);
    QSignalSpy place(&rig.screen, &ConversationScreen::openPlace);
    REQUIRE(rig.press(run, QStringLiteral("Whole output")));
    CHECK(output[0][0].toString() == "x1");
    REQUIRE(rig.press(run, QStringLiteral("bpe.cpp:42")));
    CHECK(place[0][0].toString() == "bpe.cpp");
    CHECK(place[0][1].toInt() == 42);
}

TEST_CASE("long output says how many lines came before", "[desktop][conversation]") {
    Rig rig;
    std::string output;
    for (int i = 1; i <= 50; ++i)
        output += "line " + std::to_string(i) + "\n";
    rig.play({agent::TurnStarted{"run it"}, call("x", "bash", R"({"command":"make"})", "execute"),
              agent::ToolOutput{"x", output}});
    const QString text = rig.canvas->itemText(rig.blockWith(QStringLiteral("Running make")));
    CHECK(text.contains("30 lines before"));
    CHECK(text.contains("line 50"));
    CHECK_FALSE(text.contains("line 30\n"));
}

TEST_CASE("checks, commits, notices and a bad end are shown with their reasons",
          "[desktop][conversation]") {
    Rig rig;
    agent::VerificationRun check;
    check.command = "ctest";
    check.exitCode = 8;
    check.outputTail = "1 test failed\n";
    check.durationMs = 2'500;
    rig.play({agent::TurnStarted{"do it"}, said("Done."), check,
              agent::Committed{"0123456789abcdef", "mend the tokenizer", {"a.cpp", "b.cpp"}},
              agent::Notice{"warning", "w", "the disk is nearly full"},
              agent::TurnEnded{agent::EndStatus::verificationFailed, "ctest failed", 1, 10}});
    CHECK(rig.blockWith(QStringLiteral("exit code 8 after 2.5 s")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("1 test failed")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("the disk is nearly full")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("The checks failed after")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("ctest failed")) >= 0);
    QSignalSpy commit(&rig.screen, &ConversationScreen::commitWanted);
    REQUIRE(rig.press(rig.blockWith(QStringLiteral("Committed")), QStringLiteral("01234567")));
    CHECK(commit[0][0].toString() == "0123456789abcdef");
}

// ---- answers

TEST_CASE("an answer's code has its language, can be copied and opened in the editor",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Use this:\n\n```cpp\nint a;\nint b;\n```\n\nSee src/bpe.cpp:7."));
    const int64_t code = rig.blockWith(QStringLiteral("int a;"));
    REQUIRE(code >= 0);
    CHECK(rig.canvas->spokenName(code).startsWith("cpp"));
    CHECK(rig.canvas->itemText(code) == "int a;\nint b;");  // the buttons are no text
    REQUIRE(rig.press(code, QStringLiteral("Copy")));
    CHECK(QGuiApplication::clipboard()->text() == "int a;\nint b;");
    QSignalSpy opened(&rig.screen, &ConversationScreen::openCodeWanted);
    REQUIRE(rig.press(code, QStringLiteral("Open in editor")));
    CHECK(opened[0][1].toString() == "cpp");
    QSignalSpy place(&rig.screen, &ConversationScreen::openPlace);
    REQUIRE(rig.press(code + 1, QStringLiteral("src/bpe.cpp:7")));
    CHECK(place[0][1].toInt() == 7);
}

TEST_CASE("tables, tasks, mathematics, HTML and images are shown as what they are",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(
        usualTurn("| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n"
                  "$$ a_1 * b_2 $$\n\n<b>bold</b>\n\n![a cat](http://x.test/cat.png)"));
    CHECK(rig.canvas->itemText(rig.blockWith(QStringLiteral("a\nb\n1\n2"))).size() > 0);
    CHECK(rig.blockWith(QString(QChar(0x2611)) + QStringLiteral("\tdone")) >= 0);
    CHECK(rig.blockWith(QString(QChar(0x2610)) + QStringLiteral("\topen")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("$$ a_1 * b_2 $$")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("<b>bold</b>")) >= 0);
    CHECK(rig.blockWith(QStringLiteral("a cat")) >= 0);
}

TEST_CASE("what is copied across messages is Markdown without folded reasoning",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("The scan was **quadratic**.\n\n```cpp\nint a;\n```"));
    rig.canvas->selectAll();
    const QString all = rig.canvas->textOf(rig.canvas->selection(), CopyFormat::markdown);
    CHECK(all.contains("fix the tokenizer"));
    CHECK(all.contains("The scan was **quadratic**."));
    CHECK(all.contains("```cpp\nint a;\n```"));
    CHECK_FALSE(all.contains("because of its scan"));
    CHECK_FALSE(all.contains("Copy"));
}

TEST_CASE("an answer that streams equals the same answer in one piece", "[desktop][conversation]") {
    const std::string answer =
        "# Head\n\nSome words, then\na list:\n\n1. one\n2. two\n   more\n\n```cpp\nint a;\n\nint "
        "b;\n```\n\n> quoted\n\nEnd.";
    Rig whole;
    whole.play(usualTurn(answer));
    for (const Density density : {Density::normal, Density::summary}) {
        Rig parts;
        parts.screen.setDensity(density);
        whole.screen.setDensity(density);
        std::vector<agent::EventBody> bodies = usualTurn(answer);
        const auto delta = bodies.begin() + 12;
        for (auto body = bodies.begin(); body != bodies.end(); ++body) {
            if (body != delta) {
                parts.play({*body});
                continue;
            }
            for (size_t at = 0; at < answer.size(); at += 7)
                parts.play({agent::Delta{"text", answer.substr(at, 7)}});
        }
        QStringList expected = whole.shown(), seen = parts.shown();
        expected.removeLast();  // times differ
        seen.removeLast();
        for (QStringList* each : {&expected, &seen})
            each->replaceInStrings(QRegularExpression(QStringLiteral("[0-9.]+ s")), "TIME");
        CHECK(seen == expected);
    }
}

// ---- running

TEST_CASE("the running step shows its elapsed time, which grows once a second",
          "[desktop][conversation]") {
    Rig rig;
    rig.play({agent::TurnStarted{"run it"}, call("x", "bash", R"({"command":"make"})", "execute")});
    const int64_t step = rig.blockWith(QStringLiteral("Running make"));
    REQUIRE(step >= 0);
    CHECK(rig.shown().back().contains("Working"));
    CHECK(rig.shown().back().contains("Esc stops"));
    rig.clock.advance(75'000);
    const int64_t painted = rig.canvas->blocksPainted();
    CHECK(waitUntil([&] { return rig.canvas->blocksPainted() > painted; }));
    CHECK(rig.canvas->spokenName(step).contains("1 min 1"));
    rig.screen.setDensity(Density::summary);
    CHECK(rig.shown().back().contains("Running make"));
}

TEST_CASE("a still conversation paints nothing", "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Done."));
    QTest::qWait(50);
    const int64_t painted = rig.canvas->blocksPainted();
    QTest::qWait(1'200);
    CHECK(rig.canvas->blocksPainted() == painted);
}

TEST_CASE("Escape stops after the call and twice within 600 ms at once",
          "[desktop][conversation]") {
    Rig rig;
    rig.play({agent::TurnStarted{"run it"}});
    QTest::keyClick(rig.canvas, Qt::Key_Escape);
    CHECK(rig.session.wishes.empty());  // nobody is at work
    rig.session.set(SessionModel::Driver::us);
    rig.clock.advance(10'000);
    QTest::keyClick(rig.canvas, Qt::Key_Escape);
    rig.clock.advance(601);
    QTest::keyClick(rig.canvas, Qt::Key_Escape);
    rig.clock.advance(600);
    QTest::keyClick(rig.canvas, Qt::Key_Escape);
    CHECK(rig.session.wishes ==
          std::vector<std::string>{"stop afterCall", "stop afterCall", "stop now"});
}

TEST_CASE("the end of a turn is announced once, with its summary, and characters never",
          "[desktop][conversation]") {
    Rig rig;
    std::vector<agent::EventBody> bodies = usualTurn("Done.");
    const agent::EventBody end = bodies.back();
    bodies.pop_back();
    rig.play(bodies);
    CHECK(rig.announced() == "Working");
    rig.play({end});
    CHECK(rig.announced().startsWith("Answer ready. Verified in"));
    CHECK(rig.announced().contains("4 steps: read 1 file"));
}

TEST_CASE("a pill counts what came while scrolled up", "[desktop][conversation]") {
    Rig rig;
    for (int32_t turn = 1; turn <= 6; ++turn)
        rig.play(usualTurn("Done.\n\nMore.\n\nAnd more."), turn);
    CHECK(rig.canvas->isAtEnd());
    rig.canvas->scrollToItem(0);
    rig.play(usualTurn("Done."), 7);
    auto* pill = rig.canvas->findChild<QPushButton*>(QStringLiteral("newItems"));
    CHECK(pill->isVisible());
    pill->click();
    CHECK(rig.canvas->isAtEnd());
}

TEST_CASE("Alt+Up and Alt+Down walk over the messages of mine", "[desktop][conversation]") {
    Rig rig;
    for (int32_t turn = 1; turn <= 5; ++turn)
        rig.play(usualTurn("Done.\n\nMore.\n\nAnd more."), turn);
    const int64_t perTurn = rig.canvas->itemCount() / 5;
    rig.trigger("prompt.previous");
    CHECK(rig.canvas->caret().item % perTurn == 0);
    const int64_t at = rig.canvas->caret().item;
    rig.trigger("prompt.previous");
    CHECK(rig.canvas->caret().item == at - perTurn);
    rig.trigger("prompt.next");
    CHECK(rig.canvas->caret().item == at);
}

TEST_CASE("a turn is shown by its number, also one that comes with a later reading",
          "[desktop][conversation]") {
    Rig rig;
    for (int32_t turn = 1; turn <= 5; ++turn)
        rig.play(usualTurn("Done.\n\nMore.\n\nAnd more."), turn);
    const int64_t perTurn = rig.canvas->itemCount() / 5;
    rig.screen.showTurn(2);
    CHECK(rig.canvas->caret().item == perTurn);
    rig.screen.showTurn(6);
    CHECK(rig.canvas->caret().item == perTurn);
    rig.play(usualTurn("Later."), 6);
    rig.session.set(SessionModel::State::ready);  // tells that anything may be different
    CHECK(rig.canvas->caret().item == 5 * perTurn);
}

TEST_CASE("a wanted turn far back in a long session is what stands at the top",
          "[desktop][conversation]") {
    Rig rig;
    ConversationModel model;
    int64_t seq = 0;
    const auto play = [&](int32_t turn, agent::EventBody body) {
        agent::Event event;
        event.seq = ++seq;
        event.turn = turn;
        event.body = std::move(body);
        model.apply(event);
    };
    constexpr int32_t kTurns = 20'000, kWanted = 5'000;
    for (int32_t turn = 1; turn <= kTurns; ++turn) {
        play(turn, agent::TurnStarted{"message, please look at the tokenizer"});
        play(turn, said("Some words about the part.\n\n- first\n- second `code`\n- third\n"));
        play(turn, agent::TurnEnded{agent::EndStatus::unverified, "nothing was changed", 1, 400});
    }
    rig.session.view().conversation = model.now();
    rig.screen.showTurn(kWanted);  // wanted before the log is read
    rig.session.set(SessionModel::State::ready);
    const auto& source = *rig.screen.findChild<ConversationSource*>();
    REQUIRE(waitUntil([&] { return source.isCounted(0); }));
    const int64_t first = rig.canvas->visibleItems().begin;
    CHECK(source.conversation().turns[source.placeOf(first).turn].number == kWanted);
}

TEST_CASE("find opens what is folded and selects the match", "[desktop][conversation]") {
    for (const Density density : {Density::normal, Density::summary}) {
        Rig rig;
        rig.play(usualTurn("Done."));
        rig.screen.setDensity(density);
        rig.canvas->setFindText(QStringLiteral("its scan"));
        rig.canvas->findNext(FindDirection::forward);
        CHECK(waitUntil([&] {
            return rig.canvas->textOf(rig.canvas->selection(), CopyFormat::plain) == "its scan";
        }));
    }
}

TEST_CASE("the turn can be copied, quoted, sent again, restored and opened as Markdown",
          "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("One.\n\nTwo."));
    const int64_t end = rig.canvas->itemCount() - 1;
    REQUIRE(rig.press(end, QStringLiteral("Copy")));
    CHECK(QGuiApplication::clipboard()->text() == "One.\n\nTwo.");
    QSignalSpy quote(&rig.screen, &ConversationScreen::quoteWanted);
    QSignalSpy resend(&rig.screen, &ConversationScreen::resendWanted);
    QSignalSpy restore(&rig.screen, &ConversationScreen::restoreWanted);
    QSignalSpy markdown(&rig.screen, &ConversationScreen::openMarkdownWanted);
    REQUIRE(rig.press(end, QStringLiteral("Quote")));
    CHECK(quote[0][0].toString() == "One.\n\nTwo.");
    REQUIRE(rig.press(end, QStringLiteral("Edit and resend")));
    CHECK(resend[0][1].toString() == "fix the tokenizer");
    REQUIRE(rig.press(end, QStringLiteral("Restore to here")));
    CHECK(restore[0][1].toString() == "c0ffee");
    REQUIRE(rig.press(end, QStringLiteral("As Markdown")));
    CHECK(markdown[0][0].toString().contains("One.\n\nTwo."));
    CHECK_FALSE(markdown[0][0].toString().contains("because of its scan"));
}

TEST_CASE("the menu key opens the menu of the message at the caret", "[desktop][conversation]") {
    Rig rig;
    rig.play(usualTurn("Done."));
    rig.canvas->select({0, 0}, {0, 0});
    QContextMenuEvent event(QContextMenuEvent::Keyboard, {10, 10}, {10, 10});
    QApplication::sendEvent(rig.canvas, &event);
    auto* menu = rig.screen.findChild<QMenu*>(QStringLiteral("conversation.menu"));
    REQUIRE(menu != nullptr);
    QStringList names;
    for (const QAction* action : menu->actions())
        names << action->text();
    CHECK(names.contains("Copy message"));
    menu->close();
}
