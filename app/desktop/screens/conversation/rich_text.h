// What a block of the conversation says, as a value: paragraphs of styled pieces, or a table. The
// text to find and copy and the document to paint are both made from it, so they always agree.
// Threads: values; write() GUI thread only.
#pragma once
#include <QImage>
#include <QSize>
#include <QString>
#include <optional>
#include <vector>

#include "app/desktop/text/markdown_block.h"
#include "app/desktop/text/terminal_line.h"
#include "app/desktop/theme/look.h"

class QTextDocument;

namespace moxie::desktop {

struct SpanStyle {
    Role ink = Role::text;
    TextRole font = TextRole::body;
    uint8_t flags = 0;                           // kBold, kItalic, kStrike of markdown_block.h
    std::optional<Role> ground = {};             // behind the words
    QString href = {};                           // empty: no link
    std::optional<TerminalStyle> terminal = {};  // goes before ink and ground
};

// Small and muted: what one reads last.
inline SpanStyle quietStyle() {
    return {.ink = Role::textMuted, .font = TextRole::small};
}

struct RichSpan {
    QString text = {};
    SpanStyle style = {};
};

struct RichParagraph {
    std::vector<RichSpan> spans = {};
    std::optional<Role> ground = {};  // over the whole width
    int indent = 0;                   // in steps of 20 pixels
    int gapAbove = 0;                 // in steps of the grid
    // The first span is a bullet or number that stands left of the text and ends with a tab.
    bool isHanging = false;
};

struct RichTable {
    std::vector<CellAlign> columns = {};
    std::vector<RichParagraph> cells = {};  // row by row
    bool hasHead = true;
};

// A small picture; null: it is still being made small.
struct RichPicture {
    QImage image = {};
    QSize size = {};  // device-independent
};

struct RichText {
    std::vector<RichParagraph> paragraphs = {};
    std::optional<RichTable> table = {};     // before the controls, instead of paragraphs
    std::vector<RichPicture> pictures = {};  // below the text, no part of the plain text
    // Links below the text: "Copy", "Review changes". No part of the plain text.
    std::vector<RichSpan> controls = {};

    RichParagraph& add(QString text, SpanStyle style = {});
    void addLines(const QString& lines, const SpanStyle& style);
    void addControl(const QString& text, const QString& href);
};

// Paragraphs parted by '\n'; equals the start of the document's text.
QString plainTextOf(const RichText& text);

// Requires: `document` is empty and has its default font and width.
void write(const RichText& text, QTextDocument& document, const Look& look);

}  // namespace moxie::desktop
