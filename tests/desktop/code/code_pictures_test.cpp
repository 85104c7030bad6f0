// Writes pictures of the code screens to $MOXIE_PICTURES, to be looked at.
#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/code/code_viewer.h"
#include "app/desktop/screens/code/go_to_dialog.h"
#include "app/desktop/screens/code/search_screen.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/code/fake_code.h"
#include "tests/desktop/long_texts.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

void savePicture(QWidget& window, const QString& name) {
    for (int i = 0; i < 3; ++i)
        QApplication::processEvents();
    CHECK(clippedTexts(window) == "");
    if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
    QDir().mkpath(folder);
    CHECK(window.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png")));
}

struct Pictures {
    Pictures() {
        fillShop(code);
        code.noteOpened(QStringLiteral("shop/cart.cpp"));
    }

    void viewer(const QString& end) {
        CodeViewer view(code, appearance, registry);
        showActive(view, {760, 620});
        savePicture(view, QStringLiteral("viewer-empty-") + end);
        view.open({QStringLiteral("gone.cpp"), 1, 0});
        savePicture(view, QStringLiteral("viewer-error-") + end);
        view.open({QStringLiteral("shop/cart.cpp"), 7, 12});
        savePicture(view, QStringLiteral("viewer-") + end);
        view.toggleBlame();
        view.toggleFiles();
        QTest::qWait(20);
        savePicture(view, QStringLiteral("viewer-files-") + end);
        view.toggleFiles();
        view.toggleBlame();
        view.toggleFold();
        savePicture(view, QStringLiteral("viewer-folded-") + end);
        view.toggleOutline();
        view.open({QStringLiteral("shop/cart.cpp"), 5, 14});
        QApplication::processEvents();
        view.showUses();
        savePicture(view, QStringLiteral("viewer-panes-") + end);
        view.resize(420, 620);
        view.findChild<LineCanvas*>()->select({11, 0}, {18, 1});
        view.goToLine();
        savePicture(view, QStringLiteral("viewer-narrow-") + end);
    }

    void search(const QString& end) {
        SearchScreen screen(code, appearance);
        showActive(screen, {560, 640});
        savePicture(screen, QStringLiteral("search-empty-") + end);
        screen.searchFor(QStringLiteral("parse"));
        savePicture(screen, QStringLiteral("search-") + end);
        const IndexState before = code.index();
        IndexState index = before;
        index.phase = IndexState::Phase::updating;
        index.progress = {.filesDone = 640, .filesTotal = 1'623};
        code.setIndex(index);
        screen.findChild<QToolButton*>(QStringLiteral("index.details"))->click();
        savePicture(screen, QStringLiteral("search-updating-") + end);
        index.phase = IndexState::Phase::paused;
        code.setIndex(index);
        screen.resize(400, 640);
        savePicture(screen, QStringLiteral("search-paused-narrow-") + end);
        code.setIndex(before);
        code.set(CodeModel::State::loading);
        savePicture(screen, QStringLiteral("search-loading-") + end);
        code.set(CodeModel::State::ready);
    }

    void goTo(const QString& end) {
        QWidget window;
        GoToDialog dialog(code, appearance, window);
        showActive(window, {900, 520});
        dialog.open();
        savePicture(window, QStringLiteral("goto-recent-") + end);
        dialog.open(QStringLiteral("cart"));
        savePicture(window, QStringLiteral("goto-") + end);
        dialog.open(QStringLiteral("zzz"));
        savePicture(window, QStringLiteral("goto-nothing-") + end);
    }

    void all(const QString& end) {
        viewer(end);
        search(end);
        goTo(end);
    }

    Appearance appearance;
    FakeCode code;
    ActionRegistry registry;
};

}  // namespace

TEST_CASE("pictures of the code screens", "[.pictures][desktop][code]") {
    QApplication& app = application();
    Pictures pictures;
    pictures.appearance.applyTo(app);
    pictures.all(QStringLiteral("light"));
    pictures.appearance.setChoice(ThemeChoice::dark);
    pictures.all(QStringLiteral("dark"));
    pictures.appearance.setChoice(ThemeChoice::contrastDark);
    pictures.all(QStringLiteral("contrast"));
    pictures.appearance.setChoice(ThemeChoice::light);
    pictures.appearance.setTextPercent(160);
    pictures.all(QStringLiteral("large"));
    pictures.appearance.setTextPercent(100);
    Translations translations;
    translations.use(QStringLiteral("zh"));
    pictures.all(QStringLiteral("zh-light"));
    pictures.appearance.setChoice(ThemeChoice::dark);
    pictures.all(QStringLiteral("zh-dark"));
    translations.use(QStringLiteral("en"));
}

TEST_CASE("the code screens have room for longer texts", "[desktop][code][l10n]") {
    QApplication& app = application();
    const LongTexts longTexts;
    Pictures pictures;
    pictures.appearance.applyTo(app);
    pictures.all(QStringLiteral("long"));
}
