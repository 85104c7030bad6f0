#include "tests/desktop/accessibility/layout_faults.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QLabel>
#include <QLayout>
#include <vector>

namespace moxie::desktop::testing {

namespace {

QString nameOf(const QWidget& widget) {
    QString name = QString::fromLatin1(widget.metaObject()->className());
    if (const auto* button = qobject_cast<const QAbstractButton*>(&widget))
        name += QStringLiteral(" \"%1\"").arg(button->text());
    if (const auto* label = qobject_cast<const QLabel*>(&widget))
        name += QStringLiteral(" \"%1\"").arg(label->text().left(60));
    for (const QWidget* at = &widget; at != nullptr; at = at->parentWidget())
        if (!at->objectName().isEmpty()) return name + QLatin1Char(' ') + at->objectName();
    return name;
}

bool scrolls(const QWidget& parent) {
    return qobject_cast<const QAbstractScrollArea*>(parent.parentWidget()) != nullptr ||
           qobject_cast<const QAbstractScrollArea*>(&parent) != nullptr;
}

void collectLaidOut(const QLayout& layout, std::vector<QWidget*>& widgets) {
    for (int i = 0; i < layout.count(); ++i) {
        QLayoutItem* item = layout.itemAt(i);
        if (QWidget* widget = item->widget(); widget != nullptr && widget->isVisible())
            widgets.push_back(widget);
        else if (const QLayout* inner = item->layout())
            collectLaidOut(*inner, widgets);
    }
}

void checkChildren(const QWidget& parent, QStringList& faults) {
    if (parent.layout() == nullptr || scrolls(parent)) return;
    std::vector<QWidget*> widgets;
    collectLaidOut(*parent.layout(), widgets);
    for (size_t i = 0; i < widgets.size(); ++i) {
        const QRect rect = widgets[i]->geometry();
        if (!rect.isEmpty() && !parent.rect().contains(rect))
            faults << QStringLiteral("sticks out: ") + nameOf(*widgets[i]);
        for (size_t k = i + 1; k < widgets.size(); ++k)
            if (rect.intersects(widgets[k]->geometry()))
                faults << QStringLiteral("overlap: %1 and %2")
                              .arg(nameOf(*widgets[i]), nameOf(*widgets[k]));
    }
}

}  // namespace

QStringList layoutFaults(QWidget& window) {
    QStringList faults;
    checkChildren(window, faults);
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        if (widget->window() != &window || !widget->isVisible()) continue;
        checkChildren(*widget, faults);
    }
    return faults;
}

}  // namespace moxie::desktop::testing
