#include "app/desktop/screens/code/code_viewer.h"

#include <QAction>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/screens/code/code_source.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/code/fake_code.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

const QString kCart = QStringLiteral("shop/cart.cpp");

struct ViewerRig {
    ViewerRig() {
        fillShop(code);
        showActive(viewer, {800, 600});
        canvas = viewer.findChild<LineCanvas*>(QStringLiteral("code.text"));
        QObject::connect(&viewer, &CodeViewer::addToMessage,
                         [this](const QString& text) { added << text; });
    }

    void open(const CodePlace& place) {
        viewer.open(place);
        QApplication::processEvents();
        QApplication::processEvents();
    }

    template <class T>
    T* part(const char* name) {
        T* found = viewer.findChild<T*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return found;
    }

    QStringList rows(const char* pane) {
        QStringList all;
        for (const CodeRow& row : part<CodeList>(pane)->rows())
            all << row.title;
        return all;
    }

    QApplication& app = application();
    Appearance appearance;
    ActionRegistry registry;
    FakeCode code;
    CodeViewer viewer{code, appearance, registry};
    LineCanvas* canvas = nullptr;
    QStringList added;
};

}  // namespace

TEST_CASE("a file is read, coloured and opened at its line", "[desktop][code]") {
    ViewerRig rig;
    CHECK(rig.viewer.state() == CodeViewer::State::empty);
    rig.open({kCart, 12, 8});
    REQUIRE(rig.viewer.state() == CodeViewer::State::ready);
    CHECK(rig.viewer.here() == CodePlace{kCart, 12, 8});
    CHECK(rig.viewer.symbolHere() == QStringLiteral("Cart"));
    CHECK(rig.code.recent() == QStringList{kCart});
    CodeSource source;
    source.setSource(
        makeSource(kCart, "int f(); // \xE6\x96\x87\r\n\treturn \"\xF0\x9F\x98\x80\";\n"));
    CHECK(source.row(0).runs.empty());
    auto parsed = moxie::indexer::HighlightedText::parse(source.source()->text,
                                                         moxie::indexer::Grammar::cpp, {});
    source.setColours(std::make_shared<const moxie::indexer::HighlightedText>(std::move(*parsed)));
    const LineRow first = source.row(0);
    CHECK(first.text == QString::fromUtf8("int f(); // \xE6\x96\x87"));
    CHECK(first.gutter == QStringLiteral("1"));
    REQUIRE(first.runs.size() >= 3);
    CHECK(first.runs.front().role == CodeRole::type);
    CHECK(first.runs.back().role == CodeRole::comment);
    CHECK(first.runs.back().begin + first.runs.back().length == first.text.size());
    const LineRow second = source.row(1);
    CHECK(second.runs[1].role == CodeRole::string);
    CHECK(second.runs[1].length == 4);  // two quotes and a surrogate pair
    source.setMarked(2, 2);
    CHECK(source.row(1).tone == RowTone::current);
}

TEST_CASE("a large file is plain until its colours are ready", "[desktop][code]") {
    ViewerRig rig;
    rig.code.colouredAtOnceBytes = 10;
    rig.code.isHolding = true;
    rig.viewer.open({kCart, 1, 0});
    CHECK(rig.viewer.state() == CodeViewer::State::loading);
    rig.code.letGo();
    REQUIRE(rig.viewer.state() == CodeViewer::State::ready);
    auto* source = rig.viewer.findChild<CodeSource*>();
    CHECK_FALSE(source->hasColours());
    rig.code.letGo();
    CHECK(source->hasColours());
}

TEST_CASE("back and forward return to the lines one left", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 5, 0});
    rig.open({QStringLiteral("shop/cart.h"), 9, 0});
    auto* back = rig.part<QToolButton>("code.back");
    CHECK(back->isEnabled());
    QTest::mouseClick(back, Qt::LeftButton);
    QApplication::processEvents();
    CHECK(rig.viewer.here() == CodePlace{kCart, 5, 1});
    CHECK_FALSE(back->isEnabled());
    rig.canvas->setFocus();
    QTest::keyClick(rig.canvas, Qt::Key_Right, Qt::AltModifier);
    QApplication::processEvents();
    CHECK(rig.viewer.here().path == QStringLiteral("shop/cart.h"));
    rig.open({QString(), 2, 0});
    rig.viewer.goBack();
    QApplication::processEvents();
    CHECK(rig.viewer.here() == CodePlace{QStringLiteral("shop/cart.h"), 9, 1});
}

TEST_CASE("the outline lists the file's symbols and follows the caret", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 14, 0});
    rig.viewer.toggleOutline();
    QApplication::processEvents();
    CHECK(rig.rows("code.outline.list") ==
          QStringList{QStringLiteral("addItem"), QStringLiteral("total")});
    auto* list = rig.part<CodeList>("code.outline.list");
    CHECK(list->currentRow() == 1);
    rig.canvas->select({6, 0}, {6, 0});
    CHECK(list->currentRow() == 0);
    rig.canvas->select({1, 0}, {1, 0});
    CHECK(list->currentRow() == -1);
    list->setFocus();
    list->setCurrentRow(1);
    QTest::keyClick(list, Qt::Key_Return);
    CHECK(rig.viewer.here().line == 12);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Escape);
    CHECK_FALSE(list->isVisible());
    CHECK(rig.canvas->hasFocus());
}

TEST_CASE("the uses of the symbol at the caret are listed and lead there", "[desktop][code]") {
    ViewerRig rig;
    rig.open({QStringLiteral("shop/cart.h"), 9, 11});
    CHECK(rig.viewer.symbolHere() == QStringLiteral("addItem"));
    rig.viewer.showUses();
    QApplication::processEvents();
    CHECK(rig.rows("code.uses.list") ==
          QStringList{QStringLiteral("Defined"), QStringLiteral("addItem"),
                      QStringLiteral("addItem"), QStringLiteral("Used"), QStringLiteral("checkOut"),
                      QStringLiteral("outside of functions")});
    auto* list = rig.part<CodeList>("code.uses.list");
    CHECK(list->rows()[4].detail == QStringLiteral("called, 2 times"));
    CHECK(list->rows()[4].target == CodePlace{QStringLiteral("shop/checkout.cpp"), 31, 0});
    CHECK(list->currentRow() == 1);
    list->moveBy(-1);
    CHECK(list->currentRow() == 5);
    QTest::keyClick(list, Qt::Key_Return, Qt::ShiftModifier);
    CHECK(rig.added == QStringList{QStringLiteral("@tests/cart_test.cpp:14")});
}

TEST_CASE("a symbol with one definition is gone to at once", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 7, 30});
    CHECK(rig.viewer.symbolHere() == QStringLiteral("kItemsMax"));
    QTest::keyClick(rig.canvas, Qt::Key_F12);
    QApplication::processEvents();
    QApplication::processEvents();
    CHECK(rig.viewer.here() == CodePlace{QStringLiteral("shop/cart.h"), 4, 1});
}

TEST_CASE("the chosen lines can be asked about, added and opened elsewhere", "[desktop][code]") {
    ViewerRig rig;
    QString asked;
    QObject::connect(&rig.viewer, &CodeViewer::askWanted,
                     [&](const QString& path, int first, int last, const QString& text) {
                         asked =
                             QStringLiteral("%1 %2-%3 %4").arg(path).arg(first).arg(last).arg(text);
                     });
    CodePlace editor;
    QObject::connect(&rig.viewer, &CodeViewer::editorWanted,
                     [&](const QString& path, int line, int column) {
                         editor = {path, line, column};
                     });
    rig.open({kCart, 1, 0});
    rig.canvas->select({12, 4}, {14, 0});
    QTest::mouseClick(rig.part<QToolButton>("code.askButton"), Qt::LeftButton);
    CHECK(asked == QStringLiteral("shop/cart.cpp 13-14     double sum = 0;\n"
                                  "    for (const Item& item : items_)\n"));
    QTest::mouseClick(rig.part<QToolButton>("code.addButton"), Qt::LeftButton);
    CHECK(rig.added == QStringList{QStringLiteral("@shop/cart.cpp:13-14")});
    QTest::mouseClick(rig.part<QToolButton>("code.editorButton"), Qt::LeftButton);
    CHECK(editor == CodePlace{kCart, 15, 1});
    CHECK(rig.part<QWidget>("code.lines")->accessibleName().contains(QStringLiteral("13 to 14")));
}

TEST_CASE("a line is gone to by number", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 1, 0});
    QTest::keyClick(rig.canvas, Qt::Key_G, Qt::ControlModifier);
    auto* line = rig.part<QLineEdit>("code.line");
    CHECK(line->hasFocus());
    QTest::keyClicks(line, QStringLiteral("15:9"));
    QTest::keyClick(line, Qt::Key_Return);
    CHECK(rig.viewer.here() == CodePlace{kCart, 15, 9});
    CHECK(rig.canvas->hasFocus());
    QTest::keyClick(rig.canvas, Qt::Key_G, Qt::ControlModifier);
    QTest::keyClicks(line, QStringLiteral("999999"));
    QTest::keyClick(line, Qt::Key_Return);
    CHECK(rig.viewer.here().line == 21);
}

TEST_CASE("a file that cannot be read says why and can be tried again", "[desktop][code]") {
    ViewerRig rig;
    rig.open({QStringLiteral("new.cpp"), 1, 0});
    CHECK(rig.viewer.state() == CodeViewer::State::error);
    CHECK(rig.part<QLabel>("code.note.title")->text().contains(QStringLiteral("new.cpp")));
    CHECK(rig.part<QLabel>("code.note.sentence")->text().contains(QStringLiteral("not there")));
    rig.code.texts[QStringLiteral("new.cpp")] = "int x;\n";
    QTest::mouseClick(rig.part<QPushButton>("code.note.action"), Qt::LeftButton);
    QApplication::processEvents();
    CHECK(rig.viewer.state() == CodeViewer::State::ready);
}

TEST_CASE("a file that changed on disk is shown anew where one was", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 15, 3});
    rig.code.texts[kCart] += "// more\n";
    rig.viewer.reload();
    QApplication::processEvents();
    CHECK(rig.viewer.here() == CodePlace{kCart, 15, 3});
    CHECK(rig.canvas->itemCount() == 22);
}

TEST_CASE("every part of the viewer that can be acted on has a name", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 1, 0});
    rig.viewer.toggleOutline();
    rig.viewer.showUses();
    QApplication::processEvents();
    for (const QWidget* widget : rig.viewer.findChildren<QWidget*>()) {
        if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible()) continue;
        if (widget->objectName().startsWith(QLatin1String("qt_"))) continue;
        CAPTURE(widget->objectName().toStdString(), widget->metaObject()->className());
        const QString name = widget->accessibleName() + widget->property("text").toString();
        CHECK_FALSE(name.isEmpty());
    }
}

TEST_CASE("a file of 100,000 lines scrolls in colours within 8 ms a frame",
          "[.bench][desktop][code]") {
    ViewerRig rig;
    std::string text;
    for (int i = 0; i < 100'000 / 21; ++i)
        text += rig.code.texts[kCart];
    rig.code.texts[QStringLiteral("large.cpp")] = text;
    rig.viewer.open({QStringLiteral("large.cpp"), 1, 0});
    REQUIRE(waitUntil([&] {
        auto* source = rig.viewer.findChild<CodeSource*>();
        return source && source->hasColours();
    }));
    std::vector<double> times;
    for (int frame = 0; frame < 200; ++frame) {
        QElapsedTimer timer;
        timer.start();
        rig.canvas->verticalScrollBar()->setValue(frame * 4'567);
        rig.canvas->viewport()->repaint();
        times.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    std::sort(times.begin(), times.end());
    WARN("jump frame median " << times[100] << " ms, p99 " << times[197] << " ms");
    CHECK(times[100] <= 8);
}
