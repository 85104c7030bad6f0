#include "engine/weights/write_order.h"

#include <fmt/format.h>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Status;

Status WriteOrder::advance(std::string_view name, int64_t bytes) {
    if (next_ == tensors_.size() || tensors_[next_].name != name)
        return fail(Errc::invalidInput,
                    fmt::format("data of tensor {}, expected {}", name,
                                next_ == tensors_.size() ? "no more" : tensors_[next_].name));
    const int64_t left = tensors_[next_].bytes - written_;
    if (bytes < 0 || bytes > left)
        return fail(Errc::invalidInput,
                    fmt::format("tensor {}: {} bytes, expected at most {}", name, bytes, left));
    written_ += bytes;
    if (bytes < left) return {};
    ++next_;
    written_ = 0;
    return {};
}

Status WriteOrder::checkFinished() const {
    if (next_ == tensors_.size()) return {};
    return fail(Errc::invalidInput,
                fmt::format("tensor {} ends at {} of {} bytes", tensors_[next_].name, written_,
                            tensors_[next_].bytes));
}

}  // namespace moxie::engine
