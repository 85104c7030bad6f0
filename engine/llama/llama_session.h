// One token timeline over a LlamaModel: it owns the KV cache (float32) and grows by evaluate().
// Results depend on the tokens only, never on chunk size or thread count: same bits.
// Threads: one thread at a time; the pool's workers are used inside evaluate(). Sessions may share
// model and pool, but must not evaluate at the same moment on one pool.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "engine/llama/llama_model.h"
#include "engine/worker_pool.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

// Floats at 64-byte borders, so that no vector load crosses a cache line.
template <class T>
struct CacheLineAllocator {
    using value_type = T;

    CacheLineAllocator() = default;

    template <class U>
    explicit CacheLineAllocator(const CacheLineAllocator<U>&) {}

    T* allocate(size_t n) {
        return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(64)));
    }

    void deallocate(T* p, size_t) { ::operator delete(p, std::align_val_t(64)); }

    bool operator==(const CacheLineAllocator&) const = default;
};

using FloatBuffer = std::vector<float, CacheLineAllocator<float>>;

struct EvaluateOptions {
    int64_t chunkTokens = 128;  // tokens per pass through the layers; also the grain of progress
    std::stop_token stop = {};  // looked at before each layer
    // After each chunk: tokens of this call done and due.
    std::function<void(int64_t done, int64_t total)> progress = {};
    // If set, called with every token's logits, in order (else only the last token's are computed).
    std::function<void(int64_t index, std::span<const float> logits)> eachLogits = {};
};

class LlamaSession {
public:
    // `model`, `pool` must outlive the session. Fails: invalidInput (contextTokens not in 1 to the
    // model's limit; 0 means that limit), outOfMemory.
    static base::Result<LlamaSession> make(const LlamaModel& model, WorkerPool& pool,
                                           const kernels::Dispatch& dispatch,
                                           int64_t contextTokens = 0);

    // Appends tokens and returns the logits after the last one, valid until the next call.
    // Fails: invalidInput (no token, unknown id, context full), cancelled; then the session holds
    // the tokens it held before the call plus whole chunks that were done (tokens() tells).
    base::Result<std::span<const float>> evaluate(std::span<const int32_t> tokens,
                                                  const EvaluateOptions& options = {});

    std::span<const int32_t> tokens() const { return tokens_; }

    int64_t contextTokens() const { return contextTokens_; }

    // Goes back to the first nTokens tokens (no more than there are). Costs nothing; the next
    // evaluate() writes over the rest.
    void truncate(int64_t nTokens);

private:
    LlamaSession(const LlamaModel& model, WorkerPool& pool, const kernels::Dispatch& dispatch);

    base::Status evaluateChunk(std::span<const int32_t> tokens, const EvaluateOptions& options);
    void projectQkv(const LlamaLayer& layer, int64_t layerIndex, int64_t nTokens);
    void attend(int64_t layerIndex, int64_t nTokens);
    void attendOne(int64_t layerIndex, int64_t token, int64_t head, int32_t worker);
    void feedForward(const LlamaLayer& layer, int64_t nTokens);
    void computeLogits(int64_t token, int64_t nTokens);
    void normalise(const std::vector<float>& weight, int64_t nTokens);
    void addProduct(const kernels::WeightsView& weights, const FloatBuffer& in, int64_t nTokens);
    void ensureRoom(int64_t nTokens);
    float* keys(int64_t layer, int64_t kvHead) const;
    float* values(int64_t layer, int64_t kvHead) const;

    const LlamaModel* model_;
    WorkerPool* pool_;
    const kernels::Dispatch* dispatch_;
    int64_t contextTokens_ = 0;
    std::vector<int32_t> tokens_;

    struct FreeCache {
        void operator()(float* cache) const { ::operator delete(cache, std::align_val_t(64)); }
    };

    std::unique_ptr<float, FreeCache> kv_;  // [layer][key, value][kv head][position][headDim]
    FloatBuffer x_, normed_, q_, attended_, gated_;  // [token][dim] of one chunk
    FloatBuffer ropeCos_, ropeSin_;                  // [token][pair]
    std::vector<FloatBuffer> scores_, rows_;         // one per worker
    FloatBuffer logits_;
};

}  // namespace moxie::engine
