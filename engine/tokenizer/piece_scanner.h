// The pre-tokenisers we know, written out: where the next piece of a text ends. Several times as
// fast as the regular expressions they stand for, and with the library's idea of what a letter is.
// Not here: which model uses which, patterns we do not know (PreTokenizer).
// Threads: any thread.
#pragma once
#include <cstdint>
#include <string_view>

#include "engine/tokenizer/unicode_class.h"

namespace moxie::engine {

enum class PieceRule : uint8_t {
    gpt2,         // the pattern of ByteLevel
    singleDigit,  // every number alone, then gpt2 between them (SmolLM)
    llama3,       // numbers in groups of three
    qwen2,        // llama3 with every number alone
    qwen35,       // qwen2 with marks in words
    gpt4o,        // words end where small letters turn to capital ones
    kimi,         // gpt4o with Han apart
    deepseek3,    // numbers by three, then Chinese and Japanese, then words
};

class PieceScanner {
public:
    explicit PieceScanner(PieceRule rule) : rule_(rule), keys_(charKeys().data()) {}

    // Bytes of the first piece. Requires: valid UTF-8, not empty. Pieces found one after the other
    // are those that the pattern finds in the whole text.
    size_t next(std::string_view text) const;

private:
    PieceRule rule_;
    const uint8_t* keys_;
};

}  // namespace moxie::engine
