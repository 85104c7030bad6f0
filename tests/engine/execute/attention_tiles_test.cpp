// Attention by tiles of bfloat16: how far it is from attention in float64, and that neither the
// queries beside nor the first row of a task change a bit.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/execute/online_softmax.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

namespace moxie::engine {

namespace {

constexpr int64_t kKeyDim = 96;
constexpr int64_t kValueDim = 64;
constexpr int64_t kRows = 700;
constexpr int64_t kBlock = OnlineSoftmax::kRowsMax;

// Latents: a value is the beginning of its key.
struct Bench {
    std::vector<float> queries, rows;

    explicit Bench(int64_t nQueries)
        : queries(tests::uniform(nQueries * kKeyDim, 1, 2)),
          rows(tests::uniform(kRows * kKeyDim, 2, 2)) {}
};

std::vector<float> attended(const Bench& bench, AttentionQueries some, int64_t nEach,
                            const std::vector<SeenRows>& seen, AttentionProducts products,
                            kernels::Isa isa) {
    const AttentionShape shape = {.nQueries = some.count,
                                  .keyDim = kKeyDim,
                                  .valueDim = kValueDim,
                                  .valueStride = kKeyDim,
                                  .scale = 0.3F,
                                  .products = products};
    std::vector<float> scratch(static_cast<size_t>(OnlineSoftmax::scratchFloats(shape)), NAN);
    OnlineSoftmax softmax(kernels::dispatchFor(isa), shape,
                          bench.queries.data() + some.first * kKeyDim, scratch.data());
    SeenRows all = {kRows, 0};
    for (const SeenRows& own : seen)
        all = {std::min(all.begin, own.begin), std::max(all.end, own.end)};
    const int64_t border = OnlineSoftmax::blockBorder(products);
    for (int64_t row = all.begin / border * border; row < all.end;) {
        const int64_t end = std::min(all.end, (row / kBlock + 1) * kBlock);
        std::vector<SeenRows> own;
        for (const SeenRows& rows : seen)
            own.push_back({std::max<int64_t>(0, rows.begin - row), std::min(end, rows.end) - row});
        REQUIRE(nEach * std::ssize(own) == some.count);
        const float* at = bench.rows.data() + row * kKeyDim;
        softmax.add({.keys = at, .values = at, .count = end - row}, own);
        row = end;
    }
    std::vector<float> out(static_cast<size_t>(some.count * kValueDim));
    softmax.finish(nullptr, out.data(), kValueDim);
    return out;
}

std::vector<double> exactly(const Bench& bench, int64_t query, SeenRows seen) {
    std::vector<double> sum(kValueDim);
    double denominator = 0;
    for (int64_t r = seen.begin; r < seen.end; ++r) {
        double score = 0;
        for (int64_t k = 0; k < kKeyDim; ++k)
            score += double{bench.queries[static_cast<size_t>(query * kKeyDim + k)]} *
                     double{bench.rows[static_cast<size_t>(r * kKeyDim + k)]};
        const double weight = std::exp(score * double{0.3F});
        denominator += weight;
        for (int64_t k = 0; k < kValueDim; ++k)
            sum[static_cast<size_t>(k)] +=
                weight * double{bench.rows[static_cast<size_t>(r * kKeyDim + k)]};
    }
    for (double& value : sum)
        value /= denominator;
    return sum;
}

// Each token sees a window, of which the first ones have less.
std::vector<SeenRows> windows(int64_t first, int64_t count, int64_t window) {
    std::vector<SeenRows> seen;
    for (int64_t t = first; t < first + count; ++t)
        seen.push_back({std::max<int64_t>(0, t + 1 - window), t + 1});
    return seen;
}

bool isPartAt(const std::vector<float>& part, const std::vector<float>& whole, int64_t query) {
    return std::memcmp(part.data(), whole.data() + query * kValueDim,
                       part.size() * sizeof(float)) == 0;
}

std::vector<kernels::Isa> isas() {
    std::vector<kernels::Isa> isas = {kernels::Isa::scalar};
    if (kernels::dispatchFor(kernels::detectIsa()).hasFastBf16)
        isas.push_back(kernels::detectIsa());
    return isas;
}

}  // namespace

TEST_CASE("attention by tiles is off from float64 by what bfloat16 rounds", "[engine][attention]") {
    constexpr int64_t kTokens = 20, kEach = 3;
    const Bench bench(kTokens * kEach);
    for (const int64_t window : {700, 100})
        for (const kernels::Isa isa : isas())
            for (const auto products : {AttentionProducts::exact, AttentionProducts::bf16}) {
                const auto seen = windows(600, kTokens, window);
                const auto out = attended(bench, {0, kTokens * kEach}, kEach, seen, products, isa);
                double squares = 0, differences = 0;
                for (int64_t q = 0; q < kTokens * kEach; ++q) {
                    const auto expected = exactly(bench, q, seen[static_cast<size_t>(q / kEach)]);
                    for (int64_t k = 0; k < kValueDim; ++k) {
                        const double value = expected[static_cast<size_t>(k)];
                        const double off =
                            double{out[static_cast<size_t>(q * kValueDim + k)]} - value;
                        squares += value * value;
                        differences += off * off;
                    }
                }
                const double distance = std::sqrt(differences / squares);
                CAPTURE(toString(isa), window, static_cast<int>(products), distance);
                // A score of about 4 is the sum of 96 products, each off by 2^-8 at most.
                REQUIRE(distance < (products == AttentionProducts::exact ? 1e-5 : 2e-2));
                REQUIRE((products == AttentionProducts::exact || distance > 1e-4));
            }
}

TEST_CASE("attention by tiles has the same bits whatever queries and rows are beside",
          "[engine][attention]") {
    constexpr int64_t kTokens = 90, kEach = 2;
    const Bench bench(kTokens * kEach);
    for (const kernels::Isa isa : isas())
        for (const int64_t window : {700, 128}) {
            const auto seen = windows(500, kTokens, window);
            const auto whole =
                attended(bench, {0, kTokens * kEach}, kEach, seen, AttentionProducts::bf16, isa);
            for (const auto& [first, count] : {std::pair<int64_t, int64_t>{0, 1},
                                               {1, 1},
                                               {17, 50},
                                               {63, 3},
                                               {40, 50},
                                               {89, 1}}) {
                const auto part =
                    attended(bench, {first * kEach, count * kEach}, kEach,
                             windows(500 + first, count, window), AttentionProducts::bf16, isa);
                CAPTURE(toString(isa), window, first, count);
                REQUIRE(isPartAt(part, whole, first * kEach));
            }
        }
}

TEST_CASE("attention by tiles over chosen rows has the same bits as one token's alone",
          "[engine][attention]") {
    constexpr int64_t kHeads = 16, kTokens = 5;
    const Bench bench(kTokens * kHeads);
    for (const kernels::Isa isa : isas()) {
        const auto run = [&](int64_t first, int64_t count) {
            const AttentionShape shape = {.nQueries = count * kHeads,
                                          .keyDim = kKeyDim,
                                          .valueDim = kValueDim,
                                          .valueStride = kKeyDim,
                                          .scale = 0.3F,
                                          .products = AttentionProducts::bf16};
            std::vector<float> scratch(static_cast<size_t>(OnlineSoftmax::scratchFloats(shape)),
                                       NAN);
            OnlineSoftmax softmax(kernels::dispatchFor(isa), shape,
                                  bench.queries.data() + first * kHeads * kKeyDim, scratch.data());
            for (int64_t t = 0; t < count; ++t)
                for (const int64_t n : {64, 23}) {
                    const float* rows = bench.rows.data() + (first + t) * n * kKeyDim;
                    softmax.addFor({t * kHeads, kHeads},
                                   {.keys = rows, .values = rows, .count = n});
                }
            std::vector<float> out(static_cast<size_t>(shape.nQueries * kValueDim));
            softmax.finish(nullptr, out.data(), kValueDim);
            return out;
        };
        const auto whole = run(0, kTokens);
        for (int64_t t = 0; t < kTokens; ++t) {
            CAPTURE(toString(isa), t);
            REQUIRE(isPartAt(run(t, 1), whole, t * kHeads));
        }
    }
}

}  // namespace moxie::engine
