// Writes one safetensors file: what is to come is declared first, then the data passes through
// without being kept. Not here: config.json, shards' index (safetensors_index.h), quantisation.
// Threads: one thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/safetensors/safetensors_file.h"
#include "engine/weights/byte_sink.h"
#include "engine/weights/write_order.h"

namespace moxie::engine {

struct SafetensorsSpec {
    std::string name;
    SafetensorsType type = SafetensorsType::f32;
    std::vector<int64_t> shape;  // [out, in]: the last is the contiguous one; empty: one value
};

// Bytes of the data. Fails: invalidInput (sizes that do not fit, too many dimensions).
base::Result<int64_t> safetensorsBytes(const SafetensorsSpec& spec);

// Wide types first, else as given: the order in which every value lies at a multiple of its size,
// which other readers need.
std::vector<SafetensorsSpec> inStorageOrder(std::vector<SafetensorsSpec> tensors);

class SafetensorsWriter {
public:
    // Writes the header, with `notes` as "__metadata__" (readers of other programs look for
    // {"format", "pt"}). Requires: the sink outlives the writer. Fails: invalidInput (a name that
    // is empty, there twice or no UTF-8, values that would not lie at a multiple of their size,
    // safetensorsBytes), io.
    static base::Result<SafetensorsWriter> begin(ByteSink& sink,
                                                 std::span<const SafetensorsSpec> tensors,
                                                 std::span<const SafetensorsNote> notes);
    // The next bytes of a tensor; tensors in the order of their declaration, each in any number of
    // parts. Fails: invalidInput (WriteOrder), io.
    base::Status write(std::string_view tensor, std::span<const std::byte> part);
    // Fails: invalidInput if data is missing.
    base::Status finish();

private:
    SafetensorsWriter(ByteSink& sink, WriteOrder order) : sink_(&sink), order_(std::move(order)) {}

    ByteSink* sink_;
    WriteOrder order_;
};

}  // namespace moxie::engine
