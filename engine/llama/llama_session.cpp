#include "engine/llama/llama_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::WeightsView;

namespace {

constexpr int64_t kRowsPerTask = 32;       // some microseconds of work for one token
constexpr int64_t kHeadRowsPerTask = 128;  // of the output head, which has many rows
constexpr int64_t kLogitsTokens = 16;      // tokens whose logits are computed together
constexpr int64_t kChunkTokensMax = 4096;

size_t asSize(int64_t n) {
    return static_cast<size_t>(n);
}

int64_t ceilDivide(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

// Turns each pair (2i, 2i + 1) of one head by its angle.
void rope(float* head, const float* cosines, const float* sines, int64_t nPairs) {
    for (int64_t i = 0; i < nPairs; ++i) {
        const double a = head[2 * i];
        const double b = head[2 * i + 1];
        head[2 * i] = static_cast<float>(a * cosines[i] - b * sines[i]);
        head[2 * i + 1] = static_cast<float>(a * sines[i] + b * cosines[i]);
    }
}

}  // namespace

LlamaSession::LlamaSession(const LlamaModel& model, WorkerPool& pool,
                           const kernels::Dispatch& dispatch)
    : model_(&model),
      pool_(&pool),
      dispatch_(&dispatch) {}

Result<LlamaSession> LlamaSession::make(const LlamaModel& model, WorkerPool& pool,
                                        const kernels::Dispatch& dispatch, int64_t contextTokens) {
    const LlamaShape& shape = model.shape();
    if (contextTokens < 0 || contextTokens > shape.contextTokensMax)
        return fail(Errc::invalidInput, fmt::format("context of {} tokens, the model has 1 to {}",
                                                    contextTokens, shape.contextTokensMax));
    LlamaSession session(model, pool, dispatch);
    session.contextTokens_ = contextTokens == 0 ? shape.contextTokensMax : contextTokens;
    int64_t floats = 0;
    if (__builtin_mul_overflow(2 * shape.nLayers * shape.kvDim(), session.contextTokens_,
                               &floats) ||
        floats > std::numeric_limits<int64_t>::max() / 8)
        return fail(Errc::outOfMemory, "the KV cache does not fit into any memory");
    // Not initialised on purpose: the system hands out pages as they are first written.
    session.kv_.reset(static_cast<float*>(
        ::operator new(asSize(floats) * sizeof(float), std::align_val_t(64), std::nothrow)));
    if (session.kv_ == nullptr)
        return fail(Errc::outOfMemory,
                    fmt::format("no memory for a KV cache of {} bytes for {} tokens", floats * 4,
                                session.contextTokens_));
    session.scores_.resize(asSize(pool.threads()));
    session.rows_.resize(asSize(pool.threads()));
    return session;
}

float* LlamaSession::keys(int64_t layer, int64_t kvHead) const {
    const LlamaShape& s = model_->shape();
    return kv_.get() + (layer * 2 * s.nKvHeads + kvHead) * contextTokens_ * s.headDim;
}

float* LlamaSession::values(int64_t layer, int64_t kvHead) const {
    const LlamaShape& s = model_->shape();
    return kv_.get() + ((layer * 2 + 1) * s.nKvHeads + kvHead) * contextTokens_ * s.headDim;
}

void LlamaSession::truncate(int64_t nTokens) {
    BASE_CHECK(nTokens >= 0 && nTokens <= std::ssize(tokens_));
    tokens_.resize(asSize(nTokens));
}

Result<std::span<const float>> LlamaSession::evaluate(std::span<const int32_t> tokens,
                                                      const EvaluateOptions& options) {
    const LlamaShape& shape = model_->shape();
    if (tokens.empty()) return fail(Errc::invalidInput, "no tokens to evaluate");
    if (std::ssize(tokens) > contextTokens_ - std::ssize(tokens_))
        return fail(Errc::invalidInput,
                    fmt::format("{} tokens after {} do not fit into a context of {}", tokens.size(),
                                tokens_.size(), contextTokens_));
    for (const int32_t token : tokens)
        if (token < 0 || token >= shape.vocabularySize)
            return fail(Errc::invalidInput, fmt::format("token {}, the vocabulary has 0 to {}",
                                                        token, shape.vocabularySize - 1));

    const int64_t chunk = std::clamp<int64_t>(options.chunkTokens, 1, kChunkTokensMax);
    const int64_t total = std::ssize(tokens);
    for (int64_t done = 0; done < total;) {
        const int64_t n = std::min(chunk, total - done);
        TRY(evaluateChunk(tokens.subspan(asSize(done), asSize(n)), options));
        if (options.eachLogits) {
            for (int64_t t = 0; t < n; t += kLogitsTokens) {
                const int64_t group = std::min(kLogitsTokens, n - t);
                computeLogits(t, group);
                for (int64_t i = 0; i < group; ++i)
                    options.eachLogits(done + t + i,
                                       std::span(logits_).subspan(asSize(i * shape.vocabularySize),
                                                                  asSize(shape.vocabularySize)));
            }
        }
        done += n;
        if (done == total) computeLogits(n - 1, 1);
        if (options.progress) options.progress(done, total);
    }
    return std::span<const float>(logits_).first(asSize(shape.vocabularySize));
}

void LlamaSession::ensureRoom(int64_t nTokens) {
    const LlamaShape& s = model_->shape();
    const auto ensure = [](FloatBuffer& values, int64_t size) {
        if (std::ssize(values) < size) values.resize(asSize(size));
    };
    const int64_t nPairs = std::ssize(model_->ropeFrequencies());
    ensure(x_, nTokens * s.hiddenDim);
    ensure(normed_, nTokens * s.hiddenDim);
    ensure(q_, nTokens * s.qDim());
    ensure(attended_, nTokens * s.qDim());
    ensure(gated_, nTokens * s.ffnDim);
    ensure(ropeCos_, nTokens * nPairs);
    ensure(ropeSin_, nTokens * nPairs);
    for (FloatBuffer& rows : rows_)
        ensure(rows, 2 * kRowsPerTask * nTokens);
    for (FloatBuffer& scores : scores_)
        ensure(scores,
               std::min(contextTokens_, ceilDivide(std::ssize(tokens_) + nTokens, 256) * 256));
}

Status LlamaSession::evaluateChunk(std::span<const int32_t> tokens,
                                   const EvaluateOptions& options) {
    const LlamaShape& s = model_->shape();
    const int64_t n = std::ssize(tokens);
    ensureRoom(n);
    const std::vector<double>& frequencies = model_->ropeFrequencies();
    const int64_t nPairs = std::ssize(frequencies);
    const WeightsView& embedding = model_->embedding();
    for (int64_t t = 0; t < n; ++t) {
        dispatch_->dequantiseRow(
            embedding, tokens[asSize(t)],
            std::span(x_).subspan(asSize(t * s.hiddenDim), asSize(s.hiddenDim)));
        const auto pos = static_cast<double>(std::ssize(tokens_) + t);
        for (int64_t i = 0; i < nPairs; ++i) {
            const double angle = pos * frequencies[asSize(i)];
            ropeCos_[asSize(t * nPairs + i)] = static_cast<float>(std::cos(angle));
            ropeSin_[asSize(t * nPairs + i)] = static_cast<float>(std::sin(angle));
        }
    }
    for (int64_t i = 0; i < s.nLayers; ++i) {
        if (options.stop.stop_requested()) return fail(Errc::cancelled, "evaluation was cancelled");
        const LlamaLayer& layer = model_->layers()[asSize(i)];
        normalise(layer.attentionNorm, n);
        projectQkv(layer, i, n);
        attend(i, n);
        addProduct(layer.attentionOut, attended_, n);
        normalise(layer.ffnNorm, n);
        feedForward(layer, n);
    }
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    return {};
}

void LlamaSession::normalise(const std::vector<float>& weight, int64_t nTokens) {
    const LlamaShape& s = model_->shape();
    constexpr int64_t kTokensPerTask = 8;
    pool_->run(ceilDivide(nTokens, kTokensPerTask), [&](int64_t task, int32_t) {
        const int64_t end = std::min((task + 1) * kTokensPerTask, nTokens);
        for (int64_t t = task * kTokensPerTask; t < end; ++t)
            dispatch_->rmsNorm(&x_[asSize(t * s.hiddenDim)], weight.data(), s.normEpsilon,
                               &normed_[asSize(t * s.hiddenDim)], s.hiddenDim);
    });
}

// One task is one head of queries, keys or values; keys and values go straight into the cache.
void LlamaSession::projectQkv(const LlamaLayer& layer, int64_t layerIndex, int64_t nTokens) {
    const LlamaShape& s = model_->shape();
    const int64_t nPairs = std::ssize(model_->ropeFrequencies());
    const int64_t pos = std::ssize(tokens_);
    pool_->run(s.nHeads + 2 * s.nKvHeads, [&](int64_t task, int32_t) {
        const WeightsView* weights = &layer.q;
        int64_t head = task;
        int64_t stride = s.headDim;
        float* out = nullptr;
        if (task < s.nHeads) {
            stride = s.qDim();
            out = &q_[asSize(head * s.headDim)];
        } else if (task < s.nHeads + s.nKvHeads) {
            weights = &layer.k;
            head -= s.nHeads;
            out = keys(layerIndex, head) + pos * s.headDim;
        } else {
            weights = &layer.v;
            head -= s.nHeads + s.nKvHeads;
            out = values(layerIndex, head) + pos * s.headDim;
        }
        dispatch_->matmul(*weights, head * s.headDim, (head + 1) * s.headDim, normed_.data(),
                          s.hiddenDim, nTokens, nullptr, out, stride);
        if (weights == &layer.v) return;
        for (int64_t t = 0; t < nTokens; ++t)
            rope(out + t * stride, &ropeCos_[asSize(t * nPairs)], &ropeSin_[asSize(t * nPairs)],
                 nPairs);
    });
}

void LlamaSession::attend(int64_t layerIndex, int64_t nTokens) {
    const int64_t nHeads = model_->shape().nHeads;
    pool_->run(nTokens * nHeads, [&](int64_t task, int32_t worker) {
        attendOne(layerIndex, task / nHeads, task % nHeads, worker);
    });
}

void LlamaSession::attendOne(int64_t layerIndex, int64_t token, int64_t head, int32_t worker) {
    const LlamaShape& s = model_->shape();
    const int64_t kvHead = head / (s.nHeads / s.nKvHeads);
    const int64_t n = std::ssize(tokens_) + token + 1;  // positions this token sees
    const int64_t at = token * s.qDim() + head * s.headDim;
    float* scores = scores_[asSize(worker)].data();
    const WeightsView rows = {.dtype = kernels::DType::f32,
                              .data = reinterpret_cast<const uint8_t*>(keys(layerIndex, kvHead)),
                              .rows = n,
                              .cols = s.headDim,
                              .rowBytes = s.headDim * static_cast<int64_t>(sizeof(float))};
    dispatch_->matmul(rows, 0, n, &q_[asSize(at)], s.headDim, 1, nullptr, scores, n);
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(s.headDim)));
    for (int64_t i = 0; i < n; ++i)
        scores[i] *= scale;
    dispatch_->softmax(scores, n);
    dispatch_->weightedSum(scores, values(layerIndex, kvHead), n, s.headDim,
                           &attended_[asSize(at)]);
}

// x += weights * in
void LlamaSession::addProduct(const WeightsView& weights, const FloatBuffer& in, int64_t nTokens) {
    const int64_t hiddenDim = model_->shape().hiddenDim;
    pool_->run(ceilDivide(weights.rows, kRowsPerTask), [&](int64_t task, int32_t worker) {
        const int64_t begin = task * kRowsPerTask;
        const int64_t end = std::min(begin + kRowsPerTask, weights.rows);
        float* rows = rows_[asSize(worker)].data();
        dispatch_->matmul(weights, begin, end, in.data(), weights.cols, nTokens, nullptr, rows,
                          end - begin);
        for (int64_t t = 0; t < nTokens; ++t)
            for (int64_t r = begin; r < end; ++r)
                x_[asSize(t * hiddenDim + r)] += rows[t * (end - begin) + r - begin];
    });
}

void LlamaSession::feedForward(const LlamaLayer& layer, int64_t nTokens) {
    const LlamaShape& s = model_->shape();
    pool_->run(ceilDivide(s.ffnDim, kRowsPerTask), [&](int64_t task, int32_t worker) {
        const int64_t begin = task * kRowsPerTask;
        const int64_t end = std::min(begin + kRowsPerTask, s.ffnDim);
        const int64_t n = end - begin;
        float* gate = rows_[asSize(worker)].data();
        float* up = gate + n * nTokens;
        dispatch_->matmul(layer.gate, begin, end, normed_.data(), s.hiddenDim, nTokens, nullptr,
                          gate, n);
        dispatch_->matmul(layer.up, begin, end, normed_.data(), s.hiddenDim, nTokens, nullptr, up,
                          n);
        for (int64_t t = 0; t < nTokens; ++t)
            dispatch_->siluMul(gate + t * n, up + t * n, &gated_[asSize(t * s.ffnDim + begin)], n);
    });
    addProduct(layer.down, gated_, nTokens);
}

// Logits of nTokens tokens of the chunk, into logits_ [token][vocabulary].
void LlamaSession::computeLogits(int64_t token, int64_t nTokens) {
    const LlamaShape& s = model_->shape();
    logits_.resize(std::max(logits_.size(), asSize(nTokens * s.vocabularySize)));
    for (int64_t t = 0; t < nTokens; ++t)
        dispatch_->rmsNorm(&x_[asSize((token + t) * s.hiddenDim)], model_->outputNorm().data(),
                           s.normEpsilon, &normed_[asSize(t * s.hiddenDim)], s.hiddenDim);
    const WeightsView& head = model_->head();
    pool_->run(ceilDivide(head.rows, kHeadRowsPerTask), [&](int64_t task, int32_t) {
        const int64_t begin = task * kHeadRowsPerTask;
        const int64_t end = std::min(begin + kHeadRowsPerTask, head.rows);
        dispatch_->matmul(head, begin, end, normed_.data(), s.hiddenDim, nTokens, nullptr,
                          &logits_[asSize(begin)], s.vocabularySize);
    });
}

}  // namespace moxie::engine
