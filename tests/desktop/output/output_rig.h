// The terminal tab over a fake session and fake outputs.
#pragma once
#include <QLabel>
#include <QSignalSpy>

#include "app/desktop/screens/output/output_screen.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/desktop/output/command_events.h"
#include "tests/desktop/output/fake_outputs.h"

namespace moxie::desktop::testing {

struct OutputRig {
    OutputRig() { screen = std::make_unique<OutputScreen>(session, store, appearance, actions); }

    void show(QSize size = {520, 640}) { showActive(*screen, size); }

    bool isShown(const QString& line) {
        return waitUntil([&] {
            const int64_t n = screen->canvas().itemCount();
            for (int64_t row = 0; row < n; ++row)
                if (screen->canvas().itemText(row) == line) return true;
            return false;
        });
    }

    bool isDone() {
        return waitUntil([&] { return screen->feed().state() == OutputFeed::State::done; });
    }

    template <class Widget>
    Widget& find(const char* name) {
        auto* found = screen->findChild<Widget*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return *found;
    }

    QString label(const char* name) { return find<QLabel>(name).text(); }

    QApplication& app = application();  // before anything of Qt
    FakeSession session;
    std::shared_ptr<FakeOutputs> store = std::make_shared<FakeOutputs>();
    Appearance appearance;
    ActionRegistry actions;
    std::unique_ptr<OutputScreen> screen;
};

}  // namespace moxie::desktop::testing
