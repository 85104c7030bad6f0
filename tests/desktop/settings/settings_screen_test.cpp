#include "app/desktop/screens/settings/settings_screen.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <nlohmann/json.hpp>

#include "app/cli/config.h"
#include "tests/desktop/settings/settings_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("every setting has a row in its group", "[desktop][settings]") {
    SettingsRig rig;
    rig.open();
    for (const SettingTitle& title : settingTitles()) {
        if (title.path == "desktop.keys") continue;
        rig.screen->showGroup(QLatin1String(title.group));
        const std::string name = "settings.row." + std::string(title.path);
        CAPTURE(name);
        CHECK(rig.find<QWidget>(name.c_str()).isVisible());
    }
}

TEST_CASE("a change in the form is in the file at once, marked, and taken back by Reset",
          "[desktop][settings]") {
    SettingsRig rig("{\n  // mine\n  \"mode\": \"ask\"\n}\n");
    rig.open();
    rig.screen->showGroup(QStringLiteral("Appearance"));
    auto& theme = rig.find<QComboBox>("settings.desktop.theme");
    auto& reset = rig.find<QPushButton>("settings.reset.desktop.theme");
    CHECK_FALSE(reset.isVisible());
    theme.setFocus();
    QTest::keyClick(&theme, Qt::Key_Down);
    QTest::keyClick(&theme, Qt::Key_Down);
    CHECK(rig.settings->text("desktop.theme") == QStringLiteral("dark"));
    CHECK(rig.written().find("// mine") != std::string::npos);
    CHECK(reset.isVisible());
    CHECK(theme.accessibleName().contains(QStringLiteral("changed")));
    QTest::mouseClick(&reset, Qt::LeftButton);
    CHECK(rig.settings->text("desktop.theme") == QStringLiteral("system"));
    CHECK(theme.currentIndex() == 0);
    CHECK_FALSE(reset.isVisible());
}

TEST_CASE("numbers, switches, texts and lists are written as what they are",
          "[desktop][settings]") {
    SettingsRig rig;
    rig.open();
    rig.screen->showGroup(QStringLiteral("Budgets"));
    auto& steps = rig.find<QDoubleSpinBox>("settings.budget.steps");
    steps.setFocus();
    steps.selectAll();
    QTest::keyClicks(&steps, QStringLiteral("42"));
    CHECK(rig.settings->integer("budget.steps") == 100);  // not yet 4
    QTest::keyClick(&steps, Qt::Key_Return);
    CHECK(rig.settings->userValueJson("budget.steps") == "42");
    auto& usd = rig.find<QDoubleSpinBox>("settings.budget.usd");
    CHECK(usd.text() == QStringLiteral("no bound"));
    usd.setValue(1.5);
    CHECK(rig.settings->number("budget.usd") == 1.5);

    rig.screen->showGroup(QStringLiteral("Permissions"));
    auto& network = rig.find<QCheckBox>("settings.network");
    QTest::keyClick(&network, Qt::Key_Space);
    CHECK(rig.settings->isOn("network"));

    rig.screen->showGroup(QStringLiteral("Editor"));
    auto& editor = rig.find<QLineEdit>("settings.desktop.editor");
    editor.setFocus();
    QTest::keyClicks(&editor, QStringLiteral("kate -l LINE FILE"));
    QTest::keyClick(&editor, Qt::Key_Return);
    CHECK(rig.settings->text("desktop.editor") == QStringLiteral("kate -l LINE FILE"));

    rig.screen->showGroup(QStringLiteral("General"));
    auto& verify = rig.find<QPlainTextEdit>("settings.verify");
    verify.setFocus();
    QTest::keyClicks(&verify, QStringLiteral("make"));
    QTest::keyClick(&verify, Qt::Key_Return);
    QTest::keyClicks(&verify, QStringLiteral("ctest -R a"));
    REQUIRE(waitUntil([&] { return rig.settings->list("verify").size() == 2; }));
    CHECK(verify.toPlainText() == QStringLiteral("make\nctest -R a"));
    CHECK(rig.settings->list("verify").last() == QStringLiteral("ctest -R a"));
}

TEST_CASE("the wheel over a value without the focus changes nothing", "[desktop][settings]") {
    SettingsRig rig;
    rig.open();
    rig.screen->showGroup(QStringLiteral("Appearance"));
    auto& percent = rig.find<QDoubleSpinBox>("settings.desktop.text_percent");
    QWheelEvent wheel(QPointF(5, 5), percent.mapToGlobal(QPointF(5, 5)), {}, {0, 120}, Qt::NoButton,
                      Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&percent, &wheel);
    CHECK(rig.settings->integer("desktop.text_percent") == 100);
}

TEST_CASE("the search shows what fits from all groups", "[desktop][settings]") {
    SettingsRig rig;
    rig.open();
    auto& search = rig.find<QLineEdit>("settings.search");
    search.setFocus();
    QTest::keyClicks(&search, QStringLiteral("turn"));
    CHECK(rig.find<QWidget>("settings.row.budget.steps").isVisible());
    CHECK(rig.find<QWidget>("settings.row.verify").isVisible());
    CHECK_FALSE(rig.find<QWidget>("settings.row.language").isVisible());
    search.setText(QStringLiteral("hunk"));
    CHECK(rig.find<QWidget>("settings.keys.list").isVisible());  // its actions
    search.setText(QStringLiteral("xyzzy"));
    CHECK(rig.find<QLabel>("settings.nothing").isVisible());
    QTest::keyClick(&search, Qt::Key_Escape);
    CHECK(search.text().isEmpty());
    CHECK(rig.find<QWidget>("settings.row.language").isVisible());
    QSignalSpy closing(rig.screen.get(), &SettingsScreen::closeWanted);
    QTest::keyClick(&search, Qt::Key_Escape);
    CHECK(closing.count() == 1);
}

TEST_CASE("what the project restricts is said at the row", "[desktop][settings]") {
    SettingsRig rig("{\"mode\": \"auto-edit\"}");
    rig.writeProject("{\"mode\": \"ask\"}");
    rig.open();
    rig.screen->showGroup(QStringLiteral("Permissions"));
    const auto& note = rig.find<QLabel>("settings.project.mode");
    CHECK(note.isVisible());
    CHECK(note.text().contains(QStringLiteral("Ask before edits")));
    CHECK(rig.find<QComboBox>("settings.mode").currentText().startsWith(QStringLiteral("Edit")));
    CHECK_FALSE(rig.find<QLabel>("settings.project.network").isVisible());
    CHECK_FALSE(rig.find<QWidget>("settings.banner").isVisible());
}

TEST_CASE("a broken file makes the form read-only and leads to its line", "[desktop][settings]") {
    SettingsRig rig("{\"desktop\": {\"theme\": \"dark\"}}");
    rig.open();
    rig.screen->showGroup(QStringLiteral("Appearance"));
    auto& theme = rig.find<QComboBox>("settings.desktop.theme");
    CHECK(theme.isEnabled());
    rig.write("{\n  \"desktop\": {\n    \"theme\": \"dark\",,\n  }\n}");
    rig.settings->reload();
    CHECK(rig.find<QWidget>("settings.banner").isVisible());
    CHECK_FALSE(theme.isEnabled());
    CHECK(theme.currentText() == QStringLiteral("Dark"));
    QSignalSpy opened(rig.screen.get(), &SettingsScreen::openPlace);
    QTest::mouseClick(&rig.find<QPushButton>("settings.banner.open"), Qt::LeftButton);
    REQUIRE(opened.count() == 1);
    CHECK(opened.first().at(0).toString() == Settings::userFile());
    CHECK(opened.first().at(1).toInt() == 3);
    rig.write("{}");
    rig.settings->reload();
    CHECK_FALSE(rig.find<QWidget>("settings.banner").isVisible());
    CHECK(theme.isEnabled());
}

TEST_CASE("a write that fails is told at the row", "[desktop][settings]") {
    SettingsRig rig;
    rig.open();
    rig.screen->showGroup(QStringLiteral("Appearance"));
    // A folder where the file should be: nobody can write it, not even root.
    std::filesystem::remove(rig.file());
    std::filesystem::create_directories(rig.file() / "x");
    auto& theme = rig.find<QComboBox>("settings.desktop.theme");
    QTest::keyClick(&theme, Qt::Key_Down);
    const auto& problem = rig.find<QLabel>("settings.problem.desktop.theme");
    CHECK(problem.isVisible());
    CHECK_FALSE(problem.text().isEmpty());
    CHECK(rig.settings->text("desktop.theme") == QStringLiteral("system"));
}

TEST_CASE("a model is written when it is complete, and never with a key", "[desktop][settings]") {
    SettingsRig rig(
        "{\"models\": [{\"name\": \"old\", \"base_url\": \"https://a.example\", \"model\": \"m\", "
        "\"price\": {\"input\": 1}}]}");
    rig.open();
    rig.screen->showGroup(QStringLiteral("Models and backends"));
    QTest::mouseClick(&rig.find<QPushButton>("settings.models.addServer"), Qt::LeftButton);
    const auto type = [&](const char* field, const char* text) {
        auto& line = rig.find<QLineEdit>(field);
        line.setFocus();
        line.selectAll();
        QTest::keyClicks(&line, QLatin1String(text));
        QTest::keyClick(&line, Qt::Key_Return);
    };
    type("settings.models.name", "mine");
    CHECK(rig.find<QLabel>("settings.problem.models").isVisible());
    CHECK(rig.settings->userValueJson("models").find("mine") == std::string::npos);
    type("settings.models.baseUrl", "https://b.example/v1");
    type("settings.models.model", "big");
    CHECK_FALSE(rig.find<QLabel>("settings.problem.models").isVisible());
    type("settings.models.keyVariable", "sk-abc 123");  // a key, not a name
    CHECK(rig.find<QLineEdit>("settings.models.keyVariable").text().isEmpty());
    CHECK(rig.written().find("sk-abc") == std::string::npos);
    type("settings.models.keyVariable", "B_KEY");
    const auto models = nlohmann::json::parse(rig.settings->userValueJson("models"));
    REQUIRE(models.size() == 2);
    CHECK(models[0]["price"]["input"] == 1);
    CHECK(models[1] ==
          nlohmann::json::parse("{\"api\": \"openai\", \"name\": \"mine\", \"model\": \"big\", "
                                "\"base_url\": \"https://b.example/v1\", \"key_env\": \"B_KEY\"}"));
    QTest::mouseClick(&rig.find<QPushButton>("settings.models.up"), Qt::LeftButton);
    CHECK(nlohmann::json::parse(rig.settings->userValueJson("models"))[0]["name"] == "mine");
    QTest::mouseClick(&rig.find<QPushButton>("settings.models.remove"), Qt::LeftButton);
    CHECK(nlohmann::json::parse(rig.settings->userValueJson("models")).size() == 1);
}

TEST_CASE("everything in the settings that can be acted on has a name and is reached by Tab",
          "[desktop][settings]") {
    SettingsRig rig("{\"models\": [{\"file\": \"/m.gguf\"}]}");
    rig.open();
    auto& list = rig.find<QListWidget>("settings.groups");
    for (int group = 0; group < list.count(); ++group) {
        list.setCurrentRow(group);
        for (QWidget* widget : rig.screen->findChildren<QWidget*>()) {
            const bool isActed = widget->isVisible() && widget->isEnabled() &&
                                 (qobject_cast<QAbstractButton*>(widget) != nullptr ||
                                  qobject_cast<QComboBox*>(widget) != nullptr ||
                                  qobject_cast<QAbstractSpinBox*>(widget) != nullptr ||
                                  qobject_cast<QPlainTextEdit*>(widget) != nullptr ||
                                  (qobject_cast<QAbstractItemView*>(widget) != nullptr &&
                                   qobject_cast<QComboBox*>(widget->parentWidget()) == nullptr) ||
                                  qobject_cast<QLineEdit*>(widget) != nullptr);
            if (widget->inherits("QHeaderView")) continue;
            if (!isActed || widget->objectName().startsWith(QLatin1String("qt_"))) continue;
            if (widget->parentWidget()->inherits("QLineEdit")) continue;  // its clear button
            CAPTURE(group, widget->objectName().toStdString(), widget->metaObject()->className());
            CHECK_FALSE(widget->objectName().isEmpty());
            auto* button = qobject_cast<QAbstractButton*>(widget);
            CHECK(!(widget->accessibleName().isEmpty() &&
                    (button == nullptr || button->text().isEmpty())));
            CHECK((widget->focusPolicy() & Qt::TabFocus) != 0);
        }
    }
}

TEST_CASE("nothing in the settings is cut at twice the text size in a narrow window",
          "[desktop][settings]") {
    SettingsRig rig;
    rig.appearance.setTextPercent(200);
    rig.appearance.applyTo(application());
    rig.open({900, 700});
    rig.screen->showGroup(QStringLiteral("Appearance"));
    QApplication::processEvents();
    const auto& scroll = rig.find<QScrollArea>("settings.form");
    CHECK(scroll.widget()->width() <= scroll.viewport()->width());
    rig.appearance.setTextPercent(100);
    rig.appearance.applyTo(application());
}
