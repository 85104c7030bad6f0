// Reading and parsing files on worker threads, for the thread that writes them into the store.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/bounded_queue.h"
#include "base/result.h"
#include "indexer/parsed_file.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

// Paths whose better tier somebody asks for while an update runs. Threads: any thread.
class Demand {
public:
    void add(std::string_view path);
    // What was added since the last call.
    std::vector<std::string> take();

private:
    static constexpr size_t kPathsMax = 1000;

    std::atomic<bool> isEmpty_ = true;
    std::mutex mutex_;  // guards paths_
    std::vector<std::string> paths_;
};

struct ParseOptions {
    std::filesystem::path root;
    int32_t threads = 2;  // 0: on the calling thread
    int64_t fileBytesMax = 0;
    std::stop_token stop;
    Demand* demand = nullptr;  // may be null
};

struct ParseJob {
    FileOnDisk file;
    ParseTask task = {};
};

// Fails: cancelled, notFound, io.
base::Result<ParsedFile> readAndParse(Outliner& outliner, const ParseJob& job,
                                      const ParseOptions& options);

// Parses all of `jobs`, in their order or the one that is set, but for what is demanded. The jobs
// and options must outlive it. Threads: one thread at a time.
class Parsing {
public:
    struct Outcome {
        size_t job = 0;
        bool isDemanded = false;
        base::Result<ParsedFile> parsed = ParsedFile();
    };

    Parsing(const std::vector<ParseJob>& jobs, const ParseOptions& options);
    ~Parsing();

    // The next result, in no particular order; nullopt when all jobs are done.
    std::optional<Outcome> next();
    // Of the jobs that are not begun. Requires: positions of all jobs, each once.
    void setOrder(std::vector<size_t> order);

private:
    struct Pick {
        size_t job = 0;
        bool isDemanded = false;
    };

    std::optional<Pick> pick();
    Outcome work(Outliner& outliner, const Pick& picked);
    void run();

    const std::vector<ParseJob>& jobs_;
    const ParseOptions& options_;
    Outliner outliner_;  // for zero threads
    std::mutex mutex_;   // guards the next six
    std::vector<size_t> order_;
    size_t nextJob_ = 0;  // in order_
    bool isEnded_ = false;
    std::vector<bool> isTaken_;
    std::vector<size_t> demanded_;
    std::unordered_map<std::string_view, size_t> jobByPath_;  // made when something is demanded
    size_t nTaken_ = 0;                                       // results handed out
    base::BoundedQueue<Outcome> queue_{16};
    std::vector<std::jthread> workers_;  // last: joined before the queue goes
};

}  // namespace moxie::indexer
