#include "app/desktop/screens/code/code_pane.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/screens/code/code_list.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

CodePane::CodePane(Appearance& appearance, const QString& name, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      title_(new QLabel(this)),
      note_(new QLabel(this)),
      close_(new QToolButton(this)),
      list_(new CodeList(appearance, this)),
      sentence_(new QLabel(this)) {
    setObjectName(name);
    title_->setObjectName(name + QStringLiteral(".title"));
    note_->setObjectName(name + QStringLiteral(".note"));
    close_->setObjectName(name + QStringLiteral(".close"));
    list_->setObjectName(name + QStringLiteral(".list"));
    sentence_->setObjectName(name + QStringLiteral(".sentence"));
    title_->setTextFormat(Qt::PlainText);
    note_->setForegroundRole(QPalette::PlaceholderText);
    sentence_->setForegroundRole(QPalette::PlaceholderText);
    sentence_->setAlignment(Qt::AlignCenter);
    sentence_->setWordWrap(true);
    close_->setText(QChar(0x00D7));
    close_->setAutoRaise(true);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(grid(3), grid(1), grid(1), grid(1));
    head->setSpacing(grid(2));
    head->addWidget(title_);
    head->addWidget(note_, 1);
    head->addWidget(close_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 0, 0);  // the lines that part it from the text
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(list_, 1);
    layout->addWidget(sentence_, 1);
    connect(close_, &QToolButton::clicked, this, &CodePane::closeWanted);
    connect(&appearance, &Appearance::changed, this, &CodePane::applyLook);
    applyLook();
    retranslate();
    say({});
}

void CodePane::applyLook() {
    QFont bold = appearance_.look().font(TextRole::body);
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    note_->setFont(appearance_.look().font(TextRole::small));
    update();
}

void CodePane::retranslate() {
    close_->setAccessibleName(tr("Close this list"));
    close_->setToolTip(tr("Close this list"));
}

void CodePane::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

void CodePane::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return emit closeWanted();
    QWidget::keyPressEvent(event);
}

void CodePane::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(appearance_.look().color(Role::border));
    painter.drawLine(0, 0, width(), 0);
    painter.drawLine(0, 0, 0, height());
}

void CodePane::setTitle(const QString& title, const QString& note) {
    title_->setText(title);
    note_->setText(note);
    list_->setAccessibleName(title);
}

void CodePane::setRows(std::vector<CodeRow> rows) {
    list_->setRows(std::move(rows));
    list_->show();
    sentence_->hide();
}

void CodePane::say(const QString& sentence) {
    list_->setRows({});
    list_->hide();
    sentence_->setText(sentence);
    sentence_->show();
}

}  // namespace moxie::desktop
