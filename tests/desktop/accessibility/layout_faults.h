// Faults of a layout that can be told without knowing the fonts of the machine: what sticks out and
// what lies over its neighbour. What is cut: tests/desktop/long_texts.h. Threads: GUI thread only.
#pragma once
#include <QStringList>

class QWidget;

namespace moxie::desktop::testing {

// Of the visible widgets: children that their parent cuts off (what scrolls may); neighbours of one
// layout that overlap.
QStringList layoutFaults(QWidget& window);

}  // namespace moxie::desktop::testing
