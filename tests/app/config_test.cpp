#include "app/cli/config.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "app/cli/json_text.h"
#include "app/cli/models.h"
#include "app/cli/stored_keys.h"
#include "base/file.h"
#include "base/paths.h"
#include "tests/app/moxie_command.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::app;

namespace {

const Messages kSay(Language::english);

// Two folders: where the user's file lies, and a project.
struct Files {
    Files() { ::setenv("MOXIE_HOME", home.path().c_str(), 1); }

    ~Files() { ::unsetenv("MOXIE_HOME"); }

    Config load(const std::string& user, const std::string& restrictions) {
        home.write("config/config.json", user);
        project.write(".moxie/config.json", restrictions);
        return Config::load(project.path(), kSay);
    }

    test::TempFolder home, project;
};

}  // namespace

TEST_CASE("settings are read with comments, and the project's restrictions on top", "[app]") {
    Files files;
    const Config config = files.load(
        "// mine\n{\"mode\": \"auto-edit\", /* x */ \"budget\": {\"steps\": 50}}",
        "{\"mode\": \"plan\", \"budget\": {\"steps\": 9}, \"denied_tools\": [\"bash\"]}");
    CHECK(config.problems().empty());
    CHECK(config.text("mode") == "plan");
    CHECK(config.origin("mode") == Origin::project);
    CHECK(config.integer("budget.steps") == 9);
    CHECK(config.list("denied_tools") == std::vector<std::string>{"bash"});
    CHECK(config.text("sandbox") == "required");
    CHECK(config.origin("sandbox") == Origin::fallback);
}

TEST_CASE("a project cannot widen anything or name models", "[app]") {
    Files files;
    const Config config = files.load(
        "{\"mode\": \"ask\", \"budget\": {\"usd\": 2}}",
        "{\n\"mode\": \"auto\",\n\"sandbox\": \"off\",\n\"network\": true,\n\"commit\": true,\n"
        "\"budget\": {\"usd\": 5, \"steps\": 0},\n"
        "\"models\": [{\"base_url\": \"http://evil\", \"model\": \"x\"}],\n\"effort\": \"max\"}");
    CHECK(config.text("mode") == "ask");
    CHECK(config.text("sandbox") == "required");
    CHECK_FALSE(config.flag("network"));
    CHECK_FALSE(config.flag("commit"));
    CHECK(config.number("budget.usd") == 2);
    CHECK(config.integer("budget.steps") == 100);
    CHECK(config.value("models").empty());
    CHECK(config.text("effort") == "high");
    REQUIRE(config.problems().size() == 8);
    CHECK(config.problems()[0].line == 2);
    CHECK(config.problems()[0].text.find("mode") != std::string::npos);
}

TEST_CASE("a wrong setting is named with its line and leaves the value before it", "[app]") {
    Files files;
    const Config config = files.load(
        "{\n  \"mode\": \"atuo\",\n  \"budgt\": 1,\n  \"api_key\": \"s\",\n"
        "  \"budget\": {\"steps\": \"x\"},\n"
        "  \"models\": [{\"base_url\": \"https://a\", \"model\": \"m\", \"api_key\": \"sk\"}]\n}",
        "{}");
    REQUIRE(config.problems().size() == 5);
    CHECK(config.problems()[0].line == 2);
    CHECK(config.problems()[1].line == 3);
    CHECK(config.problems()[2].text.find("key_env") != std::string::npos);
    CHECK(config.problems()[3].line == 5);
    CHECK(config.problems()[4].text.find("key_env") != std::string::npos);
    CHECK(config.text("mode") == "auto");
    CHECK(config.integer("budget.steps") == 100);
    CHECK(config.value("models").empty());
}

TEST_CASE("a file that is no JSON leaves all defaults and says the line", "[app]") {
    Files files;
    for (const char* text : {"{\n\"mode\": \n}", "[1]", "nonsense", "{\"a\": \"\xff\"}"}) {
        CAPTURE(text);
        const Config config = files.load(text, "");
        CHECK_FALSE(config.problems().empty());
        CHECK(config.text("mode") == "auto");
    }
    CHECK(files.load("{\n\"mode\": \n}", "{}").problems()[0].text.find("line 3") !=
          std::string::npos);
}

TEST_CASE("changing a setting keeps comments and the rest of the file", "[app]") {
    const std::string before =
        "// my file\n{\n  \"mode\": \"ask\", // careful\n  \"budget\": {\"usd\": 1}\n}\n";
    CHECK(withValue(before, "mode", "\"plan\"") ==
          "// my file\n{\n  \"mode\": \"plan\", // careful\n  \"budget\": {\"usd\": 1}\n}\n");
    for (const char* path : {"budget.steps", "sandbox", "budget.usd"}) {
        CAPTURE(path);
        const std::string after = withValue(before, path, "7");
        CHECK(after.find("// careful") != std::string::npos);
        const auto parsed = parseJsonText(after);
        REQUIRE(parsed);
        const std::string pointer = "/" + std::string(path);
        CHECK(parsed->at(nlohmann::json::json_pointer(
                  pointer.find('.') == std::string::npos
                      ? pointer
                      : pointer.substr(0, pointer.find('.')) + "/" +
                            pointer.substr(pointer.find('.') + 1))) == 7);
    }
    CHECK(parseJsonText(withValue("", "budget.steps", "3"))->at("budget").at("steps") == 3);
}

TEST_CASE("the published schema knows exactly the settings that are read", "[app]") {
    const auto text = base::readFile(std::string(MOXIE_SOURCE_DIR) + "/app/cli/config.schema.json");
    REQUIRE(text);
    const nlohmann::json schema = nlohmann::json::parse(*text);
    size_t count = 0;
    for (const auto& [name, value] : schema["properties"].items())
        count += name == "$schema"              ? 0
                 : value.contains("properties") ? value["properties"].size()
                                                : 1;
    CHECK(count == allSettings().size());
    for (const Setting& setting : allSettings()) {
        CAPTURE(setting.path);
        const std::string path(setting.path);
        const size_t dot = path.find('.');
        const nlohmann::json& entry =
            dot == std::string::npos
                ? schema["properties"].at(path)
                : schema["properties"].at(path.substr(0, dot))["properties"].at(
                      path.substr(dot + 1));
        CHECK(entry.at("default") == nlohmann::json::parse(setting.fallback));
        if (setting.type == SettingType::choice)
            CHECK(entry.at("enum") == nlohmann::json(setting.choices));
    }
}

TEST_CASE("a key goes only where its own variable says", "[app]") {
    Files files;
    const Config config = files.load(
        "{\"models\": [{\"name\": \"mine\", \"base_url\": \"https://a.example\", "
        "\"model\": \"m\", \"key_env\": \"APP_TEST_KEY\"}]}",
        "{}");
    ::setenv("APP_TEST_KEY", "k1", 1);
    ::setenv("OPENAI_API_KEY", "k2", 1);
    ::setenv("MOXIE_API_KEY", "k3", 1);
    const auto listed = planModels({}, config, kSay);
    REQUIRE(listed);
    REQUIRE(listed->candidates.size() == 1);
    CHECK(listed->candidates[0].remote.apiKey == "k1");
    const auto byHand = planModels({.model = "x", .baseUrl = "http://127.0.0.1:1"}, config, kSay);
    REQUIRE(byHand);
    CHECK(byHand->candidates[0].remote.apiKey == "k3");
    CHECK_FALSE(planModels({.model = "", .baseUrl = "http://127.0.0.1:1"}, config, kSay));
    CHECK_FALSE(planModels({.model = "x", .baseUrl = "file:///etc"}, config, kSay));
    for (const char* name : {"APP_TEST_KEY", "OPENAI_API_KEY", "MOXIE_API_KEY"})
        ::unsetenv(name);
}

TEST_CASE("a stored key is for the user's eyes only, and the environment wins over it", "[app]") {
    Files files;
    REQUIRE(storeKey("APP_TEST_STORED", " k1\n") == SecretPlace::file);
    CHECK(keyOf("APP_TEST_STORED") == "k1");
    ::setenv("APP_TEST_STORED", "k2", 1);
    CHECK(keyOf("APP_TEST_STORED") == "k2");
    ::unsetenv("APP_TEST_STORED");
    const auto file = base::configDir() / "keys" / "APP_TEST_STORED";
    using std::filesystem::perms;
    CHECK(std::filesystem::status(file).permissions() == (perms::owner_read | perms::owner_write));
    std::filesystem::permissions(file, perms::others_read, std::filesystem::perm_options::add);
    CHECK(keyOf("APP_TEST_STORED").empty());
    for (const char* name : {"../X", "A B", "", "1A"})
        CHECK_FALSE(storeKey(name, "k"));
    CHECK_FALSE(storeKey("APP_TEST_STORED", "two\nlines"));
    CHECK_FALSE(storeKey("APP_TEST_STORED", "  "));
}
