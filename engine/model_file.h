// What a model says of itself and what it would need here, without loading it: for lists to choose
// from. A GGUF file or a folder as models are published; everything is checked as it is read.
// Not here: opening it for work (open_model.h).
// Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace moxie::engine {

struct ModelFileFacts {
    std::string name = {};          // as the file says, else the file's own; one line of UTF-8
    std::string architecture = {};  // "llama"; empty: not said
    std::string quantisation = {};  // of most bytes of weights, "Q4_1"; empty: no weights
    int64_t parameters = 0;
    int64_t contextTokensMax = 0;  // what it was made for; 0: not known
    int64_t fileBytes = 0;
    int64_t memoryBytes = 0;   // planned for the context asked for; 0: it cannot be run
    std::string problem = {};  // why it cannot be run here; empty: it can
};

// `contextTokens` of the plan are at most those of the model; 0: all of them.
// Fails: notFound, denied, io, invalidInput (no regular file, a negative context), corrupt,
// unsupported (nothing we can read; the message says what is in the way).
// Cost: reads the head of the file and checks its tensors and tokens.
base::Result<ModelFileFacts> inspectModelFile(const std::filesystem::path& path,
                                              int64_t contextTokens);

}  // namespace moxie::engine
