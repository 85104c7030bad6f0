// The `moxie` command: builds the few objects that live as long as the program and hands over.
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "app/cli/command_line.h"
#include "app/cli/context.h"
#include "base/log.h"

using namespace moxie;

namespace {

app::Language chosenLanguage() {
    const char* own = std::getenv("MOXIE_LANG");
    if (own != nullptr && *own != '\0') return app::languageFromEnvironment();
    const std::string configured =
        app::Config::load({}, app::Messages(app::Language::english)).text("language");
    if (configured == "auto") return app::languageFromEnvironment();
    return configured == "zh" ? app::Language::chinese : app::Language::english;
}

}  // namespace

int main(int argc, char** argv) {
    const app::Messages say(chosenLanguage());
    app::Output out(STDOUT_FILENO, app::ColorChoice::automatic);
    app::Output error(STDERR_FILENO, app::ColorChoice::automatic);
    base::SystemClock clock;
    app::Signals signals([&say](int) {
        // A fresh Output: the main thread may be inside a write of its own.
        app::Output fresh(STDERR_FILENO, app::ColorChoice::never);
        fresh.line();
        fresh.line(say(app::Msg::stopping));
    });
    if (const base::Status logging = base::startLogging(base::LogLevel::info); !logging)
        error.line(say(app::Msg::logUnavailable, logging.error().message()));
    app::Context context{say, out, error, clock, signals};
    return app::runCommandLine({argv + 1, argv + argc}, context);
}
