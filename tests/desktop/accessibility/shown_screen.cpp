#include "tests/desktop/accessibility/shown_screen.h"

#include <QApplication>

namespace moxie::desktop::testing {

std::vector<ScreenMaker> allScreens() {
    std::vector<ScreenMaker> all = sessionScreens();
    for (const auto& more : {workbenchScreens(), windowScreens()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

void settle() {
    for (int i = 0; i < 5; ++i)
        QApplication::processEvents();
}

}  // namespace moxie::desktop::testing
