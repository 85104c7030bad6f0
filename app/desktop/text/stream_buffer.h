// A Markdown text that arrives in pieces: the blocks that are final, and the open tail that may
// still change. Only the tail, the last top-level block, is parsed again at an append, so the cost
// of the next piece does not depend on what came before. At every moment blocks() equals
// parseMarkdown(source()); a settled block never changes. Not a renderer.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/text/markdown_block.h"
#include "app/desktop/text/markdown_segmenter.h"
#include "app/desktop/text/utf8_pieces.h"

namespace moxie::desktop {

// What an append did: blocks before firstChanged are as they were, those from it on are new.
struct StreamChange {
    int64_t firstChanged = 0;  // equals the number of blocks if nothing changed
    // Bytes at the start of block firstChanged's text that are laid out already: same kind, same
    // text, same runs up to there. 0: lay it out anew.
    int64_t keptTextBytes = 0;
};

class StreamBuffer {
public:
    StreamChange append(std::string_view bytes);
    // No more comes; everything is settled. append() does nothing after it.
    StreamChange finish();

    const std::vector<MarkdownBlock>& blocks() const { return blocks_; }

    int64_t nSettled() const { return nSettled_; }

    // The text so far, as valid UTF-8 with "\n"; block ranges count its bytes.
    const std::string& source() const { return source_; }

    // The last block is code whose fence is not closed yet.
    bool isCodeOpen() const { return segmenter_.isInFence() && !isFinished_; }

    bool isCut() const { return isCut_; }  // more came than kMarkdownBytesMax

private:
    void take(std::string text);
    StreamChange parseTail();
    bool mayExtendCode() const;
    StreamChange extendCode();

    Utf8Pieces pieces_;
    bool isReturnWaiting_ = false;  // a "\r" whose "\n" may come
    bool isCut_ = false;
    bool isFinished_ = false;
    std::string source_;
    MarkdownSegmenter segmenter_;  // has seen all whole lines
    int64_t lineBegin_ = 0;        // of the line that is not whole yet
    int64_t tailBegin_ = 0;        // of the segment that is not settled
    int64_t settledEnd_ = 0;       // of what the settled blocks were made from
    int64_t codeBegin_ = -1;       // of the open code block's text, if it can just grow
    std::vector<int64_t> cuts_;    // ends of segments settled since the last parse
    std::vector<MarkdownBlock> blocks_;
    int64_t nSettled_ = 0;
};

}  // namespace moxie::desktop
