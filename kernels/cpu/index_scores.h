// The kernels of index scores per instruction set; contracts are those of kernels/dispatch.h.
// Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

namespace scalar {
void indexScores(const IndexQueries& queries, const float* panel, float* scores, uint64_t* above);
void indexScoresRounded(const IndexQueries& queries, const RoundedPanel& panel, float* scores,
                        uint64_t* above);
void packRoundedIndexKeys(const RoundedKeys& keys, int64_t dim, uint8_t* panel);
void roundFp4IndexRows(const Fp4Rows& rows, int64_t dim, int8_t* codes, float* scales);
}  // namespace scalar

// How a row of E2M1 is rounded: per block of 32 the codes of its 16 nibbles.
constexpr int64_t kE2m1Block = 32;

struct Fp4IndexRow {
    const int8_t* tables[kIndexDimMax / kE2m1Block];
    float scale = 0;
};

// Of a row of dim values with these E8M0 scales.
void chooseFp4Tables(const uint8_t* scales, int64_t dim, Fp4IndexRow& row);

// Put them into a table that holds the scalar ones.
void fillIndexScoresAvx2(Dispatch& table);
void fillIndexScoresAvx512(Dispatch& table);
void fillIndexScoresAvx512Vnni(Dispatch& table);
void fillIndexScoresAmx(Dispatch& table);

// Dispatch::indexScoresRounded by AVX-512 VNNI, for what is too little for tiles.
void indexScoresRoundedVnni(const IndexQueries& queries, const RoundedPanel& panel, float* scores,
                            uint64_t* above);

}  // namespace moxie::kernels
