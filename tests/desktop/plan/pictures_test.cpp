// Pictures of the plan strip, to be looked at: MOXIE_PICTURES=/tmp/p ... "[.pictures]"
#include <QDir>
#include <QPixmap>

#include "app/desktop/shell/translations.h"
#include "tests/desktop/long_texts.h"
#include "tests/desktop/plan/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::agent::PermissionMode;

namespace {

void save(QWidget& window, const QString& name) {
    for (int i = 0; i < 5; ++i)  // each layout inside another takes a round
        QApplication::processEvents();
    CHECK(clippedTexts(window) == "");
    if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
    QDir().mkpath(folder);
    CHECK(window.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png")));
}

void playStates(PlanRig& rig, const QString& suffix) {
    const auto picture = [&](const char* state) {
        save(rig.window, QLatin1String("plan-") + QLatin1String(state) + suffix);
    };
    rig.session.setMode(PermissionMode::ask);
    rig.session.fake.set(SessionModel::State::ready);
    rig.session.logPlan(kFourSteps);
    rig.session.fake.apply({moxie::agent::ToolCallStarted{"c1", "edit", "{}", "edit", ""}});
    rig.strip->close();
    picture("line");
    rig.strip->open();
    rig.choose(2);
    rig.steps()->setFocus();
    picture("open");
    QTest::keyClick(rig.steps(), Qt::Key_Delete);
    QApplication::processEvents();
    picture("struck");
    rig.session.setMode(PermissionMode::plan);
    picture("approve");
    rig.session.fake.set(SessionModel::Driver::other);
    picture("watching");
    rig.session.fake.set(SessionModel::Driver::nobody);
}

}  // namespace

TEST_CASE("pictures of the plan strip", "[.pictures][desktop][plan]") {
    PlanRig rig;
    rig.appearance.applyTo(application());
    Translations translations;
    for (const char* language : {"en", "zh"})
        for (const auto& [choice, theme] :
             {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"},
              std::pair{ThemeChoice::contrastDark, "contrast"}}) {
            translations.use(QLatin1String(language));
            rig.appearance.setChoice(choice);
            playStates(rig, QLatin1Char('-') + QLatin1String(theme) + QLatin1Char('-') +
                                QLatin1String(language));
        }
    translations.use(QStringLiteral("en"));
    rig.appearance.setChoice(ThemeChoice::light);
    rig.appearance.setTextPercent(200);
    playStates(rig, QStringLiteral("-light-en-200"));
    rig.appearance.setTextPercent(100);
}

TEST_CASE("the plan strip has room for longer texts", "[desktop][plan][l10n]") {
    PlanRig rig;
    rig.appearance.applyTo(application());
    const LongTexts longTexts;
    playStates(rig, QStringLiteral("-long"));
}
