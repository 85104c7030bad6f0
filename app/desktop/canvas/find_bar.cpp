#include "app/desktop/canvas/find_bar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "app/desktop/canvas/canvas.h"
#include "app/desktop/shell/clear_button.h"

namespace moxie::desktop {

FindBar::FindBar(Canvas& canvas, QWidget* parent)
    : QWidget(parent),
      canvas_(canvas),
      query_(new QLineEdit(this)),
      state_(new QLabel(this)) {
    setObjectName(QStringLiteral("findBar"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(grid(2), grid(1), grid(2), grid(1));
    layout->setSpacing(grid(2));
    query_->setObjectName(QStringLiteral("findText"));
    query_->setPlaceholderText(tr("Find"));
    query_->setAccessibleName(tr("Find"));
    addClearButton(*query_);
    query_->installEventFilter(this);
    state_->setObjectName(QStringLiteral("findState"));
    layout->addWidget(query_, 1);
    layout->addWidget(state_);
    const auto button = [&](const char* name, const QString& text, Qt::ArrowType arrow) {
        auto* made = new QToolButton(this);
        made->setObjectName(QLatin1String(name));
        made->setAccessibleName(text);
        made->setToolTip(text);
        made->setAutoRaise(true);
        made->setFocusPolicy(Qt::TabFocus);
        if (arrow == Qt::NoArrow)
            made->setText(QChar(0x00D7));
        else
            made->setArrowType(arrow);
        layout->addWidget(made);
        return made;
    };
    connect(button("findPrevious", tr("Previous match"), Qt::UpArrow), &QToolButton::clicked, this,
            [this] { canvas_.findNext(FindDirection::backward); });
    connect(button("findNext", tr("Next match"), Qt::DownArrow), &QToolButton::clicked, this,
            [this] { canvas_.findNext(FindDirection::forward); });
    connect(button("findClose", tr("Close find"), Qt::NoArrow), &QToolButton::clicked, this,
            &FindBar::close);
    connect(query_, &QLineEdit::textChanged, this, [this](const QString& text) {
        state_->clear();
        canvas_.setFindText(text);
        if (text.isEmpty()) return;
        const TextPlace begin = canvas_.selection().begin;
        canvas_.select(begin, begin);  // what is typed narrows the match under way
        canvas_.findNext(FindDirection::forward);
    });
    connect(&canvas_, &Canvas::findWanted, this, &FindBar::open);
    connect(&canvas_, &Canvas::findEnded, this,
            [this](bool isFound) { state_->setText(isFound ? QString() : tr("Not found")); });
    hide();
}

void FindBar::open() {
    const QString chosen = canvas_.textOf(canvas_.selection(), CopyFormat::plain);
    if (!chosen.isEmpty() && !chosen.contains(QLatin1Char('\n'))) query_->setText(chosen);
    show();
    query_->setFocus(Qt::ShortcutFocusReason);
    query_->selectAll();
}

void FindBar::close() {
    hide();
    canvas_.setFindText({});
    canvas_.setFocus(Qt::OtherFocusReason);
}

bool FindBar::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool isShift = (key->modifiers() & Qt::ShiftModifier) != 0;
    switch (key->key()) {
        case Qt::Key_Escape:
            close();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_F3:
            canvas_.findNext(isShift ? FindDirection::backward : FindDirection::forward);
            return true;
        default:
            return QWidget::eventFilter(watched, event);
    }
}

}  // namespace moxie::desktop
