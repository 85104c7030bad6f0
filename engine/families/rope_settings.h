// Rotary embeddings as model files describe them: base, linear scaling, YaRN, Llama 3's scaling.
// Threads: values.
// Sources: Peng et al., YaRN (2023); transformers, modeling_rope_utils (Llama 3, config keys).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/families/settings.h"
#include "engine/plan/steps.h"

namespace moxie::engine {

// What a GGUF file of the architecture llama means when it has no rope.freq_base.
constexpr double kGgufTheta = 10000;

enum class RopeScaling { none, linear, yarn, llama3 };

struct RopeSettings {
    double theta = 0;
    RopeScaling scaling = RopeScaling::none;
    double factor = 1;
    int64_t originalContext = 0;  // before scaling; yarn and llama3 only
    double betaFast = 32, betaSlow = 1;
    bool isTruncated = true;  // YaRN's corner pairs rounded to whole ones
    double lowFrequencyFactor = 1, highFrequencyFactor = 1;
    // YaRN's: of cos and sin (mscale / mscale_all_dim where a file has both), and what multiplies
    // the softmax scale (DeepSeek).
    double amplitude = 1;
    double softmaxAmplitude = 1;
    double partial = 1;  // share of a head's dimensions that is turned
};

// `group`: where config.json keeps them if it has several sets ("compress" of rope_parameters).
// A missing base is an error. Fails: corrupt, unsupported (another scaling, by name).
base::Result<RopeSettings> readRopeSettings(const Settings& settings, std::string_view group = "");

// Frequencies of dims / 2 pairs with all scaling applied.
Rope makeRope(const RopeSettings& settings, RopeLayout layout, int64_t dims);

}  // namespace moxie::engine
