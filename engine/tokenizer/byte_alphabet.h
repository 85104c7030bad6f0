// The byte alphabet of GPT-2: every byte is written as one printable character, so that vocabulary
// files are text. Threads: any thread.
// Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), byte-level
// BPE.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace moxie::engine {

// The bytes that `text` stands for; nullopt if it holds a character outside the alphabet.
std::optional<std::string> bytesOfAlphabet(std::string_view text);

// The opposite direction: any bytes as text of the alphabet.
std::string alphabetOfBytes(std::string_view bytes);

}  // namespace moxie::engine
