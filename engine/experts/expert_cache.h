// The routed experts of a model that is larger than the memory: as many of them as the budget holds
// stay in memory, the others are read from the file when a token needs them. A read goes around the
// page cache with several requests at once, which is what a fast disk wants (mapped pages come one
// fault at a time). What stays is what is used most, with older uses counting less and less.
// The weights are the file's own bytes, so results are the same with a cache of any size.
// Threads: one thread at a time; threads of its own read.
#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/experts/disk_file.h"
#include "engine/loaded_model.h"
#include "engine/plan/steps.h"

namespace moxie::engine {

struct ExpertWeights {
    kernels::WeightsView gate = {}, up = {}, down = {};
};

struct ExpertCacheOptions {
    int64_t bytes = 0;    // for experts; what does not fill a place for one more is not used
    int32_t readers = 4;  // reads at once
};

struct ExpertCacheStats {
    int64_t places = 0, placeBytes = 0;  // experts that fit, and the bytes kept for each
    int64_t experts = 0;                 // of the model
    int64_t uses = 0;                    // of an expert by a chunk
    int64_t hits = 0;                    // of these, in memory when they were asked for
    int64_t bytesRead = 0;
    double waitSeconds = 0;  // spent waiting for reads

    bool operator==(const ExpertCacheStats&) const = default;
};

class ExpertCache {
public:
    // `model` must outlive it. Fails: invalidInput (a model without routed experts), outOfMemory
    // (the budget does not hold the experts of one token and one more; says how much does), what
    // DiskFile fails with.
    static base::Result<std::unique_ptr<ExpertCache>> open(const LoadedModel& model,
                                                           const ExpertCacheOptions& options);
    ~ExpertCache();
    ExpertCache(const ExpertCache&) = delete;
    ExpertCache& operator=(const ExpertCache&) = delete;

    // Names the experts that a chunk needs of one step, each once, and begins to read those that
    // are not here. What an earlier call named is given up.
    void need(const MoeFfn& step, std::span<const int64_t> experts);
    // Those of them that are here and were not given yet: first the ones that were here already,
    // while others are being read; waits until there is one. They stay until the next call of
    // take() or need(). Empty: all were given. Fails: cancelled; io, corrupt (the file cannot be
    // read there).
    base::Result<std::vector<int64_t>> take(const std::stop_token& stop);
    // Of an expert that take() gave last.
    ExpertWeights weights(const MoeFfn& step, int64_t expert) const;

    ExpertCacheStats stats() const;

private:
    // A stretch of a file that one read brings to a place: whole pages around what is wanted.
    struct Part {
        int32_t file = 0;
        int64_t fileOffset = 0, bytes = 0;
        int64_t placeOffset = 0;
        int64_t skip = 0;  // bytes before what is wanted
    };

    // Where an expert's weights and scales lie: gate, up, down, in both.
    struct Source {
        std::vector<Part> parts;
        std::array<int32_t, 3> weights = {-1, -1, -1}, scales = {-1, -1, -1};
    };

    enum class State : uint8_t { absent, reading, present };

    struct Entry {
        State state = State::absent;
        bool isKept = false;  // named by need() and not used up
        int32_t place = -1;
        int32_t nPartsLeft = 0;
        bool isBroken = false;  // a part of it could not be read
        double score = 0;       // uses, halved with age
        int64_t usedAt = -1;    // in calls of need()
        // Orders entries by what their scores are worth at any one time: all fade alike.
        double rank = 0;
    };

    struct Read {
        int64_t entry = 0;
        Part part;
    };

    ExpertCache(const LoadedModel& model, int32_t readers);
    base::Status openFiles();
    base::Status addStep(const MoeFfn& step);
    base::Result<Source> sourceOf(const Expert& expert) const;
    base::Status addPart(const uint8_t* data, int64_t bytes, Source& source, int32_t& index) const;
    base::Status takeMemory(int64_t bytes);
    void use(int64_t entry);
    void startReads();
    std::optional<int32_t> freePlace();
    void readLoop(const std::stop_token& stop);
    void finish(const Read& read, base::Status status);
    uint8_t* placeAt(int32_t place) const;

    const LoadedModel& model_;
    const int32_t nReaders_;
    std::vector<DiskFile> files_;
    std::vector<Source> sources_;                         // by entry
    std::unordered_map<const MoeFfn*, int64_t> firstOf_;  // entry of a step's expert 0
    int64_t placeBytes_ = 0;
    uint8_t* memory_ = nullptr;
    int64_t memoryBytes_ = 0;

    mutable std::mutex mutex_;  // guards all below
    std::condition_variable_any hasReads_, hasNews_;
    std::vector<Entry> entries_;
    std::vector<int64_t> holders_;  // entry of each place, or -1
    std::vector<int64_t> wanted_;   // named, neither given nor begun to be read
    std::vector<int64_t> awaited_;  // named and not given; in the order of need()
    std::vector<int64_t> given_;    // by the last take()
    std::deque<Read> reads_;        // waiting
    std::optional<base::Error> failure_;
    int64_t nCalls_ = 0;
    int64_t firstEntry_ = 0;  // of the step that was named last
    ExpertCacheStats stats_;
    std::vector<std::jthread> readers_;  // last: joins before the rest goes
};

}  // namespace moxie::engine
