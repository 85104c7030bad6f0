#include "app/desktop/screens/welcome/welcome_screen.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QRadioButton>
#include <QSignalSpy>

#include "tests/desktop/welcome/welcome_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

ModelFile aFile(const char* name, int64_t megabytes, bool fits, const char* problem = "") {
    ModelFile file;
    file.path = QStringLiteral("/models/") + QLatin1String(name);
    file.name = QLatin1String(name);
    file.fileBytes = megabytes << 20;
    file.memoryBytes = file.fileBytes + (300 << 20);
    file.contextTokens = 8192;
    file.fits = fits;
    file.problem = QLatin1String(problem);
    return file;
}

}  // namespace

TEST_CASE("language and theme are in force with one click", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.choice.zh");
    rig.click("welcome.choice.dark");
    CHECK(rig.model.wishes == std::vector<std::string>{"language zh", "theme dark"});
    CHECK(rig.find<QRadioButton>("welcome.choice.zh").isChecked());
    CHECK(rig.find<QRadioButton>("welcome.choice.dark").isChecked());
}

TEST_CASE("the first local answer takes three clicks", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.next");
    rig.click("welcome.next");
    rig.click("welcome.next");
    CHECK(rig.model.wishes.back() == "test sample 32");
    CHECK(rig.clicks <= 6);
    CHECK(rig.screen->step() == 3);
}

TEST_CASE("the keyboard alone goes through all steps", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    QSignalSpy finished(rig.screen.get(), &WelcomeScreen::finished);
    for (int i = 0; i < 5; ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
    CHECK(finished.count() == 1);
    auto& back = rig.find<QPushButton>("welcome.back");
    back.setFocus();
    QTest::keyClick(&back, Qt::Key_Space);
    CHECK(rig.screen->step() == 3);
    // Tab reaches the choices and comes round.
    QTest::keyClick(rig.screen.get(), Qt::Key_Tab);
    CHECK(rig.screen->isAncestorOf(QApplication::focusWidget()));
}

TEST_CASE("the computer is measured while its page is shown, and no longer", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.next");
    CHECK(rig.model.wishes.back() == "measure");
    CHECK(rig.find<QLabel>("welcome.machine.fact.1").text() == QStringLiteral("measuring…"));
    rig.model.measured(FakeWelcome::facts(32, 40));
    CHECK(rig.find<QLabel>("welcome.machine.fact.0").text().contains(QStringLiteral("Test CPU")));
    CHECK(rig.find<QLabel>("welcome.machine.verdict.2").text().contains(QStringLiteral("well")));
    rig.click("welcome.back");
    CHECK(rig.model.wishes.back() == "cancelMeasure");
    rig.click("welcome.next");
    CHECK(rig.model.wishes.back() == "cancelMeasure");  // known by now
}

TEST_CASE("a small computer is told so, and the way to a server named", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.next");
    rig.model.measured(FakeWelcome::facts(4, 8));
    CHECK(rig.find<QLabel>("welcome.machine.verdict.2")
              .text()
              .contains(QStringLiteral("does not fit")));
    CHECK(rig.find<QLabel>("welcome.machine.advice").text().contains(QStringLiteral("server")));
}

TEST_CASE("verdicts follow memory and its speed", "[desktop][welcome]") {
    const auto fit = [](ModelClass size, int64_t gigabytes, double speed) {
        return verdictOf(size, FakeWelcome::facts(gigabytes, speed)).fit;
    };
    CHECK(fit(ModelClass::tiny, 4, 10) == Fit::good);
    CHECK(fit(ModelClass::medium, 16, 40) == Fit::good);
    CHECK(fit(ModelClass::medium, 16, 10) == Fit::slow);
    CHECK(fit(ModelClass::medium, 4, 40) == Fit::no);
    CHECK(fit(ModelClass::huge, 64, 200) == Fit::good);
    CHECK(fit(ModelClass::huge, 16, 200) == Fit::no);
    MachineFacts busy = FakeWelcome::facts(32, 40);
    busy.machine.memoryAvailableBytes = int64_t(1) << 30;
    CHECK(verdictOf(ModelClass::medium, busy).fit == Fit::tight);
}

TEST_CASE("a key in the environment is chosen first", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.model.found = {QStringLiteral("deepseek-flash")};
    rig.open();
    rig.click("welcome.next");
    rig.click("welcome.next");
    CHECK(rig.find<QRadioButton>("welcome.model.found.0").isChecked());
    rig.click("welcome.next");
    CHECK(rig.model.kept.found == QStringLiteral("deepseek-flash"));
}

TEST_CASE("the largest model file that fits is proposed", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.next");
    rig.click("welcome.next");
    CHECK(rig.model.wishes.back() == "inspect ");
    emit rig.model.filesInspected(
        {}, {aFile("small.gguf", 500, true), aFile("good.gguf", 4000, true),
             aFile("other.gguf", 5000, true, "unsupported architecture qwen2"),
             aFile("giant.gguf", 40000, false)});
    CHECK(rig.find<QRadioButton>("welcome.model.file").isChecked());
    auto& files = rig.find<QComboBox>("welcome.model.files");
    CHECK(files.currentText().startsWith(QStringLiteral("good.gguf")));
    files.setCurrentIndex(2);
    CHECK(rig.find<QLabel>("welcome.model.fileState").text().contains(QStringLiteral("qwen2")));
    rig.click("welcome.next");
    CHECK(rig.screen->step() == 2);
    CHECK(rig.find<QLabel>("welcome.problem").isVisible());
    files.setCurrentIndex(1);
    rig.click("welcome.next");
    CHECK(rig.screen->step() == 3);
    CHECK(rig.model.kept.file == QStringLiteral("/models/good.gguf"));
}

TEST_CASE("a server is tested with a tiny request that can be cancelled", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.next");
    rig.click("welcome.next");
    rig.find<QRadioButton>("welcome.model.server").setChecked(true);
    const auto& state = rig.find<QLabel>("welcome.server.state");
    rig.click("welcome.server.test");
    CHECK(state.text().contains(QStringLiteral("http://")));
    rig.find<QLineEdit>("welcome.server.baseUrl").setText(QStringLiteral("http://127.0.0.1:1"));
    rig.find<QLineEdit>("welcome.server.model").setText(QStringLiteral("m"));
    CHECK(rig.find<QLineEdit>("welcome.server.key").echoMode() == QLineEdit::Password);
    rig.click("welcome.server.test");
    CHECK(rig.model.wishes.back() == "test server 16");
    rig.click("welcome.server.test");
    CHECK(rig.model.wishes.back() == "cancelTest");
    ModelTest result;
    result.wasCancelled = true;
    result.problem = QStringLiteral("cancelled");
    emit rig.model.tested(result);
    CHECK(state.text() == QStringLiteral("Cancelled."));
    rig.click("welcome.server.test");
    result = {};
    result.answer = QStringLiteral("Hello\nthere");
    result.firstTokenMs = 120;
    emit rig.model.tested(result);
    CHECK(state.text().contains(QStringLiteral("Hello there")));
    rig.click("welcome.next");
    CHECK(rig.model.kept.server.model == QStringLiteral("m"));
}

TEST_CASE("the self-test shows text as it comes, then speed and memory", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    for (int i = 0; i < 3; ++i)
        rig.click("welcome.next");
    emit rig.model.testProgressed(QStringLiteral("Hel"), 1);
    CHECK(rig.find<QLabel>("welcome.test.answer").text() == QStringLiteral("Hel"));
    ModelTest result;
    result.answer = QStringLiteral("Hello.");
    result.tokensPerSecond = 41.84;
    result.measuredBytes = int64_t(300) << 20;
    result.plannedBytes = int64_t(280) << 20;
    emit rig.model.tested(result);
    CHECK(rig.find<QLabel>("welcome.test.value.0").text().contains(QStringLiteral("41.8")));
    CHECK(rig.find<QLabel>("welcome.test.value.3").isVisible());
    rig.click("welcome.test.again");
    rig.click("welcome.test.again");
    CHECK(rig.model.wishes.back() == "cancelTest");
    rig.click("welcome.back");
    CHECK(rig.model.wishes.back() == "cancelTest");
}

TEST_CASE("a failed self-test keeps nobody", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    for (int i = 0; i < 3; ++i)
        rig.click("welcome.next");
    ModelTest result;
    result.problem = QStringLiteral("connection refused");
    emit rig.model.tested(result);
    CHECK(rig.find<QLabel>("welcome.test.summary").text().contains(QStringLiteral("refused")));
    rig.click("welcome.next");
    CHECK(rig.screen->step() == 4);
}

TEST_CASE("each way out says which it was", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.model.sample.clear();
    rig.open();
    QSignalSpy finished(rig.screen.get(), &WelcomeScreen::finished);
    QSignalSpy looked(rig.screen.get(), &WelcomeScreen::lookAroundWanted);
    QSignalSpy folder(rig.screen.get(), &WelcomeScreen::folderWanted);
    QSignalSpy demo(rig.screen.get(), &WelcomeScreen::demoWanted);
    rig.click("welcome.skip");
    CHECK(looked.count() == 1);
    for (int i = 0; i < 4; ++i)
        rig.click("welcome.next");
    CHECK(rig.model.kept.kind == ModelChoice::Kind::none);
    rig.click("welcome.start.folder");
    rig.click("welcome.start.demo");
    CHECK(folder.count() == 1);
    CHECK(demo.count() == 1);
    CHECK(finished.count() == 3);
}

TEST_CASE("a choice that cannot be written keeps one on the page", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.model.keepProblem = QStringLiteral("open config.json: Permission denied");
    rig.open();
    for (int i = 0; i < 3; ++i)
        rig.click("welcome.next");
    CHECK(rig.screen->step() == 2);
    CHECK(rig.find<QLabel>("welcome.problem").text() == rig.model.keepProblem);
}

TEST_CASE("everything in the first run has a name", "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    for (int step = 0; step < 5; ++step) {
        if (step == 2) rig.find<QRadioButton>("welcome.model.server").setChecked(true);
        for (QWidget* widget : rig.screen->findChildren<QWidget*>()) {
            auto* button = qobject_cast<QAbstractButton*>(widget);
            const bool isField = qobject_cast<QLineEdit*>(widget) != nullptr ||
                                 qobject_cast<QComboBox*>(widget) != nullptr;
            if (!widget->isVisible() || (button == nullptr && !isField)) continue;
            CAPTURE(step, widget->objectName().toStdString());
            CHECK_FALSE(widget->objectName().isEmpty());
            CHECK(!(widget->accessibleName().isEmpty() &&
                    (button == nullptr || button->text().isEmpty())));
        }
        if (step == 2) rig.find<QRadioButton>("welcome.model.none").setChecked(true);
        rig.click("welcome.next");
    }
}

TEST_CASE("a model is downloaded, goes on after a stop, and is chosen when it is here",
          "[desktop][welcome]") {
    WelcomeRig rig;
    rig.open();
    rig.click("welcome.next");
    rig.click("welcome.next");
    rig.find<QRadioButton>("welcome.model.download").setChecked(true);
    auto& url = rig.find<QLineEdit>("welcome.download.url");
    auto& button = rig.find<QPushButton>("welcome.download.start");
    const auto state = [&] { return rig.find<QLabel>("welcome.download.state").text(); };
    rig.click("welcome.download.start");
    CHECK(state() == QStringLiteral("Write the address of the file first."));
    url.setFocus();
    QTest::keyClicks(&url, QStringLiteral("https://example.com/a.gguf"));
    QTest::keyClick(&url, Qt::Key_Return);
    CHECK(rig.model.wishes.back() == "download https://example.com/a.gguf ");
    CHECK(button.text() == QStringLiteral("Stop"));
    CHECK(url.isReadOnly());
    emit rig.model.downloadStepped({int64_t(1) << 20, int64_t(4) << 20, false});
    CHECK(rig.find<QProgressBar>("welcome.download.progress").value() == 250);
    CHECK(state() == QStringLiteral("1.0 MB of 4.0 MB"));
    rig.click("welcome.download.start");
    CHECK(rig.model.wishes.back() == "cancelDownload");
    emit rig.model.downloadEnded({{}, QStringLiteral("x"), true});
    CHECK(button.text() == QStringLiteral("Go on"));
    CHECK(state().startsWith(QStringLiteral("Stopped.")));
    rig.click("welcome.download.start");
    emit rig.model.downloadEnded({QStringLiteral("/models/a.gguf"), {}, false});
    CHECK(rig.model.wishes.back() == "inspect /models/a.gguf");
    ModelFile file;
    file.path = file.name = QStringLiteral("/models/a.gguf");
    file.fits = true;
    emit rig.model.filesInspected(QStringLiteral("/models/a.gguf"), {file});
    CHECK(rig.find<QRadioButton>("welcome.model.file").isChecked());
    rig.click("welcome.next");
    CHECK(rig.model.kept.file == QStringLiteral("/models/a.gguf"));
}
