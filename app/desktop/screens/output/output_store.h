// Where the whole output of a command lies, and how it is read: in order and in slices.
// SessionOutputs is the real one; tests have a fake. Threads: a worker's, one at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace moxie::desktop {

// Names one command of a session.
struct CommandKey {
    std::string sessionId = {}, callId = {}, tool = {};
    int32_t turn = 0;  // as in the events
    int64_t startedMs = 0;
    bool operator==(const CommandKey&) const = default;
};

enum class CommandPhase : uint8_t { running, ended };

// What of the output was not kept when the command ran; a view says so.
enum class OutputLoss : uint8_t {
    none,
    end,        // only its beginning was kept
    rawOutput,  // only what the model was given to read
};

class OutputBytes {
public:
    virtual ~OutputBytes() = default;

    // The next bytes, at most `bytesMax`; empty: there are no more now.
    virtual base::Result<std::string> next(int64_t bytesMax) = 0;
    virtual int64_t totalBytes() const = 0;  // as far as is known
    // Settled when the command has ended and all was read.
    virtual OutputLoss loss() const = 0;
};

class OutputStore {
public:
    virtual ~OutputStore() = default;

    // Fails: notFound (of a running command: there is nothing yet), io, corrupt.
    virtual base::Result<std::unique_ptr<OutputBytes>> open(const CommandKey& key,
                                                            CommandPhase phase) const = 0;
};

}  // namespace moxie::desktop
