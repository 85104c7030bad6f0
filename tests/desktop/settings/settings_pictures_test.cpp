// Pictures of the settings, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_settings "[.pictures]"
#include <QDir>
#include <QLineEdit>
#include <QPixmap>
#include <QTreeWidget>

#include "app/cli/rules.h"
#include "app/desktop/shell/translations.h"
#include "tests/desktop/long_texts.h"
#include "tests/desktop/settings/settings_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

void savePicture(QWidget& window, const QString& name) {
    QTest::qWait(80);            // the worker's answers
    for (int i = 0; i < 5; ++i)  // each layout inside another takes a round
        QApplication::processEvents();
    CHECK(clippedTexts(window) == "");
    if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
    QDir().mkpath(folder);
    CHECK(window.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png")));
}

constexpr const char* kGroups[] = {"General",     "Appearance", "Keys",    "Models and backends",
                                   "Permissions", "Budgets",    "Privacy", "About"};

}  // namespace

TEST_CASE("pictures of the settings", "[.pictures][desktop][settings]") {
    SettingsRig rig(
        "{\"mode\": \"auto-edit\", \"desktop\": {\"theme\": \"light\", \"keys\": "
        "[\"hunk.accept=Y\"]}, \"models\": [{\"name\": \"deepseek\", \"api\": \"openai\", "
        "\"base_url\": \"https://api.deepseek.com\", \"model\": \"deepseek-flash\", \"key_env\": "
        "\"DEEPSEEK_API_KEY\"}, {\"file\": \"/models/coder-7b-q4_0.gguf\"}]}");
    rig.writeProject("{\"mode\": \"ask\"}");
    const moxie::app::Messages say(moxie::app::Language::english);
    REQUIRE(moxie::app::addRule(rig.project(), moxie::app::RuleKind::allow, "bash(ctest*)", say));
    REQUIRE(moxie::app::addRule(rig.project(), moxie::app::RuleKind::deny, "bash(git push*)", say));
    rig.appearance.applyTo(application());
    Translations translations;
    rig.open();
    for (const auto& [choice, language, name] :
         {std::tuple{ThemeChoice::light, "en", "light"},
          std::tuple{ThemeChoice::dark, "en", "dark"},
          std::tuple{ThemeChoice::contrastDark, "en", "contrast"},
          std::tuple{ThemeChoice::light, "zh", "zh-light"},
          std::tuple{ThemeChoice::dark, "zh", "zh-dark"}}) {
        translations.use(QLatin1String(language));
        rig.appearance.setChoice(choice);
        for (const char* group : kGroups) {
            rig.screen->showGroup(QLatin1String(group));
            savePicture(
                *rig.screen,
                QStringLiteral("settings-%1-%2").arg(QLatin1String(name), QLatin1String(group)));
        }
    }
    translations.use(QStringLiteral("en"));
    rig.appearance.setChoice(ThemeChoice::light);
    rig.find<QLineEdit>("settings.search").setText(QStringLiteral("turn"));
    savePicture(*rig.screen, QStringLiteral("settings-search"));
    rig.find<QLineEdit>("settings.search").setText(QStringLiteral("nothing like it"));
    savePicture(*rig.screen, QStringLiteral("settings-nothing"));
    rig.find<QLineEdit>("settings.search").clear();
    rig.appearance.setTextPercent(160);
    rig.screen->showGroup(QStringLiteral("Permissions"));
    savePicture(*rig.screen, QStringLiteral("settings-large"));
    rig.appearance.setTextPercent(100);
    rig.write("{\n  \"desktop\": {\n    \"theme\": \"dark\",,\n  }\n}");
    rig.settings->reload();
    rig.screen->showGroup(QStringLiteral("Appearance"));
    savePicture(*rig.screen, QStringLiteral("settings-broken"));
}

TEST_CASE("the settings have room for longer texts", "[desktop][settings][l10n]") {
    SettingsRig rig("{}");
    rig.appearance.applyTo(application());
    const LongTexts longTexts;
    rig.open();
    for (const char* group : kGroups) {
        rig.screen->showGroup(QLatin1String(group));
        savePicture(*rig.screen, QStringLiteral("settings-long-") + QLatin1String(group));
    }
}
