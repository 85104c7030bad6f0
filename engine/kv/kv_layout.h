// Where the state of one token timeline lies: pages of 256 tokens that hold every layer's rows, and
// a frontier of fixed size for what later tokens write over (windows, open compression blocks).
// Source of the page size: a multiple of 4 and 128, the ratios of DeepSeek V4's compressors.
// Threads: values; immutable once made.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/kv/key_panels.h"
#include "engine/kv/row_format.h"
#include "engine/plan/model_plan.h"

namespace moxie::engine {

constexpr int64_t kPageTokens = 256;

// How rows are kept. f32 is the exact reference. f16 halves it. native: the formats the model's
// makers use (V4: FP8 rows and FP4 index keys; V3.2: FP8 rows and index keys), f16 elsewhere.
enum class KvFormat { f32, f16, native };
// Fails: invalidInput.
base::Result<KvFormat> kvFormatFromName(std::string_view name);

// How indexers compare: keys as they are kept, or queries and keys rounded to 8 bits
// (kernels/index_scores.h), to which keys that would be f32 or f16 are rounded when they are kept.
enum class IndexScores : uint8_t { exact, rounded };

// Whether the drafter's rows are kept along.
enum class DraftRows { absent, kept };

// How the rows of a lane lie in a page: row after row, or 64 beside each other, as a kernel meets
// them (kernels/index_scores.h). On disk they lie row after row.
enum class RowOrder : uint8_t { rows, panels };

// One kind of row of one layer: `lanes` rows side by side (one per key-value head) for every
// `tokensPerRow` tokens.
struct KvStream {
    RowFormat format;
    int64_t lanes = 1;
    int64_t tokensPerRow = 1;
    RowOrder order = RowOrder::rows;
    int64_t pageOffset = 0;  // bytes from the start of a page; lane after lane

    int64_t rowsPerPage() const { return kPageTokens / tokensPerRow; }

    int64_t laneBytes() const {
        return order == RowOrder::panels ? keyPanelBytes(format, rowsPerPage())
                                         : rowsPerPage() * format.bytes;
    }

    int64_t pageBytes() const { return lanes * laneBytes(); }
};

struct KvLayer {
    std::vector<KvStream> streams = {};
    int64_t frontierOffset = 0;  // floats from the start of the frontier
    int64_t frontierFloats = 0;
};

struct KvLayout {
    std::vector<KvLayer> layers = {};  // of the blocks in order, then of the drafter's if kept
    int64_t pageBytes = 0;
    int64_t frontierFloats = 0;
    // The last layer is that of a block for multi-token prediction. Its rows follow one token
    // behind: the row of a position is made when the next token is known, and depends on it.
    bool hasDraft = false;

    // Whether continuing takes more than the rows before: a frontier, or the state that the draft
    // block goes on from. If not, any prefix of a timeline can be continued.
    bool needsResumePoint() const { return frontierFloats > 0 || hasDraft; }

    // Tokens behind a page that its rows depend on.
    int64_t lookaheadTokens() const { return hasDraft ? 1 : 0; }

    // Pages of a timeline of `tokens` tokens that no later token changes.
    int64_t finishedPages(int64_t tokens) const;
    // Bytes of rows that `tokens` tokens fill, without the rest of the last page.
    int64_t rowBytes(int64_t tokens) const;
    // What a timeline of this length allocates: whole pages and the frontier.
    int64_t allocatedBytes(int64_t tokens) const;
};

// The layout of a plan. Requires (kept): the plan has a drafter.
KvLayout makeKvLayout(const ModelPlan& plan, KvFormat format, DraftRows draft = DraftRows::absent,
                      IndexScores scores = IndexScores::exact);

// How V4's shared key-value vectors are kept, in the window and compressed.
RowFormat windowRow(const CompressedAttention& attention, KvFormat format);
// Floats of the frontier: the window's ring [window][headDim], then of the compressor and of the
// indexer's the open block's values and gates [ratio][width] and, with overlap, the first halves of
// the block before [ratio][dim], values and gates.
int64_t frontierFloats(const CompressedAttention& attention);
int64_t frontierFloats(const Compressor& compressor);

}  // namespace moxie::engine
