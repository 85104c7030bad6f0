// Which stretches of a source text are keywords, types, strings and so on, for showing it in
// colours: a tree-sitter tree of the text and a table per language (highlight/). It knows no
// colours. Nothing in a text makes it fail: what has no grammar, is too large or takes too long is
// plain text. Threads: values; the const functions of one text from any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/language.h"

struct TSTree;

namespace moxie::indexer {

// What a stretch is. `text` is never the kind of a span.
enum class TokenKind : uint8_t {
    text,
    keyword,
    type,
    function,
    variable,
    property,
    constant,
    number,
    string,
    escape,
    comment,
    preprocessor,
    op,
    punctuation,
    tag,
    attribute,
    label,
};
inline constexpr int kTokenKindCount = int(TokenKind::label) + 1;
std::string_view toString(TokenKind kind);

struct TokenSpan {
    int64_t begin = 0, end = 0;  // bytes
    TokenKind kind = TokenKind::text;
    bool operator==(const TokenSpan&) const = default;
};

// By name and content; Grammar::none: no colours.
Grammar grammarOfFile(std::string_view path, std::string_view text);
// By the word after a code fence: "cpp", "python3", "ts {1,3}", "rust,ignore".
Grammar grammarOfFence(std::string_view info);

// A block that one can fold away: the lines behind `head` up to `last`. Its closing bracket, if it
// has one, is on the line below.
struct FoldableBlock {
    enum class Kind : uint8_t { function, other };
    int32_t head = 0, last = 0;  // from 0; head < last
    Kind kind = Kind::other;
    bool operator==(const FoldableBlock&) const = default;
};

struct TextEdit {
    int64_t begin = 0, end = 0;  // the bytes that go
    std::string_view text = {};  // what comes instead
};

class HighlightedText {
public:
    static constexpr int64_t kBytesMax = 8'000'000;  // larger ones are plain text

    // Plain, empty text.
    HighlightedText();
    ~HighlightedText();
    HighlightedText(HighlightedText&&) noexcept;
    HighlightedText& operator=(HighlightedText&&) noexcept;

    // Fails: cancelled. Cost: about 150 ns per byte, at most 1.5 s of the thread's time.
    static base::Result<HighlightedText> parse(std::string text, Grammar grammar,
                                               const std::stop_token& stop);

    const std::string& text() const { return text_; }

    Grammar grammar() const { return grammar_; }

    // There is no tree: spans() are empty.
    bool isPlain() const { return tree_ == nullptr; }

    // Sorted, not overlapping, cut to the range (which is cut to the text). What is in no span is
    // plain. Cost: in proportion to the range, 0.1 ms for 4 kB.
    std::vector<TokenSpan> spans(int64_t byteBegin, int64_t byteEnd) const;
    // By head, one for each: the outermost that begins there. Bodies in brackets, Python's suites
    // and long comments, all of two hidden lines or more. Fails: cancelled. Cost: 0.1 µs per node.
    base::Result<std::vector<FoldableBlock>> blocks(const std::stop_token& stop) const;
    // How many nodes spans() looks at for it: at most a few for each byte of the range, and 2,000
    // around it.
    int64_t countVisits(int64_t byteBegin, int64_t byteEnd) const;

    // Changes the text and parses again what the edit touched. Fails: invalidInput (a range outside
    // of the text; nothing is changed), cancelled (the text is changed, and plain).
    base::Status edit(const TextEdit& edit, const std::stop_token& stop);

private:
    struct Free {
        void operator()(TSTree* tree) const;
    };

    struct Walked {
        std::vector<TokenSpan> spans;
        int64_t visits = 0;
    };

    Walked walk(int64_t byteBegin, int64_t byteEnd) const;

    std::string text_;
    Grammar grammar_ = Grammar::none;
    std::unique_ptr<TSTree, Free> tree_;
};

// All spans of a short text, such as a code block of a conversation. Empty if there is no grammar
// for `fence` or the text is longer than 100 kB. Cost: 0.2 ms per kB, at most 30 ms.
std::vector<TokenSpan> highlight(std::string_view text, std::string_view fence);

}  // namespace moxie::indexer
