// An answer of the model cut into what the canvas shows as blocks: the Markdown blocks, the long
// ones (code, paragraphs, tables) in several pieces, so that what is added at the end costs the
// same at any length. Fed again and again with a text that grows.
// Threads: one thread at a time; countPieces() any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/text/stream_buffer.h"

namespace moxie::desktop {

// A part of a Markdown block: bytes [begin, end) of its text; of a table: rows.
struct AnswerPiece {
    int32_t block = 0;
    int32_t begin = 0, end = 0;
    bool operator==(const AnswerPiece&) const = default;
};

class AnswerText {
public:
    enum class Growth : uint8_t { open, finished };

    // Takes the whole text so far. Returns the first piece that is not as it was.
    // Cost: of what was added, if `text` begins with what it was before.
    int64_t show(const std::string& text, Growth growth);

    const std::vector<AnswerPiece>& pieces() const { return pieces_; }

    const std::vector<MarkdownBlock>& blocks() const { return buffer_.blocks(); }

    // Requires: 0 <= piece < pieces().size().
    const MarkdownBlock& blockOf(int64_t piece) const {
        return buffer_.blocks()[size_t(pieces_[size_t(piece)].block)];
    }

    // The lines of the source that a block was made from.
    std::string_view sourceOf(const MarkdownBlock& block) const {
        return std::string_view(buffer_.source())
            .substr(size_t(block.sourceBegin), size_t(block.sourceEnd - block.sourceBegin));
    }

    int64_t bytes() const { return int64_t(shown_.size()); }

private:
    void cutFrom(int32_t block);

    StreamBuffer buffer_;
    std::string shown_;
    std::vector<AnswerPiece> pieces_;
    bool isFinished_ = false;
};

// How many pieces a finished text has. Cost: a look at the bytes for plain paragraphs, else
// parsing.
int32_t countPieces(const std::string& text);

// Where a plain text is cut: ends of its pieces, at least one; at a line or word where there is
// one.
std::vector<int32_t> cutPlainText(std::string_view text);

}  // namespace moxie::desktop
