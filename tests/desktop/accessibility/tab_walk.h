// Walks through a window by Tab, as one does who has no mouse. Threads: GUI thread only.
#pragma once
#include <QStringList>

class QWidget;

namespace moxie::desktop::testing {

// Walks from the first widget on until all that want Tab had the focus; gives the names of those
// that had not. Radio buttons of a group count together: arrows lead from one to the next.
QStringList unreachedByTab(QWidget& window);

// Visible, enabled buttons, boxes and fields that do not want Tab at all. Not among them: the parts
// that Qt puts into its own widgets.
QStringList deafToTab(QWidget& window);

}  // namespace moxie::desktop::testing
