// Finds the state of the longest known prefix of a token sequence: a tree over token ids in steps
// of one page, whose pages are shared with live sessions and with each other (KvTimeline copies a
// shared page before it writes). Branches that end inside a page are kept as tails. Where going on
// takes a resume point, only prefixes that have one are found. The least recently used branches are
// given up for the budget.
// Not here: disk (engine/kv/kv_store.h).
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/kv/prefix_key.h"
#include "engine/kv/timeline_snapshot.h"

namespace moxie::engine {

struct PrefixTreeStats {
    int64_t pages = 0;  // each counted once, however many branches share it
    int64_t points = 0;
    int64_t bytes = 0;  // of pages and points
    int64_t finds = 0;
    int64_t hits = 0;
    int64_t hitTokens = 0;
    int64_t evictions = 0;  // pages and tails given up for the budget
};

class PrefixTree {
public:
    // `layout` must outlive the tree.
    PrefixTree(const KvLayout& layout, int64_t bytesMax);
    PrefixTree(const PrefixTree&) = delete;
    PrefixTree& operator=(const PrefixTree&) = delete;

    struct Match {
        TimelineSnapshot snapshot = {};  // no tokens: nothing is known
        // How far the tokens agree with a known branch; beyond the snapshot if no resume point lies
        // there. Evaluating up to here and keeping a point serves the next branch.
        int64_t knownTokens = 0;
    };

    Match find(std::span<const int32_t> tokens);

    // Shares all pages and points of a timeline.
    void insert(const TimelineView& timeline);

    // Keeps the branch of these tokens, as far as it is known, until it is pinned or unpinned again
    // for the same owner.
    void pin(int64_t owner, std::span<const int32_t> tokens);
    void unpin(int64_t owner);

    const PrefixTreeStats& stats() const { return stats_; }

private:
    // A branch that ends inside of a page, or a point that lies in one or between two.
    struct Tail {
        std::vector<int32_t> ids = {};      // since the last whole page
        std::shared_ptr<KvPage> page = {};  // nullptr without ids
        ResumeSnapshot resume = {};
        int64_t lastUse = 0;
        int64_t uses = 0;  // how often a branch was gone on from here
        int64_t pins = 0;
    };

    struct Node {
        base::Hash128 key = {};
        Node* parent = nullptr;
        std::vector<int32_t> ids = {};  // of the page, and those behind it that it depends on
        std::shared_ptr<KvPage> page = {};
        std::vector<Node*> children = {};
        std::vector<Tail> tails = {};
        int64_t lastUse = 0;
        int64_t pins = 0;
    };

    using Path = std::vector<Node*>;  // from the root on

    struct Pin {
        Path path = {};
        std::vector<int32_t> tailIds = {};  // in the last node
    };

    struct Agreement {
        int64_t tokens = 0;
        std::shared_ptr<KvPage> page = {};  // that has their rows
    };

    struct Place {
        Node* node = nullptr;
        size_t tail = 0;  // node->tails.size(): the node itself
    };

    std::span<const int32_t> stepIds(std::span<const int32_t> tokens, int64_t page) const;
    Path descend(std::span<const int32_t> tokens);
    static Agreement agreement(const Node& node, std::span<const int32_t> rest);
    static Tail* longestTail(Node& node, std::span<const int32_t> rest);
    static std::vector<std::shared_ptr<KvPage>> pagesOf(const Path& path);
    TimelineSnapshot takePoint(Path path, std::span<const int32_t> tokens);
    void touch(const Path& path);

    Node* ensureChild(Node& parent, std::span<const int32_t> ids,
                      const std::shared_ptr<KvPage>& page);
    void addTail(Node& node, Tail tail);
    void addRowTail(Node& node, std::span<const int32_t> ids, const std::shared_ptr<KvPage>& page);
    void addPoints(const Path& path, const TimelineView& timeline);
    void thinPoints(const Path& path, std::span<const int32_t> tokens);
    void removeTail(Node& node, size_t index);
    void removeLeaf(Node& node);
    Place leastUsed();
    void keepBudget();
    void hold(const std::shared_ptr<KvPage>& page);
    void letGo(const std::shared_ptr<KvPage>& page);

    const KvLayout* layout_;
    const int64_t bytesMax_;
    std::unordered_map<base::Hash128, Node, KeyHasher> nodes_;  // places are stable
    Node* root_;
    std::unordered_map<const KvPage*, int64_t> holders_;  // nodes and tails of each page
    std::unordered_map<int64_t, Pin> pins_;
    int64_t clock_ = 0;
    PrefixTreeStats stats_;
};

}  // namespace moxie::engine
