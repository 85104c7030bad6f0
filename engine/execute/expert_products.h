// What one task of a mixture of experts does: gate, up and activation, or down, of a range of rows
// of one expert for all tokens that chose it. feed_forward.cpp cuts the tasks and runs them.
// Threads: any worker of the pass's pool; tasks share no row and no slot but through their buffers.
#pragma once
#include <cstdint>
#include <vector>

#include "engine/execute/expert_choice.h"
#include "engine/execute/pass.h"
#include "engine/experts/expert_cache.h"

namespace moxie::engine {

// An expert with the neighbouring slots that use it.
struct UsedExpert {
    int64_t number = 0;
    int64_t slotBegin = 0, slotEnd = 0;
    int64_t roundedBegin = 0;  // row at which their rounded rows begin, a whole number of tiles
    ExpertWeights weights = {};
};

// A range of rows of one expert, for all its slots.
struct ExpertTask {
    const UsedExpert* used = nullptr;
    int64_t rowBegin = 0, rowEnd = 0;

    int64_t slotBegin() const { return used->slotBegin; }

    int64_t nSlots() const { return used->slotEnd - used->slotBegin; }
};

// What the tasks of a step share, in the pass's arena; sizes are counted in floats.
struct MoeBuffers {
    const float* x;           // [token][hidden]
    float* y;                 // [token][hidden]
    float* logits;            // [token][expert]
    float* gathered;          // [slot][hidden]
    int32_t* tokens;          // [slot]
    float* activated;         // [slot][ffn]; where it is not kept [worker][token][row of a task]
    float* up;                // as activated; [slot][2 ffn] with the gate for transposed experts
    bool keepsActivated;      // beyond the task that makes it
    int64_t transientFloats;  // of a worker's activated
    float* results;  // [slot][hidden]; where they are added up [worker][token][row of a task]
    bool addsUp;     // whether results become part of y where they are made
    int64_t resultsFloats;    // of a worker
    bool isRounded;           // whether products take the rounded rows
    float* roundedIn;         // [token]; of bfloat16 [worker][kTokensAtOnce]
    int64_t roundedInFloats;  // of a worker
    float* roundedActivated;  // [slot], each expert's from roundedBegin on
    float* perWorker;         // a dequantised row of a transposed expert, then what adapters take
    int64_t rowFloats;
    int64_t perWorkerFloats;

    float* ofWorker(int32_t worker) const { return perWorker + worker * perWorkerFloats; }

    float* adapterScratch(int32_t worker) const { return ofWorker(worker) + rowFloats; }
};

// Memory of the arena; x and y are [token][hidden].
MoeBuffers takeMoeBuffers(Pass& pass, const MoeFfn& step, const float* x, float* y);

// How many rows of the first or the second half of an expert a task takes, of `rows`.
int64_t rowsOfTask(const Pass& pass, const MoeFfn& step, int64_t rows);

// Gate, up and activation of a range of rows.
void gateAndUp(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b,
               int32_t worker);

// The same for an expert stored [in, out] with gate and up column by column; all rows at once.
void gateAndUpTransposed(const Pass& pass, const MoeFfn& step, const ExpertTask& task,
                         const MoeBuffers& b, float* row);

// What lies between an expert's two halves, where it is not done with the first.
void finishActivated(const Pass& pass, const MoeFfn& step, const UsedExpert& used,
                     const std::vector<ExpertSlot>& slots, const MoeBuffers& b);

// What a slot's result is multiplied with.
float weightAfterDown(const MoeFfn& step, const ExpertSlot& slot);

// How many rows of y a task takes that adds experts up.
int64_t rowsAddedUp(const Pass& pass);

// Sets the rows [rowBegin, rowEnd) of y to zero, for all tokens.
void clearRows(const Pass& pass, const MoeBuffers& b, int64_t rowBegin, int64_t rowEnd);

// Adds what a task's expert gives to rows of y. Those of an expert with a smaller number have been
// added, so that sums are the same for any cut.
void addDown(const Pass& pass, const MoeFfn& step, const ExpertTask& task,
             const std::vector<ExpertSlot>& slots, const MoeBuffers& b, int32_t worker);

// A range of rows of the results.
void down(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b,
          int32_t worker);

}  // namespace moxie::engine
