// Pictures of the canvases with real-looking content, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop "[.pictures]"
#include <QDir>
#include <QPixmap>
#include <QScrollBar>
#include <QTextBlockFormat>
#include <QTextCursor>
#include <QTextDocument>
#include <QVBoxLayout>
#include <array>
#include <utility>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/command_palette.h"
#include "app/desktop/shell/key_sheet.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct DemoRow {
    RowTone tone;
    const char* gutter;
    const char* text;
};

constexpr std::array kDiff = {
    DemoRow{RowTone::header, "", "engine/tokenizer/bpe.cpp  lines 41 to 52"},
    DemoRow{RowTone::plain, "41", "int64_t Tokenizer::mergeOnce(std::span<Symbol> symbols) {"},
    DemoRow{RowTone::removed, "42", "    for (size_t i = 0; i < pairs_.size(); ++i) {"},
    DemoRow{RowTone::added, "42", "    for (const Pair& pair : queue_) {  // best rank first"},
    DemoRow{RowTone::plain, "43", "        if (!isAlive(pair)) continue;"},
    DemoRow{RowTone::plain, "44",
            "        // \xE4\xB8\xAD\xE6\x96\x87\xE6\xB3\xA8\xE9\x87\x8A: the rank decides"},
    DemoRow{RowTone::added, "45", "        merge(symbols, pair);"},
    DemoRow{RowTone::changed, "46", "\treturn pair.rank;"},
    DemoRow{RowTone::error, "47", "bpe.cpp:47:9: error: expected ';' before 'return'"},
    DemoRow{RowTone::plain, "48", "    }"},
};

class DemoDiff final : public LineSource {
public:
    int64_t rowCount() const override { return 60; }

    int gutterColumns() const override { return 4; }

    LineRow row(int64_t row) const override {
        const DemoRow& demo = kDiff[size_t(row) % kDiff.size()];
        LineRow made;
        made.text = QString::fromUtf8(demo.text);
        made.tone = demo.tone;
        made.gutter = QString::fromUtf8(demo.gutter);
        made.sign = demo.tone == RowTone::added     ? QLatin1Char('+')
                    : demo.tone == RowTone::removed ? QLatin1Char('-')
                    : demo.tone == RowTone::changed ? QLatin1Char('~')
                                                    : QChar();
        for (const auto& [word, role] :
             {std::pair{"for", CodeRole::keyword}, std::pair{"int64_t", CodeRole::type},
              std::pair{"return", CodeRole::keyword}, std::pair{"mergeOnce", CodeRole::function},
              std::pair{"continue", CodeRole::keyword}})
            if (const qsizetype at = made.text.indexOf(QLatin1String(word)); at >= 0)
                made.runs.push_back({int(at), int(qstrlen(word)), role});
        if (const qsizetype at = made.text.indexOf(QLatin1String("//")); at >= 0)
            made.runs.push_back({int(at), int(made.text.size() - at), CodeRole::comment});
        if (const qsizetype at = made.text.indexOf(QLatin1String("queue_")); at >= 0)
            made.marks.push_back({int(at), 6});
        return made;
    }
};

struct DemoBlock {
    BlockFrame frame;
    Fold fold;
    const char* title;
    const char* detail;
    const char* text;
};

constexpr std::array kTalk = {
    DemoBlock{BlockFrame::user, Fold::none, "", "",
              "The tokenizer is slow on long Chinese texts. Find out why and make it faster."},
    DemoBlock{BlockFrame::quiet, Fold::folded, "Thought for 12 s, 840 tokens", "", "..."},
    DemoBlock{BlockFrame::card, Fold::open, "Read engine/tokenizer/bpe.cpp", "0.1 s",
              "int64_t Tokenizer::mergeOnce(std::span<Symbol> symbols) {"},
    DemoBlock{BlockFrame::card, Fold::folded, "Ran ctest -R tokenizer", "exit 0, 3.4 s", "..."},
    DemoBlock{
        BlockFrame::plain, Fold::none, "", "",
        "The pair table is scanned once for each merge, so a text of n pieces costs n\xC2\xB2 "
        "steps. I replaced the scan by a heap ordered by rank; the result is the same for all "
        "240 golden texts. See bpe.cpp:42 for the loop."},
    DemoBlock{BlockFrame::plain, Fold::none, "", "",
              "\xE5\x88\x86\xE8\xAF\x8D\xE5\x99\xA8\xE7\x8E\xB0\xE5\x9C\xA8\xE7\x94\xA8\xE5\xA0\x86"
              "\xE6\x8E\x92\xE5\xBA\x8F\xEF\xBC\x8C\xE9\x80\x9F\xE5\xBA\xA6\xE5\xBF\xAB\xE4\xBA\x86"
              "\xE5\x8D\x81\xE5\x80\x8D\xE3\x80\x82"},
    DemoBlock{BlockFrame::attention, Fold::none, "May the agent run this command?", "asks",
              "git push origin main\nAllow once   Rest of this turn   Deny"},
    DemoBlock{BlockFrame::failure, Fold::none, "The model server did not answer", "6 tries",
              "connect to 127.0.0.1:8080: connection refused"},
};

class DemoTalk final : public BlockSource {
public:
    int64_t blockCount() const override { return int64_t(kTalk.size()); }

    BlockHead head(int64_t block) const override {
        const DemoBlock& demo = kTalk[size_t(block)];
        BlockHead head;
        head.title = QString::fromUtf8(demo.title);
        head.detail = QString::fromUtf8(demo.detail);
        head.frame = demo.frame;
        head.fold = demo.fold;
        head.gapAbove = block == 0 || demo.frame == BlockFrame::plain ? 3 : 1;
        return head;
    }

    int64_t textLength(int64_t block) const override { return plainText(block).size(); }

    QString plainText(int64_t block) const override {
        return QString::fromUtf8(kTalk[size_t(block)].text);
    }

    void compose(int64_t block, QTextDocument& document, const Look& look) const override {
        QTextCursor cursor(&document);
        QTextCharFormat format;
        const bool isCode = kTalk[size_t(block)].frame == BlockFrame::card;
        if (isCode) format.setFont(look.font(TextRole::code));
        format.setForeground(look.color(Role::text));
        const QString text = plainText(block);
        const qsizetype at = text.indexOf(QLatin1String("bpe.cpp:42"));
        if (at < 0) return cursor.insertText(text, format);
        cursor.insertText(text.left(at), format);
        QTextCharFormat link = format;
        link.setAnchor(true);
        link.setAnchorHref(QStringLiteral("open:bpe.cpp:42"));
        link.setForeground(look.color(Role::link));
        link.setFontUnderline(true);
        cursor.insertText(text.mid(at, 10), link);
        cursor.insertText(text.mid(at + 10), format);
    }
};

void save(QWidget& window, const QString& name) {
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES", QStringLiteral("pictures"));
    QDir().mkpath(folder);
    QApplication::processEvents();
    CHECK(window.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png")));
}

}  // namespace

TEST_CASE("pictures of the canvases, the palette and the key sheet", "[.pictures][desktop]") {
    QApplication& app = application();
    Appearance appearance;
    appearance.applyTo(app);
    DemoDiff diff;
    DemoTalk talk;
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* blocks = new BlockCanvas(talk, appearance, &window);
    auto* rows = new LineCanvas(diff, appearance, &window);
    auto* bar = new FindBar(*rows, &window);
    layout->addWidget(blocks, 3);
    layout->addWidget(rows, 2);
    layout->addWidget(bar);
    ActionRegistry registry;
    for (const QAction* action : registry.actions())
        registry.on(QLatin1String(action->objectName().toLatin1()), window, [] {});
    CommandPalette palette(registry, appearance, window);
    KeySheet sheet(registry, &window);
    showActive(window, {900, 900});
    for (const auto& [choice, name] :
         {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"},
          std::pair{ThemeChoice::contrastDark, "contrast"}}) {
        appearance.setChoice(choice);
        blocks->setFocus();
        blocks->select({4, 10}, {5, 4});
        rows->select({4, 8}, {6, 12});
        save(window, QStringLiteral("canvases-") + QLatin1String(name));
        bar->open();
        rows->setFindText(QStringLiteral("pair"));
        save(window, QStringLiteral("find-") + QLatin1String(name));
        bar->close();
        palette.open();
        auto* query = palette.findChild<QWidget*>(QStringLiteral("paletteQuery"));
        QTest::keyClicks(query, QStringLiteral("ne"));
        save(window, QStringLiteral("palette-") + QLatin1String(name));
        QTest::keyClick(query, Qt::Key_Escape);
        sheet.show();
        save(sheet, QStringLiteral("keys-") + QLatin1String(name));
        sheet.hide();
    }
}
