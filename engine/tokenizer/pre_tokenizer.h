// Splits text into the pieces inside which a byte-pair tokenizer merges: by one of the rules we
// know (PieceScanner), or by regular expressions from a file. Not here: merging, special tokens.
// Threads: split() from any thread with a Matcher of one's own.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/tokenizer/piece_scanner.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
struct pcre2_real_jit_stack_8;

namespace moxie::engine {

// One pre-tokeniser that is published, as data.
// Source: tokenizer.json of each family; names as in the GGUF key tokenizer.ggml.pre.
struct PreTokenizerSpec {
    std::vector<std::string_view> names;
    // As published, applied one after the other, each to the pieces that the one before left; text
    // between matches is a piece of its own.
    std::vector<std::string_view> patterns;
    std::optional<PieceRule> rule = {};  // the same, written out
    bool wholePieceFirst = false;        // a piece that is a token is taken without merging
    bool composes = false;               // NFC comes first
};

// All of them; of two with the same patterns the first is the one that files are matched to.
const std::vector<PreTokenizerSpec>& preTokenizers();
// nullptr for a name we do not have.
const PreTokenizerSpec* findPreTokenizer(std::string_view name);
// Every name, for messages: "gpt-2, smollm, ...".
std::string preTokenizerNames();

class PreTokenizer {
public:
    // What one thread needs to match; made once, used for many texts.
    class Matcher {
    public:
        Matcher();

    private:
        friend class PreTokenizer;

        struct Free {
            void operator()(pcre2_real_match_data_8* data) const;
            void operator()(pcre2_real_match_context_8* context) const;
            void operator()(pcre2_real_jit_stack_8* stack) const;
        };

        std::unique_ptr<pcre2_real_jit_stack_8, Free> stack_;
        std::unique_ptr<pcre2_real_match_context_8, Free> context_;
        std::unique_ptr<pcre2_real_match_data_8, Free> data_;
    };

    // Whether patterns we know are matched by our rules; `patterns` is for tests of the rules.
    enum class Matching { rules, patterns };

    // Fails: unsupported (see pcre2Pattern; none or too many patterns).
    static base::Result<PreTokenizer> make(const std::vector<std::string>& patterns,
                                           Matching matching = Matching::rules);
    static base::Result<PreTokenizer> make(const PreTokenizerSpec& spec);

    // Pieces in order; together they are `text`. Malformed UTF-8: each run of malformed bytes is a
    // piece, and the text on either side is split as if it stood alone.
    // Cost: linear in the text for the rules and for every published pattern.
    void split(Matcher& matcher, std::string_view text,
               const std::function<void(std::string_view)>& onPiece) const;

private:
    struct FreeCode {
        void operator()(pcre2_real_code_8* code) const;
    };

    using Code = std::unique_ptr<pcre2_real_code_8, FreeCode>;

    struct Step {
        std::optional<PieceScanner> scanner;  // or else the code
        Code code = {};
        bool isJit = false;
    };

    static base::Result<Step> compile(std::string_view pattern);
    static bool matchFrom(size_t begin, const Step& step, Matcher& matcher, std::string_view text);
    void splitBy(size_t step, Matcher& matcher, std::string_view text,
                 const std::function<void(std::string_view)>& onPiece) const;

    std::vector<Step> steps_;
};

}  // namespace moxie::engine
