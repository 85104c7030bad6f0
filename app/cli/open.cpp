// moxie open PATH[:LINE[:COLUMN]]
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "app/cli/commands.h"
#include "app/cli/window_socket.h"
#include "base/text.h"

namespace moxie::app {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kAnswerMs = 2'000;
constexpr int64_t kStartMs = 15'000;  // a cold disk
constexpr int64_t kLookMs = 50;
constexpr const char* kProgram = "moxie-desktop";

struct OpenOptions {
    std::string place, ask;
};

// Takes ":NUMBER" off the end of `place`; 0: there is none.
int32_t takeNumber(std::string& place) {
    const size_t colon = place.rfind(':');
    if (colon == std::string::npos || colon == 0) return 0;
    const char* begin = place.data() + colon + 1;
    const char* end = place.data() + place.size();
    int32_t number = 0;
    const auto [at, error] = std::from_chars(begin, end, number);
    if (error != std::errc() || at != end || number < 1) return 0;
    place.resize(colon);
    return number;
}

// A file whose own name ends in ":12" wins over a line.
base::Result<WindowRequest> readPlace(const OpenOptions& options, const Messages& say) {
    WindowRequest request;
    std::string path = options.place;
    std::error_code failed;
    if (!fs::exists(path, failed)) {
        const int32_t last = takeNumber(path);
        if (last > 0 && !fs::exists(path, failed)) {
            request.line = takeNumber(path);
            request.column = request.line > 0 ? last : 0;
        }
        if (request.line == 0) request.line = last;
    }
    const fs::path absolute = fs::canonical(path, failed);
    if (failed) return base::fail(base::Errc::invalidInput, say(Msg::openNoSuchPath, path));
    request.path = absolute.string();
    request.ask = options.ask;
    return request;
}

bool hasDisplay() {
    constexpr std::array kVariables = {"WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM"};
    return std::any_of(kVariables.begin(), kVariables.end(), [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0';
    });
}

// Beside this program first, then in PATH.
fs::path findDesktop() {
    std::error_code failed;
    const fs::path beside = fs::read_symlink("/proc/self/exe", failed).parent_path() / kProgram;
    if (!failed && ::access(beside.c_str(), X_OK) == 0) return beside;
    const char* path = std::getenv("PATH");
    std::string_view rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(':'), rest.size());
        const fs::path candidate = fs::path(rest.substr(0, end)) / kProgram;
        if (candidate.is_absolute() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return {};
}

// In a session of its own, without our streams: it outlives this command and its terminal.
base::Status startDetached(const fs::path& program) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::string name = program.string();
    std::array<char*, 2> arguments = {name.data(), nullptr};
    pid_t unused = 0;
    const int code =
        ::posix_spawn(&unused, program.c_str(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (code != 0) return base::fail(base::errnoError(code, "start " + program.string()));
    return {};
}

// Starts the window and hands the request over as soon as it listens.
base::Status startAndSend(const fs::path& socket, const WindowRequest& request, Context& context) {
    if (!hasDisplay()) return base::fail(base::Errc::notFound, context.say(Msg::openNoDisplay));
    const fs::path program = findDesktop();
    if (program.empty())
        return base::fail(base::Errc::notFound, context.say(Msg::openNoDesktop, kProgram));
    TRY(startDetached(program));
    const int64_t deadlineMs = context.clock.steadyMs() + kStartMs;
    while (context.clock.steadyMs() < deadlineMs) {
        TRY(context.clock.sleepFor(kLookMs, context.signals.token()));
        const base::Status sent = sendToWindow(socket, request, kAnswerMs);
        if (sent || sent.error().kind() != base::Errc::notFound) return sent;
    }
    return base::fail(base::Errc::io, context.say(Msg::openNotStarted, program.string()));
}

int openPlace(const OpenOptions& options, Context& context) {
    const auto request = readPlace(options, context.say);
    if (!request) return context.fail(request.error());
    const fs::path socket = windowSocketPath();
    base::Status sent = sendToWindow(socket, *request, kAnswerMs);
    if (!sent && sent.error().kind() == base::Errc::notFound)
        sent = startAndSend(socket, *request, context);
    if (sent) return kExitDone;
    const bool isHanging = sent.error().kind() == base::Errc::busy;
    return context.fail(isHanging ? base::Error(base::Errc::busy, context.say(Msg::openNoAnswer))
                                  : sent.error());
}

}  // namespace

void addOpen(CommandLine& line) {
    const Messages& say = line.context.say;
    auto options = std::make_shared<OpenOptions>();
    Command command =
        addCommand(line, line.root, "open", Msg::helpOpen, Msg::exampleOpen, options, openPlace);
    command.option("PLACE", &options->place, say(Msg::optOpenPlace)).required();
    command.option("--ask", &options->ask, say(Msg::optOpenAsk)).valueName("TEXT");
}

}  // namespace moxie::app
