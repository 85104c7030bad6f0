// What a screen reader is told of a window, as a list that a test can look at and as text.
// Threads: GUI thread only.
#pragma once
#include <QAccessible>
#include <QStringList>
#include <vector>

class QWidget;

namespace moxie::desktop::testing {

struct AccessibleNode {
    QAccessible::Role role = QAccessible::NoRole;
    QAccessible::State state;
    QString name;
    QString value;       // of links: where to; of boxes: what is chosen
    QString objectName;  // of the widget, or of the nearest around it
    int depth = 0;       // counts only nodes that are in the list
};

// The visible nodes in their order. Without what only holds others together: no name, and a role
// such as client or border; scroll bars are Qt's own.
std::vector<AccessibleNode> accessibleNodes(QWidget& window);

// Something can be done with it: button, box, field, list, tree, tab, entry of a menu, link.
bool isActionable(const AccessibleNode& node);

// "  Button "Accept" disabled", a line for each node.
QString dumpOf(const std::vector<AccessibleNode>& nodes);

// One line for messages: role, name, where.
QString describe(const AccessibleNode& node);

}  // namespace moxie::desktop::testing
