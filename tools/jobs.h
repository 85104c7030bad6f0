// Commands that go on in the background, their output files, and the folder that long outputs are
// spilled to. Threads: any thread. The destructor ends every job's process group and joins its
// reader.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/process.h"

namespace moxie::tools {

// The name, without ".txt", of the output file that a job started with `outputName` has; with
// "-job-ID" behind it if there was such a file already.
std::string outputFileStem(std::string_view outputName);

class Jobs {
public:
    // `spillFolder` is created; it lies in the session's folder, outside the workspace, readable by
    // the `read` tool.
    explicit Jobs(std::filesystem::path spillFolder);
    ~Jobs();
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    struct Status {
        int32_t id = 0;
        bool isRunning = false;
        int32_t exitCode = -1;
        std::string command;
        std::filesystem::path outputFile;
        bool isKilled = false;     // by kill() or the destructor
        bool isOutputCut = false;  // the file holds only the first outputBytesMax
        int64_t quietMs = 0;       // since the last output, while it runs
    };

    // Starts and returns at once. The output file is named `outputName` (made safe) or "job-ID".
    // Fails: busy (16 jobs are running), notFound, denied, io.
    base::Result<int32_t> start(ProcessRequest request, std::string command,
                                std::string_view outputName = {});

    // Waits until the job ends or waitMs pass. Output that was not returned before; the middle of
    // more than 4 MiB is left out (all of it is in the file). Fails: notFound, cancelled (the job
    // goes on).
    struct Output {
        Status status;
        std::string text;
    };

    base::Result<Output> output(int32_t id, int64_t waitMs, const std::stop_token& stop);
    // As output(), but also returns when there is something new to show.
    base::Result<Output> outputOrMore(int32_t id, int64_t waitMs, const std::stop_token& stop);
    // Fails: notFound, invalidInput (ended, or started without an input).
    base::Status input(int32_t id, std::string_view bytes);
    // Ends the job politely, then by force, and waits for it. A job that has ended is left alone.
    base::Status kill(int32_t id);
    std::vector<Status> list() const;

    // Drops a job that has ended, and its output file unless it is kept.
    enum class OutputFile { removed, kept };
    void forget(int32_t id, OutputFile file);

    const std::filesystem::path& spillFolder() const;

private:
    struct Job;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace moxie::tools
