// moxie_session_writer SESSIONS_FOLDER: drives a session as another process would: starts one,
// prints its id, and streams pieces of an answer, about ten a second, until it is killed.
#include <cstdio>
#include <string>

#include "agent/event_log.h"

int main(int argc, char** argv) {
    using namespace moxie;
    if (argc != 2) return 2;
    base::SystemClock clock;
    auto log = agent::EventLog::create(argv[1], clock);
    if (!log) return 1;
    agent::SessionStarted started;
    started.sessionId = (*log)->sessionId();
    started.repository = argv[1];
    if (!(*log)->append(0, started)) return 1;
    if (!(*log)->append(1, agent::TurnStarted{"count"})) return 1;
    std::puts((*log)->sessionId().c_str());
    std::fflush(stdout);
    for (int n = 1;; ++n) {
        if (!clock.sleepFor(100, {})) return 1;
        if (!(*log)->append(1, agent::Delta{"text", std::to_string(n) + " "})) return 1;
    }
}
