// Pictures of the first run, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_welcome "[.pictures]"
#include <QDir>
#include <QLineEdit>
#include <QPixmap>
#include <QRadioButton>

#include "app/desktop/shell/translations.h"
#include "tests/desktop/long_texts.h"
#include "tests/desktop/welcome/welcome_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

void savePicture(const WelcomeRig& rig, const QString& name) {
    for (int i = 0; i < 5; ++i)  // each layout inside another takes a round
        QApplication::processEvents();
    CHECK(clippedTexts(*rig.screen) == "");
    if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
    QDir().mkpath(folder);
    CHECK(rig.screen->grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png")));
}

void walk(WelcomeRig& rig, const QString& name) {
    rig.open();
    savePicture(rig, name + QStringLiteral("-1"));
    rig.click("welcome.next");
    savePicture(rig, name + QStringLiteral("-2-measuring"));
    rig.model.measured(FakeWelcome::facts(16, 24));
    savePicture(rig, name + QStringLiteral("-2"));
    rig.click("welcome.next");
    savePicture(rig, name + QStringLiteral("-3"));
    ModelFile file;
    file.path = QStringLiteral("/models/coder-7b-q4_0.gguf");
    file.name = QStringLiteral("Coder 7B Instruct");
    file.fileBytes = int64_t(3900) << 20;
    file.memoryBytes = int64_t(4800) << 20;
    file.contextTokens = 16384;
    file.fits = true;
    emit rig.model.filesInspected({}, {file});
    savePicture(rig, name + QStringLiteral("-3-file"));
    rig.find<QRadioButton>("welcome.model.download").setChecked(true);
    savePicture(rig, name + QStringLiteral("-3-download"));
    rig.find<QLineEdit>("welcome.download.url")
        .setText(QStringLiteral("https://example.com/coder-7b-q4_0.gguf"));
    rig.click("welcome.download.start");
    emit rig.model.downloadStepped({int64_t(1400) << 20, int64_t(3900) << 20, false});
    savePicture(rig, name + QStringLiteral("-3-downloading"));
    emit rig.model.downloadEnded({{}, QStringLiteral("the server has no such file"), false});
    savePicture(rig, name + QStringLiteral("-3-notdownloaded"));
    rig.find<QRadioButton>("welcome.model.server").setChecked(true);
    savePicture(rig, name + QStringLiteral("-3-server"));
    rig.click("welcome.server.test");
    savePicture(rig, name + QStringLiteral("-3-problem"));
    rig.find<QRadioButton>("welcome.model.sample").setChecked(true);
    rig.click("welcome.next");
    emit rig.model.testProgressed(QStringLiteral("Hello! I can write"), 5);
    savePicture(rig, name + QStringLiteral("-4-running"));
    ModelTest result;
    result.answer = QStringLiteral("Hello! I can write texts, answer questions and explain code.");
    result.tokensPerSecond = 41.8;
    result.firstTokenMs = 310;
    result.loadMs = 140;
    result.measuredBytes = int64_t(212) << 20;
    result.plannedBytes = int64_t(208) << 20;
    emit rig.model.tested(result);
    savePicture(rig, name + QStringLiteral("-4"));
    rig.click("welcome.next");
    savePicture(rig, name + QStringLiteral("-5"));
}

}  // namespace

TEST_CASE("pictures of the first run", "[.pictures][desktop][welcome]") {
    Appearance& appearance = *new Appearance(&application());
    appearance.applyTo(application());
    Translations translations;
    for (const auto& [choice, language, name] :
         {std::tuple{ThemeChoice::light, "en", "light"},
          std::tuple{ThemeChoice::dark, "en", "dark"},
          std::tuple{ThemeChoice::contrastLight, "en", "contrast"},
          std::tuple{ThemeChoice::light, "zh", "zh-light"},
          std::tuple{ThemeChoice::dark, "zh", "zh-dark"}}) {
        translations.use(QLatin1String(language));
        appearance.setChoice(choice);
        WelcomeRig rig;
        rig.appearance.setChoice(choice);
        rig.model.found = {QStringLiteral("deepseek-flash")};
        walk(rig, QStringLiteral("welcome-") + QLatin1String(name));
    }
    translations.use(QStringLiteral("en"));
    appearance.setChoice(ThemeChoice::light);
    appearance.setTextPercent(160);
    WelcomeRig large;
    large.appearance.setTextPercent(160);
    walk(large, QStringLiteral("welcome-large"));
}

TEST_CASE("the first run has room for longer texts", "[desktop][welcome][l10n]") {
    application();
    const LongTexts longTexts;
    WelcomeRig rig;
    walk(rig, QStringLiteral("welcome-long"));
}
