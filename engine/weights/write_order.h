// Holds a writer of tensors to what was declared: every tensor in its turn, with all of its bytes.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

class WriteOrder {
public:
    struct Tensor {
        std::string name;
        int64_t bytes = 0;
    };

    WriteOrder() = default;

    explicit WriteOrder(std::vector<Tensor> tensors) : tensors_(std::move(tensors)) {}

    // Notes the next `bytes` of `name`. Fails: invalidInput (another tensor's turn, too many
    // bytes); nothing is noted then.
    base::Status advance(std::string_view name, int64_t bytes);

    // Whether no tensor is written in part.
    bool isBetweenTensors() const { return written_ == 0; }

    // Fails: invalidInput, with the first tensor that lacks bytes.
    base::Status checkFinished() const;

private:
    std::vector<Tensor> tensors_;
    size_t next_ = 0;
    int64_t written_ = 0;  // of tensors_[next_]
};

}  // namespace moxie::engine
