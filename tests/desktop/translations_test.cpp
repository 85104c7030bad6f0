#include "app/desktop/shell/translations.h"

#include <QAction>
#include <QFile>
#include <QFontMetrics>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QToolButton>
#include <QTranslator>
#include <QXmlStreamReader>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/canvas_sources.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

// Every text 1.4 times as long, in brackets.
class LongTexts final : public QTranslator {
public:
    QString translate(const char*, const char* source, const char*, int) const override {
        const QString text = QString::fromUtf8(source);
        return QLatin1Char('[') + text +
               QString(qsizetype(double(text.size()) * 0.4), QChar(0x00E6)) + QLatin1Char(']');
    }

    bool isEmpty() const override { return false; }
};

}  // namespace

TEST_CASE("the Chinese catalogue has no unfinished text", "[desktop][l10n]") {
    QFile file(QStringLiteral(MOXIE_SOURCE_DIR "/app/desktop/translations/moxie_zh_CN.ts"));
    REQUIRE(file.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&file);
    int messages = 0;
    QString source;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        if (xml.name() == QLatin1String("source")) source = xml.readElementText();
        if (xml.name() != QLatin1String("translation")) continue;
        const auto type = xml.attributes().value(QLatin1String("type"));
        if (type == QLatin1String("vanished") || type == QLatin1String("obsolete")) continue;
        ++messages;
        const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
        CAPTURE(source.toStdString());
        CHECK(type.isEmpty());
        CHECK_FALSE(text.isEmpty());
        for (const char* mark : {"%1", "%2", "%3", "%n"})
            CHECK(text.contains(QLatin1String(mark)) == source.contains(QLatin1String(mark)));
    }
    CHECK_FALSE(xml.hasError());
    CHECK(messages > 100);
}

TEST_CASE("every action and setting is Chinese when the language is", "[desktop][l10n]") {
    application();
    Translations translations;
    ActionRegistry registry;
    const QString english = registry.action(QLatin1String("session.new")).text();
    translations.use(QStringLiteral("zh"));
    QApplication::processEvents();
    CHECK(registry.action(QLatin1String("session.new")).text() == QString::fromUtf8("新建会话"));
    const auto isChinese = [](const QString& text) {
        return std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() >= 0x4E00; });
    };
    for (const QAction* action : registry.actions()) {
        CAPTURE(action->objectName().toStdString());
        CHECK(isChinese(action->text()));
    }
    for (const SettingTitle& title : settingTitles()) {
        CAPTURE(title.path);
        CHECK(isChinese(QCoreApplication::translate("Settings", title.title)));
        CHECK(isChinese(QCoreApplication::translate("Settings", title.group)));
    }
    translations.use(QStringLiteral("en"));
    QApplication::processEvents();
    CHECK(registry.action(QLatin1String("session.new")).text() == english);
}

TEST_CASE("nothing is clipped when texts are 1.4 times as long", "[desktop][l10n]") {
    LongTexts translator;
    application().installTranslator(&translator);
    {
        Appearance appearance;
        NumberedLog source(500);
        QWidget window;
        LineCanvas canvas(source, appearance, &window);
        canvas.setFollow(Follow::end);
        canvas.resize(600, 300);
        FindBar bar(canvas, &window);
        bar.setGeometry(0, 300, 600, 40);
        showActive(window, {600, 340});
        bar.open();
        canvas.verticalScrollBar()->setValue(0);
        source.append(3);
        auto* pill = canvas.findChild<QPushButton*>(QStringLiteral("newItems"));
        REQUIRE(pill->isVisible());
        CHECK(pill->text().startsWith(QLatin1Char('[')));
        CHECK(pill->width() >= QFontMetrics(pill->font()).horizontalAdvance(pill->text()));
        for (const QLabel* label : bar.findChildren<QLabel*>())
            CHECK(label->width() >= label->sizeHint().width());
        for (const char* name : {"findPrevious", "findNext", "findClose"}) {
            const auto* button = bar.findChild<QToolButton*>(QLatin1String(name));
            REQUIRE(button != nullptr);
            CHECK(button->width() >= button->minimumSizeHint().width());
        }
    }
    application().removeTranslator(&translator);
}
