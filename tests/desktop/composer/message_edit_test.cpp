#include "app/desktop/screens/composer/message_edit.h"

#include <QApplication>
#include <QClipboard>
#include <QImage>
#include <QMimeData>
#include <QScrollBar>
#include <QSignalSpy>
#include <QUrl>

#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("Enter sends and Shift+Enter breaks the line, or the other way round",
          "[desktop][composer]") {
    application();
    MessageEdit edit;
    showActive(edit, {400, 100});
    QSignalSpy sent(&edit, &MessageEdit::sendWanted);
    QTest::keyClicks(&edit, QStringLiteral("a"));
    QTest::keyClick(&edit, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(&edit, QStringLiteral("b"));
    CHECK(sent.isEmpty());
    CHECK(edit.toPlainText() == QStringLiteral("a\nb"));
    QTest::keyClick(&edit, Qt::Key_Return);
    QTest::keyClick(&edit, Qt::Key_Enter, Qt::KeypadModifier);
    CHECK(sent.size() == 2);

    edit.setSendKey(SendKey::shiftEnter);
    QTest::keyClick(&edit, Qt::Key_Return);
    CHECK(sent.size() == 2);
    CHECK(edit.toPlainText() == QStringLiteral("a\nb\n"));
    QTest::keyClick(&edit, Qt::Key_Return, Qt::ShiftModifier);
    CHECK(sent.size() == 3);
}

TEST_CASE("Up in an empty box walks through what was sent and stops at an edit",
          "[desktop][composer]") {
    application();
    MessageEdit edit;
    showActive(edit, {400, 100});
    edit.setHistory(
        {QStringLiteral("first"), QStringLiteral("two\nlines"), QStringLiteral("last")});
    const auto press = [&](Qt::Key key) { QTest::keyClick(&edit, key); };
    press(Qt::Key_Up);
    CHECK(edit.toPlainText() == QStringLiteral("last"));
    press(Qt::Key_Up);
    press(Qt::Key_Up);
    press(Qt::Key_Up);
    CHECK(edit.toPlainText() == QStringLiteral("first"));
    press(Qt::Key_Down);
    CHECK(edit.toPlainText() == QStringLiteral("two\nlines"));
    press(Qt::Key_Down);
    press(Qt::Key_Down);
    CHECK(edit.toPlainText().isEmpty());

    press(Qt::Key_Up);
    QTest::keyClicks(&edit, QStringLiteral("!"));
    press(Qt::Key_Up);
    CHECK(edit.toPlainText() == QStringLiteral("last!"));
}

TEST_CASE("the box grows with its text up to its bound and then scrolls", "[desktop][composer]") {
    application();
    MessageEdit edit;
    edit.setHeightMax(200);
    showActive(edit, {400, 60});
    const int small = edit.sizeHint().height();
    edit.setPlainText(QStringLiteral("1\n2\n3\n4\n5"));
    const int middle = edit.sizeHint().height();
    CHECK(middle > small);
    CHECK(middle < 200);
    edit.setPlainText(QStringLiteral("line\n").repeated(100));
    CHECK(edit.sizeHint().height() == 200);
    edit.setPlainText(QStringLiteral("a long line that wraps ").repeated(20));
    CHECK(edit.sizeHint().height() > middle);
}

TEST_CASE("a token is a word with its sign before the caret", "[desktop][composer]") {
    application();
    MessageEdit edit;
    const auto tokenOf = [&](const char* text) {
        edit.setPlainText(QString::fromUtf8(text));
        edit.moveCursor(QTextCursor::End);
        return edit.token();
    };
    CHECK(tokenOf("look at @bpe") == CompletionToken{QLatin1Char('@'), QStringLiteral("bpe"), 8});
    CHECK(tokenOf("@") == CompletionToken{QLatin1Char('@'), QString(), 0});
    CHECK(tokenOf("/pl") == CompletionToken{QLatin1Char('/'), QStringLiteral("pl"), 0});
    CHECK_FALSE(tokenOf("a /pl"));
    CHECK_FALSE(tokenOf("mail me@home"));
    CHECK_FALSE(tokenOf("@bpe done"));
    CHECK_FALSE(tokenOf(""));
}

TEST_CASE("pictures are offered and write nothing, other files are named", "[desktop][composer]") {
    application();
    MessageEdit edit;
    edit.setRepository(QStringLiteral("/work/moxie"));
    showActive(edit, {400, 100});
    QSignalSpy images(&edit, &MessageEdit::imageOffered);
    QSignalSpy pictures(&edit, &MessageEdit::pictureFilesOffered);
    auto* picture = new QMimeData;
    picture->setImageData(QImage(4, 4, QImage::Format_RGB32));
    QApplication::clipboard()->setMimeData(picture);
    edit.paste();
    CHECK(images.size() == 1);
    CHECK(edit.toPlainText().isEmpty());

    auto* files = new QMimeData;
    files->setUrls({QUrl::fromLocalFile(QStringLiteral("/work/moxie/base/text.h")),
                    QUrl::fromLocalFile(QStringLiteral("/work/moxie/seen.PNG")),
                    QUrl::fromLocalFile(QStringLiteral("/etc/hosts"))});
    QApplication::clipboard()->setMimeData(files);
    edit.paste();
    CHECK(edit.toPlainText() == QStringLiteral("@base/text.h /etc/hosts "));
    REQUIRE(pictures.size() == 1);
    CHECK(pictures[0][0].toStringList() == QStringList{QStringLiteral("/work/moxie/seen.PNG")});
}
