#include "app/desktop/screens/changes/base_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>

#include "app/desktop/theme/look.h"

namespace moxie::desktop {

BaseBar::BaseBar(QWidget* parent)
    : QWidget(parent),
      label_(new QLabel(this)),
      name_(new QLineEdit(this)) {
    name_->setObjectName(QStringLiteral("changes.base"));
    label_->setBuddy(name_);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(3), 0, grid(3), grid(2));
    layout->setSpacing(grid(2));
    layout->addWidget(label_);
    layout->addWidget(name_, 1);
    name_->installEventFilter(this);
    connect(name_, &QLineEdit::returnPressed, this, [this] {
        const QString name = name_->text().trimmed();
        if (name.isEmpty()) return;
        close();
        emit baseChosen(name);
    });
    retranslate();
    hide();
}

void BaseBar::open(const QString& name) {
    name_->setText(name);
    name_->selectAll();
    show();
    name_->setFocus(Qt::OtherFocusReason);
}

void BaseBar::close() {
    hide();
    emit closed();
}

void BaseBar::retranslate() {
    label_->setText(tr("Compare with"));
    name_->setPlaceholderText(tr("A commit, branch or tag, such as main or HEAD~3"));
    name_->setAccessibleName(tr("Commit, branch or tag to compare with"));
}

void BaseBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

bool BaseBar::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape)
        return close(), true;
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop
