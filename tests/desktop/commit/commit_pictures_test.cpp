// Pictures of the commit screen, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_commit "[.pictures]"
#include <QDir>
#include <QPixmap>
#include <QTreeWidget>

#include "app/desktop/screens/commit/commit_files.h"
#include "app/desktop/screens/commit/commit_screen.h"
#include "app/desktop/screens/commit/message_edit.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/commit/fake_commit.h"
#include "tests/desktop/long_texts.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

void picture(CommitScreen& screen, const QString& name) {
    for (int i = 0; i < 5; ++i)  // each layout inside another takes a round
        QApplication::processEvents();
    CHECK(clippedTexts(screen) == "");
    if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
    QDir().mkpath(folder);
    CHECK(screen.grab().save(folder + QStringLiteral("/commit-") + name + QStringLiteral(".png")));
}

void pictures(const QString& suffix, ThemeChoice choice, int textPercent, QSize size) {
    FakeCommit model;
    Appearance appearance;
    appearance.applyTo(application());
    appearance.setChoice(choice);
    appearance.setTextPercent(textPercent);
    ActionRegistry registry;
    CommitScreen screen(model, appearance, registry);
    showActive(screen, size);
    model.set(CommitModel::State::empty);
    picture(screen, "empty" + suffix);
    model.fail(base::Errc::notFound, {});
    picture(screen, "error" + suffix);
    model.now_.files = {commitFile('M', "engine/tokenizer/bpe.cpp", 12, 118),
                        commitFile('M', "engine/tokenizer/bpe.h", 2, 2),
                        commitFile('?', "tests/engine/tokenizer_heap_test.cpp", 1'240, 0),
                        commitFile('D', "engine/tokenizer/old_pairs.cpp", 0, 96)};
    model.set(CommitModel::State::ready);
    auto* message = screen.findChild<CommitMessageEdit*>("commit.text");
    emit model.suggested("Merge tokens with a heap\n\nThe pair table was scanned for each merge.");
    screen.findChild<QTreeWidget*>("commit.files")
        ->topLevelItem(3)
        ->setCheckState(0, Qt::Unchecked);
    picture(screen, "suggestion" + suffix);
    auto* files = screen.findChild<CommitFiles*>("commit.files");
    files->topLevelItem(0)->setExpanded(true);
    emit model.hunksFound(hunksOfTexts(
        "engine/tokenizer/bpe.cpp",
        "int rank(Pair pair) {\n    return table.find(pair)->second;\n}\n\nvoid merge() {\n"
        "    scan(pairs);\n}\n",
        "int rank(Pair pair) {\n    const auto found = table.find(pair);\n"
        "    return found == table.end() ? kNone : found->second;\n}\n\nvoid merge() {\n}\n"));
    files->topLevelItem(0)->child(1)->setCheckState(0, Qt::Unchecked);
    files->setCurrentItem(files->topLevelItem(0)->child(0)->child(1));
    files->setFocus();
    picture(screen, "hunks" + suffix);
    message->takeSuggestion();
    model.isCommitting_ = true;
    emit model.changed();
    emit model.hookStarted("pre-commit");
    emit model.hookOutput("clang-format: 3 files\nctest: 12 of 240 ...\n");
    QTest::qWait(100);
    picture(screen, "hook" + suffix);
    model.isCommitting_ = false;
    emit model.changed();
    emit model.refused({base::Errc::denied, "ended with 1", "pre-commit"});
    picture(screen, "refused" + suffix);
    model.now_.identity.clear();
    emit model.changed();
    picture(screen, "noname" + suffix);
}

}  // namespace

TEST_CASE("pictures of the commit screen", "[.pictures]") {
    application();
    Translations translations;
    for (const char* language : {"en", "zh"}) {
        translations.use(QLatin1String(language));
        pictures(QStringLiteral("-%1-light").arg(language), ThemeChoice::light, 100, {640, 640});
        pictures(QStringLiteral("-%1-dark").arg(language), ThemeChoice::dark, 100, {640, 640});
    }
    translations.use(QStringLiteral("en"));
    pictures(QStringLiteral("-large"), ThemeChoice::contrastLight, 160, {560, 700});
}

TEST_CASE("the commit screen has room for longer texts", "[desktop][commit][l10n]") {
    application();
    const LongTexts longTexts;
    pictures(QStringLiteral("-long"), ThemeChoice::light, 100, {640, 640});
}
