// Adapters as PEFT and llama.cpp write them, with factors made from their names.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/engine/gguf/gguf_bytes.h"
#include "tests/engine/weights/model_folder.h"

namespace moxie::engine {

struct OtherTensor {
    std::string name;
    std::vector<int64_t> shape;
    std::vector<float> values;
};

// `adapter`: an entry of "adapters" in a golden file (lora.py). `others`: what else the file holds.
void writePeftAdapter(const tests::ModelFolder& folder, const nlohmann::json& adapter,
                      const std::vector<OtherTensor>& others = {});

// A GGUF file of an adapter without factors yet.
tests::GgufBytes ggufAdapter(const std::string& architecture, float alpha);

struct FactorShape {
    std::string weights;  // "blk.0.attn_q"
    int64_t rows = 0, cols = 0, rank = 0;
    int64_t count = 1;
};

// Both factors of small random values; returns them: A [count, rank, cols], B [count, rows, rank].
struct FactorValues {
    std::vector<float> down, up;
};

FactorValues addFactors(tests::GgufBytes& file, const FactorShape& shape);

}  // namespace moxie::engine
