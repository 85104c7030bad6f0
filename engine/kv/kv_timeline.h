// The state of one token timeline: a table of shared pages and a frontier. Branching is cheap: a
// copy shares all pages, and a page that is shared is copied before it is written.
// Not here: which tokens they are for (Session), finding pages again (engine/kv/prefix_tree.h).
// Threads: one thread at a time per timeline; several timelines may share pages across threads as
// long as each is written by one.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/kv/kv_layout.h"

namespace moxie::engine {

// kPageTokens tokens of every layer; written until full, then never again.
class KvPage {
public:
    // nullptr when the system has no memory.
    static std::shared_ptr<KvPage> make(int64_t bytes);

    uint8_t* data() { return data_.get(); }

    const uint8_t* data() const { return data_.get(); }

    int64_t bytes() const { return bytes_; }

private:
    struct Free {
        size_t bytes;
        void operator()(uint8_t* p) const;
    };

    std::unique_ptr<uint8_t, Free> data_ = {nullptr, Free{0}};
    int64_t bytes_ = 0;
};

class KvTimeline {
public:
    // `layout` must outlive it. Fails: outOfMemory (the frontier).
    static base::Result<KvTimeline> make(const KvLayout& layout);
    // A branch at the same length. Fails: outOfMemory.
    base::Result<KvTimeline> fork() const;

    const KvLayout& layout() const { return *layout_; }

    int64_t tokens() const { return tokens_; }

    // Makes the pages of [tokens(), tokens() + count) present and this timeline's own; with a
    // draft block also the page of the token before, whose late row is still to come.
    // Fails: outOfMemory, with the bytes that were missing.
    base::Status reserve(int64_t count);
    // The rows of `count` more tokens are written. Requires: reserved.
    void commit(int64_t count);
    // Forgets rows behind `count` tokens. The frontier is left to the caller.
    void truncate(int64_t count);

    const KvStream& stream(int64_t layer, int64_t stream) const {
        return layout_->layers[static_cast<size_t>(layer)].streams[static_cast<size_t>(stream)];
    }

    // Row `row` of a lane, counted from the start of the timeline. Requires: its page is reserved.
    void write(int64_t layer, int64_t stream, int64_t lane, int64_t row, const float* values);
    // Rows [begin, begin + count) of a lane as [row][values]: in place where they are float32, else
    // decoded into `scratch` [count][values]. Requires: one page holds them all.
    const float* read(int64_t layer, int64_t stream, int64_t lane, int64_t begin, int64_t count,
                      float* scratch) const;

    // Row `row` of a lane as it is stored; the others of its page follow, stream().format.bytes
    // each. Requires: its page is reserved, RowOrder::rows.
    const uint8_t* rows(int64_t layer, int64_t stream, int64_t lane, int64_t row) const;
    // The panel that holds a row of the only lane; nullptr behind the last page.
    // Requires: RowOrder::panels.
    const uint8_t* panel(int64_t layer, int64_t stream, int64_t row) const;

    // Asks for `count` rows from `row` on that lie in one page, ahead of their use: pages lie far
    // apart, and no prefetching of the processor's own follows. None there: nothing happens.
    void prefetch(int64_t layer, int64_t stream, int64_t lane, int64_t row, int64_t count) const;

    std::span<float> frontier(int64_t layer);
    std::span<const float> frontier(int64_t layer) const;

    // For storing and restoring.
    std::span<const std::shared_ptr<KvPage>> pages() const { return pages_; }

    std::span<const float> wholeFrontier() const { return frontier_; }

    // Takes the state of `tokens` tokens. Requires: pages and frontier of this layout's sizes;
    // pages may hold rows of later tokens.
    void restore(std::vector<std::shared_ptr<KvPage>> pages, std::span<const float> frontier,
                 int64_t tokens);

    int64_t allocatedBytes() const;

private:
    explicit KvTimeline(const KvLayout& layout) : layout_(&layout) {}

    // Where a lane's rows begin in the page that holds `row`.
    const uint8_t* lanePage(const KvStream& stream, int64_t lane, int64_t row) const;

    const KvLayout* layout_;
    int64_t tokens_ = 0;
    std::vector<std::shared_ptr<KvPage>> pages_;
    std::vector<uint8_t*> data_;  // of each page: looked up without touching the pages
    std::vector<float> frontier_;
};

}  // namespace moxie::engine
