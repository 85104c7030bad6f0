// The outputs of stored and running sessions. The bash tool writes every byte to a file in the
// session's folder (outputs/CALL.txt, at most 64 MiB) while the command runs, and removes it at the
// end if its result holds all of it; then the live events of the log do, too. What is no bash
// command has its live events only, at most 256 kB of each call.
// Threads: a worker's, one at a time.
#pragma once
#include <filesystem>

#include "app/desktop/screens/output/output_store.h"
#include "base/clock.h"

namespace moxie::desktop {

class SessionOutputs final : public OutputStore {
public:
    // `clock` outlives it.
    SessionOutputs(std::filesystem::path sessionsFolder, base::Clock& clock)
        : sessionsFolder_(std::move(sessionsFolder)),
          clock_(clock) {}

    base::Result<std::unique_ptr<OutputBytes>> open(const CommandKey& key,
                                                    CommandPhase phase) const override;

private:
    const std::filesystem::path sessionsFolder_;
    base::Clock& clock_;
};

}  // namespace moxie::desktop
