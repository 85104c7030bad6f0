// Pictures of the terminal tab, the budget strip and the like, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_output "[.pictures]"
#include <QDir>
#include <QPixmap>

#include "app/desktop/shell/translations.h"
#include "tests/desktop/long_texts.h"
#include "tests/desktop/output/output_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

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

const char* const kBuildLog =
    "\x1b[1m-- Configuring done\x1b[0m\n"
    "[1/42] Building CXX object engine/tokenizer/bpe.cpp.o\n"
    "\x1b[32m[2/42]\x1b[0m Building CXX object engine/tokenizer/vocabulary.cpp.o\n"
    "\x1b[1;31merror:\x1b[0m engine/tokenizer/bpe.cpp:47:9: expected \x1b[1m';'\x1b[0m before "
    "'return'\n"
    "   47 |         \x1b[32mreturn\x1b[0m pair.rank;\n"
    "      |         \x1b[1;32m^~~~~~\x1b[0m\n"
    "\x1b[33mwarning:\x1b[0m engine/tokenizer/bpe.h:12: unused parameter \x1b[36m'rank'\x1b[0m\n"
    "\xE6\xB5\x8B\xE8\xAF\x95\xE5\xA4\xB1\xE8\xB4\xA5\xEF\xBC\x9A 1 \xE4\xB8\xAA\xE6\x96\x87"
    "\xE4\xBB\xB6\n"
    "\x1b[7m FAILED \x1b[0m \x1b[41;97m 1 of 42 \x1b[0m \x1b[2msee build/log.txt\x1b[0m\n"
    "\x1b[38;5;208morange\x1b[0m \x1b[38;2;120;80;200mviolet\x1b[0m \x1b[34mblue\x1b[0m "
    "\x1b[35mmagenta\x1b[0m\n";

}  // namespace

TEST_CASE("pictures of the terminal tab", "[.pictures][desktop][output]") {
    OutputRig it;
    it.appearance.applyTo(application());
    Translations translations;
    it.show({560, 640});
    save(*it.screen, QStringLiteral("terminal-empty"));
    it.session.set(SessionModel::State::error,
                   QStringLiteral("event log: row 12 is not JSON, the file is damaged"));
    save(*it.screen, QStringLiteral("terminal-error"));
    it.store->write("a", kBuildLog);
    it.store->write("c", kBuildLog);
    it.store->write("b", "");
    it.session.apply({agent::TurnStarted{"fix it"}, begun("b", "git status --short"),
                      ended("b", 0, "", 40),
                      begun("d",
                            "rm -rf build && cmake --preset dev && cmake --build build "
                            "--target moxie_test_engine -j 2",
                            "engine"),
                      agent::PermissionAsked{"d", "bash", "rm", "mode ask"},
                      agent::PermissionAnswered{"d", "denied", "by you"}, ended("d", 1),
                      begun("a", "cmake --build build -j 2"), ended("a", 2, "", 84'200)});
    it.session.timeMs = QDateTime::currentMSecsSinceEpoch() - 12'000;
    it.session.apply({begun("c", "ctest --test-dir build -R tokenizer --output-on-failure")});
    REQUIRE(it.isShown(QStringLiteral("[1/42] Building CXX object engine/tokenizer/bpe.cpp.o")));
    for (const auto& [choice, name] :
         {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"},
          std::pair{ThemeChoice::contrastDark, "contrast"}}) {
        it.appearance.setChoice(choice);
        save(*it.screen, QStringLiteral("terminal-") + QLatin1String(name));
    }
    it.appearance.setChoice(ThemeChoice::light);
    it.screen->resize(1'100, 520);
    save(*it.screen, QStringLiteral("terminal-wide"));
    it.screen->resize(560, 640);
    it.screen->showCommand("b", 1);
    REQUIRE(it.isDone());
    save(*it.screen, QStringLiteral("terminal-silent"));
    it.appearance.setTextPercent(150);
    it.screen->showCommand("a", 1);
    REQUIRE(it.isDone());
    it.screen->canvas().select({3, 0}, {3, 12});
    save(*it.screen, QStringLiteral("terminal-150"));
    it.appearance.setTextPercent(100);
    translations.use(QStringLiteral("zh"));
    save(*it.screen, QStringLiteral("terminal-zh-light"));
    it.appearance.setChoice(ThemeChoice::dark);
    save(*it.screen, QStringLiteral("terminal-zh-dark"));
    translations.use(QStringLiteral("en"));
}

TEST_CASE("the terminal tab has room for longer texts", "[desktop][output][l10n]") {
    OutputRig it;
    it.appearance.applyTo(it.app);
    const LongTexts longTexts;
    it.show({560, 640});
    save(*it.screen, QStringLiteral("terminal-long-empty"));
    it.store->write("a", kBuildLog);
    it.session.apply({agent::TurnStarted{"fix it"}, begun("a", "cmake --build build -j 2"),
                      ended("a", 2, "", 84'200)});
    REQUIRE(it.isDone());
    save(*it.screen, QStringLiteral("terminal-long"));
}
