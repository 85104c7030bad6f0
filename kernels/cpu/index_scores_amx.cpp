// AMX int8: index scores of keys of 128 codes, which is what the models have; others are left to
// AVX-512 VNNI. Half a panel's keys stay in four tiles, since its fours of codes are what a tile of
// keys is, while 16 (token, head) rows after the other meet them. While rows are multiplied, the
// sums of those before are weighed and added up, a few between any two loads of tiles: in one piece
// they would keep the next products from starting.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "kernels/cpu/amx_tiles.h"
#include "kernels/cpu/index_scores.h"
#include "kernels/cpu/index_vector_avx512.h"

namespace moxie::kernels::amx {

namespace {

using Floats = IndexFloatsAvx512;
using T = TileInstructions;

constexpr int64_t kDim = 128;
constexpr int64_t kTileBytes = 64;
constexpr int64_t kRows = 16;   // (token, head) of a tile
constexpr int64_t kWidth = 16;  // keys of a tile
constexpr int64_t kTiles = 2;   // of keys beside each other
constexpr int64_t kKeys = kTiles * kWidth;
constexpr int64_t kStep = 4 * kPanelKeys;  // bytes of four dimensions of all keys

struct Sums {
    alignas(64) int32_t at[kTiles][kRows][kWidth];
};

// Tiles 4 to 7 = 32 keys, [dimensions][keys].
void loadKeys(const uint8_t* keys) {
    constexpr int64_t kLast = kTileBytes / 4 * kStep;
    T::load<4>(keys, kStep);
    T::load<5>(keys + kTileBytes, kStep);
    T::load<6>(keys + kLast, kStep);
    T::load<7>(keys + kLast + kTileBytes, kStep);
}

constexpr int kWaits = 4;

// Products of 16 rows with these keys, from what takes away the 128 which queries have too much.
// Tiles 0 and 1 are sums, 2 and 3 the rows. Calls meanwhile(0 .. kWaits - 1).
template <class Meanwhile>
void multiply(const uint8_t* rows, const int32_t* offsets, Sums& sums, const Meanwhile& meanwhile) {
    T::load<2>(rows, kDim);
    T::load<0>(offsets, 0);
    meanwhile(0);
    T::addUnsignedProducts<0, 2, 4>();
    T::load<1>(offsets + kWidth, 0);
    meanwhile(1);
    T::addUnsignedProducts<1, 2, 5>();
    T::load<3>(rows + kTileBytes, kDim);
    meanwhile(2);
    T::addUnsignedProducts<0, 3, 6>();
    T::addUnsignedProducts<1, 3, 7>();
    meanwhile(3);
    T::store<0>(sums.at[0]);
    T::store<1>(sums.at[1]);
}

// What scores of some keys need.
struct Keys {
    const int32_t* offsets;
    __m512 scales[kTiles];
    int64_t first;

    Keys(const uint8_t* panel, int64_t firstKey) : first(firstKey) {
        const auto* all = reinterpret_cast<const int32_t*>(panel + kDim * kPanelKeys);
        offsets = all + first;
        for (int64_t v = 0; v < kTiles; ++v)
            scales[v] =
                Floats::load(reinterpret_cast<const float*>(all) + kPanelKeys + first + v * kWidth);
    }
};

// Adds up the heads of tokens, one after the other.
class Totals {
public:
    Totals(const IndexQueries& queries, const Keys& keys, float* scores, uint64_t* above)
        : queries_(queries),
          keys_(keys),
          scores_(scores),
          above_(above) {}

    // The rows [row, rowEnd) of some sums, which are the next ones.
    void add(const Sums& sums, int64_t row, int64_t rowEnd) {
        __m512 total[kTiles] = {total_[0], total_[1]};
        while (row < rowEnd) {
            const int64_t end = std::min(rowEnd, row + queries_.nHeads - head_);
            head_ += end - row;
            for (; row < end; ++row) {
                const __m512 weight = Floats::set(*weight_++);
                for (int64_t v = 0; v < kTiles; ++v)
                    total[v] = Floats::fma(
                        weight, Floats::positive(_mm512_load_si512(sums.at[v][row])), total[v]);
            }
            if (head_ < queries_.nHeads) break;
            head_ = 0;
            finishToken(total);
            for (int64_t v = 0; v < kTiles; ++v)
                total[v] = Floats::zero();
        }
        for (int64_t v = 0; v < kTiles; ++v)
            total_[v] = total[v];
    }

private:
    void finishToken(const __m512* total) {
        const __m512 threshold = Floats::set(queries_.thresholds[token_]);
        uint64_t bits = 0;
        for (int64_t v = 0; v < kTiles; ++v) {
            const __m512 score = Floats::mul(total[v], keys_.scales[v]);
            Floats::store(scores_ + token_ * kPanelKeys + keys_.first + v * kWidth, score);
            bits |= uint64_t{Floats::greater(score, threshold)} << (keys_.first + v * kWidth);
        }
        above_[token_] = keys_.first == 0 ? bits : above_[token_] | bits;
        ++token_;
    }

    const IndexQueries& queries_;
    const Keys& keys_;
    float* scores_;
    uint64_t* above_;
    const float* weight_ = queries_.weights;
    int64_t token_ = 0;
    int64_t head_ = 0;
    __m512 total_[kTiles] = {};
};

// Rows in sixteens, the last one with zeros where there are fewer.
class Rows {
public:
    explicit Rows(const IndexQueries& q)
        : codes_(q.codes),
          count_(q.nTokens * q.nHeads),
          nTiles_((count_ + kRows - 1) / kRows) {
        if (count_ % kRows == 0) return;
        const auto there = static_cast<size_t>(count_ % kRows * kDim);
        std::memcpy(last_, codes_ + count_ / kRows * kRows * kDim, there);
        std::memset(last_ + there, 0, sizeof last_ - there);
    }

    int64_t nTiles() const { return nTiles_; }

    const uint8_t* tile(int64_t i) const {
        return (i + 1) * kRows <= count_ ? codes_ + i * kRows * kDim : last_;
    }

    int64_t there(int64_t i) const {
        return (i + 1) * kRows <= count_ ? kRows : count_ - i * kRows;
    }

private:
    const uint8_t* codes_;
    int64_t count_;
    int64_t nTiles_;
    alignas(64) uint8_t last_[kRows * kDim];
};

// The lines of a panel that lie between two shares of all tiles.
void ask(const uint8_t* panel, int64_t tile, int64_t nTiles) {
    constexpr int64_t kLines = roundedPanelBytes(kDim) / kTileBytes;
    for (int64_t i = tile * kLines / nTiles; i < (tile + 1) * kLines / nTiles; ++i)
        _mm_prefetch(panel + i * kTileBytes, _MM_HINT_T0);
}

void scoreByTiles(const IndexQueries& q, const RoundedPanel& panel, float* scores,
                  uint64_t* above) {
    const Rows rows(q);
    T::configureWhole();
    for (int64_t first = 0; first < kPanelKeys; first += kKeys) {
        const Keys keys(panel.keys, first);
        Totals totals(q, keys, scores, above);
        Sums sums[2];
        loadKeys(panel.keys + 4 * first);
        for (int64_t i = 0; i < rows.nTiles(); ++i) {
            if (first == 0 && panel.ahead != nullptr) ask(panel.ahead, i, rows.nTiles());
            multiply(rows.tile(i), keys.offsets, sums[i % 2], [&](int64_t wait) {
                constexpr int64_t kShare = kRows / kWaits;
                if (i > 0) totals.add(sums[(i - 1) % 2], wait * kShare, (wait + 1) * kShare);
            });
        }
        const int64_t last = rows.nTiles() - 1;
        totals.add(sums[last % 2], 0, rows.there(last));
    }
    T::release();
}

// Below so many rows setting up the tiles takes as long as the products without them.
constexpr int64_t kRowsWorthTiles = 16;

void indexScoresRounded(const IndexQueries& queries, const RoundedPanel& panel, float* scores,
                        uint64_t* above) {
    if (queries.dim != kDim || queries.nTokens * queries.nHeads < kRowsWorthTiles)
        indexScoresRoundedVnni(queries, panel, scores, above);
    else
        scoreByTiles(queries, panel, scores, above);
}

}  // namespace

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

void fillIndexScoresAmx(Dispatch& table) {
    table.indexScoresRounded = amx::indexScoresRounded;
}

}  // namespace moxie::kernels
