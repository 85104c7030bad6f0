#include "app/desktop/screens/composer/message_edit.h"

#include <QAbstractTextDocumentLayout>
#include <QDir>
#include <QFontMetrics>
#include <QImage>
#include <QKeyEvent>
#include <QMimeData>
#include <QTextBlock>
#include <QUrl>
#include <algorithm>
#include <cmath>

#include "app/desktop/shell/picture.h"
#include "app/desktop/theme/look.h"

namespace moxie::desktop {

namespace {

constexpr int kLinesMin = 2;
constexpr int kSlack = grid(1);  // or the last line just does not fit and a scroll bar comes

bool isPicture(const QMimeData& source) {
    return source.hasImage() && !source.hasText() && !source.hasUrls();
}

}  // namespace

MessageEdit::MessageEdit(QWidget* parent) : QPlainTextEdit(parent) {
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    document()->setDocumentMargin(grid(1));
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            [this] { updateGeometry(); });
    connect(this, &QPlainTextEdit::textChanged, this, [this] { updateGeometry(); });
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        if (historyAt_ >= 0 && toPlainText() != history_.at(historyAt_)) historyAt_ = -1;
    });
}

void MessageEdit::setSendKey(SendKey key) {
    sendKey_ = key;
}

void MessageEdit::setHistory(const QStringList& sent) {
    history_ = sent;
    historyAt_ = -1;
}

void MessageEdit::setHeightMax(int pixels) {
    if (heightMax_ == pixels) return;
    heightMax_ = pixels;
    updateGeometry();
}

void MessageEdit::setRepository(const QString& folder) {
    repository_ = folder;
}

void MessageEdit::replaceAll(const QString& text) {
    QTextCursor all(document());
    all.select(QTextCursor::Document);
    all.insertText(text);
    moveCursor(QTextCursor::End);
}

std::optional<CompletionToken> MessageEdit::token() const {
    const QTextCursor cursor = textCursor();
    if (cursor.hasSelection()) return std::nullopt;
    const QString line = cursor.block().text().left(cursor.positionInBlock());
    qsizetype begin = line.size();
    while (begin > 0 && !line.at(begin - 1).isSpace())
        --begin;
    if (begin == line.size()) return std::nullopt;
    const QChar sign = line.at(begin);
    const int at = cursor.block().position() + int(begin);
    const bool isFile = sign == QLatin1Char('@');
    const bool isCommand = sign == QLatin1Char('/') && at == 0;
    if (!isFile && !isCommand) return std::nullopt;
    return CompletionToken{sign, line.mid(begin + 1), at};
}

void MessageEdit::replaceToken(const CompletionToken& token, const QString& text) {
    QTextCursor cursor = textCursor();
    cursor.setPosition(token.begin);
    cursor.setPosition(token.begin + 1 + int(token.query.size()), QTextCursor::KeepAnchor);
    cursor.insertText(text);
    setTextCursor(cursor);
}

QSize MessageEdit::sizeHint() const {
    // Block by block: lines with Chinese are higher than others.
    double height = 2 * document()->documentMargin() + kSlack;
    for (QTextBlock block = document()->begin(); block.isValid() && height < heightMax_;
         block = block.next())
        height += blockBoundingRect(block).height();
    const int least = minimumSizeHint().height();
    return {grid(50), std::clamp(int(std::ceil(height)), least, std::max(least, heightMax_))};
}

QSize MessageEdit::minimumSizeHint() const {
    const int margin = int(2 * document()->documentMargin());
    return {grid(30), kLinesMin * fontMetrics().lineSpacing() + margin + kSlack};
}

void MessageEdit::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    updateGeometry();  // another width, other lines
}

void MessageEdit::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        emit escaped();
        return;
    }
    if (takeEnter(*event) || walkHistory(*event)) return;
    QPlainTextEdit::keyPressEvent(event);
}

bool MessageEdit::takeEnter(const QKeyEvent& event) {
    if (event.key() != Qt::Key_Return && event.key() != Qt::Key_Enter) return false;
    const auto modifiers = event.modifiers() & ~Qt::KeyboardModifiers(Qt::KeypadModifier);
    if (modifiers != Qt::NoModifier && modifiers != Qt::ShiftModifier) return false;
    const bool isShifted = modifiers == Qt::ShiftModifier;
    if (isShifted == (sendKey_ == SendKey::shiftEnter))
        emit sendWanted();
    else
        insertPlainText(QStringLiteral("\n"));
    ensureCursorVisible();
    return true;
}

bool MessageEdit::walkHistory(const QKeyEvent& event) {
    const bool isUp = event.key() == Qt::Key_Up, isDown = event.key() == Qt::Key_Down;
    const auto modifiers = event.modifiers() & ~Qt::KeyboardModifiers(Qt::KeypadModifier);
    if ((!isUp && !isDown) || modifiers != Qt::NoModifier) return false;
    const bool isOwn = historyAt_ < 0;
    if (isOwn && (!isUp || history_.isEmpty() || !document()->isEmpty())) return false;
    const qsizetype at = isOwn ? history_.size() - 1 : historyAt_ + (isUp ? -1 : 1);
    if (at < 0) return true;
    if (at >= history_.size()) {
        historyAt_ = -1;
        replaceAll({});
        return true;
    }
    historyAt_ = -1;  // for the moment of the change
    replaceAll(history_.at(at));
    historyAt_ = at;
    return true;
}

bool MessageEdit::canInsertFromMimeData(const QMimeData* source) const {
    return source->hasImage() || source->hasUrls() || QPlainTextEdit::canInsertFromMimeData(source);
}

void MessageEdit::insertFromMimeData(const QMimeData* source) {
    if (isPicture(*source)) {
        emit imageOffered(qvariant_cast<QImage>(source->imageData()));
        return;
    }
    QStringList pictures, others;
    for (const QUrl& url : source->urls())
        if (url.isLocalFile()) (isPictureFile(url.path()) ? pictures : others) << url.toLocalFile();
    if (!source->urls().isEmpty() && pictures.size() + others.size() == source->urls().size()) {
        insertMentions(others);
        if (!pictures.isEmpty()) emit pictureFilesOffered(pictures);
        return;
    }
    if (source->hasText()) insertPlainText(source->text());
}

void MessageEdit::insertMentions(const QStringList& paths) {
    for (const QString& path : paths)
        insertPlainText(mentionOf(path) + QLatin1Char(' '));
}

QString MessageEdit::mentionOf(const QString& path) const {
    const QString inside = QDir(repository_).relativeFilePath(path);
    const bool isInside = !repository_.isEmpty() && !inside.startsWith(QLatin1String("../"));
    return isInside ? QLatin1Char('@') + inside : path;
}

}  // namespace moxie::desktop
