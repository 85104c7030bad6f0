// Splits text into the pieces inside which a byte-pair tokenizer merges. One table entry per
// pre-tokeniser of the GGUF key tokenizer.ggml.pre; the names are listed in pre_tokenizer.cpp.
// Not here: merging, special tokens.
// Threads: split() from any thread with a Matcher of one's own.
// Source: the published tokenizer.json patterns of each family, rewritten for PCRE2 with the white
// space of Unicode spelled out (PCRE2's own \s would also take U+180E).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
struct pcre2_real_jit_stack_8;

namespace moxie::engine {

// One pre-tokeniser as data: patterns applied one after the other, each to the pieces that the one
// before left; text between matches is a piece of its own.
struct PreTokenizerSpec {
    std::vector<std::string_view> names;  // values of tokenizer.ggml.pre
    std::vector<std::string_view> patterns;
    bool wholePieceFirst = false;  // a piece that is a token is taken without merging
};

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

    // Fails: internal (a pattern of ours does not compile).
    static base::Result<PreTokenizer> make(const PreTokenizerSpec& spec);

    // Pieces in order; together they are `text`. Malformed UTF-8: each run of malformed bytes is a
    // piece, and the text on either side is split as if it stood alone.
    // Cost: about 60 MB/s; linear in the text.
    void split(Matcher& matcher, std::string_view text,
               const std::function<void(std::string_view)>& onPiece) const;

private:
    struct FreeCode {
        void operator()(pcre2_real_code_8* code) const;
    };

    using Code = std::unique_ptr<pcre2_real_code_8, FreeCode>;

    struct Step {
        Code code;
        bool isJit = false;
    };

    static bool matchFrom(size_t begin, const Step& step, Matcher& matcher, std::string_view text);
    void splitBy(size_t step, Matcher& matcher, std::string_view text,
                 const std::function<void(std::string_view)>& onPiece) const;

    std::vector<Step> steps_;
};

}  // namespace moxie::engine
