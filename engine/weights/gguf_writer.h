// Writes a model as one GGUF file, version 3: what is to come is declared first, then the data
// passes through without being kept. Not here: quantisation, names and keys.
// Threads: one thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/weights/byte_sink.h"
#include "engine/weights/gguf_metadata.h"
#include "engine/weights/write_order.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

struct GgufTensorSpec {
    std::string name;
    kernels::DType dtype = kernels::DType::f32;
    std::vector<int64_t> dims;  // one to four, the first is the contiguous one
};

// Bytes of the data. Fails: invalidInput (a type that no GGUF file holds, sizes that do not fit).
base::Result<int64_t> ggufTensorBytes(const GgufTensorSpec& spec);

class GgufWriter {
public:
    // Writes the header. Requires: the sink outlives the writer. Fails: invalidInput (a tensor or
    // key that is there twice or has no name, ggufTensorBytes), io.
    static base::Result<GgufWriter> begin(ByteSink& sink, const GgufMetadata& metadata,
                                          std::span<const GgufTensorSpec> tensors);
    // The next bytes of a tensor; tensors in the order of their declaration, each in any number of
    // parts. Fails: invalidInput (WriteOrder), io.
    base::Status write(std::string_view tensor, std::span<const std::byte> part);
    // Fails: invalidInput if data is missing.
    base::Status finish();

private:
    GgufWriter(ByteSink& sink, WriteOrder order) : sink_(&sink), order_(std::move(order)) {}

    ByteSink* sink_;
    WriteOrder order_;
    int64_t tensorBytes_ = 0;  // of the current tensor so far
};

}  // namespace moxie::engine
