// Inputs of strangers for the readers of model files. Each call reads one and touches all that a
// user of the result may touch; it ends the program if a view lies outside of the input. Driven by
// libFuzzer (fuzz_main.cpp) and by mutations_test.cpp.
#pragma once
#include <cstdint>
#include <span>

namespace moxie::tests {

void fuzzGguf(std::span<const uint8_t> input);
// Input that begins with "{" is the header of a file with 4096 bytes of data.
void fuzzSafetensors(std::span<const uint8_t> input);
void fuzzModelConfig(std::span<const uint8_t> input);
void fuzzSafetensorsIndex(std::span<const uint8_t> input);

}  // namespace moxie::tests
