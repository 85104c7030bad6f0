#include "engine/execute/arena.h"

#include <fmt/format.h>

namespace moxie::engine {

base::Result<Arena> Arena::make(int64_t floats) {
    Arena arena;
    arena.capacity_ = std::max<int64_t>(floats, kAlignFloats);
    arena.memory_.reset(static_cast<float*>(::operator new(
        static_cast<size_t>(arena.capacity_) * sizeof(float), std::align_val_t(64), std::nothrow)));
    if (arena.memory_ == nullptr)
        return base::fail(base::Errc::outOfMemory,
                          fmt::format("no memory for {} bytes of activations", floats * 4));
    return arena;
}

}  // namespace moxie::engine
