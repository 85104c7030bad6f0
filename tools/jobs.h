// Commands that go on in the background, their output files, and the folder that long outputs are
// spilled to. Threads: any thread. The destructor ends every job's process group and joins its
// reader.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/process.h"

namespace moxie::tools {

class Jobs {
public:
    // `spillFolder` is created; it lies in the session's folder, outside the workspace, readable by
    // the `read` tool.
    explicit Jobs(std::filesystem::path spillFolder);
    ~Jobs();

    struct Status {
        int32_t id = 0;
        bool isRunning = false;
        int32_t exitCode = -1;
        std::string command;
        std::filesystem::path outputFile;
    };

    // Starts and returns at once. Fails: busy (16 jobs are running), notFound, io.
    base::Result<int32_t> start(ProcessRequest request, std::string command);

    // Waits until the job ends or waitMs pass. Output that was not returned before. Fails:
    // notFound.
    struct Output {
        Status status;
        std::string text;
    };

    base::Result<Output> output(int32_t id, int64_t waitMs, const std::stop_token& stop);
    base::Status kill(int32_t id);
    std::vector<Status> list() const;

    const std::filesystem::path& spillFolder() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace moxie::tools
