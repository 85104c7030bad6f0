#include "app/desktop/shell/translations.h"

#include <QAction>
#include <QFile>
#include <QFontMetrics>
#include <QLabel>
#include <QProcess>
#include <QPushButton>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QToolButton>
#include <QXmlStreamReader>
#include <vector>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/settings.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/canvas_sources.h"
#include "tests/desktop/long_texts.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Message {
    QString source;
    QStringList forms;  // one, or one for each plural form
    bool isFinished = false;
};

std::vector<Message> messagesOf(const QString& path) {
    QFile file(path);
    REQUIRE(file.open(QIODevice::ReadOnly));
    QXmlStreamReader xml(&file);
    std::vector<Message> messages;
    bool isPlural = false;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) continue;
        if (xml.name() == QLatin1String("message")) {
            messages.emplace_back();
            isPlural = xml.attributes().hasAttribute(QLatin1String("numerus"));
        } else if (xml.name() == QLatin1String("source")) {
            messages.back().source = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            messages.back().isFinished = xml.attributes().isEmpty();
            if (!isPlural) messages.back().forms << xml.readElementText();
        } else if (xml.name() == QLatin1String("numerusform")) {
            messages.back().forms << xml.readElementText();
        }
    }
    CHECK_FALSE(xml.hasError());
    return messages;
}

QString catalogue(const char* name) {
    return QStringLiteral(MOXIE_SOURCE_DIR "/app/desktop/translations/") + QLatin1String(name);
}

void checkFinished(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
        CAPTURE(message.source.toStdString());
        CHECK(message.isFinished);
        for (const QString& form : message.forms)
            CHECK_FALSE(form.trimmed().isEmpty());
    }
}

#ifdef MOXIE_LUPDATE
// The messages of the catalogue after lupdate has read the sources; the catalogue stays as it is.
std::vector<Message> updated(const char* name, const QStringList& options) {
    const QTemporaryDir folder;
    const QString copy = folder.filePath(QLatin1String(name));
    REQUIRE(QFile::copy(catalogue(name), copy));
    QProcess lupdate;
    lupdate.start(QStringLiteral(MOXIE_LUPDATE),
                  QStringList{QStringLiteral("-silent"), QStringLiteral("-no-obsolete"),
                              QStringLiteral("-I"), QStringLiteral(MOXIE_SOURCE_DIR),
                              QStringLiteral(MOXIE_SOURCE_DIR "/app/desktop")} +
                      options + QStringList{QStringLiteral("-ts"), copy});
    REQUIRE(lupdate.waitForFinished());
    REQUIRE(lupdate.exitCode() == 0);
    return messagesOf(copy);
}
#endif

}  // namespace

TEST_CASE("the Chinese catalogue has no unfinished text", "[desktop][l10n]") {
    const std::vector<Message> messages = messagesOf(catalogue("moxie_zh_CN.ts"));
    CHECK(messages.size() > 1'000);
    checkFinished(messages);
    for (const Message& message : messages) {
        CAPTURE(message.source.toStdString());
        REQUIRE(message.forms.size() == 1);
        for (const char* mark : {"%1", "%2", "%3", "%4", "%5", "%n", "%Ln"})
            CHECK(message.forms.first().contains(QLatin1String(mark)) ==
                  message.source.contains(QLatin1String(mark)));
    }
}

TEST_CASE("the English catalogue has both forms of every text that counts", "[desktop][l10n]") {
    const std::vector<Message> messages = messagesOf(catalogue("moxie_en.ts"));
    CHECK_FALSE(messages.empty());
    checkFinished(messages);
    for (const Message& message : messages) {
        CAPTURE(message.source.toStdString());
        REQUIRE(message.forms.size() == 2);
        CHECK((message.forms.last() == message.source));
    }
}

#ifdef MOXIE_LUPDATE
TEST_CASE("the catalogues have every text of the sources", "[desktop][l10n]") {
    checkFinished(updated("moxie_zh_CN.ts", {}));
    checkFinished(updated("moxie_en.ts", {QStringLiteral("-pluralonly")}));
}
#endif

TEST_CASE("one file is not called 1 files", "[desktop][l10n]") {
    application();
    Translations translations;
    const auto files = [](int n) {
        return QCoreApplication::translate("ConversationTexts", "%n files", nullptr, n);
    };
    translations.use(QStringLiteral("en"));
    CHECK(files(1) == QLatin1String("1 file"));
    CHECK(files(2) == QLatin1String("2 files"));
    translations.use(QStringLiteral("zh"));
    CHECK(files(1) == QString::fromUtf8("1 个文件"));
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
    application();
    const LongTexts longTexts;
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
}
