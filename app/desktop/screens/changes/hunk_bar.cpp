#include "app/desktop/screens/changes/hunk_bar.h"

#include <QAction>
#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QScrollBar>
#include <QToolButton>
#include <algorithm>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

HunkBar::HunkBar(LineCanvas& canvas, Appearance& appearance)
    : QFrame(&canvas),
      canvas_(canvas),
      appearance_(appearance) {
    setObjectName(QStringLiteral("changes.hunkBar"));
    setFrameShape(QFrame::NoFrame);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Window);
    setCursor(Qt::ArrowCursor);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(1), 0, grid(1), 0);
    layout->setSpacing(grid(1));
    accept_ = addButton("changes.hunk.accept", Wish::accept);
    reject_ = addButton("changes.hunk.reject", Wish::reject);
    edit_ = addButton("changes.hunk.edit", Wish::edit);
    comment_ = addButton("changes.hunk.comment", Wish::comment);
    more_ = new QToolButton(this);
    more_->setObjectName(QStringLiteral("changes.hunk.more"));
    more_->setAutoRaise(true);
    more_->setFocusPolicy(Qt::TabFocus);  // a click leaves it in the diff
    more_->setPopupMode(QToolButton::InstantPopup);
    more_->setText(QStringLiteral("\u22EF"));
    layout->addWidget(more_);
    auto* menu = new QMenu(more_);
    for (const Wish wish : {Wish::edit, Wish::comment, Wish::stage, Wish::why, Wish::openEditor}) {
        QAction* action = menu->addAction(QString());
        connect(action, &QAction::triggered, this, [this, wish] { emit wanted(wish); });
        moreActions_.emplace_back(wish, action);
    }
    more_->setMenu(menu);
    connect(canvas_.verticalScrollBar(), &QScrollBar::valueChanged, this, &HunkBar::place);
    connect(&appearance_, &Appearance::changed, this, &HunkBar::restyle);
    canvas_.viewport()->installEventFilter(this);
    retranslate();
    hide();
}

QToolButton* HunkBar::addButton(const char* name, Wish wish) {
    auto* button = new QToolButton(this);
    button->setObjectName(QLatin1String(name));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);  // a click leaves it in the diff
    connect(button, &QToolButton::clicked, this, [this, wish] { emit wanted(wish); });
    layout()->addWidget(button);
    return button;
}

void HunkBar::setOffer(const Offer& offer) {
    if (offer == offer_) return;
    offer_ = offer;
    retranslate();
}

void HunkBar::retranslate() {
    const int n = offer_.nSelectedLines;
    accept_->setText(n > 1    ? tr("Accept %n lines", nullptr, n)
                     : n == 1 ? tr("Accept 1 line")
                              : tr("Accept"));
    reject_->setText(n > 1    ? tr("Reject %n lines", nullptr, n)
                     : n == 1 ? tr("Reject 1 line")
                              : tr("Reject"));
    edit_->setText(tr("Edit"));
    comment_->setText(tr("Comment"));
    more_->setToolTip(tr("More for this hunk"));
    more_->setAccessibleName(tr("More for this hunk"));
    for (QToolButton* button : {accept_, reject_, edit_, comment_})
        button->setAccessibleName(button->text());
    for (const auto& [wish, action] : moreActions_)
        action->setText(wish == Wish::stage     ? tr("Accept and stage")
                        : wish == Wish::why     ? tr("Ask the agent why")
                        : wish == Wish::edit    ? edit_->text()
                        : wish == Wish::comment ? comment_->text()
                                                : tr("Open in the editor"));
    restyle();
}

void HunkBar::restyle() {
    const QFont small = appearance_.look().font(TextRole::small);
    for (QToolButton* button : {accept_, reject_, edit_, comment_, more_})
        button->setFont(small);
    place();
}

void HunkBar::placeAt(int64_t first, int64_t end) {
    first_ = first;
    end_ = end;
    place();
}

// The head of the hunk must stay readable beside the bar: with little room, what is rare stands in
// the menu.
void HunkBar::fitInto(int width) {
    const bool canEdit = offer_.canEdit && offer_.nSelectedLines == 0;
    edit_->setVisible(canEdit);
    comment_->setVisible(true);
    layout()->invalidate();
    const bool isTight = sizeHint().width() > width / 2;
    if (isTight) {
        edit_->hide();
        comment_->hide();
        layout()->invalidate();
    }
    for (const auto& [wish, action] : moreActions_) {
        if (wish == Wish::edit) action->setVisible(isTight && canEdit);
        if (wish == Wish::comment) action->setVisible(isTight);
    }
}

// Stays in view while any row of the hunk is.
void HunkBar::place() {
    const ItemRange visible = canvas_.visibleItems();
    if (first_ < 0 || end_ <= visible.begin || first_ >= visible.end) {
        if (isAncestorOf(QApplication::focusWidget())) canvas_.setFocus(Qt::OtherFocusReason);
        return hide();
    }
    const QRect area = canvas_.viewport()->geometry();
    const QRect head = canvas_.itemRect(first_);
    fitInto(area.width());
    const QSize size = sizeHint();
    const int height = std::max(head.height(), size.height());
    const int top = std::max(0, head.top() + (head.height() - height) / 2);
    setGeometry(area.right() - size.width() - grid(1), area.top() + top, size.width(), height);
    show();
    raise();
}

bool HunkBar::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize) place();
    return QFrame::eventFilter(watched, event);
}

void HunkBar::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

}  // namespace moxie::desktop
