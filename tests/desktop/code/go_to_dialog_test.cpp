#include "app/desktop/screens/code/go_to_dialog.h"

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/screens/code/code_suggester.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/code/fake_code.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct DialogRig {
    DialogRig() {
        fillShop(code);
        showActive(window, {900, 700});
        QObject::connect(&dialog, &GoToDialog::placeWanted,
                         [this](const CodePlace& place) { places.push_back(place); });
        QObject::connect(&dialog, &GoToDialog::addToMessage,
                         [this](const QString& text) { added << text; });
    }

    QStringList titles() const {
        QStringList all;
        for (const CodeRow& row : list->rows())
            all << row.title;
        return all;
    }

    void type(const char* text) {
        QTest::keyClicks(query, QString::fromUtf8(text));
        QApplication::processEvents();
    }

    QApplication& app = application();
    QWidget window;
    QLineEdit before{&window};
    Appearance appearance;
    FakeCode code;
    GoToDialog dialog{code, appearance, window};
    QLineEdit* query = dialog.findChild<QLineEdit*>(QStringLiteral("goTo.query"));
    CodeList* list = dialog.findChild<CodeList*>(QStringLiteral("goTo.list"));
    QLabel* state = dialog.findChild<QLabel*>(QStringLiteral("goTo.state"));
    std::vector<CodePlace> places;
    QStringList added;
};

}  // namespace

TEST_CASE("some letters and Enter go to a symbol", "[desktop][code]") {
    DialogRig rig;
    rig.before.setFocus();
    rig.dialog.open();
    CHECK(rig.query->hasFocus());
    rig.type("parsel");
    REQUIRE_FALSE(rig.titles().isEmpty());
    CHECK(rig.titles().front() == QStringLiteral("parseList"));
    QTest::keyClick(rig.query, Qt::Key_Return);
    REQUIRE(rig.places.size() == 1);
    CHECK(rig.places[0] == CodePlace{QStringLiteral("shop/parser/parse_list.cpp"), 20, 0});
    CHECK_FALSE(rig.dialog.isVisible());
    CHECK(rig.before.hasFocus());
}

TEST_CASE("a path with a line goes to that line of the file", "[desktop][code]") {
    DialogRig rig;
    rig.dialog.open();
    rig.type("cart.cpp:12:5");
    QTest::keyClick(rig.query, Qt::Key_Return);
    REQUIRE(rig.places.size() == 1);
    CHECK(rig.places[0] == CodePlace{QStringLiteral("shop/cart.cpp"), 12, 5});
    rig.dialog.open(QStringLiteral(":7"));
    CHECK(rig.state->isVisible());
    QTest::keyClick(rig.query, Qt::Key_Return);
    CHECK(rig.places[1] == CodePlace{QString(), 7, 0});
}

TEST_CASE("Shift+Enter adds a reference to the message", "[desktop][code]") {
    DialogRig rig;
    rig.dialog.open(QStringLiteral("@parse"));
    QApplication::processEvents();
    QTest::keyClick(rig.query, Qt::Key_Down);
    QTest::keyClick(rig.query, Qt::Key_Up);
    QTest::keyClick(rig.query, Qt::Key_Return, Qt::ShiftModifier);
    CHECK(rig.added == QStringList{QStringLiteral("@shop/parser/parse_list.cpp:20-61")});
    CHECK(rig.places.empty());
}

TEST_CASE("a late answer does not replace a newer one", "[desktop][code]") {
    DialogRig rig;
    rig.code.isHolding = true;
    rig.dialog.open();
    rig.type("cart");
    CHECK(rig.code.finds.size() == 5);
    rig.code.letGo();
    CHECK(rig.titles().front() == QStringLiteral("Cart"));
    CHECK(rig.code.finds.back().text == QStringLiteral("cart"));
}

TEST_CASE("without a text the files opened last come first", "[desktop][code]") {
    DialogRig rig;
    rig.code.noteOpened(QStringLiteral("tests/cart_test.cpp"));
    rig.code.noteOpened(QStringLiteral("docs/design.md"));
    rig.dialog.open();
    QApplication::processEvents();
    CHECK(rig.titles().mid(0, 3) == QStringList{QStringLiteral("design.md"),
                                                QStringLiteral("cart_test.cpp"),
                                                QStringLiteral("README.md")});
    rig.type("zzzz");
    CHECK(rig.state->text().contains(QStringLiteral("zzzz")));
    QTest::keyClick(rig.query, Qt::Key_Return);
    CHECK(rig.places.empty());
    QTest::keyClick(rig.query, Qt::Key_Escape);
    CHECK_FALSE(rig.dialog.isVisible());
}

TEST_CASE("the dialog says why nothing can be found yet", "[desktop][code]") {
    DialogRig rig;
    rig.code.set(CodeModel::State::loading);
    rig.dialog.open();
    CHECK(rig.state->text().contains(QStringLiteral("being read")));
    rig.code.set(CodeModel::State::error, QStringLiteral("disk is full"));
    CHECK(rig.state->text().contains(QStringLiteral("disk is full")));
    rig.code.set(CodeModel::State::empty);
    CHECK(rig.state->text().contains(QStringLiteral("No repository")));
    rig.code.set(CodeModel::State::ready);
    QApplication::processEvents();
    CHECK_FALSE(rig.state->isVisible());
    CHECK_FALSE(rig.titles().isEmpty());
}

TEST_CASE("suggestions behind an @ say what is written into the message", "[desktop][code]") {
    DialogRig rig;
    CodeSuggester suggester(rig.code);
    std::vector<CodeSuggestion> got;
    const auto take = [&](const std::vector<CodeSuggestion>& made) { got = made; };
    suggester.find(QStringLiteral("parseL"), rig.window, take);
    QApplication::processEvents();
    REQUIRE_FALSE(got.empty());
    CHECK(got[0].label == QStringLiteral("parseList"));
    CHECK(got[0].insertText == QStringLiteral("@shop/parser/parse_list.cpp:20-61"));
    CHECK(got[0].tokens == 420);
    CHECK(got[0].detail.contains(QStringLiteral("function")));
    suggester.find(QStringLiteral("cart.h:3"), rig.window, take);
    QApplication::processEvents();
    REQUIRE_FALSE(got.empty());
    CHECK(got[0].insertText == QStringLiteral("@shop/cart.h:3"));
    rig.code.set(CodeModel::State::empty);
    suggester.find(QStringLiteral("x"), rig.window, take);
    CHECK(got.empty());
}
