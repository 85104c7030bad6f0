#include "app/desktop/screens/commit/message_edit.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextBlock>
#include <cmath>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

CommitMessageEdit::CommitMessageEdit(Appearance& appearance, QWidget* parent)
    : QPlainTextEdit(parent),
      appearance_(appearance) {
    setTabChangesFocus(true);
    setLineWrapMode(QPlainTextEdit::WidgetWidth);
    connect(&appearance_, &Appearance::changed, this, &CommitMessageEdit::restyle);
    connect(this, &QPlainTextEdit::textChanged, this, &CommitMessageEdit::suggestionChanged);
    restyle();
}

void CommitMessageEdit::restyle() {
    setFont(appearance_.look().font(TextRole::code));
    viewport()->update();
}

void CommitMessageEdit::setHint(const QString& hint) {
    hint_ = hint;
    showPlaceholder();
}

void CommitMessageEdit::setSuggestion(const QString& suggestion) {
    suggestion_ = suggestion;
    showPlaceholder();
    emit suggestionChanged();
}

void CommitMessageEdit::showPlaceholder() {
    setPlaceholderText(suggestion_.isEmpty() ? hint_ : suggestion_);
}

void CommitMessageEdit::takeSuggestion() {
    if (!hasSuggestion()) return;
    setPlainText(suggestion_);
    setSuggestion({});
    moveCursor(QTextCursor::End);
    setFocus(Qt::OtherFocusReason);
}

bool CommitMessageEdit::focusNextPrevChild(bool isNext) {
    if (!isNext || !hasSuggestion()) return QPlainTextEdit::focusNextPrevChild(isNext);
    takeSuggestion();
    return true;
}

void CommitMessageEdit::paintEvent(QPaintEvent* event) {
    {
        QPainter painter(viewport());
        painter.setPen(appearance_.look().color(Role::border));
        const double advance = QFontMetricsF(font()).horizontalAdvance(QLatin1Char('0'));
        const double left = contentOffset().x() + document()->documentMargin();
        const double subject =
            blockBoundingGeometry(document()->firstBlock()).translated(contentOffset()).bottom();
        const auto guide = [&](int column, double top, double bottom) {
            const double x = std::floor(left + advance * column) + 0.5;
            painter.drawLine(QPointF(x, top), QPointF(x, bottom));
        };
        guide(kSubjectColumns, 0, subject);
        guide(kBodyColumns, subject, viewport()->height());
    }
    QPlainTextEdit::paintEvent(event);
}

}  // namespace moxie::desktop
