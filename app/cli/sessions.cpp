// moxie sessions list|show|replay|export|delete
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <system_error>

#include "app/cli/commands.h"
#include "app/cli/json_text.h"
#include "app/cli/open_index.h"
#include "app/cli/permission_prompt.h"
#include "app/cli/run_session.h"
#include "base/file.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr int64_t kEventsAtOnce = 500;
constexpr int64_t kReplayWaitMsMax = 2000;  // nobody wants to wait for a build again

struct SessionsOptions {
    std::string session = "last", repo = ".", file = {};
    double speed = 1;
    bool showsAll = false, isJson = false, isForced = false, isVerbose = false;
};

std::string localTime(int64_t wallMs) {
    const std::time_t time = wallMs / 1000;
    std::tm parts = {};
    std::array<char, 32> text = {};
    if (::localtime_r(&time, &parts) == nullptr) return {};
    const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts);
    return {text.data(), length};
}

std::filesystem::path canonicalOrSame(const std::string& folder) {
    std::error_code failed;
    const auto canonical = std::filesystem::canonical(folder, failed);
    return failed ? std::filesystem::path(folder) : canonical;
}

json toJson(const agent::SessionInfo& session) {
    return {{"id", session.id},
            {"repository", session.repository},
            {"first_task", session.firstTask},
            {"status", session.lastStatus},
            {"started_ms", session.startedMs},
            {"changed_ms", session.changedMs},
            {"turns", session.turns},
            {"cost_usd", session.costUsd < 0 ? json(nullptr) : json(session.costUsd)},
            {"is_running", session.isLeased}};
}

int list(const SessionsOptions& options, Context& context) {
    auto sessions = agent::EventLog::list(sessionsFolder());
    if (!sessions) return context.fail(sessions.error());
    const std::string here = canonicalOrSame(options.repo).string();
    if (!options.showsAll)
        std::erase_if(*sessions, [&](const auto& session) { return session.repository != here; });
    std::sort(sessions->begin(), sessions->end(),
              [](const auto& a, const auto& b) { return a.changedMs > b.changedMs; });
    if (options.isJson) {
        json all = json::array();
        for (const agent::SessionInfo& session : *sessions)
            all.push_back(toJson(session));
        context.out.line(dumped(all, 2));
        return kExitDone;
    }
    if (sessions->empty()) {
        context.out.line(
            context.say(options.showsAll ? Msg::sessionsEmpty : Msg::sessionsEmptyHere));
        return kExitDone;
    }
    for (const agent::SessionInfo& session : *sessions) {
        const Style style = session.lastStatus == "verified" ? Style::green : Style::yellow;
        std::string text =
            fmt::format("{}  {}  {}  {}", context.out.styled(Style::bold, session.id),
                        localTime(session.changedMs), context.out.styled(style, session.lastStatus),
                        oneLine(session.firstTask, 70));
        if (options.showsAll)
            text += "  " + context.out.styled(Style::dim, printable(session.repository));
        context.out.line(text);
    }
    return kExitDone;
}

base::Result<std::unique_ptr<agent::EventLog>> openLog(const SessionsOptions& options,
                                                       Context& context) {
    const std::filesystem::path here =
        options.showsAll ? std::filesystem::path() : canonicalOrSame(options.repo);
    auto id = findSession(options.session, here, context.say);
    // "last" of a folder without sessions means the newest of all.
    if (!id && options.session == "last") id = findSession("last", {}, context.say);
    if (!id) return base::fail(std::move(id).error());
    return agent::EventLog::open(sessionsFolder(), *id, agent::EventLog::Access::readOnly,
                                 context.clock);
}

// Calls `each` with every event, oldest first.
base::Status forEachEvent(const agent::EventLog& log, const std::stop_token& stop,
                          const std::function<base::Status(const agent::Event&)>& each) {
    int64_t after = 0;
    for (;;) {
        TRY_ASSIGN(const std::vector<agent::Event> events, log.read(after, kEventsAtOnce));
        for (const agent::Event& event : events) {
            if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
            TRY(each(event));
            after = event.seq;
        }
        if (int64_t(events.size()) < kEventsAtOnce) return {};
    }
}

// Ends the reading of a log once nobody reads its output.
base::Status goOn(const Context& context) {
    if (context.out.isClosed()) return base::fail(base::Errc::cancelled, "nobody reads");
    return {};
}

std::string eventLine(const agent::Event& event) {
    return dumped(agent::toJson(event), -1);
}

int show(const SessionsOptions& options, Context& context) {
    const auto log = openLog(options, context);
    if (!log) return context.fail(log.error());
    RunView view(context, {.verbosity = options.isVerbose ? Verbosity::verbose : Verbosity::normal,
                           .isLive = false});
    const auto shown = forEachEvent(**log, context.signals.token(),
                                    [&](const agent::Event& event) -> base::Status {
                                        if (options.isJson)
                                            context.out.line(eventLine(event));
                                        else
                                            view.show(event);
                                        return goOn(context);
                                    });
    if (!shown && !context.out.isClosed()) return context.fail(shown.error());
    return kExitDone;
}

int replay(const SessionsOptions& options, Context& context) {
    const auto log = openLog(options, context);
    if (!log) return context.fail(log.error());
    RunView view(context, {.verbosity = Verbosity::normal, .isLive = true});
    int64_t lastMs = 0;
    const auto shown = forEachEvent(
        **log, context.signals.token(), [&](const agent::Event& event) -> base::Status {
            if (options.speed > 0 && lastMs > 0) {
                const auto waitMs = int64_t(double(event.timeMs - lastMs) / options.speed);
                TRY(context.clock.sleepFor(std::clamp<int64_t>(waitMs, 0, kReplayWaitMsMax),
                                           context.signals.token()));
            }
            lastMs = event.timeMs;
            view.show(event);
            return goOn(context);
        });
    if (!shown && !context.out.isClosed()) return context.fail(shown.error());
    return kExitDone;
}

int exportEvents(const SessionsOptions& options, Context& context) {
    const auto log = openLog(options, context);
    if (!log) return context.fail(log.error());
    std::string text;
    int64_t count = 0;
    const auto read = forEachEvent(**log, context.signals.token(),
                                   [&](const agent::Event& event) -> base::Status {
                                       text += eventLine(event) + "\n";
                                       ++count;
                                       return base::Status();
                                   });
    if (!read) return context.fail(read.error());
    if (options.file.empty() || options.file == "-") {
        context.out.write(text);
        return kExitDone;
    }
    const base::Status written = base::writeFileAtomically(options.file, text);
    if (!written) return context.fail(written.error());
    context.error.line(context.say(Msg::sessionExported, count, options.file));
    return kExitDone;
}

int deleteSession(const SessionsOptions& options, Context& context) {
    const auto id = findSession(options.session, canonicalOrSame(options.repo), context.say);
    if (!id) return context.fail(id.error());
    std::filesystem::path folder;
    {
        // Driving rights first: a session that runs is not taken from under its process.
        const auto log = agent::EventLog::open(sessionsFolder(), *id,
                                               agent::EventLog::Access::drive, context.clock);
        if (!log && log.error().kind() == base::Errc::busy)
            return context.fail({base::Errc::busy, context.say(Msg::sessionBusy, *id)});
        folder = sessionsFolder() / *id;
        if (!options.isForced) {
            if (!canAsk(context))
                return context.failUsage(context.say(Msg::sessionDeleteNeedsForce, *id));
            context.error.write(context.say(Msg::sessionDeleteAsk, *id));
            const auto typed = readTypedLine(context.signals.token());
            if (!typed || (*typed != "y" && *typed != "Y")) {
                context.out.line(context.say(Msg::sessionKept));
                return kExitDone;
            }
        }
    }
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);
    if (failed) return context.fail(base::errnoError(failed.value(), "delete " + folder.string()));
    context.out.line(context.say(Msg::sessionDeleted, *id));
    return kExitDone;
}

void addSession(Command command, SessionsOptions& options, const Messages& say) {
    command.option("SESSION", &options.session, say(Msg::optSession));
    addRepo(command, options.repo, say);
}

}  // namespace

void addSessions(CommandLine& line) {
    const Messages& say = line.context.say;
    Command sessions = line.root.subcommand("sessions", Msg::helpSessions, Msg::exampleSessions);
    sessions.requireSubcommand();
    auto options = std::make_shared<SessionsOptions>();

    Command lister = addCommand(line, sessions, "list", Msg::helpSessionsList,
                                Msg::exampleSessionsList, options, list);
    addRepo(lister, options->repo, say);
    lister.flag("-a,--all", options->showsAll, say(Msg::optAllRepos));
    addJson(lister, options->isJson, say);

    Command shower = addCommand(line, sessions, "show", Msg::helpSessionsShow,
                                Msg::exampleSessionsShow, options, show);
    addSession(shower, *options, say);
    shower.flag("-v,--verbose", options->isVerbose, say(Msg::optVerbose));
    addJson(shower, options->isJson, say);

    Command player = addCommand(line, sessions, "replay", Msg::helpSessionsReplay,
                                Msg::exampleSessionsReplay, options, replay);
    addSession(player, *options, say);
    player.option("--speed", &options->speed, say(Msg::optSpeed)).valueName("X").atLeast(0);

    Command exporter = addCommand(line, sessions, "export", Msg::helpSessionsExport,
                                  Msg::exampleSessionsExport, options, exportEvents);
    addSession(exporter, *options, say);
    exporter.option("-o,--out", &options->file, say(Msg::optOutFile)).valueName("FILE");

    Command remover = addCommand(line, sessions, "delete", Msg::helpSessionsDelete,
                                 Msg::exampleSessionsDelete, options, deleteSession);
    remover.option("SESSION", &options->session, say(Msg::optSession)).required();
    addRepo(remover, options->repo, say);
    remover.flag("-f,--force", options->isForced, say(Msg::optForce));
}

}  // namespace moxie::app
