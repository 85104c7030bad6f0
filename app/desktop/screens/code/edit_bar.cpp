#include "app/desktop/screens/code/edit_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/shell/one_line_label.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kEditRows = 8;

}  // namespace

EditBar::EditBar(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      head_(new OneLineLabel(this)),
      text_(new QPlainTextEdit(this)),
      ok_(new QPushButton(this)),
      cancel_(new QPushButton(this)) {
    setObjectName(QStringLiteral("code.edit"));
    head_->setObjectName(QStringLiteral("code.edit.title"));
    text_->setObjectName(QStringLiteral("code.edit.text"));
    ok_->setObjectName(QStringLiteral("code.edit.ok"));
    cancel_->setObjectName(QStringLiteral("code.edit.cancel"));
    text_->setLineWrapMode(QPlainTextEdit::NoWrap);
    text_->installEventFilter(this);
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
    connect(ok_, &QPushButton::clicked, this, &EditBar::accepted);
    connect(cancel_, &QPushButton::clicked, this, &EditBar::close);
    connect(&appearance_, &Appearance::changed, this, &EditBar::restyle);
    restyle();
    retranslate();
    hide();
}

void EditBar::open(const QString& title, const QString& lines) {
    title_ = title;
    problem_.clear();
    text_->setPlainText(lines);
    retranslate();
    restyle();
    show();
    text_->setFocus(Qt::ShortcutFocusReason);
}

void EditBar::close() {
    if (isHidden()) return;
    hide();
    emit closed();
}

void EditBar::sayProblem(const QString& sentence) {
    problem_ = sentence;
    retranslate();
    restyle();
}

QString EditBar::lines() const {
    return text_->toPlainText();
}

void EditBar::retranslate() {
    head_->setText(problem_.isEmpty() ? title_ : problem_);
    text_->setAccessibleName(tr("Your lines instead of: %1").arg(title_));
    text_->setPlaceholderText(tr("Empty: the lines are removed."));
    ok_->setText(tr("Write to the file"));
    ok_->setToolTip(
        tr("Write to the file (Ctrl+Enter). A checkpoint is taken first, and it can be undone."));
    ok_->setAccessibleName(ok_->text());
    cancel_->setText(tr("Cancel"));
    cancel_->setAccessibleName(cancel_->text());
}

void EditBar::restyle() {
    const Look& look = appearance_.look();
    text_->setFont(look.font(TextRole::code));
    text_->setFixedHeight(QFontMetrics(text_->font()).lineSpacing() * kEditRows + grid(4));
    QPalette palette = look.palette();
    if (!problem_.isEmpty()) palette.setColor(QPalette::WindowText, look.color(Role::error));
    head_->setPalette(palette);
    update();
}

bool EditBar::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isEnter && key->modifiers().testFlag(Qt::ControlModifier)) return emit accepted(), true;
        if (key->key() == Qt::Key_Escape) return close(), true;
    }
    return QWidget::eventFilter(watched, event);
}

void EditBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

void EditBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(0, 0, width(), 0);
}

}  // namespace moxie::desktop
