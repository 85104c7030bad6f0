// Sources for the canvas tests: a log of any length made from its row number, and a conversation
// made from its block number, both counting how often they are asked.
#pragma once
#include <QTextCursor>
#include <QTextDocument>
#include <algorithm>
#include <map>

#include "app/desktop/canvas/block_source.h"
#include "app/desktop/canvas/line_source.h"

namespace moxie::desktop::testing {

class NumberedLog final : public LineSource {
public:
    explicit NumberedLog(int64_t rows) : rows_(rows) {}

    int64_t rowCount() const override { return rows_; }

    LineRow row(int64_t row) const override {
        ++asked_;
        LineRow made;
        made.text = text(row);
        made.runs = {{.begin = 0, .length = 4, .role = CodeRole::keyword}};
        made.tone = row % 7 == 3   ? RowTone::added
                    : row % 7 == 5 ? RowTone::removed
                                   : RowTone::plain;
        made.sign = made.tone == RowTone::added     ? QLatin1Char('+')
                    : made.tone == RowTone::removed ? QLatin1Char('-')
                                                    : QChar();
        made.gutter = QString::number(row + 1);
        return made;
    }

    QString text(int64_t row) const override {
        const auto own = texts_.find(row);
        return own != texts_.end() ? own->second : QStringLiteral("line %1 of the log").arg(row);
    }

    int gutterColumns() const override { return 7; }

    void append(int64_t count) {
        rows_ += count;
        emit appended(count);
    }

    void setText(int64_t row, const QString& text) {
        texts_[row] = text;
        emit changed(row, 1);
    }

    mutable int64_t asked_ = 0;

private:
    int64_t rows_;
    std::map<int64_t, QString> texts_;
};

// Block n: every third a message of the user, every tenth a foldable card; a link in every fifth.
class NumberedTalk final : public BlockSource {
public:
    explicit NumberedTalk(int64_t blocks) : blocks_(blocks) {}

    int64_t blockCount() const override { return blocks_; }

    BlockHead head(int64_t block) const override {
        BlockHead head;
        head.spoken = block % 3 == 0 ? QStringLiteral("You") : QStringLiteral("Moxie");
        head.frame = block % 3 == 0 ? BlockFrame::user : BlockFrame::plain;
        if (block % 10 != 1) return head;
        head.frame = BlockFrame::card;
        head.title = QStringLiteral("read file_%1.cpp").arg(block);
        head.detail = QStringLiteral("0.%1 s").arg(block % 9);
        head.fold = folds_.count(block) != 0 ? folds_.at(block) : Fold::open;
        return head;
    }

    int64_t textLength(int64_t block) const override { return 30 + 40 * (block % 6 + 1); }

    QString plainText(int64_t block) const override {
        QString text = QStringLiteral("Block %1 says:").arg(block);
        for (int64_t i = 0; i <= block % 6; ++i)
            text += QStringLiteral(" some words about the part %1,").arg(i);
        if (block % 5 == 0) text += QStringLiteral("\nsee main.cpp:12 for more");
        if (block == grownBlock_) text += grownText_;
        return text;
    }

    QString markdown(int64_t block) const override {
        return QStringLiteral("**") + plainText(block) + QStringLiteral("**");
    }

    void compose(int64_t block, QTextDocument& document, const Look& look) const override {
        ++composed_;
        QTextCursor cursor(&document);
        const QString text = plainText(block);
        QTextCharFormat plain;
        plain.setForeground(look.color(Role::text));
        QTextCharFormat link;
        link.setAnchor(true);
        link.setAnchorHref(QStringLiteral("open:main.cpp:12"));
        link.setForeground(look.color(Role::link));
        link.setFontUnderline(true);
        const QString place = QStringLiteral("main.cpp:12");
        const QStringList parts = text.split(place);
        for (qsizetype i = 0; i < parts.size(); ++i) {
            if (i > 0) cursor.insertText(place, link);
            cursor.insertText(parts[i], plain);
        }
    }

    void setFold(int64_t block, Fold fold) override {
        folds_[block] = fold;
        emit changed(block, 1);
    }

    void append(int64_t count) {
        const int64_t first = blocks_;
        blocks_ += count;
        emit spliced(first, 0, count);
    }

    void insert(int64_t first, int64_t count) {
        blocks_ += count;
        emit spliced(first, 0, count);
    }

    void replace(int64_t first, int64_t removed, int64_t inserted) {
        blocks_ += inserted - removed;
        emit spliced(first, removed, inserted);
    }

    void grow(int64_t block, const QString& text) {
        if (block != grownBlock_) grownText_.clear();
        grownBlock_ = block;
        grownText_ += text;
        emit changed(block, 1);
    }

    mutable int64_t composed_ = 0;

private:
    int64_t blocks_;
    int64_t grownBlock_ = -1;
    QString grownText_;
    std::map<int64_t, Fold> folds_;
};

}  // namespace moxie::desktop::testing
