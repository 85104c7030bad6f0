// A Llama model of two layers with weights that mean nothing, small enough for every test.
#pragma once
#include <cstdint>
#include <string>

#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/kernels/random_values.h"

namespace moxie::tests {

inline constexpr int64_t kHidden = 64;
inline constexpr int64_t kFfn = 96;
inline constexpr int64_t kVocabulary = 50;

// Two layers, 4 heads over 2 key-value heads, random weights of small size.
inline GgufBytes tinyModel() {
    GgufBytes file;
    file.string("general.architecture", "llama");
    file.number<uint32_t>("llama.block_count", engine::GgufType::u32, 2);
    file.number<uint32_t>("llama.embedding_length", engine::GgufType::u32, kHidden);
    file.number<uint32_t>("llama.feed_forward_length", engine::GgufType::u32, kFfn);
    file.number<uint32_t>("llama.attention.head_count", engine::GgufType::u32, 4);
    file.number<uint32_t>("llama.attention.head_count_kv", engine::GgufType::u32, 2);
    file.number<uint32_t>("llama.context_length", engine::GgufType::u32, 128);
    file.number<float>("llama.attention.layer_norm_rms_epsilon", engine::GgufType::f32, 1e-5F);
    uint32_t seed = 1;
    const auto matrix = [&](const std::string& name, int64_t rows, int64_t cols) {
        file.floats(name, {static_cast<uint64_t>(cols), static_cast<uint64_t>(rows)},
                    uniform(rows * cols, seed++, 0.3F));
    };
    matrix("token_embd.weight", kVocabulary, kHidden);
    file.floats("output_norm.weight", {kHidden}, uniform(kHidden, seed++));
    for (const char* layer : {"blk.0.", "blk.1."}) {
        const std::string name = layer;
        file.floats(name + "attn_norm.weight", {kHidden}, uniform(kHidden, seed++));
        matrix(name + "attn_q.weight", kHidden, kHidden);
        matrix(name + "attn_k.weight", kHidden / 2, kHidden);
        matrix(name + "attn_v.weight", kHidden / 2, kHidden);
        matrix(name + "attn_output.weight", kHidden, kHidden);
        file.floats(name + "ffn_norm.weight", {kHidden}, uniform(kHidden, seed++));
        matrix(name + "ffn_gate.weight", kFfn, kHidden);
        matrix(name + "ffn_up.weight", kFfn, kHidden);
        matrix(name + "ffn_down.weight", kHidden, kFfn);
    }
    return file;
}

}  // namespace moxie::tests
