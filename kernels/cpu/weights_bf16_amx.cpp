// AMX bfloat16: quantised weights times rounded activations, for prompts. 32 rows by 512 columns of
// weights are rounded into tiles, 32 KB, which stay in the first cache while tokens, in tiles
// already, pass. Rows of weights are rows of the instruction, so that they are stored as they are
// read; tokens are its columns. Sums of 32 rows by 32 tokens stand in four tiles, so that two loads
// of 1,024 bytes serve two products. While tiles multiply, the vector units do what they can beside
// them: they round the next panel and turn over what became of the last columns' sums.
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "kernels/cpu/amx_tiles.h"
#include "kernels/cpu/bf16_tiles.h"
#include "kernels/cpu/integer_format_switch.h"
#include "kernels/cpu/weights_panel_bf16.h"

namespace moxie::kernels::amx {

namespace {

using T = TileInstructions;

constexpr int64_t kTokensAtOnce = 2 * kBf16TileRows;
constexpr int64_t kMostTokens = 512;
constexpr int64_t kMostSums = 256 * kMostTokens;

// Sums of 32 rows by 32 tokens: [half of the rows * 2 + half of the tokens][row][token].
struct Sums {
    alignas(64) float at[4][16][16];
};

// On the stack of a thread.
struct Memory {
    Panel panels[2];
    Sums last[2];
    Sums soFar[kMostSums / (kPanelRows * kTokensAtOnce)];
};

// Sums that are whole, and where they go: of the first row and token, `stride` from one token to
// the next.
struct Finished {
    const Sums* sums = nullptr;
    float* y = nullptr;
    int64_t stride = 0;
    int64_t nRows = 0;
    int64_t nTokens = 0;
};

constexpr int kTurns = 16;  // of one Finished

// Four tokens of 16 rows; the other rows of the same tokens follow.
void turnOver(const Finished& finished, int turn) {
    const int64_t token = turn / 2 * 4;
    const int64_t row = turn % 2 * 16;
    if (token >= finished.nTokens || row >= finished.nRows) return;
    const float* from = finished.sums->at[turn % 2 * 2 + token / 16][0] + token % 16;
    __m512 fours[4];  // lane i: of row 4 i + j
    for (int j = 0; j < 4; ++j) {
        fours[j] = _mm512_castps128_ps512(_mm_load_ps(from + 16 * j));
        fours[j] = _mm512_insertf32x4(fours[j], _mm_load_ps(from + 16 * (4 + j)), 1);
        fours[j] = _mm512_insertf32x4(fours[j], _mm_load_ps(from + 16 * (8 + j)), 2);
        fours[j] = _mm512_insertf32x4(fours[j], _mm_load_ps(from + 16 * (12 + j)), 3);
    }
    const __m512d low = _mm512_castps_pd(_mm512_unpacklo_ps(fours[0], fours[1]));
    const __m512d high = _mm512_castps_pd(_mm512_unpackhi_ps(fours[0], fours[1]));
    const __m512d nextLow = _mm512_castps_pd(_mm512_unpacklo_ps(fours[2], fours[3]));
    const __m512d nextHigh = _mm512_castps_pd(_mm512_unpackhi_ps(fours[2], fours[3]));
    const __m512d tokens[4] = {_mm512_unpacklo_pd(low, nextLow), _mm512_unpackhi_pd(low, nextLow),
                               _mm512_unpacklo_pd(high, nextHigh),
                               _mm512_unpackhi_pd(high, nextHigh)};
    const int64_t left = finished.nRows - row;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : (1U << left) - 1);
    for (int64_t t = 0; t < 4 && token + t < finished.nTokens; ++t)
        _mm512_mask_storeu_ps(finished.y + (token + t) * finished.stride + row, mask,
                              _mm512_castpd_ps(tokens[t]));
}

// A step of products: tiles of 32 rows, of 32 tokens.
struct Factors {
    const uint8_t* rows;
    const uint8_t* tokens;
    int64_t tokensStride;  // bytes from one 16 tokens to the next
    int64_t depth;         // tiles
};

constexpr int64_t kStepsOfProducts = 4;  // between loads of tiles: more products stay in flight

// Tiles 4 and 5 are rows, 6 and 7 tokens, which do not come again before other rows do.
template <int nTokens, class F>
void addProducts(const Factors& factors, int64_t d, PanelRounding<F>& next) {
    const uint8_t* rows = factors.rows + d * kBf16TileBytes;
    const uint8_t* tokens = factors.tokens + d * kBf16TileBytes;
    T::load<4>(rows, 64);
    next.step();
    T::loadOnce<6>(tokens, 64);
    next.step();
    T::addBf16Products<0, 4, 6>();
    T::load<5>(rows + sizeof(Panel::tiles[0]), 64);
    next.step();
    T::addBf16Products<2, 5, 6>();
    if constexpr (nTokens == 2) T::loadOnce<7>(tokens + factors.tokensStride, 64);
    next.step();
    if constexpr (nTokens == 2) {
        T::addBf16Products<1, 4, 7>();
        T::addBf16Products<3, 5, 7>();
    }
}

// Goes on with `from`, or from zero on.
template <int nTokens, class F>
void multiplyTiles(const Factors& factors, const Sums* from, Sums& to, const Finished& finished,
                   PanelRounding<F>& next) {
    if (from != nullptr) {
        T::load<0>(from->at[0], 64);
        T::load<2>(from->at[2], 64);
        if constexpr (nTokens == 2) {
            T::load<1>(from->at[1], 64);
            T::load<3>(from->at[3], 64);
        }
    } else {
        T::zero<0>();
        T::zero<1>();
        T::zero<2>();
        T::zero<3>();
    }
    int turn = finished.sums == nullptr ? kTurns : 0;
    for (int64_t d = 0; d < factors.depth; ++d) {
        addProducts<nTokens>(factors, d, next);
        if (turn < kTurns) turnOver(finished, turn++);
    }
    while (turn < kTurns)
        turnOver(finished, turn++);
    T::storeSums<0>(to.at[0][0], 64);
    T::storeSums<2>(to.at[2][0], 64);
    if constexpr (nTokens == 2) {
        T::storeSums<1>(to.at[1][0], 64);
        T::storeSums<3>(to.at[3][0], 64);
    }
}

struct Product {
    const WeightsView& w;
    int64_t rowBegin, rowEnd;
    const uint8_t* tokens;  // tiles
    int64_t nTokens;
    float* y;  // of the first row and token
    int64_t yStride;
};

PanelPlace placeAt(const Product& p, int64_t row, int64_t begin) {
    const int64_t most = p.w.cols <= kPanelColsMost ? kPanelColsMost : kPanelCols;
    return {row, std::min(p.rowEnd - row, kPanelRows), begin, std::min(p.w.cols - begin, most)};
}

// The place after another one, columns of all rows before the next columns; empty after the last.
PanelPlace placeAfter(const Product& p, const PanelPlace& place) {
    if (place.row + place.nRows < p.rowEnd) return placeAt(p, place.row + place.nRows, place.begin);
    if (place.begin + place.cols < p.w.cols)
        return placeAt(p, p.rowBegin, place.begin + place.cols);
    return {};
}

template <class F>
void multiply(const Product& p, PanelRounding<F>& next, Memory& memory) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, p.w.cols);
    const int64_t groups = wholeTiles(p.nTokens, kTokensAtOnce) / kTokensAtOnce;
    PanelPlace place = placeAt(p, p.rowBegin, 0);
    Panel* panel = &memory.panels[0];
    Panel* other = &memory.panels[1];
    next.start(place, 1, *panel);
    next.step();
    Finished finished;
    int64_t nFinished = 0;
    Sums* sums = memory.soFar;
    while (place.nRows > 0) {
        const PanelPlace after = placeAfter(p, place);
        const int64_t depth = wholeTiles(place.cols, kBf16TileDepth) / kBf16TileDepth;
        const bool isLast = place.begin + place.cols == p.w.cols;
        if (place.row == p.rowBegin) sums = memory.soFar;
        next.start(after, groups * depth * kStepsOfProducts, *other);
        T::begin();
        for (int64_t t = 0; t < p.nTokens; t += kTokensAtOnce, ++sums) {
            const int64_t nTokens = std::min(p.nTokens - t, kTokensAtOnce);
            const Factors factors = {panel->tiles[0][0],
                                     p.tokens + t / kBf16TileRows * bytes +
                                         place.begin / kBf16TileDepth * kBf16TileBytes,
                                     bytes, depth};
            Sums& to = isLast ? memory.last[nFinished++ % 2] : *sums;
            const Sums* from = place.begin == 0 ? nullptr : sums;
            if (nTokens > kBf16TileRows)
                multiplyTiles<2>(factors, from, to, finished, next);
            else
                multiplyTiles<1>(factors, from, to, finished, next);
            finished = {};
            if (isLast)
                finished = {&to, p.y + t * p.yStride + place.row - p.rowBegin, p.yStride,
                            place.nRows, nTokens};
        }
        place = after;
        std::swap(panel, other);
    }
    for (int turn = 0; turn < kTurns; ++turn)
        turnOver(finished, turn);
}

void matmulWeightsBf16(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) {
    checkWeights(w);
    T::configureWhole();
    Memory memory;
    withIntegerFormat<PanelFormats>(w.dtype, [&]<class F>(F) {
        PanelRounding<F> rounding(w);
        for (int64_t t = 0; t < nTokens; t += kMostTokens) {
            const int64_t tokens = std::min(nTokens - t, kMostTokens);
            const int64_t rowsAtOnce =
                kMostSums / wholeTiles(tokens, kTokensAtOnce) / kPanelRows * kPanelRows;
            for (int64_t r = rowBegin; r < rowEnd; r += rowsAtOnce)
                multiply({w, r, std::min(rowEnd, r + rowsAtOnce), x.data + t * x.rowBytes, tokens,
                          y + t * yStride + r - rowBegin, yStride},
                         rounding, memory);
        }
    });
    T::release();
}

}  // namespace

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

void fillWeightsBf16Amx(Dispatch& table) {
    table.matmulWeightsBf16 = amx::matmulWeightsBf16;
    table.hasFastWeightsBf16 = true;
}

}  // namespace moxie::kernels
