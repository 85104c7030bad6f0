#include "app/desktop/screens/conversation/conversation_pages.h"

#include <QDir>
#include <QEvent>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kExamplesMax = 3;
constexpr int kPageWidthMax = 560;

// A column in the middle of the page.
QVBoxLayout* addColumn(QWidget& page) {
    auto* outer = new QHBoxLayout(&page);
    outer->setContentsMargins(grid(6), grid(6), grid(6), grid(6));
    auto* column = new QWidget(&page);
    column->setMaximumWidth(kPageWidthMax);
    column->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    outer->addStretch(1);
    outer->addWidget(column, 100);
    outer->addStretch(1);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(2));
    layout->addStretch(2);
    return layout;
}

QLabel* addText(QVBoxLayout& layout, const char* name) {
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    layout.addWidget(label);
    return label;
}

void setInk(QLabel& label, const Look& look, Role ink) {
    QPalette palette = look.palette();
    palette.setColor(QPalette::WindowText, look.color(ink));
    label.setPalette(palette);
}

void setGround(QWidget& page, const Look& look) {
    QPalette palette = look.palette();
    palette.setColor(QPalette::Window, look.color(Role::surface));
    page.setPalette(palette);
    page.setAutoFillBackground(true);
}

}  // namespace

EmptyPage::EmptyPage(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance) {
    setObjectName(QStringLiteral("conversation.empty"));
    QVBoxLayout* layout = addColumn(*this);
    title_ = addText(*layout, "conversation.emptyTitle");
    hint_ = addText(*layout, "conversation.emptyHint");
    layout->addSpacing(grid(2));
    exampleLayout_ = new QVBoxLayout;
    exampleLayout_->setSpacing(grid(2));
    layout->addLayout(exampleLayout_);
    layout->addStretch(3);
    connect(&appearance_, &Appearance::changed, this, &EmptyPage::retranslate);
    retranslate();
}

void EmptyPage::setRepository(const QString& folder) {
    repository_ = QDir(folder).dirName();
    retranslate();
}

void EmptyPage::setExamples(const QStringList& examples) {
    for (QPushButton* button : examples_)
        delete button;
    examples_.clear();
    for (const QString& text : examples.mid(0, kExamplesMax)) {
        auto* button = new QPushButton(this);
        button->setObjectName(QStringLiteral("conversation.example%1").arg(examples_.size() + 1));
        button->setText(QString(text).replace(QLatin1Char('&'), QStringLiteral("&&")));
        button->setAccessibleName(tr("Example: %1").arg(text));
        button->setAutoDefault(false);
        button->setMinimumHeight(grid(8));
        connect(button, &QPushButton::clicked, this, [this, text] { emit exampleChosen(text); });
        exampleLayout_->addWidget(button);
        examples_.push_back(button);
    }
    retranslate();
}

void EmptyPage::retranslate() {
    const Look& look = appearance_.look();
    setGround(*this, look);
    title_->setFont(look.font(TextRole::heading2));
    title_->setText(repository_.isEmpty() ? tr("What shall be done?")
                                          : tr("What shall be done in %1?").arg(repository_));
    setInk(*title_, look, Role::text);
    setInk(*hint_, look, Role::textMuted);
    hint_->setText(examples_.empty() ? tr("Write a task below.")
                                     : tr("Write a task below, or begin with one of these:"));
}

void EmptyPage::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

StatePage::StatePage(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      button_(new QPushButton(this)) {
    QVBoxLayout* layout = addColumn(*this);
    title_ = addText(*layout, "conversation.messageTitle");
    text_ = addText(*layout, "conversation.messageText");
    kept_ = addText(*layout, "conversation.messageKept");
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addSpacing(grid(2));
    button_->setObjectName(QStringLiteral("conversation.retry"));
    button_->setAutoDefault(false);
    layout->addWidget(button_, 0, Qt::AlignLeft);
    layout->addStretch(3);
    connect(button_, &QPushButton::clicked, this, &StatePage::pressed);
    connect(&appearance_, &Appearance::changed, this, &StatePage::applyLook);
    applyLook();
}

void StatePage::setTexts(const QString& title, const QString& text, const QString& kept) {
    title_->setText(title);
    text_->setText(text);
    text_->setVisible(!text.isEmpty());
    kept_->setText(kept);
    kept_->setVisible(!kept.isEmpty());
}

void StatePage::setButton(const QString& text) {
    button_->setText(text);
    button_->setAccessibleName(text);
    button_->setVisible(!text.isEmpty());
}

void StatePage::applyLook() {
    const Look& look = appearance_.look();
    setGround(*this, look);
    title_->setFont(look.font(TextRole::heading2));
    setInk(*title_, look, Role::text);
    setInk(*text_, look, Role::text);
    setInk(*kept_, look, Role::textMuted);
}

}  // namespace moxie::desktop
