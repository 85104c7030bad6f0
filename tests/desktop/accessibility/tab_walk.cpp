#include "tests/desktop/accessibility/tab_walk.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QButtonGroup>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QTabBar>
#include <QTest>
#include <algorithm>
#include <set>
#include <vector>

namespace moxie::desktop::testing {

namespace {

bool isUsable(const QWidget& widget, const QWidget& window) {
    return widget.isVisibleTo(&window) && widget.isEnabled() && !widget.size().isEmpty();
}

bool wantsTab(const QWidget& widget) {
    return (widget.focusPolicy() & Qt::TabFocus) != 0 && widget.focusProxy() == nullptr;
}

bool isOneOfGroup(const QWidget& a, const QWidget& b) {
    const auto* first = qobject_cast<const QAbstractButton*>(&a);
    const auto* second = qobject_cast<const QAbstractButton*>(&b);
    if (first == nullptr || second == nullptr) return false;
    if (first->group() != nullptr)
        return first->group() == second->group() && first->group()->exclusive();
    return first->autoExclusive() && second->autoExclusive() &&
           first->parentWidget() == second->parentWidget();
}

QString nameOf(const QWidget& widget) {
    QString name = QString::fromLatin1(widget.metaObject()->className());
    for (const QWidget* at = &widget; at != nullptr; at = at->parentWidget())
        if (!at->objectName().isEmpty()) {
            name += QLatin1Char(' ') + at->objectName();
            break;
        }
    return name;
}

}  // namespace

QStringList unreachedByTab(QWidget& window) {
    std::set<QWidget*> wanted;
    for (QWidget* widget : window.findChildren<QWidget*>())
        if (widget->window() == &window && isUsable(*widget, window) && wantsTab(*widget))
            wanted.insert(widget);
    if (wanted.empty()) return {};
    QWidget* first = window.nextInFocusChain();
    while (!wanted.contains(first))
        first = first->nextInFocusChain();
    const size_t stepsMax = 20 * wanted.size() + 200;  // canvases have links to walk through
    first->setFocus(Qt::TabFocusReason);
    for (size_t step = 0; step < stepsMax && !wanted.empty(); ++step) {
        QWidget* reached = QApplication::focusWidget();
        if (reached == nullptr) break;
        std::erase_if(wanted, [&](const QWidget* widget) {
            return widget == reached || isOneOfGroup(*widget, *reached) ||
                   !isUsable(*widget, window);  // what Tab did may end it
        });
        QTest::keyClick(reached, Qt::Key_Tab);
    }
    QStringList names;
    for (const QWidget* widget : wanted)
        names << nameOf(*widget);
    return names;
}

QStringList deafToTab(QWidget& window) {
    QStringList names;
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        const bool isControl = qobject_cast<const QAbstractButton*>(widget) != nullptr ||
                               qobject_cast<const QComboBox*>(widget) != nullptr ||
                               qobject_cast<const QAbstractSpinBox*>(widget) != nullptr ||
                               qobject_cast<const QLineEdit*>(widget) != nullptr ||
                               qobject_cast<const QPlainTextEdit*>(widget) != nullptr;
        const QWidget* parent = widget->parentWidget();
        const bool isPart = qobject_cast<const QLineEdit*>(parent) != nullptr ||
                            qobject_cast<const QComboBox*>(parent) != nullptr ||
                            qobject_cast<const QAbstractSpinBox*>(parent) != nullptr ||
                            qobject_cast<const QTabBar*>(parent) != nullptr;
        if (isControl && !isPart && isUsable(*widget, window) && !wantsTab(*widget))
            names << nameOf(*widget);
    }
    return names;
}

}  // namespace moxie::desktop::testing
