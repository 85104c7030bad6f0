#include "tools/sandbox.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/text.h"
#include "tools/jail.h"

namespace moxie::tools {

namespace fs = std::filesystem;

struct Sandbox::State {
    std::string monitor;  // bubblewrap
    JailPlan plan;
    std::unique_ptr<PrivateFolders> folders;
    std::shared_ptr<MountPoints> mountPoints;
};

namespace {

// Fixed places: a PATH may name folders that the workspace can write.
std::string findBubblewrap() {
    for (const char* path :
         {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/run/current-system/sw/bin/bwrap"})
        if (::access(path, X_OK) == 0) return path;
    return {};
}

std::map<std::string, std::string> ownEnvironment() {
    std::map<std::string, std::string> environment;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (const size_t equals = text.find('='); equals != std::string_view::npos)
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

std::string firstLine(std::string_view text) {
    const std::string clean = base::stripTerminalControl(base::toValidUtf8(text));
    const auto lines = base::splitLines(clean);
    return lines.empty() ? std::string() : std::string(base::cutUtf8(lines[0], 200));
}

}  // namespace

Sandbox Sandbox::open(const fs::path& workspaceRoot, SandboxMode mode, NetworkAccess network) {
    Sandbox sandbox;
    sandbox.root_ = workspaceRoot;
    sandbox.mode_ = mode;
    sandbox.network_ = network;
    sandbox.level_ = "none";
    if (mode == SandboxMode::off) {
        sandbox.reason_ = "the sandbox is switched off";
        return sandbox;
    }
    const auto none = [&](std::string reason) {
        sandbox.state_.reset();
        sandbox.reason_ = std::move(reason);
        return sandbox;
    };
    auto state = std::make_shared<State>();
    state->monitor = findBubblewrap();
    if (state->monitor.empty()) return none("bubblewrap (bwrap) is not installed");
    auto plan = planJail(workspaceRoot);
    if (!plan) return none(plan.error().message());
    PrivateFolders::sweep();
    auto folders = PrivateFolders::make();
    if (!folders) return none(folders.error().message());
    state->plan = std::move(*plan);
    state->folders = std::move(*folders);
    state->mountPoints = std::make_shared<MountPoints>(state->plan.root);
    sandbox.root_ = state->plan.root;
    sandbox.state_ = std::move(state);

    auto probe = sandbox.wrap({.argv = {"true"}, .timeoutMs = 10'000}, network);
    if (!probe) return none(probe.error().message());
    auto result = runProcess(*probe, {});
    if (!result) return none(result.error().message());
    if (result->exitCode != 0)
        return none(
            fmt::format("bubblewrap cannot make a jail here: {}", firstLine(result->output)));
    sandbox.level_ = "full";
    return sandbox;
}

base::Result<ProcessRequest> Sandbox::wrap(ProcessRequest request, NetworkAccess network) const {
    if (request.directory.empty()) request.directory = root_;
    if (!request.environment) request.environment = ownEnvironment();
    if (mode_ == SandboxMode::off) {
        // Even then the model has no use for the keys of its own providers.
        std::erase_if(*request.environment,
                      [](const auto& entry) { return entry.first.ends_with("API_KEY"); });
        return request;
    }
    if (!state_)
        return base::fail(base::Errc::unsupported, fmt::format("no jail can be had: {}", reason_));

    std::vector<fs::path> names, masked;
    for (const std::string_view name : protectedNames())
        names.push_back(state_->plan.root / name);
    request.keepAlive =
        std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const State>>>(
            state_->mountPoints->use(names, masked), state_);
    std::vector<std::string> argv = {state_->monitor};
    for (std::string& argument : jailArguments(state_->plan, *state_->folders, network, masked))
        argv.push_back(std::move(argument));
    argv.insert(argv.end(), {"--chdir", request.directory.native(), "--"});
    argv.insert(argv.end(), request.argv.begin(), request.argv.end());
    request.argv = std::move(argv);
    request.environment = jailEnvironment(std::move(*request.environment), state_->plan);
    request.directory = "/";  // bubblewrap changes into the folder when the jail stands
    request.isJailed = true;
    return request;
}

}  // namespace moxie::tools
