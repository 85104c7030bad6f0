// moxie_scripted_server --port 0 --print-port --scripts DIR [--playback FILE] [--record DIR]
// Runs until SIGTERM or SIGINT, or until its standard input ends if --until-stdin-ends is given.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/fakes/scripted_server/scripted_server.h"

int main(int argc, char** argv) {
    moxie::tests::ScriptedServerOptions options;
    bool printsPort = false;
    bool endsWithStdin = false;
    std::string scripts = MOXIE_SOURCE_DIR "/tests/data/scripts";
    std::string playback;
    std::string record;
    CLI::App app("A model server that plays scripts");
    app.add_option("--port", options.port, "0: any free one");
    app.add_flag("--print-port", printsPort, "print the port as the first line");
    app.add_option("--scripts", scripts, "folder of NAME.json");
    app.add_option("--playback", playback, "script of the model 'playback', by turns")
        ->envname("MOXIE_PLAYBACK");
    app.add_option("--record", record, "folder for request bodies");
    app.add_flag("--until-stdin-ends", endsWithStdin, "end when standard input does");
    CLI11_PARSE(app, argc, argv);
    options.scriptsFolder = scripts;
    options.playbackFile = playback;
    options.recordFolder = record;

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before threads start

    const auto server = moxie::tests::ScriptedServer::start(std::move(options));
    if (!server) {
        std::fprintf(stderr, "moxie_scripted_server: %s\n", server.error().message().c_str());
        return 1;
    }
    if (printsPort) {
        std::printf("%d\n", int((*server)->port()));
        std::fflush(stdout);
    }
    if (endsWithStdin) {
        pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
        char byte = 0;
        while (read(STDIN_FILENO, &byte, 1) > 0) {
        }
        return 0;
    }
    int signal = 0;
    sigwait(&ends, &signal);
    return 0;
}
