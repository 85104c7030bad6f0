#include <QAction>
#include <QClipboard>
#include <QElapsedTimer>
#include <QFile>
#include <QImage>
#include <QInputMethodEvent>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QUrl>
#include <algorithm>

#include "app/desktop/screens/composer/completion_popup.h"
#include "tests/desktop/composer/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::agent::PermissionMode;

TEST_CASE("Enter sends the message, tells the window and empties the box", "[desktop][composer]") {
    ComposerRig rig;
    QSignalSpy sent(rig.screen, &ComposerScreen::messageSent);
    auto* send = rig.part<QPushButton>("composer.send");
    CHECK_FALSE(send->isEnabled());
    rig.press(Qt::Key_Return);
    rig.type(QStringLiteral("fix the tokenizer"));
    CHECK(send->isEnabled());
    rig.press(Qt::Key_Return);
    CHECK(rig.session.wishes == std::vector<std::string>{"send fix the tokenizer"});
    REQUIRE(sent.size() == 1);
    CHECK(sent[0][0].toString() == QStringLiteral("fix the tokenizer"));
    CHECK(rig.screen->draft().isEmpty());
}

TEST_CASE("while the agent works a message is queued, and Ctrl+Shift+Enter interrupts",
          "[desktop][composer]") {
    ComposerRig rig;
    rig.session.set(SessionModel::Driver::us);
    CHECK(rig.part<QPushButton>("composer.send")->text() == QStringLiteral("Queue"));
    rig.type(QStringLiteral("then test"));
    rig.press(Qt::Key_Return);
    CHECK(rig.part<QWidget>("composer.queued")->isVisible());
    rig.type(QStringLiteral("no, this"));
    rig.press(Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
    CHECK(rig.session.wishes == std::vector<std::string>{"send then test", "sendNow no, this"});
    CHECK(rig.session.queued().size() == 1);
}

TEST_CASE("a queued message is edited in the box and the draft comes back", "[desktop][composer]") {
    ComposerRig rig;
    rig.session.set(SessionModel::Driver::us);
    rig.session.send(QStringLiteral("one\nof two lines"));
    rig.session.send(QStringLiteral("two"));
    rig.type(QStringLiteral("my draft"));
    auto* list = rig.part<QListView>("composer.queued.list");
    CHECK(list->model()->rowCount() == 2);
    QTest::keyClick(list, Qt::Key_Return);
    CHECK(rig.screen->draft() == QStringLiteral("one\nof two lines"));
    rig.type(QStringLiteral(", changed"));
    rig.press(Qt::Key_Return);
    CHECK(rig.session.queued()[0].text == QStringLiteral("one\nof two lines, changed"));
    CHECK(rig.screen->draft() == QStringLiteral("my draft"));

    QTest::keyClick(list, Qt::Key_F2);
    rig.type(QStringLiteral(" forget this"));
    rig.press(Qt::Key_Escape);
    CHECK(rig.screen->draft() == QStringLiteral("my draft"));
    CHECK(rig.session.queued()[0].text == QStringLiteral("one\nof two lines, changed"));
    CHECK(rig.session.wishes.size() == 2);  // Escape stopped nothing
}

TEST_CASE("a queued message is removed or sent now", "[desktop][composer]") {
    ComposerRig rig;
    rig.session.set(SessionModel::Driver::us);
    rig.session.send(QStringLiteral("one"));
    rig.session.send(QStringLiteral("two"));
    auto* list = rig.part<QListView>("composer.queued.list");
    list->setCurrentIndex(list->model()->index(1, 0));
    rig.part<QToolButton>("composer.queued.sendNow")->click();
    CHECK(rig.session.wishes.back() == "sendNow two");
    QTest::keyClick(list, Qt::Key_Delete);
    CHECK(rig.session.queued().empty());
    CHECK_FALSE(rig.part<QWidget>("composer.queued")->isVisible());
}

TEST_CASE("a message that is sent while it is edited becomes a new one", "[desktop][composer]") {
    ComposerRig rig;
    rig.session.set(SessionModel::Driver::us);
    rig.session.send(QStringLiteral("one"));
    rig.part<QToolButton>("composer.queued.edit")->click();
    rig.session.editQueued(rig.session.queued()[0].id, QString());
    CHECK(rig.part<QLabel>("composer.status")->text().contains(QStringLiteral("new one")));
    rig.type(QStringLiteral(" more"));
    rig.press(Qt::Key_Return);
    CHECK(rig.session.wishes.back() == "send one more");
}

TEST_CASE("stop asks first for the end of the call, then for the end now", "[desktop][composer]") {
    ComposerRig rig;
    auto* stop = rig.part<QPushButton>("composer.stop");
    CHECK_FALSE(stop->isVisible());
    rig.session.set(SessionModel::Driver::us);
    REQUIRE(stop->isVisible());
    rig.press(Qt::Key_Escape);
    CHECK(stop->text() == QStringLiteral("Stop now"));
    stop->click();
    CHECK(rig.session.wishes == std::vector<std::string>{"stop afterCall", "stop now"});
    rig.session.set(SessionModel::Driver::nobody);
    rig.session.set(SessionModel::Driver::us);
    CHECK(stop->text() == QStringLiteral("Stop"));
}

TEST_CASE("in each state the composer says why it cannot send", "[desktop][composer]") {
    ComposerRig rig;
    auto* status = rig.part<QLabel>("composer.status");
    auto* send = rig.part<QPushButton>("composer.send");
    rig.type(QStringLiteral("hello"));
    CHECK_FALSE(status->isVisible());

    rig.session.set(SessionModel::State::loading);
    CHECK(status->text() == QStringLiteral("The session is being read."));
    CHECK_FALSE(send->isEnabled());

    rig.session.set(SessionModel::State::error, QStringLiteral("the log is cut"));
    CHECK(status->text().contains(QStringLiteral("the log is cut")));
    rig.press(Qt::Key_Return);
    CHECK(rig.session.wishes.empty());
    CHECK(rig.part<QLabel>("notices.text")->isVisible());

    rig.session.set(SessionModel::State::ready);
    rig.session.set(SessionModel::Driver::other);
    CHECK(status->text() == QStringLiteral("Watching: another process works on this session."));
    CHECK(send->toolTip() == status->text());

    rig.session.preparing_ = QStringLiteral("making the index 40 %");
    rig.session.set(SessionModel::Driver::nobody);
    CHECK(status->text() == QStringLiteral("making the index 40 %"));
    CHECK(send->isEnabled());
    rig.type(QStringLiteral("!"));  // what was noted spoke of another text
    CHECK_FALSE(rig.part<QLabel>("notices.text")->isVisible());
}

TEST_CASE("a slash command does something and is not sent", "[desktop][composer]") {
    ComposerRig rig;
    QSignalSpy undo(rig.screen, &ComposerScreen::undoWanted);
    rig.type(QStringLiteral("/undo"));
    rig.press(Qt::Key_Escape);  // closes the list, so that the text itself is taken
    rig.press(Qt::Key_Return);
    CHECK(undo.size() == 1);
    CHECK(rig.screen->draft().isEmpty());

    rig.type(QStringLiteral("/auto-"));
    auto* list = rig.part<QListView>("composer.completionList");
    REQUIRE(list->isVisible());
    CHECK(list->model()->rowCount() == 1);
    rig.press(Qt::Key_Return);
    CHECK(rig.session.mode() == PermissionMode::autoEdit);
    CHECK(rig.screen->draft().isEmpty());
    CHECK(rig.part<QToolButton>("composer.mode")->text() == QString::fromUtf8("Auto-edit ▾"));

    rig.type(QStringLiteral("/undp"));
    rig.press(Qt::Key_Return);
    CHECK(rig.part<QLabel>("notices.text")->text().contains(QStringLiteral("/undp")));
    rig.screen->setDraft(QStringLiteral("/usr/bin/make fails"));
    rig.press(Qt::Key_Return);
    CHECK(rig.session.wishes ==
          std::vector<std::string>{"mode auto-edit", "send /usr/bin/make fails"});
}

TEST_CASE("names behind @ are asked for, late answers are dropped", "[desktop][composer]") {
    ComposerRig rig;
    rig.type(QStringLiteral("see @bp"));
    REQUIRE(rig.suggester.questions.size() == 3);
    CHECK(rig.suggester.questions[2].query == QStringLiteral("bp"));
    const Suggestion bpe{QStringLiteral("bpe.cpp"), QStringLiteral("engine/tokenizer"),
                         QStringLiteral("@engine/tokenizer/bpe.cpp")};
    rig.suggester.questions[1].answer({bpe, bpe, bpe});
    CHECK(rig.window.findChild<CompletionPopup*>() == nullptr);
    rig.suggester.questions[2].answer({bpe, bpe});
    auto* popup = rig.part<CompletionPopup>("composer.completion");
    REQUIRE(popup->isVisible());
    CHECK(popup->accessibleName() == QStringLiteral("bpe.cpp, engine/tokenizer"));
    CHECK(popup->geometry().bottom() <
          rig.edit->viewport()->mapTo(&rig.window, rig.edit->cursorRect().topLeft()).y());
    rig.press(Qt::Key_Down);
    rig.press(Qt::Key_Tab);
    CHECK(rig.screen->draft() == QStringLiteral("see @engine/tokenizer/bpe.cpp "));
    CHECK_FALSE(popup->isVisible());

    rig.type(QStringLiteral("@x"));
    rig.suggester.questions.back().answer({});
    CHECK_FALSE(popup->isVisible());
    rig.suggester.questions.back().answer({bpe});
    CHECK(popup->isVisible());
    rig.press(Qt::Key_Escape);
    CHECK_FALSE(popup->isVisible());
    CHECK(rig.session.wishes.empty());
}

TEST_CASE("a quote is added as Markdown, a draft takes the place of the text",
          "[desktop][composer]") {
    ComposerRig rig;
    rig.type(QStringLiteral("about"));
    rig.screen->quote(QStringLiteral("one\ntwo\n"));
    CHECK(rig.screen->draft() == QStringLiteral("about\n\n> one\n> two\n\n"));
    CHECK(rig.edit->hasFocus());
    rig.screen->setDraft(QStringLiteral("new"));
    CHECK(rig.screen->draft() == QStringLiteral("new"));
    rig.edit->undo();
    CHECK(rig.screen->draft().startsWith(QStringLiteral("about")));
}

TEST_CASE("a draft is found again, and follows a session that gets its name",
          "[desktop][composer]") {
    application();  // before the registry, which listens to it
    QTemporaryDir folder;
    FakeSession session;
    session.id_.clear();
    FakeSuggester suggester;
    Appearance appearance;
    ActionRegistry registry;
    {
        DraftStore drafts(folder.path().toStdString());
        ComposerScreen screen(session, suggester, drafts, appearance, registry);
        screen.setDraft(QStringLiteral("not sent"));
        session.id_ = QStringLiteral("s1");
        session.set(SessionModel::Driver::nobody);
    }
    DraftStore drafts(folder.path().toStdString());
    ComposerScreen screen(session, suggester, drafts, appearance, registry);
    REQUIRE(waitUntil([&] { return screen.draft() == QStringLiteral("not sent"); }));
    session.id_ = QStringLiteral("s2");
    session.set(SessionModel::Driver::nobody);
    CHECK(screen.draft() == QStringLiteral("not sent"));
}

TEST_CASE("a pasted picture is shown small, removed by key, and goes with the message",
          "[desktop][composer]") {
    ComposerRig rig;
    rig.screen->setModels({{QStringLiteral("seer"), QStringLiteral("openai"), true}});
    const auto paste = [&] {
        auto* picture = new QMimeData;
        picture->setImageData(QImage(300, 100, QImage::Format_RGB32));
        QApplication::clipboard()->setMimeData(picture);
        rig.edit->paste();
    };
    auto* list = rig.part<QListView>("composer.pictures.list");
    paste();
    REQUIRE(waitUntil([&] { return list->model()->rowCount() == 1; }));
    CHECK(list->isVisible());
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Delete);
    CHECK_FALSE(list->isVisible());
    paste();
    REQUIRE(waitUntil([&] { return list->model()->rowCount() == 1; }));
    rig.type(QStringLiteral("what is this?"));
    rig.press(Qt::Key_Return);
    CHECK(rig.session.sent.text == QStringLiteral("what is this?"));
    REQUIRE(rig.session.sent.images.size() == 1);
    CHECK(rig.session.sent.images[0].mediaType == "image/png");
    CHECK_FALSE(list->isVisible());
}

TEST_CASE("a model that takes no pictures is said before anything is sent", "[desktop][composer]") {
    ComposerRig rig;
    rig.screen->setModels({{QStringLiteral("blind"), QStringLiteral("local"), false},
                           {QStringLiteral("seer"), QStringLiteral("openai"), true}});
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("shot.png"));
    REQUIRE(QImage(20, 20, QImage::Format_RGB32).save(file));
    const auto drop = [&] {
        auto* files = new QMimeData;
        files->setUrls({QUrl::fromLocalFile(file)});
        QApplication::clipboard()->setMimeData(files);
        rig.edit->paste();
    };
    auto* list = rig.part<QListView>("composer.pictures.list");
    drop();
    REQUIRE(waitUntil([&] { return list->model()->rowCount() == 1; }));  // one of them takes it
    rig.session.setChosenModel(QStringLiteral("blind"));
    rig.session.wishes.clear();
    rig.type(QStringLiteral("look"));
    rig.press(Qt::Key_Return);
    CHECK(rig.session.wishes.empty());
    CHECK(rig.notices->text().startsWith(QStringLiteral("blind takes no pictures.")));
    drop();
    CHECK(list->model()->rowCount() == 1);
    CHECK(rig.screen->draft() == QStringLiteral("look"));
}

TEST_CASE("a file that is no picture is refused with its reason", "[desktop][composer]") {
    ComposerRig rig;
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("fake.png")));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write("<svg onload='x'/>");
    file.close();
    auto* files = new QMimeData;
    files->setUrls({QUrl::fromLocalFile(file.fileName())});
    QApplication::clipboard()->setMimeData(files);
    rig.edit->paste();
    REQUIRE(waitUntil([&] { return rig.notices->text().contains(QStringLiteral("no picture")); }));
    CHECK_FALSE(rig.part<QListView>("composer.pictures.list")->isVisible());
}

TEST_CASE("the model chip names who answered last", "[desktop][composer]") {
    ComposerRig rig;
    auto* model = rig.part<QToolButton>("composer.model");
    QSignalSpy wanted(rig.screen, &ComposerScreen::modelWanted);
    CHECK(model->text() == QStringLiteral("Choose a model"));
    model->click();  // there is none to choose: the settings
    CHECK(wanted.size() == 1);
    rig.screen->setModels({{QStringLiteral("qwen3-coder"), QStringLiteral("local")}});
    CHECK(model->text() == QString::fromUtf8("qwen3-coder · local ▾"));
    rig.session.view().modelName = "deepseek-v3";
    rig.session.view().backend = "openai";
    emit rig.session.changed({});
    CHECK(model->text() == QString::fromUtf8("deepseek-v3 · openai ▾"));
}

TEST_CASE("another model can be chosen for the session, and the settings again",
          "[desktop][composer]") {
    ComposerRig rig;
    auto* model = rig.part<QToolButton>("composer.model");
    QSignalSpy wanted(rig.screen, &ComposerScreen::modelWanted);
    rig.screen->setModels({{QStringLiteral("deepseek-v4"), QStringLiteral("openai")},
                           {QStringLiteral("a&b"), QStringLiteral("local")}});
    rig.session.view().modelName = "deepseek-v4";
    rig.session.view().backend = "openai";
    rig.session.view().cost.nRequests = 3;
    const auto choose = [&](int index) {
        emit model->menu()->aboutToShow();
        const auto actions = model->menu()->actions();
        REQUIRE(index < actions.size());
        actions[index]->trigger();
    };
    choose(3);
    CHECK(rig.session.wishes == std::vector<std::string>{"model a&b"});
    CHECK(model->text() == QString::fromUtf8("a&b · local ▾"));
    emit model->menu()->aboutToShow();
    CHECK(model->menu()->actions()[3]->isChecked());
    CHECK(model->menu()->actions()[3]->text() == QString::fromUtf8("a&&b · local"));
    rig.session.view().modelName = "a&b";
    rig.session.view().backend = "local";
    rig.session.view().cost.nRequests = 4;
    choose(0);  // what answered before says nothing about the next answer
    CHECK(rig.session.wishes.back() == "model ");
    CHECK(model->text() == QString::fromUtf8("deepseek-v4 · openai ▾"));
    choose(int(model->menu()->actions().size()) - 1);
    CHECK(wanted.size() == 1);
}

TEST_CASE("everything in the composer has a name and can be reached by Tab",
          "[desktop][composer]") {
    ComposerRig rig;
    rig.session.set(SessionModel::Driver::us);
    rig.session.send(QStringLiteral("queued"));
    rig.type(QStringLiteral("text"));
    std::vector<QWidget*> reached;
    for (int i = 0; i < 12; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        reached.push_back(QApplication::focusWidget());
    }
    for (QWidget* widget : rig.screen->findChildren<QWidget*>()) {
        const bool canAct = qobject_cast<QAbstractButton*>(widget) != nullptr ||
                            qobject_cast<QListView*>(widget) != nullptr || widget == rig.edit;
        if (!canAct || !widget->isVisible()) continue;
        CAPTURE(widget->objectName().toStdString());
        CHECK_FALSE(widget->objectName().isEmpty());
        CHECK_FALSE(widget->accessibleName().isEmpty());
        CHECK(std::find(reached.begin(), reached.end(), widget) != reached.end());
    }
}

TEST_CASE("Chinese from an input method is composed in the box and then sent",
          "[desktop][composer]") {
    ComposerRig rig;
    QInputMethodEvent composing(QString::fromUtf8("xiu"), {});
    QApplication::sendEvent(rig.edit, &composing);
    CHECK(rig.screen->draft().isEmpty());
    QInputMethodEvent committed;
    committed.setCommitString(QString::fromUtf8("修复"));
    QApplication::sendEvent(rig.edit, &committed);
    rig.press(Qt::Key_Return);
    CHECK(rig.session.wishes == std::vector<std::string>{"send 修复"});
}

TEST_CASE("an idle composer paints nothing", "[desktop][composer]") {
    ComposerRig rig;
    QApplication::setCursorFlashTime(0);

    class Paints final : public QObject {
    public:
        bool eventFilter(QObject*, QEvent* event) override {
            if (event->type() == QEvent::Paint) ++count;
            return false;
        }

        int count = 0;
    } paints;

    for (QWidget* widget : rig.window.findChildren<QWidget*>())
        widget->installEventFilter(&paints);
    QApplication::processEvents();
    paints.count = 0;
    QTest::qWait(700);
    CHECK(paints.count == 0);
}

TEST_CASE("a key is painted within a frame, also in a draft of 100 kB",
          "[.bench][desktop][composer]") {
    ComposerRig rig;
    for (const int lines : {1, 2'000}) {
        rig.screen->setDraft(
            QStringLiteral("a line of the draft that is fifty characters long\n").repeated(lines));
        QApplication::processEvents();
        std::vector<double> times;
        for (int i = 0; i < 200; ++i) {
            QElapsedTimer timer;
            timer.start();
            QTest::keyClick(rig.edit, i % 10 == 9 ? Qt::Key_Space : Qt::Key_X);
            QApplication::processEvents();
            times.push_back(double(timer.nsecsElapsed()) / 1e6);
        }
        std::sort(times.begin(), times.end());
        std::printf("draft of %d lines: key to paint median %.2f ms, p99 %.2f ms\n", lines,
                    times[100], times[198]);
        CHECK(times[198] < 16);
    }
}
