// The one thing of NumPy's generators that model definitions hang on: integers(0, bound) of
// default_rng(seed). Threads: one thread per object.
// Sources: O'Neill, PCG (2014), PCG64 XSL-RR; NumPy's SeedSequence; Lemire, Fast Random Integer
// Generation in an Interval (2019).
#pragma once
#include <cstdint>

namespace moxie::engine {

class NumpyRandom {
public:
    explicit NumpyRandom(uint64_t seed);

    // In [0, bound). Requires: bound > 2^32, where NumPy draws 64 bits at a time.
    int64_t integer(int64_t bound);

private:
    __extension__ using Wide = unsigned __int128;

    uint64_t next();

    Wide state_ = 0;
    Wide increment_ = 0;
};

}  // namespace moxie::engine
