// The button in a field that empties it, with a name for screen readers, which Qt's own has not.
// Threads: GUI thread only.
#pragma once

class QLineEdit;

namespace moxie::desktop {

void addClearButton(QLineEdit& field);

}  // namespace moxie::desktop
