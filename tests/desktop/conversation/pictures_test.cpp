// Pictures of the conversation in each state, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_conversation "[.pictures]"
#include <QDir>
#include <QFile>
#include <QImage>

#include "app/desktop/shell/picture.h"
#include "app/desktop/shell/translations.h"
#include "tests/desktop/conversation/conversation_rig.h"
#include "tests/desktop/long_texts.h"

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

const char* kAnswer =
    "The pair table was scanned once for each merge, so a text of *n* pieces cost n\xC2\xB2 steps. "
    "I replaced the scan by a **heap ordered by rank**; see src/bpe.cpp:42 for the loop.\n\n"
    "```cpp\nfor (const Pair& pair : queue_) {\n    merge(symbols, pair);\n}\n```\n\n"
    "## What is left\n\n1. Measure `mergeOnce` on long Chinese texts.\n2. Remove the old table.\n"
    "   - [x] in the encoder\n   - [ ] in the trainer\n\n"
    "| text | before | after |\n|---|---:|---:|\n| English | 12 ms | 3 ms |\n| "
    "\xE4\xB8\xAD\xE6\x96\x87 | 340 ms | 9 ms |\n\n"
    "> A heap keeps equal ranks in order.\n";

agent::MessageAdded pictured(const std::string& text) {
    QImage shot(900, 500, QImage::Format_RGB32);
    shot.fill(QColor(70, 120, 190));
    const auto picture = makePicture(shot);
    agent::MessageAdded added;
    added.message.role = engine::Role::user;
    added.message.text = text;
    added.message.images = {picture->image, picture->image};
    return added;
}

void playRunning(Rig& rig) {
    rig.play({agent::TurnStarted{"Now run all tests and push. The window looks like this:"},
              pictured("Now run all tests and push. The window looks like this:"),
              agent::RequestSent{"model", 1, "hash", 1},
              call("x9", "bash",
                   R"({"command":"cmake --build build && ctest --output-on-failure"})", "execute"),
              agent::ToolOutput{"x9", "[1/3] Building\n\x1b[32m[2/3] Linking\x1b[0m\n"}},
             2);
}

agent::PermissionQuestion pushQuestion() {
    return {.callId = "x9",
            .tool = "bash",
            .summary = "push",
            .reason = "this command can change a remote repository",
            .detail = R"({"command":"git push origin main --follow-tags"})",
            .rule = "bash(git push*)",
            .touches = "write, execute, network; outside the jail",
            .suggestedRule = "bash(git push origin main*)",
            .whyOnlyOnce = {}};
}

void playStates(Rig& rig, const QString& suffix) {
    rig.screen.resize(820, 900);
    rig.screen.setExamples({"Explain the last commit, \"mend the tokenizer\"",
                            "Make the failing test tokenizer/long_text pass",
                            "Work off the TODOs in src/bpe.cpp"});
    save(rig.screen, QStringLiteral("empty") + suffix);
    rig.session.set(SessionModel::State::loading);
    save(rig.screen, QStringLiteral("loading") + suffix);
    rig.session.set(SessionModel::State::error, QStringLiteral("log.sqlite: disk I/O error"));
    save(rig.screen, QStringLiteral("error") + suffix);
    rig.play(usualTurn(kAnswer));
    rig.screen.resize(820, 1'300);
    for (const auto& [density, word] :
         {std::pair{Density::summary, "summary"}, std::pair{Density::normal, "normal"},
          std::pair{Density::verbose, "verbose"}}) {
        rig.screen.setDensity(density);
        save(rig.screen, QLatin1String(word) + suffix);
    }
    rig.screen.setDensity(Density::normal);
    rig.screen.resize(820, 900);
    rig.clock.advance(15'000);
    playRunning(rig);
    const int64_t pictures = rig.blockWith(QStringLiteral("2 pictures"));
    if (pictures >= 0)
        CHECK(waitUntil([&] { return rig.canvas->itemRect(pictures).height() > 100; }));
    save(rig.screen, QStringLiteral("running") + suffix);
    rig.play({agent::PermissionAsked{"x9", "bash", "push", "can change a remote"}}, 2);
    rig.session.ask(pushQuestion());
    rig.clock.advance(3'000);
    CHECK(waitUntil([&] { return rig.widget("permission.once")->isEnabled(); }));
    save(rig.screen, QStringLiteral("permission") + suffix);
}

}  // namespace

TEST_CASE("pictures of the conversation", "[.pictures][desktop][conversation]") {
    application();
    Translations translations;
    for (const char* language : {"en", "zh"}) {
        translations.use(QLatin1String(language));
        for (const auto& [choice, name] :
             {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"},
              std::pair{ThemeChoice::contrastDark, "contrast"}}) {
            Rig rig;
            rig.appearance.setChoice(choice);
            const QString suffix =
                QStringLiteral("-%1-%2").arg(QLatin1String(language), QLatin1String(name));
            playStates(rig, suffix);
            rig.appearance.setTextPercent(160);
            rig.appearance.applyTo(application());
            rig.screen.resize(520, 900);
            save(rig.screen, QStringLiteral("narrow-large") + suffix);
            rig.appearance.setTextPercent(100);
            rig.appearance.applyTo(application());
        }
    }
}

TEST_CASE("the conversation has room for longer texts", "[desktop][conversation][l10n]") {
    application();
    const LongTexts longTexts;
    Rig rig;
    playStates(rig, QStringLiteral("-long"));
}
