// The drafters that a DeepSeek V4 model brings along: one block for multi-token prediction (the
// preview), or three blocks that guess a block of tokens (0731 and later).
// Sources: DeepSeek-V4 inference/model.py; llama.cpp's converter (names in GGUF).
// Threads: one thread, as WeightReader.
#pragma once
#include "base/result.h"
#include "engine/families/deepseek_v4_block.h"

namespace moxie::engine {

// Sets plan.draft or plan.blockDrafter if the file has one; the plan's blocks are read already.
// Fails: corrupt (a tensor or a number is absent or does not fit), by name.
base::Status readV4Drafter(const Settings& settings, WeightReader& reader, const V4Config& c,
                           const V4Ropes& ropes, ModelPlan& plan);

}  // namespace moxie::engine
