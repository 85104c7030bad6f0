// The tokens of a model: their bytes, kinds, special names and merges, checked once.
// Not here: encoding (Tokenizer).
// Threads: immutable; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/pair_merger.h"

namespace moxie::engine {

// Values of tokenizer.ggml.token_type.
enum class TokenKind : int8_t {
    normal = 1,
    unknown = 2,
    control = 3,
    userDefined = 4,
    unused = 5,
    byte = 6
};

// Two tokens that become one. Views of their names.
struct MergeNames {
    std::string_view left;
    std::string_view right;
};

// How a control or user-defined token is found in markup; files that say nothing mean the defaults.
struct SpecialMatching {
    bool takesSpaceBefore = false;  // lstrip: white space on that side belongs to the token
    bool takesSpaceAfter = false;   // rstrip
    bool isLate = false;            // normalized: looked for in what the others leave
};

// A vocabulary as a file states it: nothing is checked yet. Views are read by Vocabulary::make
// only.
struct VocabularySource {
    std::span<const std::string_view> tokens = {};  // normal ones in the byte alphabet
    std::span<const int64_t> kinds = {};            // empty: all normal; unused ones may be empty
    std::span<const MergeNames> merges = {};        // best first
    std::span<const std::pair<int64_t, SpecialMatching>> matching = {};  // ids that differ
    std::optional<int64_t> beginOfText = {};
    std::span<const int64_t> endTokens = {};
    bool addBeginOfText = false;
};

class Vocabulary {
public:
    // Fails: corrupt (no tokens or too many; duplicate, empty, overlong or foreign tokens; kinds or
    // ids out of range; merges of tokens that do not exist).
    static base::Result<Vocabulary> make(const VocabularySource& source);

    int64_t size() const { return int64_t(kinds_.size()); }

    // The bytes of a token, which may be a part of a character; the name of a control token.
    // Empty for an id out of range.
    std::string_view bytes(int32_t token) const;
    TokenKind kind(int32_t token) const;  // unused for an id out of range

    // The control or user-defined token with this name.
    std::optional<int32_t> special(std::string_view name) const;
    enum class SpecialPass { early, late };

    // The longest name of a control or user-defined token that `text` begins with, among those that
    // are looked for in that pass. Cost: log(special tokens) for each byte that matches.
    std::optional<int32_t> specialPrefix(std::string_view text, SpecialPass pass) const;

    bool hasLateSpecials() const { return !specialsOf(SpecialPass::late).empty(); }

    SpecialMatching specialMatching(int32_t token) const;
    // Whether a model ends its turn or its text with this token.
    bool endsGeneration(int32_t token) const;

    std::optional<int32_t> beginOfText() const { return beginOfText_; }

    bool addsBeginOfText() const { return addsBeginOfText_; }

    // The token of each byte, -1 where there is none.
    const std::array<int32_t, 256>& byteTokens() const { return byteTokens_; }

    const std::vector<PairMerger::Pair>& pairs() const { return pairs_; }  // best first

private:
    Vocabulary() = default;
    base::Status addTokens(const VocabularySource& source);
    base::Status addMerges(const VocabularySource& source);
    base::Status addRoles(const VocabularySource& source);

    const std::vector<int32_t>& specialsOf(SpecialPass pass) const {
        return specials_[pass == SpecialPass::late ? 1 : 0];
    }

    std::string arena_;          // the bytes of all tokens, one after the other
    std::vector<int64_t> ends_;  // of each token in arena_
    std::vector<TokenKind> kinds_;
    std::vector<int32_t> specials_[2];  // by SpecialPass, sorted by name
    std::array<bool, 256> startsSpecial_ = {};
    std::vector<std::pair<int64_t, SpecialMatching>> matching_;  // sorted by token
    std::vector<int32_t> endTokens_;                             // sorted
    std::array<int32_t, 256> byteTokens_ = {};
    std::vector<PairMerger::Pair> pairs_;
    std::optional<int32_t> beginOfText_;
    bool addsBeginOfText_ = false;
};

}  // namespace moxie::engine
