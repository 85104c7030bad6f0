// Which type of a family of formats (panels of integer_panel.h, rows of fine_formats.h) reads the
// weights of a storage type. Header only: each instruction set has families of its own.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

// Calls run(F()) with the format that reads `dtype`. Requires: hasTiles() of such weights.
template <class Formats, class Run>
void withIntegerFormat(DType dtype, const Run& run) {
    switch (dtype) {
        case DType::q8_0:
            return run(typename Formats::Q8_0());
        case DType::q4_0:
            return run(typename Formats::Q4_0());
        case DType::q4_1:
            return run(typename Formats::Q4_1());
        case DType::q2_K:
            return run(typename Formats::Q2_K());
        case DType::q4_K:
            return run(typename Formats::Q4_K());
        case DType::q5_K:
            return run(typename Formats::Q5_K());
        case DType::q6_K:
            return run(typename Formats::Q6_K());
        case DType::iq2_xxs:
            return run(typename Formats::Iq2Xxs());
        case DType::iq4_nl:
            return run(typename Formats::Iq4Nl());
        case DType::iq4_xs:
            return run(typename Formats::Iq4Xs());
        case DType::mxfp4:
            return run(typename Formats::Mxfp4());
        case DType::fp4E2m1:
            return run(typename Formats::E2m1());
        case DType::int4:
            return run(typename Formats::Int4());
        default:
            __builtin_trap();
    }
}

}  // namespace moxie::kernels
