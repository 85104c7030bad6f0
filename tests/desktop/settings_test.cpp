#include "app/desktop/shell/settings.h"

#include <QSignalSpy>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/cli/config.h"
#include "base/file.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/temp_home.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace base = moxie::base;

namespace {

struct Home : TempHome {
    Home() {
        application();
        std::filesystem::create_directories(path() / "config");
    }

    std::filesystem::path file() const { return path() / "config" / "config.json"; }

    void write(std::string_view text) const {
        REQUIRE(base::writeFileAtomically(file(), text, base::Durability::renameOnly));
    }
};

}  // namespace

TEST_CASE("every setting that is read has a title in the form", "[desktop][settings]") {
    std::set<std::string_view> titled;
    for (const SettingTitle& title : settingTitles()) {
        CAPTURE(title.path);
        CHECK(titled.insert(title.path).second);
        CHECK(moxie::app::findSetting(title.path) != nullptr);
    }
    CHECK(titled.size() == moxie::app::allSettings().size());
}

TEST_CASE("the form explains a setting with the words of the schema", "[desktop][settings]") {
    const auto text = base::readFile(std::string(MOXIE_SOURCE_DIR) + "/app/cli/config.schema.json");
    REQUIRE(text);
    const nlohmann::json schema = nlohmann::json::parse(*text);
    for (const SettingTitle& title : settingTitles()) {
        CAPTURE(title.path);
        const std::string path(title.path);
        const size_t dot = path.find('.');
        const nlohmann::json& group =
            dot == std::string::npos ? schema : schema.at("properties").at(path.substr(0, dot));
        CHECK(title.help == group.at("properties")
                                .at(dot == std::string::npos ? path : path.substr(dot + 1))
                                .at("description")
                                .get<std::string>());
    }
}

TEST_CASE("what a project restricts stands beside what the user said", "[desktop][settings]") {
    const Home home;
    home.write("{\"mode\": \"auto-edit\", \"budget\": {\"steps\": 80}}");
    const auto project = home.path() / "project";
    std::filesystem::create_directories(project / ".git");
    std::filesystem::create_directories(project / ".moxie");
    const auto write = [&](std::string_view content) {
        REQUIRE(base::writeFileAtomically(project / ".moxie" / "config.json", content,
                                          base::Durability::renameOnly));
    };
    write("{\"mode\": \"ask\", \"budget\": {\"steps\": 500}}");
    Settings settings(project);
    CHECK(settings.text("mode") == QStringLiteral("ask"));
    CHECK(settings.userValueJson("mode") == "\"auto-edit\"");
    CHECK(settings.isFromProject("mode"));
    CHECK(settings.integer("budget.steps") == 80);
    CHECK_FALSE(settings.isFromProject("budget.steps"));

    // It may not widen; that is told, and stops nothing.
    REQUIRE(settings.problemPlaces().size() == 1);
    CHECK(settings.problemPlaces().front().line == 1);
    CHECK_FALSE(settings.isBroken());
    REQUIRE(settings.set("mode", "\"auto\""));
    CHECK(settings.text("mode") == QStringLiteral("ask"));
    REQUIRE(settings.set("desktop.theme", "\"dark\""));
    CHECK(settings.text("desktop.theme") == QStringLiteral("dark"));
    REQUIRE(settings.reset("desktop.theme"));
    CHECK_FALSE(settings.isChanged("desktop.theme"));

    // While its file cannot be read, its restrictions stay.
    write("{\"mode\": ");
    settings.reload();
    CHECK(settings.text("mode") == QStringLiteral("ask"));
}

TEST_CASE("a changed value is written beside the user's comments", "[desktop][settings]") {
    const Home home;
    home.write("{\n  // mine\n  \"mode\": \"ask\"\n}\n");
    Settings settings({});
    QSignalSpy changes(&settings, &Settings::changed);
    CHECK(settings.integer("desktop.text_percent") == 100);
    CHECK_FALSE(settings.isChanged("desktop.text_percent"));
    REQUIRE(settings.set("desktop.text_percent", "120"));
    CHECK(settings.integer("desktop.text_percent") == 120);
    CHECK(settings.isChanged("desktop.text_percent"));
    CHECK(changes.count() == 1);
    const auto text = base::readFile(home.file());
    REQUIRE(text);
    CHECK(text->find("// mine") != std::string::npos);
    CHECK(settings.text("mode") == QStringLiteral("ask"));
}

TEST_CASE("a value out of range is refused with a sentence and nothing is written",
          "[desktop][settings]") {
    const Home home;
    Settings settings({});
    for (const auto& [path, value] :
         {std::pair{"desktop.text_percent", "500"}, std::pair{"desktop.theme", "\"purple\""},
          std::pair{"desktop.enter_sends", "{"}}) {
        CAPTURE(path);
        const base::Status refused = settings.set(path, value);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind() == base::Errc::invalidInput);
    }
    CHECK_FALSE(std::filesystem::exists(home.file()));
}

TEST_CASE("a broken file keeps what was in force and names the line", "[desktop][settings]") {
    const Home home;
    home.write("{\"desktop\": {\"theme\": \"dark\"}}");
    Settings settings({});
    QSignalSpy problems(&settings, &Settings::problemsChanged);
    home.write("{\n  \"desktop\": {\n    \"theme\": \"dark\",,\n  }\n}");
    REQUIRE(waitUntil([&] { return problems.count() == 1; }));  // the watcher saw it
    CHECK(settings.text("desktop.theme") == QStringLiteral("dark"));
    REQUIRE(settings.problems().size() == 1);
    CHECK(settings.problems().first().contains(QStringLiteral("3")));
    const base::Status refused = settings.set("desktop.theme", "\"light\"");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == base::Errc::corrupt);

    home.write("{\n  \"desktop\": {\n    \"theme\": \"no such\"\n  }\n}");
    settings.reload();
    CHECK(settings.text("desktop.theme") == QStringLiteral("dark"));
    CHECK(settings.problems().first().contains(QStringLiteral("config.json:3")));

    home.write("{\"desktop\": {\"theme\": \"light\"}}");
    settings.reload();
    CHECK(settings.text("desktop.theme") == QStringLiteral("light"));
    CHECK(settings.problems().isEmpty());
}

TEST_CASE("a change made by another program applies at once", "[desktop][settings]") {
    const Home home;
    home.write("{}");
    Settings settings({});
    QSignalSpy changes(&settings, &Settings::changed);
    home.write("{\"desktop\": {\"text_percent\": 150}}");
    REQUIRE(waitUntil([&] { return changes.count() == 1; }));
    CHECK(settings.integer("desktop.text_percent") == 150);
}

TEST_CASE("settings follow the project that is shown", "[desktop][settings]") {
    const Home home;
    const auto first = home.path() / "first", second = home.path() / "second";
    const auto write = [](const std::filesystem::path& project, std::string_view content) {
        std::filesystem::create_directories(project / ".moxie");
        REQUIRE(base::writeFileAtomically(project / ".moxie" / "config.json", content,
                                          base::Durability::renameOnly));
    };
    write(first, R"({"mode": "ask"})");
    write(second, R"({"budget": {"steps": 7}})");
    Settings settings(first);
    REQUIRE(settings.text("mode") == QStringLiteral("ask"));
    QSignalSpy changes(&settings, &Settings::changed);
    settings.setRepository(second);
    CHECK(changes.count() == 1);
    CHECK(settings.integer("budget.steps") == 7);
    CHECK(settings.text("mode") == QStringLiteral("auto"));
    CHECK(settings.projectFile() ==
          QString::fromStdString((second / ".moxie" / "config.json").string()));
    write(first, R"({"mode": "plan"})");  // nobody looks at it any more
    write(second, R"({"budget": {"steps": 8}})");
    REQUIRE(waitUntil([&] { return settings.integer("budget.steps") == 8; }));
    CHECK(settings.text("mode") == QStringLiteral("auto"));

    // Of a project whose file is broken nothing is in force, also not what the one before said.
    write(first, R"({"mode": )");
    settings.setRepository(first);
    CHECK(settings.integer("budget.steps") == 100);
    CHECK(settings.problems().size() == 1);
    settings.setRepository({});
    CHECK(settings.problems().isEmpty());
}
