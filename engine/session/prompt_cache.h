// Takes one session from conversation to conversation without reading anything twice: the prefixes
// it has read stay in memory as branches of a tree and, if there is a store, on disk.
// Not here: what is evaluated and sampled (the caller).
// Threads: one thread at a time, the session's.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "engine/kv/kv_store.h"
#include "engine/kv/prefix_tree.h"
#include "engine/session/session.h"

namespace moxie::engine {

class PromptCache {
public:
    // `session` must outlive it. `memoryBytes`: for branches; those of the session itself count.
    PromptCache(Session& session, int64_t memoryBytes);

    void setStore(std::unique_ptr<KvStore> store) { store_ = std::move(store); }

    struct Prefix {
        int64_t tokens = 0;      // of the prompt that the session holds now
        int64_t diskTokens = 0;  // of these, found on disk only
        // Where other conversations leave the prompt's way: a call of evaluate() that ends here
        // serves the next one of them. 0: nowhere.
        int64_t branchTokens = 0;
    };

    // Brings the session to the longest prefix of the prompt that is known. If that is all of it,
    // the session's logits() are known. Fails: what Session::rewind fails with.
    base::Result<Prefix> take(std::span<const int32_t> prompt, const std::stop_token& stop);

    // Keeps what the session holds now. Cost: writes to disk what is new, if there is a store.
    void keep();

    // The same for answers, if there is a store.
    void keepAnswers(std::span<const StoredAnswer> answers);

    const PrefixTreeStats& treeStats() const { return tree_.stats(); }

    // Zeros without a store.
    KvStoreStats storeStats() const { return store_ ? store_->stats() : KvStoreStats{}; }

private:
    void report(const base::Status& status) const;
    PrefixTree::Match findInMemory(std::span<const int32_t> prompt);

    Session& session_;
    PrefixTree tree_;
    std::unique_ptr<KvStore> store_;
};

}  // namespace moxie::engine
