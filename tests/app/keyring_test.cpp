// Keys in a real keyring: a message bus and a gnome-keyring of the test's own.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "app/cli/secret_service.h"
#include "app/cli/stored_keys.h"
#include "base/paths.h"
#include "base/text.h"
#include "tests/app/moxie_command.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::app;

namespace {

// Variables of this process, as they were before once it goes away.
class Environment {
public:
    ~Environment() {
        for (const auto& [name, value] : before_)
            value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    }

    void set(const std::string& name, const std::string& value) {
        keep(name);
        ::setenv(name.c_str(), value.c_str(), 1);
    }

    void unset(const std::string& name) {
        keep(name);
        ::unsetenv(name.c_str());
    }

private:
    void keep(const std::string& name) {
        const char* value = std::getenv(name.c_str());
        before_.try_emplace(name,
                            value == nullptr ? std::nullopt : std::optional<std::string>(value));
    }

    std::map<std::string, std::optional<std::string>> before_;
};

std::string outputOf(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
        text += char(c);
    CAPTURE(command);
    REQUIRE(::pclose(pipe) == 0);
    return std::string(base::trim(text));
}

// A home with a bus, on which an unlocked keyring answers.
struct Keyring {
    Keyring() {
        for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"})
            environment.set(name, home.path().string());
        environment.unset("MOXIE_HOME");
        const std::string bus = outputOf(
            "dbus-daemon --session --fork --print-address=1 --print-pid=1 --address=unix:path=" +
            (home.path() / "own-bus").string());
        const size_t line = bus.find('\n');
        environment.set("DBUS_SESSION_BUS_ADDRESS", bus.substr(0, line));
        busProcess = std::atoi(bus.substr(line + 1).c_str());
        outputOf(
            "printf pass | gnome-keyring-daemon --unlock --daemonize --components=secrets "
            "2>/dev/null");
    }

    ~Keyring() { ::kill(busProcess, SIGTERM); }  // the keyring ends with its bus

    test::TempFolder home;
    Environment environment;
    pid_t busProcess = 0;
};

}  // namespace

TEST_CASE("a key goes into the keyring of the desktop, and no file holds it", "[app][keyring]") {
    Keyring keyring;
    const auto file = base::configDir() / "keys" / "APP_TEST_RING";
    CHECK(keyOf("APP_TEST_RING").empty());
    std::filesystem::create_directories(file.parent_path());
    keyring.home.write(std::filesystem::relative(file, keyring.home.path()),
                       "of an older version\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    CHECK(keyOf("APP_TEST_RING") == "of an older version");
    REQUIRE(storeKey("APP_TEST_RING", "k1") == SecretPlace::keyring);
    CHECK_FALSE(std::filesystem::exists(file));
    REQUIRE(storeKey("APP_TEST_RING", "k2") == SecretPlace::keyring);
    CHECK(keyOf("APP_TEST_RING") == "k2");
    CHECK(keyOf("APP_TEST_OTHER").empty());
    // What is stored is the keyring's own: another program finds it by its attribute.
    CHECK(outputOf("secret-tool lookup variable APP_TEST_RING") == "k2");
    keyring.environment.set("MOXIE_HOME", (keyring.home.path() / "another").string());
    CHECK(keyOf("APP_TEST_RING").empty());
    REQUIRE(storeKey("APP_TEST_RING", "k3") == SecretPlace::file);
    CHECK(secretOf("APP_TEST_RING") == "k2");
}

// For a keyring that a person looks at, such as KWallet: run it in that desktop's session.
TEST_CASE("a key goes into the keyring of the session that this runs in", "[.][keyring-here]") {
    Environment environment;
    environment.unset("MOXIE_HOME");
    REQUIRE(storeKey("APP_TEST_RING", "k1") == SecretPlace::keyring);
    CHECK(keyOf("APP_TEST_RING") == "k1");
    REQUIRE(storeKey("APP_TEST_RING", "k2") == SecretPlace::keyring);
    CHECK(keyOf("APP_TEST_RING") == "k2");
    CHECK(outputOf("secret-tool lookup variable APP_TEST_RING") == "k2");
}

TEST_CASE("without a session bus there is no keyring, and none is started", "[app][keyring]") {
    test::TempFolder home;
    Environment environment;
    environment.unset("DBUS_SESSION_BUS_ADDRESS");
    environment.set("XDG_RUNTIME_DIR", home.path().string());
    CHECK(secretOf("APP_TEST_RING").empty());
    const base::Status stored = storeSecret("APP_TEST_RING", "k");
    REQUIRE_FALSE(stored);
    CHECK(stored.error().kind() == base::Errc::unsupported);
}
