// What fills the window: settings, first run, command palette, and the window with a session in it.
#include <QRadioButton>

#include "app/desktop/screens/changes/changes_screen.h"
#include "app/desktop/screens/commit/commit_screen.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/cost/cost_history.h"
#include "app/desktop/screens/sessions/sessions_screen.h"
#include "app/desktop/shell/command_palette.h"
#include "app/desktop/window/main_window.h"
#include "app/desktop/window/session_page.h"
#include "tests/catch.h"
#include "tests/desktop/accessibility/shown_screen.h"
#include "tests/desktop/changes/fake_review.h"
#include "tests/desktop/commit/fake_commit.h"
#include "tests/desktop/composer/rig.h"
#include "tests/desktop/fakes/fake_session_store.h"
#include "tests/desktop/fakes/quiet_aside.h"
#include "tests/desktop/settings/settings_rig.h"
#include "tests/desktop/welcome/welcome_rig.h"
#include "tests/fakes/fake_clock.h"

namespace moxie::desktop::testing {

namespace {

constexpr QSize kLarge{1'300, 1'600};

template <const char* group>
class SettingsGroup final : public RigScreen<SettingsRig> {
public:
    SettingsGroup() {
        rig.write(R"({"mode": "auto-edit", "desktop": {"keys": ["hunk.accept=Y"]}, "models": [)"
                  R"({"file": "/models/coder-7b-q4_0.gguf"}]})");
        rig.open(kLarge);
        rig.screen->showGroup(QLatin1String(group));
        settle();
    }

    QWidget& window() override { return *rig.screen; }
};

constexpr char kGeneral[] = "General", kAppearance[] = "Appearance", kKeys[] = "Keys",
               kModels[] = "Models and backends", kPermissions[] = "Permissions",
               kBudgets[] = "Budgets", kPrivacy[] = "Privacy", kAbout[] = "About";

template <int pages>
class WelcomeAt final : public RigScreen<WelcomeRig> {
public:
    WelcomeAt() {
        rig.open({1'000, 900});
        if (pages > 0) rig.click("welcome.next");
        rig.model.measured(FakeWelcome::facts(16, 24));
        if (pages > 1) rig.click("welcome.next");
        if (pages > 1) rig.find<QRadioButton>("welcome.model.server").setChecked(true);
        if (pages > 2) {
            rig.find<QRadioButton>("welcome.model.sample").setChecked(true);
            rig.click("welcome.next");
            ModelTest result;
            result.answer = QStringLiteral("Hello!");
            result.tokensPerSecond = 41.8;
            emit rig.model.tested(result);
        }
        if (pages > 3) rig.click("welcome.next");
        settle();
    }

    QWidget& window() override { return *rig.screen; }
};

struct PaletteParts {
    QApplication& app = application();
    Appearance appearance;
    ActionRegistry registry;
    QWidget window;
    CommandPalette palette{registry, appearance, window};
};

class PaletteOpen final : public RigScreen<PaletteParts> {
public:
    PaletteOpen() {
        rig.registry.on(QLatin1String("text.larger"), rig.window, [] {});
        showActive(rig.window, kLarge);
        rig.palette.open();
        settle();
    }

    QWidget& window() override { return rig.window; }
};

struct WindowParts {
    QApplication& app = application();
    TempHome home;
    tests::FakeClock clock;
    Settings settings{std::filesystem::path()};
    CostHistory costs{home.path() / "sessions", home.path() / "costs.json", clock};
    DraftStore drafts{home.path() / "drafts"};
    FakeSuggester suggester;
    QuietAside aside;
    FakeSession session;
    BudgetWatch budgets{session, costs, settings};
    FakeSessionStore store;
    FakeReview review;
    FakeCommit commit;
    Appearance appearance;
    ActionRegistry registry;
    MainWindow window{appearance, registry};
};

class WindowReady final : public RigScreen<WindowParts> {
public:
    WindowReady() {
        rig.window.setSidebar(new SessionsScreen(rig.store, rig.clock, rig.appearance));
        rig.window.setSession(new SessionPage(rig.session, {.appearance = rig.appearance,
                                                            .registry = rig.registry,
                                                            .settings = rig.settings,
                                                            .clock = rig.clock,
                                                            .budgets = rig.budgets,
                                                            .drafts = rig.drafts,
                                                            .suggester = rig.suggester,
                                                            .aside = rig.aside}));
        rig.window.setTab(
            QStringLiteral("changes"),
            [] { return QCoreApplication::translate("Desk", "Changes"); },
            new ChangesScreen(rig.review, rig.appearance, rig.registry));
        rig.window.setTab(
            QStringLiteral("commit"), [] { return QCoreApplication::translate("Desk", "Commit"); },
            new CommitScreen(rig.commit, rig.appearance, rig.registry));
        showActive(rig.window, {1'600, 1'100});
        rig.session.apply({agent::TurnStarted{"fix it"}, agent::RequestSent{"m", 1, "h", 1},
                           agent::Delta{"text", "Done, see src/bpe.cpp:42."}});
        rig.review.set({reviewedFile("src/bpe.cpp", "one\ntwo\n", "one\n2\n")});
        rig.commit.set(CommitModel::State::ready);
        settle();
    }

    QWidget& window() override { return rig.window; }
};

template <class Screen>
std::unique_ptr<ShownScreen> make() {
    return std::make_unique<Screen>();
}

}  // namespace

std::vector<ScreenMaker> windowScreens() {
    return {{"settings-general", make<SettingsGroup<kGeneral>>},
            {"settings-appearance", make<SettingsGroup<kAppearance>>},
            {"settings-keys", make<SettingsGroup<kKeys>>},
            {"settings-models", make<SettingsGroup<kModels>>},
            {"settings-permissions", make<SettingsGroup<kPermissions>>, true},
            {"settings-budgets", make<SettingsGroup<kBudgets>>},
            {"settings-privacy", make<SettingsGroup<kPrivacy>>, true},
            {"settings-about", make<SettingsGroup<kAbout>>, true},
            {"welcome-language", make<WelcomeAt<0>>},
            {"welcome-machine", make<WelcomeAt<1>>},
            {"welcome-model", make<WelcomeAt<2>>},
            {"welcome-test", make<WelcomeAt<3>>},
            {"welcome-start", make<WelcomeAt<4>>},
            {"palette", make<PaletteOpen>},
            {"window", make<WindowReady>}};
}

}  // namespace moxie::desktop::testing
