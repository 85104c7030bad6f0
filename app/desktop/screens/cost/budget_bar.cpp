#include "app/desktop/screens/cost/budget_bar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/cost/cost_texts.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

BudgetBar::BudgetBar(BudgetWatch& watch, const Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      watch_(watch),
      appearance_(appearance),
      sign_(new QLabel(QStringLiteral("!"), this)),
      sentence_(new QLabel(this)),
      raise_(makeButton("budget.raise")),
      local_(makeButton("budget.local")),
      stop_(makeButton("budget.stop")),
      close_(new QToolButton(this)) {
    setObjectName(QStringLiteral("budget.bar"));
    setAutoFillBackground(true);
    sentence_->setObjectName(QStringLiteral("budget.sentence"));
    sentence_->setTextFormat(Qt::PlainText);
    sentence_->setWordWrap(true);
    close_->setObjectName(QStringLiteral("budget.close"));
    close_->setText(QChar(0x00D7));
    close_->setAutoRaise(true);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(grid(3), grid(2), grid(3), grid(2));
    row->setSpacing(grid(2));
    row->addWidget(sign_);
    row->addWidget(sentence_, 1);
    for (QWidget* button : {static_cast<QWidget*>(raise_), static_cast<QWidget*>(local_),
                            static_cast<QWidget*>(stop_), static_cast<QWidget*>(close_)})
        row->addWidget(button);
    connect(raise_, &QPushButton::clicked, &watch_, &BudgetWatch::raise);
    connect(local_, &QPushButton::clicked, &watch_, &BudgetWatch::switchToLocal);
    connect(stop_, &QPushButton::clicked, this, [this] {
        watch_.stop();
        hide();
    });
    connect(close_, &QToolButton::clicked, this, &QWidget::hide);
    connect(&watch_, &BudgetWatch::near, this, &BudgetBar::say);
    connect(&watch_, &BudgetWatch::reached, this, &BudgetBar::say);
    connect(&watch_, &BudgetWatch::released, this, &QWidget::hide);
    connect(&appearance_, &Appearance::changed, this, &BudgetBar::look);
    hide();
    if (watch_.isHolding()) say(watch_.sentenceOf(*watch_.held()));
    showChoices();
    look();
}

QPushButton* BudgetBar::makeButton(const char* name) {
    auto* button = new QPushButton(this);
    button->setObjectName(QLatin1String(name));
    button->setAutoDefault(false);
    return button;
}

void BudgetBar::setLocalModel(const QString& name) {
    localModel_ = name;
    showChoices();
}

void BudgetBar::say(const QString& sentence) {
    // A warning does not cover a question.
    const auto& held = watch_.held();
    sentence_->setText(held ? watch_.sentenceOf(*held) : sentence);
    showChoices();
    look();
    show();
}

void BudgetBar::showChoices() {
    const auto& held = watch_.held();
    raise_->setVisible(held.has_value());
    local_->setVisible(held && isMoney(held->kind) && !localModel_.isEmpty());
    stop_->setVisible(held.has_value());
    close_->setVisible(!held);
    if (held) {
        const int64_t limit = watch_.raisedLimit(*held);
        raise_->setText(isMoney(held->kind) ? tr("Raise to %1").arg(shortMoney(limit))
                                            : tr("Raise to %1 tokens").arg(shortTokens(limit)));
        raise_->setAccessibleName(raise_->text());
    }
    local_->setText(tr("Go on with the local model"));
    local_->setAccessibleName(local_->text());
    local_->setToolTip(localModel_);
    stop_->setText(tr("Stop here"));
    stop_->setAccessibleName(stop_->text());
    close_->setAccessibleName(tr("Close this notice"));
    close_->setToolTip(tr("Close this notice"));
}

void BudgetBar::look() {
    const Look& look = appearance_.look();
    const bool isHolding = watch_.isHolding();
    QPalette ground = palette();
    ground.setColor(QPalette::Window, look.color(isHolding ? Role::errorSoft : Role::warningSoft));
    ground.setColor(QPalette::WindowText, look.color(Role::text));
    setPalette(ground);
    QPalette ink = sign_->palette();
    ink.setColor(QPalette::WindowText, look.color(isHolding ? Role::error : Role::warning));
    sign_->setPalette(ink);
    QFont bold = look.font(TextRole::body);
    bold.setBold(true);
    sign_->setFont(bold);
}

void BudgetBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::LanguageChange) return;
    if (watch_.isHolding()) sentence_->setText(watch_.sentenceOf(*watch_.held()));
    showChoices();
}

}  // namespace moxie::desktop
