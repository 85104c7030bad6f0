// moxie serve [--host ADDRESS] [--port N] [--api-key KEY] [model switches]
#include "app/serve/serve.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "app/cli/commands.h"

namespace moxie::app {

namespace {

struct ServeFlags {
    ModelFlags model = {};
    std::string host = "127.0.0.1";
    int32_t port = 8080;
    std::string key = {};
};

void waitForStop(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, stop, [] { return false; });
}

void showAddress(const std::string& url, const std::string& model,
                 const serve::ServeOptions& options, Context& context) {
    const Messages& say = context.say;
    const std::string keyHeader =
        options.key.empty() ? "" : " -H \"Authorization: Bearer $MOXIE_SERVE_KEY\"";
    context.out.line(say(Msg::serveListens, printable(model), url));
    context.out.line(say(Msg::serveAddresses, url));
    context.out.line(say(Msg::serveTry));
    context.out.line("  curl -s " + url + "/v1/chat/completions" + keyHeader +
                     " -d '{\"model\":\"moxie\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"Hello\"}]}'");
}

int serveModels(const ServeFlags& flags, Context& context) {
    serve::ServeOptions options{.host = flags.host, .port = flags.port, .key = flags.key};
    const char* variable = std::getenv("MOXIE_SERVE_KEY");
    if (options.key.empty() && variable != nullptr) options.key = variable;
    if (flags.port < 0 || flags.port > 65535)
        return context.failUsage(context.say(Msg::servePortRange, flags.port));
    if (const base::Status allowed = serve::Server::check(options); !allowed) {
        if (allowed.error().kind() != base::Errc::denied) return context.fail(allowed.error());
        return context.failUsage(context.say(Msg::serveNeedsKey, flags.host));
    }
    const auto plan = planModels(flags.model, context.loadConfig("."), context.say);
    if (!plan) return context.fail(plan.error());
    std::vector<std::string> notes;
    const auto model = openModels(*plan, context.clock, context.say, notes);
    for (const std::string& note : notes)
        context.warn(note);
    if (!model) return context.fail(model.error());
    const auto server = serve::Server::start(options, **model, context.clock);
    if (!server) return context.fail(server.error());
    showAddress((*server)->url(), (*model)->limits().model, options, context);
    waitForStop(context.signals.token());
    return kExitDone;
}

}  // namespace

void addServe(CommandLine& line) {
    const Messages& say = line.context.say;
    auto flags = std::make_shared<ServeFlags>();
    Command command =
        addCommand(line, line.root, "serve", Msg::helpServe, Msg::exampleServe, flags, serveModels);
    command.option("--host", &flags->host, say(Msg::optServeHost)).valueName("ADDRESS");
    command.option("--port", &flags->port, say(Msg::optServePort)).valueName("N").atLeast(0);
    command.option("--api-key", &flags->key, say(Msg::optServeKey)).valueName("KEY");
    addModelFlags(command, flags->model, say);
}

}  // namespace moxie::app
