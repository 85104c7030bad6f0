// The look-around of the first run: the made-up repository of `moxie demo` and a session on it
// whose model is recorded (its view says so: backend "recorded"), so that a whole real job, with
// real tools, files and checks, can be watched without key or network. Threads: GUI thread only.
#pragma once
#include <functional>
#include <memory>

#include "app/desktop/core/worker.h"
#include "app/desktop/session/live_session.h"

namespace moxie::desktop {

struct DemoPlaces {
    std::filesystem::path demosFolder = {};  // each look-around gets a folder of its own in it
    std::filesystem::path sessionsFolder = {};
    int64_t pieceWaitMs = 15;  // between two words, so that it can be watched
};

// Under dataDir().
DemoPlaces usualDemoPlaces();

using DemoReady = std::function<void(base::Result<std::unique_ptr<LiveSession>>)>;

// Makes the repository on the worker, then gives `ready` a session that is at work on its task,
// if `receiver` lives still. Every call of the agent is asked for or not as `mode` says. Fails: io.
struct DemoWish {
    DemoPlaces places = usualDemoPlaces();
    agent::PermissionMode mode = agent::PermissionMode::autonomous;
};

void startDemo(Worker& worker, QObject& receiver, base::Clock& clock, DemoWish wish,
               DemoReady ready);

}  // namespace moxie::desktop
