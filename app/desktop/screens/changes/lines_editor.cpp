#include "app/desktop/screens/changes/lines_editor.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/shell/one_line_label.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kRowsShown = 7;

}  // namespace

LinesEditor::LinesEditor(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      head_(new OneLineLabel(this)),
      text_(new QPlainTextEdit(this)),
      ok_(new QPushButton(this)),
      cancel_(new QPushButton(this)) {
    setObjectName(QStringLiteral("changes.editor"));
    head_->setObjectName(QStringLiteral("changes.editor.title"));
    text_->setObjectName(QStringLiteral("changes.editor.text"));
    text_->setTabChangesFocus(false);
    text_->installEventFilter(this);
    ok_->setObjectName(QStringLiteral("changes.editor.ok"));
    cancel_->setObjectName(QStringLiteral("changes.editor.cancel"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(grid(2));
    buttons->addWidget(head_, 1);
    buttons->addWidget(cancel_);
    buttons->addWidget(ok_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addLayout(buttons);
    layout->addWidget(text_);
    connect(ok_, &QPushButton::clicked, this, &LinesEditor::take);
    connect(cancel_, &QPushButton::clicked, this, &LinesEditor::close);
    connect(&appearance_, &Appearance::changed, this, &LinesEditor::restyle);
    restyle();
    hide();
}

void LinesEditor::open(Purpose purpose, const QString& title, const QString& text) {
    purpose_ = purpose;
    title_ = title;
    text_->setPlainText(text);
    restyle();
    retranslate();
    show();
    text_->setFocus(Qt::ShortcutFocusReason);
}

void LinesEditor::close() {
    if (!isOpen()) return;
    hide();
    emit closed();
}

void LinesEditor::take() {
    const QString text = text_->toPlainText();
    if (purpose_ == Purpose::comment && text.trimmed().isEmpty()) return close();
    emit accepted(text);
    close();
}

void LinesEditor::retranslate() {
    const bool isComment = purpose_ == Purpose::comment;
    head_->setText(isComment ? tr("Comment on %1").arg(title_)
                             : tr("Your lines for %1").arg(title_));
    text_->setAccessibleName(head_->text());
    text_->setPlaceholderText(
        isComment ? tr("What should the agent do here? It is sent with your other comments.")
                  : tr("Empty: the lines are removed."));
    ok_->setText(isComment ? tr("Add comment") : tr("Use these lines"));
    ok_->setToolTip(tr("%1 (Ctrl+Enter)").arg(ok_->text()));
    ok_->setAccessibleName(ok_->text());
    cancel_->setText(tr("Cancel"));
    cancel_->setAccessibleName(cancel_->text());
}

void LinesEditor::restyle() {
    const Look& look = appearance_.look();
    text_->setFont(look.font(purpose_ == Purpose::lines ? TextRole::code : TextRole::body));
    const int rows = purpose_ == Purpose::lines ? kRowsShown : kRowsShown / 2;
    text_->setFixedHeight(QFontMetrics(text_->font()).lineSpacing() * rows + grid(4));
}

bool LinesEditor::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isEnter && (key->modifiers() & Qt::ControlModifier) != 0) return take(), true;
        if (key->key() == Qt::Key_Escape) return close(), true;
    }
    return QWidget::eventFilter(watched, event);
}

void LinesEditor::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

}  // namespace moxie::desktop
