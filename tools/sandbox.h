// The jail that commands run in: bubblewrap with a read-only root, a writable workspace and private
// temp and home folders, no secrets of the home folder, no network unless allowed. What is visible
// and what is not is listed in tools/README.md. Threads: any thread; copies share the private
// folders, which go with the last copy.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/process.h"

namespace moxie::tools {

enum class SandboxMode {
    required,  // no jail, no command: Errc::unsupported
    off,       // the user said so (--sandbox off): commands run as they are
};
enum class NetworkAccess { denied, allowed };

class Sandbox {
public:
    // Probes once by running `true` in a jail. Never fails; level() tells. Cost: about 20 ms, and a
    // walk over the workspace's folders for nested repositories.
    static Sandbox open(const std::filesystem::path& workspaceRoot, SandboxMode mode,
                        NetworkAccess network = NetworkAccess::denied);

    // What the session was opened with; the tools pass it to wrap().
    NetworkAccess network() const { return network_; }

    // "full", "none". With "none" in mode required, wrap() fails.
    const std::string& level() const { return level_; }

    const std::string& reason() const { return reason_; }  // why there is no jail, in one sentence

    // The argv that runs `argv` inside, and the environment it gets (secrets removed). The folder
    // of the request defaults to the workspace. The request holds things the jail needs: keep it
    // until the command has ended. Fails: unsupported (no jail can be had), io.
    base::Result<ProcessRequest> wrap(ProcessRequest request, NetworkAccess network) const;

private:
    struct State;
    Sandbox() = default;
    std::filesystem::path root_;
    SandboxMode mode_ = SandboxMode::required;
    NetworkAccess network_ = NetworkAccess::denied;
    std::string level_, reason_;
    std::shared_ptr<const State> state_;  // null: no jail
};

}  // namespace moxie::tools
