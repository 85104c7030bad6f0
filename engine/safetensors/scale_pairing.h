// Which tensors of safetensors files belong together: quantised weights and the scales that lie
// apart from them, by the names their makers use. The result lists what a model asks for.
// Threads: any thread.
// Sources: deepseek-v4.md d.1-d.3 (FP8, packed FP4), moe-families.md sections 1, 3 and 7 (FP8,
// compressed-tensors INT4, MXFP4 of gpt-oss).
#pragma once
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/safetensors/safetensors_file.h"
#include "engine/weights/model_config.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

struct PairedTensors {
    std::vector<StoredTensor> tensors;  // sorted by name, no two alike
    std::deque<std::string> names;      // those that no file holds; never moves its elements
};

// What is stored                                            is listed as
// X.weight F8_E4M3 [N, K] with X.weight_scale_inv or        X.weight, fp8E4m3
//   X.scale F32, F16, BF16, F8_E8M0 per tile; also X, X_scale_inv
// X.weight I8 or U8 [N, K/2] with X.scale F8_E8M0 [N, K/32] X.weight, fp4E2m1, K columns
// X.weight_packed I32 [N, K/8] with X.weight_scale          X.weight, int4
//   [N, K/32] and X.weight_shape [2]
// X_blocks U8 [..., K/32, 16] with X_scales U8 [..., K/32]  X, fp4E2m1, K columns
// Tiles are 128 x 128 unless quantization_config.weight_block_size says otherwise.
// Views point into the files' bytes, names into the files or the result. Fails: corrupt (shapes
// that do not fit), unsupported (a type without a view, missing scales, too many dimensions); the
// message names the tensor.
base::Result<PairedTensors> pairScales(std::span<const SafetensorsFile> files,
                                       const ModelConfig& config);

}  // namespace moxie::engine
