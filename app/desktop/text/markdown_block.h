// A Markdown text as a flat list of blocks that a canvas can lay out one by one: CommonMark with
// tables, task lists, strikethrough and bare web addresses. Raw HTML is text, images are their
// description and never loaded, mathematics is source text. Not a renderer, and no colours.
// Source: the md4c parser does the reading; a reference definition ("[a]: url") holds only inside
// its own top-level block, because a settled block never changes again.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::desktop {

enum class BlockKind { paragraph, heading, code, rule, table };
enum class TaskState { none, open, done };
enum class CellAlign { none, left, center, right };

enum RunFlag : uint8_t {
    kBold = 1,
    kItalic = 2,
    kCode = 4,
    kStrike = 8,
    kImage = 16,  // the text is an image's description
};

// Bytes [begin, end) of the block's text.
struct TextRun {
    int32_t begin = 0, end = 0;
    uint8_t flags = 0;
    int32_t link = -1;  // index into links
    bool operator==(const TextRun&) const = default;
};

struct TextLink {
    enum class Kind {
        web,   // target begins with http:, https: or mailto:
        place  // target is a path as written, perhaps of a file that does not exist
    };
    Kind kind = Kind::web;
    std::string target = {};
    int32_t line = 0, column = 0;  // of a place, from 1; 0: not said
    bool operator==(const TextLink&) const = default;
};

struct CellRange {
    int32_t begin = 0, end = 0;  // bytes of text
    bool operator==(const CellRange&) const = default;
};

// A leaf of the document. Lists and quotes are not blocks: their leaves say how deep they lie.
struct MarkdownBlock {
    BlockKind kind = BlockKind::paragraph;
    // Whole lines of the source, in order, not overlapping. Between blocks lie blank lines and
    // reference definitions at most.
    int64_t sourceBegin = 0, sourceEnd = 0;
    std::string text = {};           // as shown: no marks, entities decoded
    std::vector<TextRun> runs = {};  // cover text without a gap; empty in code
    std::vector<TextLink> links = {};
    int32_t level = 0;                      // heading: 1 to 6
    int32_t quoteDepth = 0, listDepth = 0;  // at most kDepthMax
    bool isItemStart = false;               // gets the bullet, number or box
    int32_t ordinal = -1;                   // number of an item in an ordered list; -1: bullet
    TaskState task = TaskState::none;
    bool isTight = false;                 // in a list without blank lines between its items
    std::string language = {};            // code: first word behind the fence
    std::string info = {};                // code: all that stands behind the fence
    std::vector<CellAlign> columns = {};  // table; its first row is the head
    std::vector<CellRange> cells = {};    // table: row by row, columns.size() each
    bool operator==(const MarkdownBlock&) const = default;
};

constexpr int32_t kDepthMax = 32;                      // deeper nesting is shown at this depth
constexpr int64_t kMarkdownBytesMax = 16 << 20;        // of one text; the rest is left out
constexpr int64_t kMarkdownSegmentBytesMax = 1 << 20;  // a longer top-level block is plain text

// The blocks of a whole text. Any bytes in; malformed UTF-8 becomes U+FFFD, line ends become "\n"
// (ranges count the bytes after that).
std::vector<MarkdownBlock> parseMarkdown(std::string_view source);

// One or more top-level blocks that stand for themselves (see markdown_segmenter.h); `offset` is
// added to all ranges. Requires: valid UTF-8, line ends "\n".
std::vector<MarkdownBlock> parseMarkdownSegment(std::string_view segment, int64_t offset);

}  // namespace moxie::desktop
