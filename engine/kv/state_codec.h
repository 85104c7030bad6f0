// The state of a timeline as bytes: the rows of a page, and resume points with only that part of
// their frontiers that later tokens read. What is read back leads to the same bits.
// Not here: files and checksums (engine/kv/segment_file.h).
// Threads: immutable; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/kv/timeline_snapshot.h"

namespace moxie::engine {

class StateCodec {
public:
    // `plan` and `layout` must outlive it. Requires: layout made of this plan in this format.
    StateCodec(const ModelPlan& plan, const KvLayout& layout, KvFormat format);

    const KvLayout& layout() const { return *layout_; }

    // Rows of the first `tokens` tokens of a page (at most kPageTokens), without padding.
    int64_t rowBytes(int64_t tokens) const { return layout_->rowBytes(tokens); }

    void writeRows(const KvPage& page, int64_t tokens, std::vector<uint8_t>& out) const;
    // nullptr: no memory. Requires: rowBytes(tokens) bytes.
    std::shared_ptr<KvPage> readRows(std::span<const uint8_t> bytes, int64_t tokens) const;

    // A point behind `tokens` tokens: windows in the format of their rows where that loses no bit,
    // open compression blocks as far as they are filled.
    void writePoint(const ResumePoint& point, int64_t tokens, std::vector<uint8_t>& out) const;
    // Fails: corrupt (sizes that do not fit).
    base::Result<ResumePoint> readPoint(std::span<const uint8_t> bytes, int64_t tokens) const;

private:
    // A stretch of the frontier, by how much of it is alive.
    struct Ring {
        int64_t nSlots = 0;
        RowFormat format = {};
    };

    struct Part {
        enum class Kind { ring, block, plain } kind = Kind::plain;
        int64_t offset = 0;  // floats in the frontier
        int64_t floats = 0;
        int64_t lagTokens = 0;  // the layer follows this far behind
        Ring ring = {};
        const Compressor* compressor = nullptr;  // of a block
    };

    // [begin, end) in floats of the frontier.
    struct Stretch {
        int64_t begin = 0;
        int64_t count = 0;
    };

    void addParts(const Block& block, const KvLayer& layer, KvFormat format, int64_t lagTokens);
    static std::vector<Stretch> liveStretches(const Part& part, int64_t tokens);

    const KvLayout* layout_;
    std::vector<Part> parts_;
    size_t stateFloats_ = 0;  // of ResumePoint::lastState
    size_t logitFloats_ = 0;
};

}  // namespace moxie::engine
