#include "app/desktop/screens/conversation/rich_text.h"

#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>
#include <QUrl>
#include <algorithm>
#include <cmath>
#include <utility>

namespace moxie::desktop {

namespace {

constexpr int kIndentSteps = 5;  // 20 pixels, as BlockHead::indent

QColor colorOf(const TerminalColor& color, const Look& look, const QColor& standard) {
    if (color.kind == TerminalColor::Kind::standard) return standard;
    if (color.kind == TerminalColor::Kind::rgb) return {color.red, color.green, color.blue};
    const int index = color.red;
    if (index < 16) return QColor::fromRgb(terminalColor(index, look.theme()));
    if (index >= 232) {
        const int grey = 8 + 10 * (index - 232);
        return {grey, grey, grey};
    }
    const auto level = [](int step) { return step == 0 ? 0 : 55 + 40 * step; };
    const int cube = index - 16;
    return {level(cube / 36), level(cube / 6 % 6), level(cube % 6)};
}

// Writes the values into a document with the fonts and colours of a Look.
class RichWriter {
public:
    RichWriter(QTextDocument& document, const Look& look)
        : cursor_(&document),
          look_(look),
          zoomPercent_(int(std::lround(100.0 * document.defaultFont().pointSizeF() /
                                       look.font(TextRole::body).pointSizeF()))) {}

    void write(const RichText& text) {
        cursor_.beginEditBlock();
        if (text.table) writeTable(*text.table);
        for (const RichParagraph& paragraph : text.paragraphs)
            writeParagraph(paragraph);
        if (!text.pictures.empty()) writePictures(text.pictures);
        if (!text.controls.empty()) writeControls(text.controls);
        cursor_.endEditBlock();
    }

private:
    void beginParagraph(const QTextBlockFormat& format) {
        if (std::exchange(isFirst_, false))
            cursor_.setBlockFormat(format);
        else
            cursor_.insertBlock(format);
    }

    void writeParagraph(const RichParagraph& paragraph) {
        QTextBlockFormat format;
        const int left = paragraph.indent * grid(kIndentSteps);
        format.setLeftMargin(left);
        format.setTopMargin(isFirst_ ? 0 : grid(paragraph.gapAbove));
        if (paragraph.isHanging) {
            format.setTextIndent(-grid(kIndentSteps));
            QTextOption::Tab tab;
            tab.position = grid(kIndentSteps);
            format.setTabPositions({tab});
        }
        if (paragraph.ground) format.setBackground(look_.color(*paragraph.ground));
        beginParagraph(format);
        writeSpans(paragraph.spans);
    }

    void writeSpans(const std::vector<RichSpan>& spans) {
        for (const RichSpan& span : spans)
            cursor_.insertText(span.text, formatOf(span.style));
    }

    void writePictures(const std::vector<RichPicture>& pictures) {
        QTextBlockFormat format;
        format.setTopMargin(grid(1));
        beginParagraph(format);
        for (size_t i = 0; i < pictures.size(); ++i) {
            if (pictures[i].image.isNull()) continue;
            const QString name = QStringLiteral("picture:%1").arg(i);
            cursor_.document()->addResource(QTextDocument::ImageResource, QUrl(name),
                                            pictures[i].image);
            QTextImageFormat image;
            image.setName(name);
            image.setWidth(pictures[i].size.width());
            image.setHeight(pictures[i].size.height());
            cursor_.insertImage(image);
            cursor_.insertText(QStringLiteral("  "), formatOf(quietStyle()));
        }
    }

    void writeControls(const std::vector<RichSpan>& controls) {
        QTextBlockFormat format;
        format.setTopMargin(isFirst_ ? 0 : grid(1));
        beginParagraph(format);
        for (size_t i = 0; i < controls.size(); ++i) {
            if (i > 0)
                cursor_.insertText(QString(3, QChar(QChar::Nbsp)) + QLatin1Char(' '),
                                   formatOf(quietStyle()));
            cursor_.insertText(controls[i].text, formatOf(controls[i].style));
        }
    }

    void writeTable(const RichTable& table) {
        const int nColumns = int(table.columns.size());
        const int nRows = nColumns == 0 ? 0 : int(table.cells.size()) / nColumns;
        if (nRows == 0) return;
        // A table cannot be the first thing in a document: the line before it is made flat.
        QTextBlockFormat flat;
        flat.setLineHeight(1, QTextBlockFormat::FixedHeight);
        cursor_.setBlockFormat(flat);
        isFirst_ = false;
        QTextTableFormat format;
        format.setBorder(1);
        format.setBorderCollapse(true);
        format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
        format.setBorderBrush(look_.color(Role::border));
        format.setCellPadding(grid(1) + 2);
        format.setCellSpacing(0);
        QTextTable* made = cursor_.insertTable(nRows, nColumns, format);
        for (int row = 0; row < nRows; ++row)
            for (int column = 0; column < nColumns; ++column)
                writeCell(table, *made, row, column);
        cursor_.movePosition(QTextCursor::End);
    }

    void writeCell(const RichTable& table, QTextTable& made, int row, int column) {
        const int nColumns = int(table.columns.size());
        QTextTableCell cell = made.cellAt(row, column);
        const bool isHead = row == 0 && table.hasHead;
        if (isHead) {
            QTextTableCellFormat ground = cell.format().toTableCellFormat();
            ground.setBackground(look_.color(Role::card));
            cell.setFormat(ground);
        }
        cursor_ = cell.firstCursorPosition();
        QTextBlockFormat format;
        const CellAlign align = table.columns[size_t(column)];
        format.setAlignment(align == CellAlign::right    ? Qt::AlignRight
                            : align == CellAlign::center ? Qt::AlignHCenter
                                                         : Qt::AlignLeft);
        cursor_.setBlockFormat(format);
        std::vector<RichSpan> spans = table.cells[size_t(row * nColumns + column)].spans;
        if (isHead)
            for (RichSpan& span : spans)
                span.style.flags |= kBold;
        writeSpans(spans);
    }

    QTextCharFormat formatOf(const SpanStyle& style) const {
        QTextCharFormat format;
        QFont font = look_.font(style.font, zoomPercent_);
        const TerminalStyle terminal = style.terminal.value_or(TerminalStyle{});
        if ((style.flags & kBold) != 0 || terminal.isBold) font.setWeight(QFont::DemiBold);
        if ((style.flags & kItalic) != 0 || terminal.isItalic) font.setItalic(true);
        if ((style.flags & kStrike) != 0 || terminal.isStruck) font.setStrikeOut(true);
        format.setFont(font);
        format.setForeground(look_.color(style.ink));
        if (style.ground) format.setBackground(look_.color(*style.ground));
        if (style.terminal) {
            QColor ink = colorOf(terminal.foreground, look_, look_.color(style.ink));
            QColor ground = colorOf(terminal.background, look_, look_.color(Role::card));
            if (terminal.isInverse) std::swap(ink, ground);
            format.setForeground(ink);
            if (terminal.isInverse || terminal.background.kind != TerminalColor::Kind::standard)
                format.setBackground(ground);
        }
        if (!style.href.isEmpty()) {
            format.setAnchor(true);
            format.setAnchorHref(style.href);
            format.setForeground(look_.color(Role::link));
        }
        format.setFontUnderline(terminal.isUnderlined ||
                                (!style.href.isEmpty() && style.font != TextRole::small));
        return format;
    }

    QTextCursor cursor_;
    const Look& look_;
    const int zoomPercent_;
    bool isFirst_ = true;
};

QString textOf(const std::vector<RichSpan>& spans) {
    QString text;
    for (const RichSpan& span : spans)
        text += span.text;
    return text;
}

}  // namespace

RichParagraph& RichText::add(QString text, SpanStyle style) {
    paragraphs.push_back({.spans = {{std::move(text), std::move(style)}}});
    return paragraphs.back();
}

void RichText::addLines(const QString& lines, const SpanStyle& style) {
    for (const QString& line : lines.split(QLatin1Char('\n')))
        add(line, style);
}

void RichText::addControl(const QString& text, const QString& href) {
    controls.push_back({text, {.ink = Role::link, .font = TextRole::small, .href = href}});
}

QString plainTextOf(const RichText& text) {
    QString plain;
    if (text.table) {  // each cell is a paragraph between the flat line and the one below
        for (const RichParagraph& cell : text.table->cells)
            plain += QLatin1Char('\n') + textOf(cell.spans);
        if (!text.table->cells.empty()) plain += QLatin1Char('\n');
    }
    bool isFirst = plain.isEmpty();
    for (const RichParagraph& paragraph : text.paragraphs) {
        if (!std::exchange(isFirst, false)) plain += QLatin1Char('\n');
        plain += textOf(paragraph.spans);
    }
    plain.replace(QChar(QChar::LineSeparator), QLatin1Char('\n'));
    return plain;
}

void write(const RichText& text, QTextDocument& document, const Look& look) {
    RichWriter(document, look).write(text);
}

}  // namespace moxie::desktop
