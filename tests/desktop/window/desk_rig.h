// The whole window over a real repository and a real store; only the model is scripted. What a
// person reads and presses is found by its accessible name.
#pragma once
#include <QAccessible>
#include <QAccessibleActionInterface>
#include <QPushButton>
#include <QToolButton>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/screens/composer/composer_screen.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/theme/appearance.h"
#include "app/desktop/window/desk.h"
#include "app/desktop/window/main_window.h"
#include "tests/desktop/session/rig.h"
#include "tests/desktop/temp_home.h"

namespace moxie::desktop::testing {

struct DeskRig {
    explicit DeskRig(tests::FakeModel::Answering answering) : rig(std::move(answering)) {}

    explicit DeskRig(std::vector<tests::ScriptedTurn> script) : rig(std::move(script)) {}

    QString folder() const { return QString::fromStdString(rig.repository.string()); }

    void set(const char* path, const char* value) { REQUIRE(settings.set(path, value)); }

    // Shows the window with a new session in the repository.
    void begin() {
        if (!settings.isSet("mode")) set("mode", "\"auto\"");
        desk.begin(folder(), {});
        showActive(window, {1'280, 900});
    }

    template <class Part>
    Part* part(const char* name) const {
        return window.findChild<Part*>(QLatin1String(name));
    }

    ComposerScreen& composer() const {
        auto* found = window.findChild<ComposerScreen*>();
        REQUIRE(found != nullptr);
        return *found;
    }

    BlockCanvas& conversation() const {
        auto* found = part<BlockCanvas>("conversation.canvas");
        REQUIRE(found != nullptr);
        return *found;
    }

    // All that stands in the conversation.
    QString read() const {
        QString text;
        for (int64_t item = 0; item < conversation().itemCount(); ++item)
            text += conversation().itemText(item) + QLatin1Char('\n');
        return text;
    }

    void type(const QString& text) const {
        composer().setDraft(text);
        auto* send = part<QPushButton>("composer.send");
        REQUIRE(waitUntil([&] { return send->isEnabled(); }));  // the session is read
        send->click();
    }

    // Sends a message and waits until the answer stands there and the agent is at rest.
    void ask(const QString& text, const QString& answer) const {
        type(text);
        REQUIRE(waitUntil([&] { return isAtRest() && read().contains(answer); }));
    }

    bool isAtRest() const {
        const auto* stop = part<QPushButton>("composer.stop");
        return stop != nullptr && stop->isHidden();
    }

    // The `which`-th control of that name in the conversation, from above.
    void press(const QString& name, int which = 0) const {
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&conversation());
        for (int i = 0; i < list->childCount(); ++i)
            for (int j = 0; j < list->child(i)->childCount(); ++j) {
                QAccessibleInterface* control = list->child(i)->child(j);
                if (control->text(QAccessible::Name) != name || which-- > 0) continue;
                return control->actionInterface()->doAction(
                    QAccessibleActionInterface::pressAction());
            }
        FAIL("no control is named " << name.toStdString());
    }

    QApplication& app = application();  // before anything of Qt
    TempHome home;
    Rig rig;
    Settings settings{std::filesystem::path()};
    StallMonitor stalls{rig.clock};
    Appearance appearance;
    ActionRegistry registry;
    MainWindow window{appearance, registry};
    Desk desk{{.window = window,
               .appearance = appearance,
               .registry = registry,
               .settings = settings,
               .stalls = stalls,
               .clock = rig.clock},
              rig.environment(),
              {.sessionsFolder = rig.sessionsFolder,
               .binFolder = rig.root / "data/bin",
               .marksFile = rig.root / "data/marks.json",
               .catalogFile = rig.root / "cache/catalog.sqlite"}};
};

inline QString qs(const char* utf8) {
    return QString::fromUtf8(utf8);
}

}  // namespace moxie::desktop::testing
