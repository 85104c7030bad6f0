#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/dispatch.h"
#include "kernels/float_formats.h"
#include "kernels/microscaling.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

struct RoundedRow {
    std::vector<int8_t> codes;
    float scale = 0;

    float at(size_t i) const { return static_cast<float>(codes[i]) * scale; }
};

RoundedRow roundedRow(const std::vector<float>& x) {
    RoundedRow row = {.codes = std::vector<int8_t>(x.size())};
    roundIndexRow(x.data(), std::ssize(x), row.codes.data(), row.scale);
    return row;
}

RoundedRow fromFp4(Isa isa, std::vector<uint8_t> nibbles, const std::vector<uint8_t>& scales) {
    const auto dim = 2 * std::ssize(nibbles);
    nibbles.insert(nibbles.end(), scales.begin(), scales.end());
    RoundedRow row = {.codes = std::vector<int8_t>(static_cast<size_t>(dim))};
    dispatchFor(isa).roundFp4IndexRows(
        {.data = nibbles.data(), .rowBytes = std::ssize(nibbles), .count = 1}, dim,
        row.codes.data(), &row.scale);
    return row;
}

// Scores of one panel, of queries and keys drawn by a seed.
class PanelScores {
public:
    PanelScores(int64_t nTokens, int64_t nHeads, int64_t dim, int64_t nKeys)
        : nTokens_(nTokens),
          nHeads_(nHeads),
          dim_(dim),
          nKeys_(nKeys),
          values(uniform(nTokens * nHeads * dim, 1)),
          weights(uniform(nTokens * nHeads, 2)),
          keys(uniform(nKeys * dim, 3)),
          thresholds(static_cast<size_t>(nTokens), 0.1F) {}

    void exact(const Dispatch& k) {
        std::vector<float> panel(static_cast<size_t>(dim_ * kPanelKeys), NAN);
        packIndexKeys(keys.data(), nKeys_, dim_, panel.data());
        prepare();
        k.indexScores(queries({}, weights), panel.data(), scores.data(), above.data());
    }

    void rounded(const Dispatch& k) {
        std::vector<int8_t> keyCodes(keys.size());
        std::vector<float> keyScales(static_cast<size_t>(nKeys_));
        for (int64_t i = 0; i < nKeys_; ++i)
            roundIndexRow(keys.data() + i * dim_, dim_, keyCodes.data() + i * dim_,
                          keyScales[static_cast<size_t>(i)]);
        std::vector<uint8_t> panel(static_cast<size_t>(roundedPanelBytes(dim_)), 0xee);
        k.packRoundedIndexKeys({.codes = keyCodes.data(),
                                .rowBytes = dim_,
                                .scales = keyScales.data(),
                                .count = nKeys_},
                               dim_, panel.data());
        std::vector<int8_t> signedCodes(values.size());
        std::vector<uint8_t> codes(values.size());
        std::vector<float> scaled = weights;
        for (int64_t i = 0; i < nTokens_ * nHeads_; ++i) {
            float scale = 0;
            roundIndexRow(values.data() + i * dim_, dim_, signedCodes.data() + i * dim_, scale);
            scaled[static_cast<size_t>(i)] *= scale;
        }
        for (size_t i = 0; i < codes.size(); ++i)
            codes[i] = static_cast<uint8_t>(signedCodes[i] + 128);
        prepare();
        k.indexScoresRounded(queries(codes, scaled), {.keys = panel.data(), .ahead = panel.data()},
                             scores.data(), above.data());
    }

    double expected(int64_t token, int64_t key, bool isRounded) const {
        if (key >= nKeys_) return 0;
        double score = 0;
        for (int64_t h = 0; h < nHeads_; ++h) {
            const auto q = row(values, token * nHeads_ + h);
            const auto k = row(keys, key);
            const RoundedRow roundQ = roundedRow(q);
            const RoundedRow roundK = roundedRow(k);
            double product = 0;
            for (size_t i = 0; i < q.size(); ++i)
                product += isRounded ? double{roundQ.at(i)} * double{roundK.at(i)}
                                     : double{q[i]} * double{k[i]};
            score +=
                double{weights[static_cast<size_t>(token * nHeads_ + h)]} * std::max(product, 0.0);
        }
        return score;
    }

    // n - 1 roundings of sums below n, for each head; then those of the heads' sum.
    double margin() const {
        return 6e-8 * static_cast<double>((dim_ * dim_ + nHeads_ * dim_) * nHeads_);
    }

    std::vector<float> row(const std::vector<float>& rows, int64_t index) const {
        return {rows.begin() + index * dim_, rows.begin() + (index + 1) * dim_};
    }

private:
    int64_t nTokens_, nHeads_, dim_, nKeys_;

    void prepare() {
        scores.assign(static_cast<size_t>(nTokens_ * kPanelKeys), 77);
        above.assign(static_cast<size_t>(nTokens_), 77);
    }

    IndexQueries queries(const std::vector<uint8_t>& codes, const std::vector<float>& weigh) const {
        return {.values = values.data(),
                .codes = codes.data(),
                .weights = weigh.data(),
                .thresholds = thresholds.data(),
                .nTokens = nTokens_,
                .nHeads = nHeads_,
                .dim = dim_};
    }

public:
    std::vector<float> values, weights, keys, thresholds;
    std::vector<float> scores;
    std::vector<uint64_t> above;
};

struct PanelShape {
    int64_t nTokens, nHeads, dim, nKeys;
};

const std::vector<PanelShape> kPanelShapes = {
    {1, 1, 4, 1},   {3, 4, 32, 64}, {2, 5, 128, 63}, {1, 8, 128, 64}, {2, 64, 128, 17},
    {1, 7, 36, 40}, {4, 4, 64, 64}, {9, 8, 128, 64}, {5, 7, 100, 33}, {3, 12, 1024, 50}};

}  // namespace

TEST_CASE("a rounded index row has the smallest power of two that leads to bytes",
          "[kernels][index]") {
    for (const float size : {1.0F, 127.0F, 127.5F, 0x1p-90F, 3e30F, 254.0F}) {
        CAPTURE(size);
        auto x = uniform(128, 5, size);
        x[17] = -size;
        const RoundedRow row = roundedRow(x);
        int exponent = 0;
        REQUIRE(std::frexp(row.scale, &exponent) == 0.5F);
        REQUIRE(double{size} / double{row.scale} <= 127.5);
        REQUIRE(double{size} / double{row.scale} > 63);
        for (size_t i = 0; i < x.size(); ++i) {
            REQUIRE(std::abs(row.codes[i]) <= 127);
            REQUIRE(std::abs(double{row.at(i)} - double{x[i]}) <= double{row.scale} / 2);
        }
    }
    const RoundedRow zero = roundedRow(std::vector<float>(32, 0x1p-120F));
    REQUIRE(zero.scale == 0);
    REQUIRE(std::count(zero.codes.begin(), zero.codes.end(), 0) == 32);
    for (const float bad : {NAN, -INFINITY}) {
        std::vector<float> x(32, 1);
        x[31] = bad;
        REQUIRE(std::isnan(roundedRow(x).scale));
    }
}

TEST_CASE("rows of E2M1 become the same bytes from their codes and from their values",
          "[kernels][index]") {
    constexpr int64_t kDim = 128;
    for (const float spread : {1.0F, 7.9F, 100.0F}) {  // between the blocks
        CAPTURE(spread);
        auto x = uniform(kDim, 6);
        for (size_t i = 32; i < 64; ++i)
            x[i] /= spread;
        std::vector<uint8_t> nibbles(kDim / 2);
        std::vector<uint8_t> scales(kDim / 32);
        fp4Quantise(x.data(), kDim, nibbles.data(), scales.data());
        std::vector<float> values(kDim);
        fp4Dequantise(nibbles.data(), scales.data(), kDim, values.data());
        const RoundedRow row = fromFp4(Isa::scalar, nibbles, scales);
        for (const Isa isa : runnableIsas()) {
            REQUIRE(fromFp4(isa, nibbles, scales).codes == row.codes);
            REQUIRE(fromFp4(isa, nibbles, scales).scale == row.scale);
        }
        for (size_t i = 0; i < values.size(); ++i) {
            if (spread < 8)
                REQUIRE(row.at(i) == values[i]);
            else
                REQUIRE(std::abs(row.at(i) - values[i]) <= row.scale / 2);
        }
        if (spread >= 8) continue;
        const RoundedRow ofValues = roundedRow(values);
        for (size_t i = 0; i < values.size(); ++i)
            REQUIRE(ofValues.at(i) == values[i]);
    }
    REQUIRE(std::isnan(
        fromFp4(Isa::scalar, std::vector<uint8_t>(16, 0x77), std::vector<uint8_t>(1, 255)).scale));
}

TEST_CASE("exact index scores agree with float64, whatever the shape", "[kernels][index]") {
    for (const Isa isa : runnableIsas())
        for (const auto& [nTokens, nHeads, dim, nKeys] : kPanelShapes) {
            CAPTURE(toString(isa), nTokens, nHeads, dim, nKeys);
            PanelScores panel(nTokens, nHeads, dim, nKeys);
            panel.exact(dispatchFor(isa));
            for (int64_t t = 0; t < nTokens; ++t)
                for (int64_t key = 0; key < kPanelKeys; ++key)
                    REQUIRE(panel.scores[static_cast<size_t>(t * kPanelKeys + key)] ==
                            Approx(panel.expected(t, key, false)).margin(panel.margin()));
        }
}

TEST_CASE("rounded index scores have the scalar twin's bits and agree with float64",
          "[kernels][index]") {
    for (const auto& [nTokens, nHeads, dim, nKeys] : kPanelShapes) {
        PanelScores twin(nTokens, nHeads, dim, nKeys);
        twin.rounded(dispatchFor(Isa::scalar));
        for (int64_t t = 0; t < nTokens; ++t)
            for (int64_t key = 0; key < kPanelKeys; ++key)
                REQUIRE(twin.scores[static_cast<size_t>(t * kPanelKeys + key)] ==
                        Approx(twin.expected(t, key, true)).margin(twin.margin()));
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), nTokens, nHeads, dim, nKeys);
            PanelScores panel(nTokens, nHeads, dim, nKeys);
            panel.rounded(dispatchFor(isa));
            REQUIRE(panel.scores == twin.scores);
            REQUIRE(panel.above == twin.above);
        }
    }
}

TEST_CASE("panels of rounded keys have the scalar twin's bytes", "[kernels][index]") {
    for (const auto& [nTokens, nHeads, dim, nKeys] : kPanelShapes) {
        constexpr int64_t kGap = 4;  // between rows
        std::vector<int8_t> codes(static_cast<size_t>(nKeys * (dim + kGap)));
        for (size_t i = 0; i < codes.size(); ++i)
            codes[i] = static_cast<int8_t>(i * 37 % 255 - 127);
        const auto scales = uniform(nKeys, 9);
        const auto packed = [&](Isa isa, int64_t count) {
            std::vector<uint8_t> panel(static_cast<size_t>(roundedPanelBytes(dim)), 0xcc);
            dispatchFor(isa).packRoundedIndexKeys({.codes = codes.data(),
                                                   .rowBytes = dim + kGap,
                                                   .scales = scales.data(),
                                                   .count = count},
                                                  dim, panel.data());
            return panel;
        };
        for (const Isa isa : runnableIsas())
            for (const int64_t count : {int64_t{1}, nKeys / 2, nKeys}) {
                CAPTURE(toString(isa), dim, count);
                REQUIRE(packed(isa, count) == packed(Isa::scalar, count));
            }
    }
}

TEST_CASE("a bit says which keys are above the token's threshold", "[kernels][index]") {
    for (const Isa isa : runnableIsas())
        for (const bool isRounded : {false, true}) {
            CAPTURE(toString(isa), isRounded);
            PanelScores panel(3, 5, 32, 50);
            const auto score = [&] {
                if (isRounded)
                    panel.rounded(dispatchFor(isa));
                else
                    panel.exact(dispatchFor(isa));
            };
            score();
            panel.thresholds = {panel.scores[7], -INFINITY, INFINITY};
            score();
            for (size_t t = 0; t < 3; ++t)
                for (size_t key = 0; key < kPanelKeys; ++key)
                    REQUIRE((panel.above[t] >> key & 1) ==
                            (panel.scores[t * kPanelKeys + key] > panel.thresholds[t] ? 1U : 0U));
            REQUIRE((panel.above[0] >> 7 & 1) == 0);  // not above itself
            REQUIRE(panel.above[1] == ~uint64_t{0});
            REQUIRE(panel.above[2] == 0);
        }
}

TEST_CASE("a key or a query that is NaN has NaN as its score, and is above nothing",
          "[kernels][index]") {
    for (const Isa isa : runnableIsas())
        for (const bool isRounded : {false, true}) {
            CAPTURE(toString(isa), isRounded);
            PanelScores panel(2, 5, 32, 64);
            panel.thresholds = {-INFINITY, -INFINITY};
            panel.keys[9 * 32 + 3] = NAN;
            panel.values[5 * 32] = NAN;  // of the second token
            if (isRounded)
                panel.rounded(dispatchFor(isa));
            else
                panel.exact(dispatchFor(isa));
            for (size_t key = 0; key < kPanelKeys; ++key) {
                REQUIRE(std::isnan(panel.scores[key]) == (key == 9));
                REQUIRE(std::isnan(panel.scores[kPanelKeys + key]));
            }
            REQUIRE(panel.above[0] == ~(uint64_t{1} << 9));
            REQUIRE(panel.above[1] == 0);
        }
}
