// Rotary embedding: pairs turned in float64, plain loops that the compiler makes vectors of.
// Included only by files of one instruction set, with a P of their own, so that no two of them
// share a symbol. Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class P>
struct TurnPairs {
    // Pairs of n that stand `step` apart.
    template <int step>
    static void turn(const Rotation& by, double sign, float* __restrict first,
                     float* __restrict second) {
        for (int64_t i = 0; i < by.nPairs; ++i) {
            const double a = first[i * step];
            const double b = second[i * step];
            const double cosine = by.cosines[i];
            const double sine = sign * by.sines[i];
            first[i * step] = static_cast<float>(a * cosine - b * sine);
            second[i * step] = static_cast<float>(a * sine + b * cosine);
        }
    }

    static void turnPairs(const Rotation& by, float* x) {
        const double sign = by.isBack ? -1 : 1;
        if (by.isInterleaved)
            turn<2>(by, sign, x, x + 1);
        else
            turn<1>(by, sign, x, x + by.nPairs);
    }
};

}  // namespace moxie::kernels
