// Pictures of the sidebar, to be looked at: MOXIE_PICTURES=/tmp/p ... "[.pictures]"
#include <QDir>
#include <QLineEdit>
#include <QPixmap>
#include <QToolButton>

#include "app/desktop/shell/translations.h"
#include "tests/desktop/long_texts.h"
#include "tests/desktop/sessions/rig.h"

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

void playStates(SessionsRig& rig, const QString& suffix) {
    const auto picture = [&](const char* state) {
        save(rig.window, QLatin1String("sessions-") + QLatin1String(state) + suffix);
    };
    rig.store.set(SessionStoreModel::State::loading);
    picture("loading");
    rig.store.set(SessionStoreModel::State::empty);
    picture("empty");
    rig.store.set(SessionStoreModel::State::error, QStringLiteral("the folder is not readable"));
    picture("error");
    rig.store.set(SessionStoreModel::State::ready);
    rig.screen->setShown(QStringLiteral("docs"));
    rig.choose("index");
    rig.tree->setFocus();
    picture("ready");
    rig.addWorktree();
    rig.screen->askAboutWorktree({{}, QStringLiteral("docs"), QStringLiteral("Write it down")}, 3);
    picture("worktree");
    rig.part<QToolButton>("notices.keep")->click();
    rig.fill();
    auto* search = rig.part<QLineEdit>("sessions.search");
    search->setText(QStringLiteral("tokenizer"));
    picture("search");
    search->clear();
    rig.part<QToolButton>("sessions.filter.archived")->click();
    rig.store.archive(QStringLiteral("lost"));
    rig.store.remove(QStringLiteral("interlock"));
    picture("archive");
    rig.store.restore(QStringLiteral("interlock"));
    rig.store.unarchive(QStringLiteral("lost"));
    rig.part<QToolButton>("sessions.filter.all")->click();
    rig.part<QToolButton>("notices.close")->click();
}

}  // namespace

TEST_CASE("pictures of the sidebar", "[.pictures][desktop][sessions]") {
    SessionsRig rig;
    rig.appearance.applyTo(application());
    rig.fill();
    rig.store.hits = {
        {QStringLiteral("merge"),
         QStringLiteral("Heap merge for the tokenizer"),
         {},
         1,
         kNowMs - 2 * kMinMs,
         QStringLiteral("I replaced the scan of the pair table in the tokenizer by a heap"),
         {{45, 9}}},
        {QStringLiteral("old"),
         QStringLiteral("Why is the build slow"),
         {},
         2,
         kNowMs - 9000 * kMinMs,
         QStringLiteral("the tokenizer takes 40 % of it"),
         {{4, 9}}}};
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
    rig.window.resize(420, 900);
    playStates(rig, QStringLiteral("-light-en-200"));
    rig.appearance.setTextPercent(100);
}

TEST_CASE("the sidebar has room for longer texts", "[desktop][sessions][l10n]") {
    SessionsRig rig;
    rig.appearance.applyTo(application());
    rig.fill();
    const LongTexts longTexts;
    playStates(rig, QStringLiteral("-long"));
}
