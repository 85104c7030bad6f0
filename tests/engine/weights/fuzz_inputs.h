// Inputs of strangers for the readers of model files and of answers. Each call reads one and
// touches all that a user of the result may touch; it ends the program if a view lies outside of
// the input or a promise of the reader is broken. Driven by libFuzzer (fuzz_main.cpp) and by
// mutations_test.cpp.
#pragma once
#include <cstdint>
#include <span>

namespace moxie::tests {

void fuzzGguf(std::span<const uint8_t> input);
// Input that begins with "{" is the header of a file with 4096 bytes of data.
void fuzzSafetensors(std::span<const uint8_t> input);
void fuzzModelConfig(std::span<const uint8_t> input);
void fuzzSafetensorsIndex(std::span<const uint8_t> input);
// config.json of a model without tensors, planned by the family it names.
void fuzzFamilyConfig(std::span<const uint8_t> input);
// Each token of what is taken is decoded, a short text encoded and decoded again.
void fuzzTokenizerJson(std::span<const uint8_t> input);
void fuzzGgufTokenizer(std::span<const uint8_t> input);
// The first byte chooses family and settings, the second the cuts; the rest is what a model says.
// Parts, calls and faults must be the same however the text is cut.
void fuzzAnswerParser(std::span<const uint8_t> input);

}  // namespace moxie::tests
