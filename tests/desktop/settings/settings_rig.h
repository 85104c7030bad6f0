// A settings screen over a home of its own. Threads: GUI thread only.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "app/desktop/screens/settings/settings_screen.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/theme/appearance.h"
#include "base/file.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/temp_home.h"

namespace moxie::desktop::testing {

struct SettingsRig : TempHome {
    explicit SettingsRig(const std::string& userFile = "{}") {
        write(userFile);
        std::filesystem::create_directories(project() / ".git");
        std::filesystem::create_directories(project() / ".moxie");
    }

    std::filesystem::path file() const { return path() / "config" / "config.json"; }

    std::filesystem::path project() const { return path() / "project"; }

    void write(const std::string& text) const {
        std::filesystem::create_directories(file().parent_path());
        REQUIRE(base::writeFileAtomically(file(), text, base::Durability::renameOnly));
    }

    void writeProject(const std::string& text) const {
        REQUIRE(base::writeFileAtomically(project() / ".moxie" / "config.json", text,
                                          base::Durability::renameOnly));
    }

    SettingsScreen& open(QSize size = {1000, 700}) {
        settings = std::make_unique<Settings>(project());
        screen = std::make_unique<SettingsScreen>(SettingsScreenNeeds{
            *settings, registry, appearance, stalls, project(), path() / "data" / "sessions"});
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

    std::string written() const {
        const auto text = base::readFile(file());
        REQUIRE(text);
        return *text;
    }

    QApplication& app = application();  // before what needs it
    base::SystemClock clock;
    StallMonitor stalls{clock};
    ActionRegistry registry;
    Appearance appearance;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<SettingsScreen> screen;
};

}  // namespace moxie::desktop::testing
