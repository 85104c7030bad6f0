// A session over a real temporary git repository with the real tools and a scripted model.
#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "agent/session.h"
#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/fakes/fake_model.h"

namespace moxie::tests {

class TempFolder {
public:
    TempFolder() {
        std::string pattern = "/var/tmp/moxie-agent-XXXXXX";
        path = mkdtemp(pattern.data());
    }

    ~TempFolder() {
        std::error_code error;
        std::filesystem::remove_all(path, error);
    }

    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    std::filesystem::path path;
};

inline void writeText(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

inline std::string readText(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
}

inline int shell(const std::filesystem::path& folder, const std::string& command) {
    return std::system(
        ("cd '" + folder.string() + "' && (" + command + ") >/dev/null 2>&1").c_str());
}

// A repository with one commit.
inline void makeRepository(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    writeText(folder / "a.txt", "one\ntwo\nthree\n");
    REQUIRE(shell(folder,
                  "git init -q -b main && git config user.name Test && "
                  "git config user.email test@example.invalid && git add -A && "
                  "git commit -q -m first") == 0);
}

struct Rig {
    explicit Rig(std::vector<ScriptedTurn> script) : model(clock, std::move(script)) { prepare(); }

    explicit Rig(FakeModel::Answering answering) : model(clock, std::move(answering)) { prepare(); }

    void prepare() {
        makeRepository(repository);
        options.repository = repository;
        options.sessionsFolder = folder.path / "sessions";
        options.moxieVersion = "test";
    }

    agent::SessionEnvironment environment() {
        return {.model = model,
                .index = index.get(),
                .clock = clock,
                .onEvent =
                    [this](const agent::Event& event) {
                        events.push_back(event);
                        if (onEvent) onEvent(event);
                    },
                .askPermission = askPermission,
                .makeTools = makeTools,
                .stopStatus = {}};
    }

    agent::TurnEnded run(const std::string& task, const std::stop_token& stop = {}) {
        if (!session) {
            auto started = agent::Session::start(options, environment());
            REQUIRE(started);
            session = std::move(*started);
        }
        auto ended = session->runTurn(task, stop);
        REQUIRE(ended);
        return *ended;
    }

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const agent::Event& event : events)
            if (const T* body = std::get_if<T>(&event.body)) found.push_back(*body);
        return found;
    }

    TempFolder folder;
    std::filesystem::path repository = folder.path / "repo";
    base::SystemClock clock;
    FakeModel model;
    std::unique_ptr<indexer::Index> index;  // none unless a test opens one
    agent::SessionOptions options;
    std::function<void(const agent::Event&)> onEvent;
    std::function<agent::PermissionReply(const agent::PermissionQuestion&, const std::stop_token&)>
        askPermission;
    std::function<std::vector<std::unique_ptr<tools::Tool>>()> makeTools;
    std::vector<agent::Event> events;
    std::unique_ptr<agent::Session> session;
};

}  // namespace moxie::tests
