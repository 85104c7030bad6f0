// Makes canvases known to screen readers: a list whose children are the visible items (its
// description says how many there are in all), then the widgets that stand over them; the children
// of an item are its links, buttons and fold handle, which can be pressed. Threads: GUI thread
// only.
#pragma once

namespace moxie::desktop {

// Once per process is enough; more often does nothing.
void installCanvasAccessibility();

}  // namespace moxie::desktop
