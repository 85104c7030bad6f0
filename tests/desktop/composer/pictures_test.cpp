// Pictures of the composer, to be looked at: MOXIE_PICTURES=/tmp/p ... "[.pictures]"
#include <QDir>
#include <QImage>
#include <QPixmap>
#include <QToolButton>

#include "app/desktop/screens/composer/picture_strip.h"
#include "app/desktop/shell/translations.h"
#include "tests/desktop/composer/rig.h"
#include "tests/desktop/long_texts.h"

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

void playStates(ComposerRig& rig, const QString& suffix) {
    const auto picture = [&](const char* state) {
        save(rig.window, QLatin1String("composer-") + QLatin1String(state) + suffix);
    };
    picture("empty");
    rig.screen->setDraft(
        QString::fromUtf8("The tokenizer is slow on long Chinese texts (中文).\n"
                          "Find out why and make it faster, see @"));
    rig.type(QStringLiteral("b"));
    rig.suggester.questions.back().answer(
        {{QStringLiteral("bpe.cpp"), QStringLiteral("engine/tokenizer"), {}},
         {QStringLiteral("BpeTokenizer"), QStringLiteral("class, engine/tokenizer/bpe.h:41"), {}},
         {QStringLiteral("bench_index.cpp"), QStringLiteral("tests/bench"), {}}});
    picture("names");
    rig.press(Qt::Key_Escape);
    auto* strip = rig.screen->findChild<PictureStrip*>();
    QImage shot(1'200, 500, QImage::Format_RGB32);
    shot.fill(QColor(70, 120, 190));
    strip->addImage(shot);
    strip->addImage(shot.copy(0, 0, 300, 500));
    REQUIRE(waitUntil([&] { return !strip->isReading(); }));
    picture("pictures");
    strip->take();
    rig.session.set(SessionModel::Driver::us);
    rig.session.send(QStringLiteral("Then run the whole test suite and tell me what is slower"));
    rig.session.send(QStringLiteral("Write down the numbers in the README"));
    rig.session.preparing_ = QStringLiteral("making the index 40 %");
    rig.session.set(SessionModel::Driver::us);
    picture("working");
    rig.session.preparing_.clear();
    while (!rig.session.queued().empty())
        rig.session.editQueued(rig.session.queued().back().id, QString());
    rig.session.set(SessionModel::Driver::other);
    picture("watching");
    rig.session.set(SessionModel::Driver::nobody);
    rig.session.set(SessionModel::State::error, QStringLiteral("the log ends in a broken event"));
    picture("error");
    rig.session.set(SessionModel::State::empty);
    rig.screen->setDraft(QStringLiteral(" "));
    rig.edit->selectAll();
    rig.type(QStringLiteral("/"));
    picture("commands");
    rig.press(Qt::Key_Escape);
    rig.screen->setDraft({});
}

}  // namespace

TEST_CASE("pictures of the composer", "[.pictures][desktop][composer]") {
    ComposerRig rig;
    rig.appearance.applyTo(application());
    rig.screen->setModels({{QStringLiteral("qwen3-coder-30b"), QStringLiteral("local")}});
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

TEST_CASE("the composer has room for longer texts", "[desktop][composer][l10n]") {
    ComposerRig rig;
    rig.appearance.applyTo(application());
    const LongTexts longTexts;
    playStates(rig, QStringLiteral("-long"));
}
