// The kernels of index scores per instruction set; contracts are those of kernels/dispatch.h.
// Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

namespace scalar {
void indexScores(const IndexQueries& queries, const float* panel, float* scores, uint64_t* above);
void indexScoresRounded(const IndexQueries& queries, const uint8_t* panel, float* scores,
                        uint64_t* above);
}  // namespace scalar

// Put them into a table that holds the scalar ones.
void fillIndexScoresAvx2(Dispatch& table);
void fillIndexScoresAvx512(Dispatch& table);
void fillIndexScoresAvx512Vnni(Dispatch& table);

}  // namespace moxie::kernels
