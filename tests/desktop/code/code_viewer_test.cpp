#include "app/desktop/screens/code/code_viewer.h"

#include <QAction>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>

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
    source.setColours(std::make_shared<const SourceColours>(SourceColours{std::move(*parsed), {}}));
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
                      QStringLiteral("outside of functions"), QStringLiteral("Calls"),
                      QStringLiteral("push_back"), QStringLiteral("log")});
    auto* list = rig.part<CodeList>("code.uses.list");
    CHECK(list->rows()[4].detail == QStringLiteral("called, 2 times"));
    CHECK(list->rows()[4].target == CodePlace{QStringLiteral("shop/checkout.cpp"), 31, 0});
    CHECK(list->currentRow() == 1);
    CHECK(list->rows()[8].detail == QStringLiteral("2 times"));
    list->setCurrentRow(5);
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

TEST_CASE("blocks are folded away by key and by mouse", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 7, 5});
    const int64_t all = rig.canvas->itemCount();
    QTest::keyClick(rig.canvas, Qt::Key_Z, Qt::AltModifier);
    CHECK(rig.canvas->itemCount() == all - 4);
    CHECK(rig.viewer.here() == CodePlace{kCart, 5, 1});
    CHECK(rig.canvas->itemText(5) == QStringLiteral("}"));
    CHECK(rig.canvas->spokenName(4).contains(QStringLiteral("lines hidden: 4")));
    auto* source = rig.viewer.findChild<CodeSource*>();
    CHECK(source->row(4).text.endsWith(QStringLiteral("\u22EF 4 lines")));
    CHECK(source->row(5).gutter == QStringLiteral("10"));
    for (int line = 1; line <= 21; ++line)
        if (line < 6 || line > 9) CHECK(source->lineOf(source->rowOf(line)) == line);
    // Copied and asked about with what is hidden.
    rig.canvas->select({4, 0}, {5, 1});
    CHECK(rig.canvas->textOf(rig.canvas->selection(), CopyFormat::plain)
              .contains(QStringLiteral("changed_ = true;")));
    QTest::mouseClick(rig.part<QToolButton>("code.addButton"), Qt::LeftButton);
    CHECK(rig.added == QStringList{QStringLiteral("@shop/cart.cpp:5-10")});
    // One who goes to a hidden line sees it.
    rig.open({kCart, 8, 1});
    CHECK(rig.canvas->itemCount() == all);
    const QRect head = rig.canvas->itemRect(11);
    QTest::mouseClick(rig.canvas->viewport(), Qt::LeftButton, {}, {4, head.center().y()});
    CHECK(rig.canvas->itemCount() == all - 6);
    QTest::mouseClick(rig.canvas->viewport(), Qt::LeftButton, {}, {4, head.center().y()});
    CHECK(rig.canvas->itemCount() == all);
}

TEST_CASE("all functions are folded, and unfolded for finding", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 14, 3});
    QTest::keyClick(rig.canvas, Qt::Key_Z, Qt::AltModifier | Qt::ShiftModifier);
    CHECK(rig.canvas->itemCount() == 11);
    CHECK(rig.viewer.here().line == 12);
    rig.viewer.find();
    CHECK(rig.canvas->itemCount() == 21);
    QTest::keyClick(rig.part<QLineEdit>("findText"), Qt::Key_Escape);
    rig.viewer.toggleAllFolds();
    // A file that changed keeps what is folded.
    rig.code.texts[kCart] += "// more\n";
    rig.viewer.reload();
    QApplication::processEvents();
    CHECK(rig.canvas->itemCount() == 12);
    rig.viewer.toggleAllFolds();
    CHECK(rig.canvas->itemCount() == 22);
}

TEST_CASE("the margin says who changed each line last", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 6, 1});
    auto* source = rig.viewer.findChild<CodeSource*>();
    QTest::keyClick(rig.canvas, Qt::Key_B, Qt::AltModifier);
    QApplication::processEvents();
    REQUIRE(source->hasBlame());
    CHECK(source->row(0).gutter.startsWith(QStringLiteral("Jane Doe 2026-")));
    CHECK(source->row(1).gutter == QStringLiteral("2"));  // said once
    CHECK(source->row(7).gutter == QStringLiteral("not committed   8"));
    const auto foot = [&] { return rig.part<QWidget>("code.lines")->accessibleName(); };
    CHECK(foot().contains(QStringLiteral("Li Wei")));
    CHECK(foot().contains(QStringLiteral("commit bbbbbbb: Drop the oldest item")));
    rig.canvas->select({8, 0}, {8, 0});
    CHECK(foot().endsWith(QStringLiteral("not committed yet")));
    rig.open({QStringLiteral("shop/cart.h"), 2, 1});  // it stays on
    CHECK(source->hasBlame());
    QTest::keyClick(rig.canvas, Qt::Key_B, Qt::AltModifier);
    CHECK_FALSE(source->hasBlame());
    rig.code.blames[kCart].error = QStringLiteral("no repository here");
    rig.open({kCart, 6, 1});
    rig.viewer.toggleBlame();
    QApplication::processEvents();
    CHECK_FALSE(source->hasBlame());
    CHECK(foot().contains(QStringLiteral("no repository here")));
}

TEST_CASE("a few lines are changed in place and taken back", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 13, 0});
    const std::string before = rig.code.texts[kCart];
    QTest::keyClick(rig.canvas, Qt::Key_F2);
    auto* text = rig.part<QPlainTextEdit>("code.edit.text");
    REQUIRE(text->hasFocus());
    CHECK(text->toPlainText() == QStringLiteral("    double sum = 0;"));
    text->setPlainText(QStringLiteral("    double sum = 1;\n    int more = 2;"));
    rig.code.editError = QStringLiteral("the disk is full");
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    QApplication::processEvents();
    CHECK(text->isVisible());
    CHECK(rig.part<QLabel>("code.edit.title")->text().contains(QStringLiteral("disk is full")));
    rig.code.editError.clear();
    QTest::keyClick(text, Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(waitUntil([&] { return rig.canvas->itemCount() == 22; }));
    CHECK_FALSE(text->isVisible());
    CHECK(rig.canvas->hasFocus());
    CHECK(rig.canvas->itemText(13) == QStringLiteral("    int more = 2;"));
    rig.registry.action(QLatin1String("edit.undo")).trigger();
    REQUIRE(waitUntil([&] { return rig.canvas->itemCount() == 21; }));
    CHECK(rig.code.texts[kCart] == before);
}

TEST_CASE("what is found opens in the editor, too", "[desktop][code]") {
    ViewerRig rig;
    CodePlace editor;
    QObject::connect(&rig.viewer, &CodeViewer::editorWanted,
                     [&](const QString& path, int line, int column) {
                         editor = {path, line, column};
                     });
    rig.open({kCart, 14, 0});
    rig.viewer.toggleOutline();
    QApplication::processEvents();
    auto* list = rig.part<CodeList>("code.outline.list");
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Return, Qt::ControlModifier);
    CHECK(editor == CodePlace{kCart, 12, 0});
}

TEST_CASE("the files of the repository are walked and opened by keyboard", "[desktop][code]") {
    ViewerRig rig;
    rig.viewer.toggleFiles();
    auto* tree = rig.part<QTreeWidget>("code.files.tree");
    REQUIRE(waitUntil([&] { return tree->topLevelItemCount() == 4; }));
    CHECK(tree->hasFocus());
    CHECK(tree->topLevelItem(0)->text(0) == QStringLiteral("docs"));
    CHECK(tree->topLevelItem(3)->text(0) == QStringLiteral("README.md"));
    CHECK(rig.code.folders == QStringList{QString()});  // nothing below is read yet
    REQUIRE(waitUntil([&] { return !tree->topLevelItem(1)->text(1).isEmpty(); }));
    CHECK(tree->topLevelItem(1)->text(1) == QStringLiteral("\u2022"));  // changes inside
    tree->setCurrentItem(tree->topLevelItem(1));
    QTest::keyClick(tree, Qt::Key_Right);
    REQUIRE(waitUntil([&] { return tree->topLevelItem(1)->childCount() == 3; }));
    CHECK(tree->topLevelItem(1)->child(0)->text(0) == QStringLiteral("parser"));
    CHECK(tree->topLevelItem(1)->child(1)->text(1) == QStringLiteral("M"));
    tree->setCurrentItem(tree->topLevelItem(1)->child(1));
    QTest::keyClick(tree, Qt::Key_Return, Qt::ShiftModifier);
    CHECK(rig.added == QStringList{QStringLiteral("@shop/cart.cpp")});
    QTest::keyClick(tree, Qt::Key_Return);
    REQUIRE(waitUntil([&] { return rig.viewer.here().path == kCart; }));
    tree->setFocus();
    QTest::keyClick(tree, Qt::Key_Escape);
    CHECK_FALSE(tree->isVisible());
    CHECK(rig.canvas->hasFocus());
}

TEST_CASE("the tree shows the open file and finds others by their letters", "[desktop][code]") {
    ViewerRig rig;
    rig.open({QStringLiteral("shop/cart.h"), 1, 0});
    QTest::keyClick(rig.canvas, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    auto* tree = rig.part<QTreeWidget>("code.files.tree");
    REQUIRE(waitUntil([&] {
        return tree->currentItem() && tree->currentItem()->text(0) == QStringLiteral("cart.h");
    }));
    auto* filter = rig.part<QLineEdit>("code.files.filter");
    filter->setFocus();
    QTest::keyClicks(filter, QStringLiteral("cartte"));
    auto* found = rig.part<CodeList>("code.files.found");
    REQUIRE(waitUntil([&] { return found->isVisible(); }));
    REQUIRE(found->rows().size() == 1);
    QTest::keyClick(filter, Qt::Key_Return);
    CHECK(rig.code.reads.back() == QStringLiteral("tests/cart_test.cpp"));
    filter->setFocus();
    QTest::keyClicks(filter, QStringLiteral("zz"));
    auto* sentence = rig.part<QLabel>("code.files.sentence");
    REQUIRE(waitUntil([&] { return sentence->isVisible(); }));
    QTest::keyClick(filter, Qt::Key_Escape);
    CHECK(filter->text().isEmpty());
    CHECK(tree->isVisible());
    rig.code.set(CodeModel::State::loading);
    CHECK(sentence->text().contains(QStringLiteral("being read")));
    rig.code.listedMax = 1;
    rig.code.set(CodeModel::State::ready);
    REQUIRE(waitUntil([&] { return tree->topLevelItemCount() == 2; }));
    CHECK(tree->topLevelItem(1)->text(0).startsWith(QStringLiteral("3 more")));
}

TEST_CASE("every part of the viewer that can be acted on has a name", "[desktop][code]") {
    ViewerRig rig;
    rig.open({kCart, 1, 0});
    rig.viewer.toggleFiles();
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
