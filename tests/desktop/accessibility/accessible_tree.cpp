#include "tests/desktop/accessibility/accessible_tree.h"

#include <QMetaEnum>
#include <QWidget>
#include <algorithm>
#include <array>

namespace moxie::desktop::testing {

namespace {

// Roles that tell nothing unless they have a name.
constexpr std::array kFrames = {
    QAccessible::Client,      QAccessible::Window,   QAccessible::Border, QAccessible::Grouping,
    QAccessible::LayeredPane, QAccessible::Splitter, QAccessible::Pane,   QAccessible::Separator,
    QAccessible::Whitespace,  QAccessible::NoRole,   QAccessible::Grip,   QAccessible::Section};

constexpr std::array kActionable = {
    QAccessible::Button,   QAccessible::ButtonMenu,  QAccessible::ButtonDropDown,
    QAccessible::CheckBox, QAccessible::ComboBox,    QAccessible::EditableText,
    QAccessible::Link,     QAccessible::List,        QAccessible::MenuItem,
    QAccessible::PageTab,  QAccessible::RadioButton, QAccessible::Slider,
    QAccessible::SpinBox,  QAccessible::Table,       QAccessible::Tree};

template <class Roles>
bool isOneOf(QAccessible::Role role, const Roles& roles) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
}

QString roleName(QAccessible::Role role) {
    const char* key = QMetaEnum::fromType<QAccessible::Role>().valueToKey(int(role));
    return key != nullptr ? QLatin1String(key) : QStringLiteral("role %1").arg(int(role));
}

// On Unix Qt gives what is chosen in a box as its name.
QString nameOf(const QAccessibleInterface& node) {
    if (node.role() == QAccessible::ComboBox)
        if (const auto* box = qobject_cast<const QWidget*>(node.object()))
            return box->accessibleName();
    return node.text(QAccessible::Name);
}

void collect(QAccessibleInterface& node, const AccessibleNode& around,
             std::vector<AccessibleNode>& nodes) {
    if (node.state().invisible || node.role() == QAccessible::ScrollBar) return;
    AccessibleNode made = around;
    made.role = node.role();
    made.state = node.state();
    made.name = nameOf(node);
    made.value = made.role == QAccessible::Link || made.role == QAccessible::ComboBox
                     ? node.text(QAccessible::Value)
                     : QString();
    const QObject* object = node.object();
    if (object != nullptr && !object->objectName().isEmpty())
        made.objectName = object->objectName();
    const bool isFrame = made.name.isEmpty() && isOneOf(made.role, kFrames);
    if (!isFrame) nodes.push_back(made);
    if (!isFrame) ++made.depth;
    for (int i = 0; i < node.childCount(); ++i)
        if (QAccessibleInterface* child = node.child(i)) collect(*child, made, nodes);
}

QString stateWords(const QAccessible::State& state) {
    QStringList words;
    if (state.disabled) words << QStringLiteral("disabled");
    if (state.checkable || state.checked || state.checkStateMixed)
        words << (state.checkStateMixed ? QStringLiteral("partly checked")
                  : state.checked       ? QStringLiteral("checked")
                                        : QStringLiteral("unchecked"));
    if (state.selected) words << QStringLiteral("selected");
    if (state.expanded) words << QStringLiteral("expanded");
    if (state.collapsed) words << QStringLiteral("collapsed");
    if (state.readOnly) words << QStringLiteral("read only");
    if (state.hasPopup) words << QStringLiteral("opens a menu");
    return words.join(QStringLiteral(", "));
}

}  // namespace

std::vector<AccessibleNode> accessibleNodes(QWidget& window) {
    std::vector<AccessibleNode> nodes;
    if (QAccessibleInterface* root = QAccessible::queryAccessibleInterface(&window))
        collect(*root, {}, nodes);
    return nodes;
}

bool isActionable(const AccessibleNode& node) {
    return !node.state.disabled && isOneOf(node.role, kActionable);
}

QString dumpOf(const std::vector<AccessibleNode>& nodes) {
    QString text;
    for (const AccessibleNode& node : nodes) {
        QString name = node.name;
        name.replace(QLatin1Char('\n'), QStringLiteral("\\n"));
        QString line = QString(2 * qsizetype(node.depth), QLatin1Char(' ')) + roleName(node.role) +
                       QStringLiteral(" \"") + name + QLatin1Char('"');
        if (!node.value.isEmpty()) line += QStringLiteral(": ") + node.value;
        const QString words = stateWords(node.state);
        if (!words.isEmpty()) line += QStringLiteral(" ") + words;
        text += line + QLatin1Char('\n');
    }
    return text;
}

QString describe(const AccessibleNode& node) {
    return QStringLiteral("%1 \"%2\" in %3").arg(roleName(node.role), node.name, node.objectName);
}

}  // namespace moxie::desktop::testing
