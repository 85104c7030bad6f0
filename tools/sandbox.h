// The jail that commands run in: bubblewrap with a read-only root, a writable workspace and private
// temp folder, no secrets of the home folder, no network unless allowed. Source: ../shared
// reference, recipe 3.8; see README. Threads: any thread; immutable.
#pragma once
#include <filesystem>
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
    // Probes once by running `true` in a jail. Never fails; level() tells.
    static Sandbox open(const std::filesystem::path& workspaceRoot, SandboxMode mode,
                        NetworkAccess network = NetworkAccess::denied);

    // What the session was opened with; the tools pass it to wrap().
    NetworkAccess network() const { return network_; }

    // "full", "none". With "none" in mode required, wrap() fails.
    const std::string& level() const { return level_; }

    const std::string& reason() const { return reason_; }  // why there is no jail, in one sentence

    // The argv that runs `argv` inside, and the environment it gets (secrets removed).
    // Fails: unsupported (no jail can be had).
    base::Result<ProcessRequest> wrap(ProcessRequest request, NetworkAccess network) const;

private:
    Sandbox() = default;
    std::filesystem::path root_;
    SandboxMode mode_ = SandboxMode::required;
    NetworkAccess network_ = NetworkAccess::denied;
    std::string level_, reason_;
};

}  // namespace moxie::tools
