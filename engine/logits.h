// Logits of every position of a token sequence, to a .npy file or to a callback: the door of
// `moxie logits` and of every exactness check.
// Threads: any thread; blocks, and uses a worker pool of its own.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/adapters/adapter_file.h"
#include "engine/execute/pass.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

// Of which part of the model.
enum class LogitsPart {
    model,
    draft,  // the drafter: positions whose next token is known
};

struct LogitsOptions {
    int64_t chunkTokens = 128;
    int32_t threads = 0;   // 0: one per physical core
    std::string isa = {};  // "scalar", "cpu" or empty (the best), "avx2", "avx512", "avx512vnni"
    QuantSimulation simulation = QuantSimulation::off;
    Products products = Products::exact;  // rounded: as prompts are read here, by any kernels
    LogitsPart part = LogitsPart::model;
    std::filesystem::path draftFile = {};    // as LocalModelOptions::draftFile
    std::string kvFormat = "f32";            // f32, f16, native
    std::vector<AdapterFile> adapters = {};  // LoRA
    std::stop_token stop = {};
    std::function<void(int64_t done, int64_t total)> progress = {};
};

// Token ids as text separated by white space. Fails: invalidInput (names the word).
base::Result<std::vector<int32_t>> parseTokenIds(std::string_view text);

// The kernels of a backend's name as above. Fails: unsupported (unknown, or not on this CPU).
base::Result<const kernels::Dispatch*> findDispatch(std::string_view isa);

// Calls `row` with the logits after tokens[0..index], for each index in order. `model`: a GGUF file
// or a folder as models are published. The drafter gives one row less.
// Fails: what opening and evaluating fail with; unsupported (isa unknown or not on this CPU).
base::Status computeLogits(const std::filesystem::path& model, std::span<const int32_t> tokens,
                           const LogitsOptions& options,
                           const std::function<void(int64_t, std::span<const float>)>& row);

// The same into a float32 .npy file of shape [rows, vocabulary].
base::Status writeLogits(const std::filesystem::path& model, std::span<const int32_t> tokens,
                         const std::filesystem::path& npyFile, const LogitsOptions& options);

}  // namespace moxie::engine
