// The first run over a fake model. Threads: GUI thread only.
#pragma once
#include <QPushButton>
#include <memory>

#include "app/desktop/screens/welcome/welcome_screen.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/welcome/fake_welcome.h"

namespace moxie::desktop::testing {

struct WelcomeRig {
    WelcomeScreen& open(QSize size = {900, 640}) {
        screen = std::make_unique<WelcomeScreen>(model, appearance);
        screen->setWindowFlag(Qt::Window);
        showActive(*screen, size);
        return *screen;
    }

    template <class Widget>
    Widget& find(const char* name) const {
        auto* widget = screen->findChild<Widget*>(QLatin1String(name));
        INFO(name);
        REQUIRE(widget != nullptr);
        return *widget;
    }

    void click(const char* button) {
        ++clicks;
        auto& target = find<QAbstractButton>(button);
        // A radio button takes clicks on its sign and text only.
        QTest::mouseClick(&target, Qt::LeftButton, {}, {grid(2), target.height() / 2});
    }

    QApplication& app = application();  // before what needs it
    int clicks = 0;
    FakeWelcome model;
    Appearance appearance;
    std::unique_ptr<WelcomeScreen> screen;
};

}  // namespace moxie::desktop::testing
