// A scripted session that a test kills: writes files and runs no command. Each request's bytes are
// put on disk before they are sent.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "agent/session.h"
#include "base/file.h"
#include "tests/fakes/fake_model.h"

using namespace moxie;

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::filesystem::path folder = argv[1];
    base::SystemClock clock;
    tests::FakeModel model(clock, [](size_t n, const engine::ChatRequest&) {
        // A new file each time: an old one would have to be read first after a resume.
        const std::string name = fmt::format("{}-{}", getpid(), n);
        return tests::calls("write", fmt::format(R"({{"path":"n/{}","content":"{}"}})", name, name),
                            "call" + name);
    });
    model.onRequest = [&](const std::string& bytes) {
        (void)base::writeFileAtomically(folder / "last_request", bytes,
                                        base::Durability::renameOnly);  // a kill is no power loss
    };
    agent::SessionOptions options;
    options.repository = folder / "repo";
    options.sessionsFolder = folder / "sessions";
    options.budget.steps = 0;
    agent::SessionEnvironment environment{.model = model, .clock = clock};
    const std::string id = argv[2];
    auto session = id == "new" ? agent::Session::start(options, environment)
                               : agent::Session::resume(id, options, environment);
    if (!session) return 1;
    return (*session)->runTurn("count", {}) ? 0 : 1;
}
