// The indexers' choice of rows: against an oracle that scores every row, one by one.
#include "engine/execute/row_selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "engine/execute/best_rows.h"
#include "kernels/index_scores.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

constexpr int64_t kDim = 128;
constexpr int64_t kRatio = 4;
constexpr int64_t kKeyStream = 1;

std::vector<float> normal(int64_t n, uint32_t seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> draw;
    std::vector<float> values(static_cast<size_t>(n));
    for (float& value : values)
        value = draw(random);
    return values;
}

ModelPlan planWithIndexer(int64_t nHeads, int64_t topK) {
    CompressedAttention attention;
    attention.compressor = Compressor{.dim = kDim, .ratio = kRatio};
    attention.indexer = CompressedIndexer{
        .keys = {.dim = kDim, .ratio = kRatio}, .nHeads = nHeads, .headDim = kDim, .topK = topK};
    ModelPlan plan;
    plan.blocks.push_back({.attention = attention});
    return plan;
}

struct SearchSetup {
    kernels::Isa isa = kernels::Isa::scalar;
    KvFormat format = KvFormat::f32;
    IndexScores scores = IndexScores::exact;
    int32_t threads = 1;
};

std::string textOf(const SearchSetup& setup) {
    return std::string(kernels::toString(setup.isa)) + ", format " +
           std::to_string(static_cast<int>(setup.format)) + ", scores " +
           std::to_string(static_cast<int>(setup.scores)) + ", threads " +
           std::to_string(setup.threads);
}

// Keys in a timeline, queries of a chunk, and the rows chosen for them.
class IndexSearch {
public:
    IndexSearch(const SearchSetup& setup, int64_t nHeads, int64_t topK, std::vector<float> keys)
        : setup_(setup),
          nHeads_(nHeads),
          topK_(topK),
          plan_(planWithIndexer(nHeads, topK)),
          layout_(makeKvLayout(plan_, setup.format, DraftRows::absent, setup.scores)),
          kv_(*KvTimeline::make(layout_)),
          pool_(setup.threads) {
        const auto nRows = std::ssize(keys) / kDim;
        REQUIRE(kv_.reserve(nRows * kRatio));
        for (int64_t row = 0; row < nRows; ++row)
            kv_.write(0, kKeyStream, 0, row, keys.data() + row * kDim);
        kv_.commit(nRows * kRatio);
    }

    // Of each token, of its first nRows rows.
    std::vector<std::vector<int32_t>> select(const std::vector<float>& queries,
                                             const std::vector<float>& weights,
                                             const std::vector<int64_t>& nRows) {
        const auto n = std::ssize(nRows);
        Arena counting;
        Pass counted = passOf(counting, n);
        const RowSelection planned(counted, keysOf());
        Arena arena = *Arena::make(counting.peak());
        Pass pass = passOf(arena, n);
        RowSelection selection(pass, keysOf());
        std::vector<std::vector<int32_t>> chosen;
        for (int64_t first = 0; first < n; first += selection.tokensAtOnce()) {
            const int64_t count = std::min(selection.tokensAtOnce(), n - first);
            selection.select(pass, queries.data() + first * nHeads_ * kDim,
                             weights.data() + first * nHeads_,
                             std::span(nRows).subspan(size_t(first), size_t(count)));
            for (int64_t i = 0; i < count; ++i)
                chosen.emplace_back(selection.rows(i).begin(), selection.rows(i).end());
        }
        CHECK(arena.peak() == counting.peak());
        return chosen;
    }

    // The score of one row by the scalar twin, from what the timeline holds.
    float scoreOf(const float* query, const float* weights, int64_t row) {
        std::vector<float> key(kDim);
        const float* stored = kv_.read(0, kKeyStream, 0, row, 1, key.data());
        const float lowest = -INFINITY;
        std::vector<float> scores(kernels::kPanelKeys);
        uint64_t above = 0;
        kernels::IndexQueries q = {.values = query,
                                   .weights = weights,
                                   .thresholds = &lowest,
                                   .nTokens = 1,
                                   .nHeads = nHeads_,
                                   .dim = kDim};
        const kernels::Dispatch& scalar = kernels::dispatchFor(kernels::Isa::scalar);
        if (setup_.scores == IndexScores::exact) {
            std::vector<float> panel(kDim * kernels::kPanelKeys);
            kernels::packIndexKeys(stored, 1, kDim, panel.data());
            scalar.indexScores(q, panel.data(), scores.data(), &above);
            return scores[0];
        }
        std::vector<int8_t> codes(static_cast<size_t>((nHeads_ + 1) * kDim));
        std::vector<uint8_t> biased(codes.size());
        std::vector<float> scaled(weights, weights + nHeads_);
        for (int64_t h = 0; h < nHeads_; ++h) {
            float scale = 0;
            kernels::roundIndexRow(query + h * kDim, kDim, codes.data() + h * kDim, scale);
            scaled[size_t(h)] *= scale;
        }
        for (size_t i = 0; i < codes.size(); ++i)
            biased[i] = static_cast<uint8_t>(codes[i] + 128);
        float keyScale = 0;
        int8_t* keyCodes = codes.data() + nHeads_ * kDim;
        kernels::roundIndexRow(stored, kDim, keyCodes, keyScale);
        std::vector<uint8_t> panel(size_t(kernels::roundedPanelBytes(kDim)));
        scalar.packRoundedIndexKeys(
            {.codes = keyCodes, .rowBytes = kDim, .scales = &keyScale, .count = 1}, kDim,
            panel.data());
        q.codes = biased.data();
        q.weights = scaled.data();
        scalar.indexScoresRounded(q, {.keys = panel.data()}, scores.data(), &above);
        return scores[0];
    }

    int64_t topK() const { return topK_; }

private:
    RowSelection::Keys keysOf() const {
        return {.stream = kKeyStream, .nHeads = nHeads_, .headDim = kDim, .topK = topK_};
    }

    Pass passOf(Arena& arena, int64_t nTokens) {
        return {.plan = plan_,
                .pool = pool_,
                .dispatch = kernels::dispatchFor(setup_.isa),
                .arena = arena,
                .kv = &kv_,
                .nTokens = nTokens,
                .kvFormat = setup_.format,
                .indexScores = setup_.scores};
    }

    SearchSetup setup_;
    int64_t nHeads_, topK_;
    ModelPlan plan_;
    KvLayout layout_;
    KvTimeline kv_;
    WorkerPool pool_;
};

// Rows by falling score of the scalar twin, equal ones by row.
std::vector<int32_t> ranking(IndexSearch& search, const float* query, const float* weights,
                             int64_t nRows, std::vector<float>& scores) {
    scores.clear();
    for (int64_t row = 0; row < nRows; ++row)
        scores.push_back(search.scoreOf(query, weights, row));
    std::vector<int32_t> rows(size_t(nRows), 0);
    std::iota(rows.begin(), rows.end(), 0);
    std::stable_sort(rows.begin(), rows.end(),
                     [&](int32_t a, int32_t b) { return scores[size_t(a)] > scores[size_t(b)]; });
    return rows;
}

// Exact scores of fast kernels are float32 sums: rows that are closer than their error may change
// places. Rounded scores are the twin's to the bit.
void checkChoice(const SearchSetup& setup, IndexSearch& search, const float* query,
                 const float* weights, int64_t nRows, const std::vector<int32_t>& chosen) {
    std::vector<float> scores;
    std::vector<int32_t> best = ranking(search, query, weights, nRows, scores);
    best.resize(size_t(std::min(nRows, search.topK())));
    REQUIRE(chosen.size() == best.size());
    REQUIRE(std::is_sorted(chosen.begin(), chosen.end()));
    REQUIRE(std::set<int32_t>(chosen.begin(), chosen.end()).size() == chosen.size());
    if (setup.scores == IndexScores::rounded || nRows <= search.topK()) {
        std::sort(best.begin(), best.end());
        REQUIRE(chosen == best);
        return;
    }
    constexpr float kErrorMax = 1e-3F;  // of sums of 8 products of 128 values near 1
    const float last = scores[size_t(best.back())];
    for (const int32_t row : chosen)
        REQUIRE(scores[size_t(row)] >= last - kErrorMax);
}

std::vector<SearchSetup> searchSetups() {
    std::vector<SearchSetup> setups;
    for (const int32_t threads : {1, 3})
        for (const kernels::Isa isa : {kernels::Isa::scalar, kernels::detectIsa()})
            for (const KvFormat format : {KvFormat::f32, KvFormat::f16, KvFormat::native})
                for (const IndexScores scores : {IndexScores::exact, IndexScores::rounded})
                    setups.push_back({isa, format, scores, threads});
    return setups;
}

}  // namespace

TEST_CASE("an indexer chooses the rows of an oracle that scores each of them",
          "[engine][selection]") {
    constexpr int64_t kHeads = 5;
    const std::vector<int64_t> nRows = {3, 16, 17, 63, 64, 65, 255, 300};
    const auto keys = normal(300 * kDim, 1);
    const auto queries = normal(std::ssize(nRows) * kHeads * kDim, 2);
    const auto weights = normal(std::ssize(nRows) * kHeads, 3);
    for (const SearchSetup& setup : searchSetups()) {
        CAPTURE(textOf(setup));
        IndexSearch search(setup, kHeads, 16, keys);
        const auto chosen = search.select(queries, weights, nRows);
        for (size_t i = 0; i < nRows.size(); ++i) {
            CAPTURE(nRows[i]);
            checkChoice(setup, search, queries.data() + i * kHeads * kDim,
                        weights.data() + i * kHeads, nRows[i], chosen[i]);
        }
    }
}

TEST_CASE("rows chosen are the same for any chunk and any number of threads",
          "[engine][selection]") {
    constexpr int64_t kHeads = 8;
    constexpr int64_t kTokens = 150;
    const auto keys = normal(700 * kDim, 4);
    const auto queries = normal(kTokens * kHeads * kDim, 5);
    const auto weights = normal(kTokens * kHeads, 6);
    std::vector<int64_t> nRows(kTokens);
    for (int64_t i = 0; i < kTokens; ++i)
        nRows[size_t(i)] = 550 + i;
    for (SearchSetup setup : searchSetups()) {
        if (setup.isa == kernels::Isa::scalar) continue;
        CAPTURE(textOf(setup));
        IndexSearch whole(setup, kHeads, 32, keys);
        const auto all = whole.select(queries, weights, nRows);
        setup.threads = 2;
        IndexSearch single(setup, kHeads, 32, keys);
        for (size_t i = 0; i < kTokens; i += 7) {
            const auto query = queries.begin() + int64_t(i) * kHeads * kDim;
            const auto weight = weights.begin() + int64_t(i) * kHeads;
            REQUIRE(single.select({query, query + kHeads * kDim}, {weight, weight + kHeads},
                                  {nRows[i]})[0] == all[i]);
        }
    }
}

TEST_CASE("equal scores go to the lower rows, and a NaN is never chosen", "[engine][selection]") {
    std::vector<float> keys(400 * kDim, 0);
    for (const int64_t row : {130, 390})
        keys[size_t(row * kDim)] = 1;
    keys[200 * kDim] = NAN;
    std::vector<float> query(kDim, 0);
    query[0] = 1;
    for (const SearchSetup& setup : searchSetups()) {
        CAPTURE(textOf(setup));
        IndexSearch search(setup, 1, 6, keys);
        CHECK(search.select(query, {1}, {400})[0] == std::vector<int32_t>{0, 1, 2, 3, 130, 390});
        // Everything but the two is above them, and equal.
        CHECK(search.select(query, {-1}, {400})[0] == std::vector<int32_t>{0, 1, 2, 3, 4, 5});
        CHECK(search.select(query, {-1}, {4})[0] == std::vector<int32_t>{0, 1, 2, 3});
    }
}

TEST_CASE("the best rows are found whether scores rise, fall or stay", "[engine][selection]") {
    constexpr int64_t kBest = 7;
    const auto drawn = normal(1000, 8);
    for (const char* const order : {"rising", "falling", "drawn", "equal"}) {
        CAPTURE(order);
        std::vector<float> scores = drawn;
        if (order[0] == 'r') std::sort(scores.begin(), scores.end());
        if (order[0] == 'f') std::sort(scores.begin(), scores.end(), std::greater<>());
        if (order[0] == 'e') std::fill(scores.begin(), scores.end(), -2.5F);
        std::vector<uint64_t> memory(size_t(BestRows::capacity(kBest)));
        float threshold = 0;
        int64_t count = 0;
        BestRows best(kBest, memory.data(), threshold, count);
        best.clear();
        for (size_t row = 0; row < scores.size(); row += 64) {
            uint64_t above = 0;
            for (size_t i = 0; i < 64 && row + i < scores.size(); ++i)
                if (scores[row + i] > threshold) above |= uint64_t{1} << i;
            best.add(scores.data() + row, above, static_cast<int64_t>(row));
        }
        std::vector<uint64_t> found(best.candidates().begin(), best.candidates().end());
        std::sort(found.begin(), found.end());
        std::vector<int32_t> expected(scores.size());
        std::iota(expected.begin(), expected.end(), 0);
        std::stable_sort(expected.begin(), expected.end(), [&](int32_t a, int32_t b) {
            return scores[size_t(a)] > scores[size_t(b)];
        });
        for (size_t i = 0; i < kBest; ++i)
            CHECK(static_cast<int32_t>(found[i]) == expected[i]);
    }
}

TEST_CASE("a thousand queries of long contexts choose the rows of a scalar oracle",
          "[engine][selection][.slow]") {
    constexpr int64_t kHeads = 8;
    constexpr int64_t kQueries = 1000;
    constexpr int64_t kRows = 4096;
    const auto keys = normal(kRows * kDim, 10);
    const auto queries = normal(kQueries * kHeads * kDim, 11);
    const auto weights = normal(kQueries * kHeads, 12);
    std::mt19937 random(13);
    std::vector<int64_t> nRows(kQueries);
    for (int64_t& n : nRows)
        n = 65 + static_cast<int64_t>(random() % (kRows - 64));
    const SearchSetup setup = {kernels::detectIsa(), KvFormat::f32, IndexScores::rounded, 2};
    IndexSearch search(setup, kHeads, 64, keys);
    const auto chosen = search.select(queries, weights, nRows);
    for (size_t i = 0; i < kQueries; ++i)
        checkChoice(setup, search, queries.data() + i * kHeads * kDim, weights.data() + i * kHeads,
                    nRows[i], chosen[i]);
}
