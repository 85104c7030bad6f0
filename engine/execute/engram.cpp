#include <algorithm>
#include <cmath>

#include "engine/execute/pass.h"

namespace moxie::engine {

namespace {

struct EngramBuffers {
    float* rows;   // [token][all rows of its n-grams]
    float* value;  // [token][hidden]
    float* keys;   // [token][streams][hidden]
    float* gated;  // [before + token][streams][hidden], normed for the convolution
    float* plain;  // [token][streams][hidden]
};

int64_t residualFloats(const Pass& pass) {
    return residualDim(pass.plan);
}

// Unsigned: the published code wraps around in 64 bits.
uint64_t hashOf(const Engram& step, std::span<const int32_t> history, int64_t position,
                int64_t order) {
    uint64_t hash = 0;
    for (int64_t j = 0; j < order; ++j) {
        const int64_t at = position - j;
        int32_t id = step.padId;
        if (at >= 0) {
            id = history[static_cast<size_t>(at)];
            if (!step.compressedIds.empty()) id = step.compressedIds[static_cast<size_t>(id)];
        }
        hash ^= static_cast<uint64_t>(id) *
                static_cast<uint64_t>(step.multipliers[static_cast<size_t>(j)]);
    }
    return hash;
}

// As Python's % on a signed value: never negative.
int64_t rowOf(uint64_t hash, int64_t prime) {
    const int64_t rest = static_cast<int64_t>(hash) % prime;
    return rest < 0 ? rest + prime : rest;
}

void lookUp(const Pass& pass, const Engram& step, const EngramBuffers& b) {
    forRanges(pass.pool, pass.nTokens, 4, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t t = begin; t < end; ++t) {
            float* out = b.rows + t * step.value.cols();
            for (const Engram::Table& table : step.tables) {
                const int64_t row =
                    rowOf(hashOf(step, pass.history, pass.begin + t, table.order), table.prime);
                pass.dispatch.dequantiseRow(table.rows, row,
                                            std::span(out, static_cast<size_t>(table.rows.cols)));
                out += table.rows.cols;
            }
        }
    });
}

double signedRoot(double u) {
    const double root = std::sqrt(std::max(std::abs(u), 1e-6));
    return u < 0 ? -root : u > 0 ? root : 0;
}

// plain = gate * value per stream; `gated` its norm, which the convolution reads.
void gate(const Pass& pass, const Engram& step, const float* residual, int64_t before,
          const EngramBuffers& b) {
    const int64_t hidden = pass.plan.hiddenDim;
    const int64_t streams = pass.plan.nStreams;
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        std::vector<float> query(static_cast<size_t>(hidden));
        for (int64_t s = 0; s < streams; ++s) {
            const auto i = static_cast<size_t>(s);
            const int64_t at = (t * streams + s) * hidden;
            float* key = b.keys + (s * pass.nTokens + t) * hidden;
            pass.dispatch.rmsNorm(key, step.keyNorms[i].weight.data(), step.keyNorms[i].epsilon,
                                  key, hidden);
            pass.dispatch.rmsNorm(residual + at, step.queryNorms[i].weight.data(),
                                  step.queryNorms[i].epsilon, query.data(), hidden);
            const double u = double{pass.dispatch.dot(key, query.data(), hidden)} /
                             std::sqrt(static_cast<double>(hidden));
            const double open = 1 / (1 + std::exp(-signedRoot(u)));
            for (int64_t c = 0; c < hidden; ++c)
                b.plain[at + c] = static_cast<float>(open * double{b.value[t * hidden + c]});
            pass.dispatch.rmsNorm(b.plain + at, step.convolutionNorms[i].weight.data(),
                                  step.convolutionNorms[i].epsilon,
                                  b.gated + before * residualFloats(pass) + at, hidden);
        }
    });
}

// residual += plain + silu(convolution(gated)), channel by channel.
void convolve(const Pass& pass, const Engram& step, int64_t before, const EngramBuffers& b,
              float* residual) {
    const int64_t n = residualFloats(pass);
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        for (int64_t c = 0; c < n; ++c) {
            double sum = 0;
            for (int64_t k = 0; k < step.kernelSize; ++k) {
                const int64_t back = (step.kernelSize - 1 - k) * step.dilation;
                if (pass.begin + t < back) continue;  // zeros before the first token
                sum += double{step.convolution[static_cast<size_t>(c * step.kernelSize + k)]} *
                       double{b.gated[(before + t - back) * n + c]};
            }
            residual[t * n + c] =
                static_cast<float>(double{residual[t * n + c]} + double{b.plain[t * n + c]} +
                                   sum / (1 + std::exp(-sum)));
        }
    });
}

}  // namespace

void remember(Pass& pass, const Engram& step, int64_t layer, float* residual) {
    const Arena::Mark mark(pass.arena);
    const int64_t n = residualFloats(pass);
    const int64_t before = (step.kernelSize - 1) * step.dilation;
    EngramBuffers b = {};
    b.rows = pass.arena.take(pass.nTokens * step.value.cols());
    b.value = pass.arena.take(pass.nTokens * pass.plan.hiddenDim);
    b.keys = pass.arena.take(pass.nTokens * n);
    b.gated = pass.arena.take((before + pass.nTokens) * n);
    b.plain = pass.arena.take(pass.nTokens * n);
    if (pass.isCounting()) return;
    // The layer's frontier ends with the last rows that the convolution looks back at.
    const std::span<float> past = pass.kv->frontier(layer).last(static_cast<size_t>(before * n));
    std::copy(past.begin(), past.end(), b.gated);
    lookUp(pass, step, b);
    multiply(pass, step.value, b.rows, pass.nTokens, b.value);
    for (int64_t s = 0; s < pass.plan.nStreams; ++s)
        multiply(pass, step.keys[static_cast<size_t>(s)], b.rows, pass.nTokens,
                 b.keys + s * pass.nTokens * pass.plan.hiddenDim);
    gate(pass, step, residual, before, b);
    convolve(pass, step, before, b, residual);
    for (int64_t t = 0; t < pass.nTokens; ++t)
        keepOld(pass, t, past.data(), b.gated + t * n, before * n);
    std::copy_n(b.gated + pass.nTokens * n, before * n, past.data());
}

}  // namespace moxie::engine
