// The numbers of a DeepSeek V4 model, from GGUF metadata or config.json.
// Source: DeepSeek-V4 config.json, inference/model.py; keys of llama.cpp's deepseek4.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/families/decoder_parts.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

constexpr int64_t kOverlapRatio = 4;  // compressed sparse attention

struct V4Config {
    DecoderShape decoder;
    int64_t nHeads = 0, headDim = 0, ropeDims = 0, qRank = 0, nGroups = 0, groupRank = 0;
    int64_t window = 0;
    std::vector<int64_t> ratios;  // per layer
    int64_t indexHeads = 0, indexDim = 0, indexTopK = 0;
    int64_t nExperts = 0, topK = 0, nShared = 0, expertDim = 0, nHashLayers = 0;
    double scale = 1, limit = 0, sharedLimit = 0;
    bool isNormalised = true;
    int64_t nStreams = 0, sinkhornIterations = 0;
    double hcEpsilon = 0;
    RopeSettings rope, compressedRope;
};

// Fails: corrupt (a number is missing or out of range), unsupported.
base::Result<V4Config> readV4Config(const Settings& settings);

}  // namespace moxie::engine
