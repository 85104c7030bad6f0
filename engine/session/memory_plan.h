// What a session keeps and takes: its options, the layout of its rows, and its memory, planned by
// the same code that uses it. Threads: any thread.
#pragma once
#include <cstdint>

#include "engine/execute/lora.h"
#include "engine/execute/pass.h"
#include "engine/kv/kv_layout.h"
#include "engine/plan/model_plan.h"
#include "engine/weights/map_guard.h"

namespace moxie::engine {

// Within a long prompt a resume point is kept at the multiples of this.
constexpr int64_t kResumePointTokens = 4096;

constexpr size_t kResumePointsMax = 12;
constexpr int64_t kLogitsTokens = 16;  // tokens whose logits are computed together

struct SessionOptions {
    int64_t contextTokens = 0;  // 0: what the model was trained for
    KvFormat kvFormat = KvFormat::f32;
    QuantSimulation simulation = QuantSimulation::off;
    Products promptProducts = Products::exact;
    Products answerProducts = Products::exact;
    bool keepsDraft = false;  // runs the drafter along, for its logits and for speculation
    const LoraAdapters* adapters = nullptr;
    const MapGuard* guard = nullptr;  // of the plan's files: what they cannot give is an error
    ExpertCache* experts = nullptr;   // of this plan, for this session alone; nullptr: mapped
    int64_t memoryBytesMax = 0;       // of all that is resident, for a chosen chunk; 0: no limit
};

// What will be resident, in bytes, for a context of a given length.
struct MemoryPlan {
    int64_t weightBytes = 0;  // mapped from the file, read-only
    // For the whole context; grows page by page as it fills. Up to 2 MB more are resident
    // (engine/kv/page_memory.h).
    int64_t kvBytes = 0;
    int64_t activationBytes = 0;  // of one chunk at the end of the context
    int64_t streamingBytes = 0;   // more of them where experts come from disk
    // Copies of what later tokens write over, kept to go back to: those of one prompt as long as
    // the context, and the one taken before each chunk. 0 where any prefix can be continued.
    int64_t resumeBytes = 0;

    int64_t total() const { return weightBytes + kvBytes + activationBytes + resumeBytes; }
};

// `threads`: of the pool the session will use. `chunkTokens`: as EvaluateOptions.
MemoryPlan planMemory(const ModelPlan& plan, const SessionOptions& options, int64_t chunkTokens,
                      int32_t threads);

// How a session keeps its rows.
KvLayout layoutOf(const ModelPlan& plan, const SessionOptions& options);
IndexScores indexScoresOf(const SessionOptions& options);

// An answer comes a token and its guesses at a time: longer ones are cut, so that their scratch,
// which is larger than that of a prompt's token, stays small.
constexpr int64_t kAnswerTokensAtOnce = 32;
// Tokens of short chunks that wait for a draft block without a window, which takes them together.
constexpr int64_t kWaitingTokensMax = 16;

constexpr int64_t kChosenChunkTokensMin = 512, kChosenChunkTokensMax = 2048;

// Floats of scratch for chunks of up to that many tokens. `streams`: experts come from disk.
int64_t countArena(const ModelPlan& plan, WorkerPool& pool, const SessionOptions& options,
                   int64_t contextTokens, int64_t chunkTokens, bool streams);

// Tokens of a prompt that are evaluated at once where nobody says how many: the more, the more of
// them meet an expert's weights at a time. Their scratch is at most 3 % of the weights' bytes, and
// what is resident keeps within SessionOptions::memoryBytesMax, if it does with the fewest tokens.
int64_t chosenChunkTokens(const ModelPlan& plan, WorkerPool& pool, const SessionOptions& options);

// Floats of logits that a session keeps: the model's, and its drafter's guesses.
int64_t logitFloats(const ModelPlan& plan, const SessionOptions& options);

// Floats of states that a session keeps for its draft block.
int64_t draftStateFloats(const ModelPlan& plan, const SessionOptions& options);

// A rope table for each of the plan's, of the pass's chunk.
void takeRopes(Pass& pass);

}  // namespace moxie::engine
