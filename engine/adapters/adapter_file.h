// A LoRA adapter that a user asks for. Threads: values.
#pragma once
#include <filesystem>

namespace moxie::engine {

struct AdapterFile {
    std::filesystem::path file;  // GGUF, the folder of PEFT, or the safetensors file in it
    double scale = 1;            // times the adapter's own
};

}  // namespace moxie::engine
