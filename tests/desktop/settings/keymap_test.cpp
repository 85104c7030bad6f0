#include "app/desktop/screens/settings/keymap.h"

#include "app/cli/config.h"
#include "app/desktop/screens/settings/choice_titles.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("a keymap holds only what differs from the defaults", "[desktop][settings]") {
    application();
    Keymap keymap(
        {QStringLiteral("hunk.accept=Y"), QStringLiteral("no.such=X"), QStringLiteral("rubbish")});
    CHECK(keymap.entries() == QStringList{QStringLiteral("hunk.accept=Y")});
    CHECK(keymap.keys(QStringLiteral("hunk.accept")) == QKeySequence(QStringLiteral("Y")));
    CHECK(keymap.keys(QStringLiteral("hunk.reject")) == QKeySequence(QStringLiteral("R")));
    CHECK(keymap.isChanged(QStringLiteral("hunk.accept")));
    keymap.set(QStringLiteral("hunk.accept"), QKeySequence(QStringLiteral("A")));
    CHECK(keymap.entries().isEmpty());
    keymap.set(QStringLiteral("hunk.accept"), {});
    CHECK(keymap.entries() == QStringList{QStringLiteral("hunk.accept=")});
    keymap.reset(QStringLiteral("hunk.accept"));
    CHECK(keymap.entries().isEmpty());
}

TEST_CASE("a key is in the way only where both actions can be met", "[desktop][settings]") {
    application();
    const Keymap keymap({});
    const auto inTheWay = [&](const char* id, const char* keys) {
        return keymap.inTheWay(QLatin1String(id), QKeySequence(QLatin1String(keys)));
    };
    CHECK(inTheWay("hunk.accept", "R") == QStringList{QStringLiteral("hunk.reject")});
    CHECK(inTheWay("hunk.accept", "Ctrl+R") == QStringList{QStringLiteral("changes.review")});
    CHECK(inTheWay("hunk.accept", "Alt+1").isEmpty());  // of the permission card
    CHECK(inTheWay("hunk.accept", "A").isEmpty());      // its own
    CHECK(inTheWay("go.anywhere", "R") == QStringList{QStringLiteral("hunk.reject")});
}

TEST_CASE("a swap leaves no key with two actions", "[desktop][settings]") {
    application();
    Keymap keymap({});
    const QKeySequence r(QStringLiteral("R"));
    keymap.swap(QStringLiteral("hunk.accept"), r, QStringLiteral("hunk.reject"));
    CHECK(keymap.keys(QStringLiteral("hunk.accept")) == r);
    CHECK(keymap.keys(QStringLiteral("hunk.reject")) == QKeySequence(QStringLiteral("A")));
    ActionRegistry registry;
    CHECK(registry.applyKeymap(keymap.entries()).isEmpty());
    CHECK(registry.conflicts().empty());
}

TEST_CASE("every choice has a title of its own", "[desktop][settings]") {
    application();
    for (const moxie::app::Setting& setting : moxie::app::allSettings())
        for (const std::string_view word : setting.choices) {
            CAPTURE(setting.path, word);
            CHECK(choiceTitle(setting.path, word).toStdString() != word);
        }
}
