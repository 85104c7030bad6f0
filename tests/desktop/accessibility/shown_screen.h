// Every screen of the window, over its fake, ready and shown, so that one test can look at all of
// them. Each is made anew, with the language that is installed. Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

namespace moxie::desktop {
class Appearance;
}

namespace moxie::desktop::testing {

class ShownScreen {
public:
    ShownScreen() = default;
    virtual ~ShownScreen() = default;
    ShownScreen(const ShownScreen&) = delete;
    ShownScreen& operator=(const ShownScreen&) = delete;

    virtual QWidget& window() = 0;
    virtual Appearance& appearance() = 0;
};

struct ScreenMaker {
    const char* name;
    std::unique_ptr<ShownScreen> (*make)();
    // What it says depends on the machine, so that no text of it can be kept.
    bool saysMachine = false;
};

std::vector<ScreenMaker> allScreens();

// What allScreens() joins, by file.
std::vector<ScreenMaker> sessionScreens();
std::vector<ScreenMaker> workbenchScreens();
std::vector<ScreenMaker> windowScreens();

// Lets layouts inside layouts and answers that come by the event loop settle.
void settle();

// A screen that is a rig of its own tests. `Rig` has `appearance`.
template <class Rig>
class RigScreen : public ShownScreen {
public:
    Appearance& appearance() override { return rig.appearance; }

    Rig rig;
};

}  // namespace moxie::desktop::testing
