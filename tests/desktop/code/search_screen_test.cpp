#include "app/desktop/screens/code/search_screen.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/screens/code/code_rows.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/code/fake_code.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct SearchRig {
    SearchRig() {
        fillShop(code);
        showActive(screen, {640, 700});
    }

    template <class T>
    T* part(const char* name) {
        T* found = screen.findChild<T*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return found;
    }

    QString text(const char* label) { return part<QLabel>(label)->text(); }

    QStringList titles() {
        QStringList all;
        for (const CodeRow& row : part<CodeList>("search.list")->rows())
            all << row.title;
        return all;
    }

    void type(const char* typed) {
        screen.searchFor(QString::fromUtf8(typed));
        QApplication::processEvents();
    }

    QApplication& app = application();
    Appearance appearance;
    FakeCode code;
    SearchScreen screen{code, appearance};
};

}  // namespace

TEST_CASE("names and texts are found together, with the time it took", "[desktop][code]") {
    SearchRig rig;
    rig.type("parse");
    CHECK(rig.titles() == QStringList{QStringLiteral("By name"), QStringLiteral("parseList"),
                                      QStringLiteral("parse_list.cpp"),
                                      QStringLiteral("ListParser"), QStringLiteral("In texts"),
                                      QStringLiteral("parse_list.cpp:20"),
                                      QStringLiteral("design.md")});
    CHECK(rig.text("search.summary").contains(QStringLiteral("5 results")));
    CHECK(rig.text("search.summary").contains(QStringLiteral("12 ms")));
    std::vector<CodePlace> places;
    QObject::connect(&rig.screen, &SearchScreen::placeWanted,
                     [&](const CodePlace& place) { places.push_back(place); });
    auto* query = rig.part<QLineEdit>("search.query");
    QTest::keyClick(query, Qt::Key_Up);  // from the first to the last
    QTest::keyClick(query, Qt::Key_Up);
    QTest::keyClick(query, Qt::Key_Return);
    REQUIRE(places.size() == 1);
    CHECK(places[0] == CodePlace{QStringLiteral("shop/parser/parse_list.cpp"), 20, 0});
}

TEST_CASE("a kind of symbol can be chosen", "[desktop][code]") {
    SearchRig rig;
    rig.part<QComboBox>("search.scope")->setCurrentIndex(4);
    rig.type("parse");
    CHECK(rig.titles() == QStringList{QStringLiteral("ListParser")});
    CHECK(rig.code.searches.empty());
}

TEST_CASE("a hit says in the user's language why it is there", "[desktop][code]") {
    using enum indexer::PinKind;
    CHECK(CodeRows::reasonOf({}).isEmpty());
    CHECK(CodeRows::reasonOf({.words = {{.word = "comma", .inText = 1, .inCommits = 2},
                                        {.word = "pars", .inNames = 1},
                                        {.word = "old", .inCommits = 1}},
                              .pins = {{.kind = name, .text = "parseList"},
                                       {.kind = name, .text = "parseList"}}}) ==
          "name parseList; words: comma; messages of commits");
    CHECK(CodeRows::reasonOf({.pins = {{.kind = frame, .text = "a.cpp:3"},
                                       {.kind = quote, .text = "no comma"}}}) ==
          "its path is named; has the quoted text");
}

TEST_CASE("the screen says what state it is in", "[desktop][code]") {
    SearchRig rig;
    CHECK(rig.text("search.note.title") == QStringLiteral("Find symbols and texts"));
    rig.type("nosuchthing");
    rig.code.textHits.clear();
    rig.type("nosuchthing!");
    CHECK(rig.text("search.note.title").contains(QStringLiteral("nosuchthing")));
    rig.code.set(CodeModel::State::loading);
    CHECK(rig.text("search.note.title").contains(QStringLiteral("being opened")));
    rig.code.set(CodeModel::State::error, QStringLiteral("denied"));
    CHECK(rig.text("search.note.sentence") == QStringLiteral("denied"));
    CHECK_FALSE(rig.part<QLineEdit>("search.query")->isEnabled());
    rig.code.set(CodeModel::State::empty);
    CHECK(rig.text("search.note.title") == QStringLiteral("No repository is open"));
    CHECK_FALSE(rig.part<QWidget>("index")->isVisible());
}

TEST_CASE("the state of the index is told, updated and paused", "[desktop][code]") {
    SearchRig rig;
    CHECK(rig.text("index.phase").contains(QStringLiteral("Up to date")));
    CHECK(rig.text("index.size").contains(QStringLiteral("26,730 symbols")));
    auto* action = rig.part<QPushButton>("index.action");
    QTest::mouseClick(action, Qt::LeftButton);
    CHECK(rig.code.updates == 1);
    IndexState index = rig.code.index();
    index.phase = IndexState::Phase::updating;
    index.progress = {.filesDone = 400, .filesTotal = 1'000};
    rig.code.setIndex(index);
    CHECK(rig.text("index.phase").contains(QStringLiteral("400 of 1,000")));
    CHECK(rig.part<QWidget>("index.progress")->isVisible());
    QTest::mouseClick(action, Qt::LeftButton);
    CHECK(rig.code.pauses == 1);
    index.phase = IndexState::Phase::paused;
    rig.code.setIndex(index);
    CHECK(rig.text("index.phase").contains(QStringLiteral("may be old")));
    CHECK(action->text() == QStringLiteral("Continue"));
    index.phase = IndexState::Phase::stale;
    index.error = QStringLiteral("disk is full");
    rig.code.setIndex(index);
    CHECK(rig.text("index.phase").contains(QStringLiteral("disk is full")));
    CHECK_FALSE(rig.part<QWidget>("index.progress")->isVisible());
    QTest::mouseClick(rig.part<QToolButton>("index.details"), Qt::LeftButton);
    auto* table = rig.part<QTableWidget>("index.languages");
    REQUIRE(table->rowCount() == 4);
    CHECK(table->item(1, 4)->text() == QStringLiteral("3"));
    CHECK(rig.text("index.excluded").startsWith(QStringLiteral("What git ignores")));
}

TEST_CASE("the index says which files it knows by name only, and why", "[desktop][code]") {
    SearchRig rig;
    IndexState index = rig.code.index();
    index.stats.generation += 1;
    index.stats.filesExcluded = 7;
    index.stats.excluded = {{"data/huge.sql", indexer::Exclusion::tooLarge, 9'000'000},
                            {"logo.png", indexer::Exclusion::binary, 20'000},
                            {"app.min.js", indexer::Exclusion::bulkData, 10'000}};
    rig.code.setIndex(index);
    QTest::mouseClick(rig.part<QToolButton>("index.details"), Qt::LeftButton);
    const QString text = rig.text("index.excluded");
    CHECK(text.contains(QStringLiteral("7 files are found by name only")));
    CHECK(text.contains(QStringLiteral("data/huge.sql (too large, 9.0 MB)")));
    CHECK(text.contains(QStringLiteral("logo.png (binary, 20.0 kB)")));
    CHECK(text.contains(QStringLiteral("app.min.js (generated or bulk data")));
    CHECK(text.contains(QStringLiteral("and 4 more")));
}

TEST_CASE("every part of the search that can be acted on has a name", "[desktop][code]") {
    SearchRig rig;
    rig.type("parse");
    QTest::mouseClick(rig.part<QToolButton>("index.details"), Qt::LeftButton);
    for (const QWidget* widget : rig.screen.findChildren<QWidget*>()) {
        if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible()) continue;
        if (widget->objectName().startsWith(QLatin1String("qt_"))) continue;
        CAPTURE(widget->objectName().toStdString(), widget->metaObject()->className());
        const QString name = widget->accessibleName() + widget->property("text").toString();
        CHECK_FALSE(name.isEmpty());
    }
}
