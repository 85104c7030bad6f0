// tokenizer.json of the `tokenizers` library, and the files beside it, as a source for Tokenizer.
// What we do not do exactly as the library is refused by name, never left out.
// Not here: encoding (Tokenizer), GGUF.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/tokenizer.h"

namespace moxie::engine {

class TokenizerJson {
public:
    // Fails: corrupt (no JSON, a value of the wrong type, ids out of range, two tokens with one
    // id), unsupported (a model, normaliser, pre-tokeniser, decoder or flag that we do not have;
    // named).
    static base::Result<TokenizerJson> parse(std::string_view text);

    // tokenizer_config.json: begin and end of text by name, whether the first is added.
    // Fails: corrupt (also a name that is no token).
    base::Status addTokenizerConfig(std::string_view text);
    // generation_config.json: ids that end an answer. Fails: corrupt.
    base::Status addGenerationConfig(std::string_view text);

    // Views of this object.
    TokenizerSource source() const;

private:
    friend class TokenizerJsonReader;

    std::deque<std::string> texts_;  // what the views below are of
    std::vector<std::string_view> tokens_;
    std::vector<int64_t> kinds_;
    std::vector<MergeNames> merges_;
    std::vector<std::pair<int64_t, SpecialMatching>> matching_;
    std::vector<std::string> patterns_;
    std::vector<int64_t> endTokens_;
    std::optional<int64_t> beginOfText_;
    bool addsBeginOfText_ = false;
    bool wholePieceFirst_ = false;
    Normalisation normalisation_ = Normalisation::none;
};

}  // namespace moxie::engine
