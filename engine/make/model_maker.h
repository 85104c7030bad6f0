// Small random models of every family, as GGUF or as published, so that everything can be tried
// without weights: `moxie model make`. Weights are drawn by a hash of the seed, the tensor's name
// and the index; the same call gives the same bytes. They say nothing sensible.
// Threads: any thread; blocks.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

struct MakeModelRequest {
    std::string family = {};  // one of makeableFamilies()
    std::string size = "tiny";
    // GGUF: a storage type ("q4_k"); published: f32, bf16, f16, fp8, fp4 (V4), int4. What does not
    // fit a type's blocks is stored in a wider one, small vectors in F32. Empty: bf16.
    std::string type = {};
    uint64_t seed = 1;
    std::filesystem::path out = {};  // "*.gguf": one file; else a new folder
    std::stop_token stop = {};
    std::function<void(int64_t done, int64_t total)> progress = {};  // bytes
};

struct MadeModel {
    int64_t tensors = 0;
    int64_t parameters = 0;
    int64_t bytes = 0;
};

// Fails: invalidInput (an unknown family, size or type, `out` there already), cancelled, io.
base::Result<MadeModel> makeModel(const MakeModelRequest& request);

std::vector<std::string_view> makeableFamilies();
std::vector<std::string_view> makeableSizes();

}  // namespace moxie::engine
