// Tells line by line where a Markdown text may be cut into segments that mean the same alone as
// together: outside fences and lists, before a line that begins a top-level block. A cut depends
// only on whole lines up to its own, so it never moves when more text comes. It is no parser: when
// in doubt it does not cut, which is always right. Threads: a value.
#pragma once
#include <cstdint>
#include <string_view>

namespace moxie::desktop {

class MarkdownSegmenter {
public:
    // The next line, without its end. True: a segment begins with this line.
    bool addLine(std::string_view line);

    bool isInFence() const { return fenceLength_ > 0; }

private:
    bool addFenced(int32_t indent, std::string_view rest);
    void noteInner(std::string_view rest);
    bool begins();  // a block begins here that ends whatever was open
    bool addItem(int32_t indent, std::string_view rest, bool& isItem);
    bool addText(std::string_view rest);

    int32_t fenceLength_ = 0;  // 0: not in a top-level fence
    char fenceSign_ = 0;
    // A fence inside the open item or quote. md4c takes a fence outside for its end, and so do we.
    int32_t innerLength_ = 0;
    char innerSign_ = 0;
    int32_t itemIndent_ = 0;        // where the content of the open list item begins; 0: no list
    bool isItemEmpty_ = false;      // the item's first line had nothing but its mark
    bool isParagraphOpen_ = false;  // the line before belongs to a top-level paragraph
    bool isQuoteOpen_ = false;      // the line before may be continued lazily
    bool isFresh_ = true;           // a blank line, or the end of a fence, is before
};

// The text of the code block that `segment` begins with: exactly the bytes between its fences, if
// its first line is a fence without indent. Else false.
bool takeFencedText(std::string_view segment, std::string_view& text);

}  // namespace moxie::desktop
