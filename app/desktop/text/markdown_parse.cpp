// md4c's callbacks made into flat blocks.
#include <md4c.h>

#include <algorithm>
#include <functional>

#include "app/desktop/text/characters.h"
#include "app/desktop/text/markdown_block.h"
#include "app/desktop/text/markdown_segmenter.h"
#include "app/desktop/text/place_links.h"

namespace moxie::desktop {

namespace {

class BlockBuilder {
public:
    BlockBuilder(std::string_view source, int64_t offset)
        : source_(source),
          offset_(offset),
          stepsLeft_(int64_t(source.size()) * 8 + 1000) {}

    // False: md4c gave up, or it makes more of the text than anybody will look at.
    bool parse();
    std::vector<MarkdownBlock> takeBlocks();

private:
    struct List {
        bool isOrdered = false, isTight = false;
        int32_t ordinal = 0;
    };

    // Where a block's text lies in the source; -1: it has none of its own.
    struct Extent {
        int64_t first = -1, last = -1;
        bool isFenced = false;
    };

    bool enterBlock(MD_BLOCKTYPE type, void* detail);
    bool leaveBlock(MD_BLOCKTYPE type);
    bool enterSpan(MD_SPANTYPE type, void* detail);
    bool leaveSpan(MD_SPANTYPE type);
    bool addText(MD_TEXTTYPE type, std::string_view text);

    bool step() { return --stepsLeft_ > 0; }

    void enterList(List list);
    void enterItem(const MD_BLOCK_LI_DETAIL& item);
    void openLeaf(BlockKind kind);
    void closeLeaf();
    void addCell(const MD_BLOCK_TD_DETAIL& cell, bool isHead);
    void noteSource(const char* begin, size_t size);
    void endRun(size_t begin);
    int64_t lineBegin(int64_t pos) const;
    int64_t lineEnd(int64_t pos) const;  // behind the "\n"
    void setRanges();

    std::string_view source_;
    int64_t offset_ = 0;
    int64_t stepsLeft_ = 0;
    std::vector<MarkdownBlock> blocks_;
    std::vector<Extent> extents_;  // one per block
    bool isLeafOpen_ = false;
    int32_t quoteDepth_ = 0;
    std::vector<List> lists_;
    bool isItemPending_ = false;  // the next leaf begins an item
    TaskState task_ = TaskState::none;
    int32_t nBold_ = 0, nItalic_ = 0, nStrike_ = 0, nCode_ = 0, nImage_ = 0;
    std::vector<int32_t> links_;  // open ones, as indices into the block's links; -1: none
    int32_t rowCells_ = 0;
};

bool BlockBuilder::parse() {
    MD_PARSER parser = {};
    parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
        return static_cast<BlockBuilder*>(self)->enterBlock(type, detail) ? 0 : 1;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
        return static_cast<BlockBuilder*>(self)->leaveBlock(type) ? 0 : 1;
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
        return static_cast<BlockBuilder*>(self)->enterSpan(type, detail) ? 0 : 1;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
        return static_cast<BlockBuilder*>(self)->leaveSpan(type) ? 0 : 1;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
        return static_cast<BlockBuilder*>(self)->addText(type, {text, size}) ? 0 : 1;
    };
    return md_parse(source_.data(), MD_SIZE(source_.size()), &parser, this) == 0;
}

void BlockBuilder::openLeaf(BlockKind kind) {
    closeLeaf();
    MarkdownBlock& block = blocks_.emplace_back();
    extents_.emplace_back();
    block.kind = kind;
    block.quoteDepth = std::min(quoteDepth_, kDepthMax);
    block.listDepth = std::min(int32_t(lists_.size()), kDepthMax);
    if (!lists_.empty()) {
        block.isTight = lists_.back().isTight;
        block.isItemStart = isItemPending_;
        if (isItemPending_ && lists_.back().isOrdered) block.ordinal = lists_.back().ordinal;
        if (isItemPending_) block.task = task_;
        isItemPending_ = false;
    }
    isLeafOpen_ = true;
}

void BlockBuilder::closeLeaf() {
    if (!isLeafOpen_) return;
    isLeafOpen_ = false;
    MarkdownBlock& block = blocks_.back();
    if (block.kind == BlockKind::code) {
        if (block.text.ends_with('\n')) block.text.pop_back();
    } else {
        addPlaceLinks(block);
    }
}

// "- - a": the outer item shows its mark on a line of its own.
void BlockBuilder::enterList(List list) {
    if (isItemPending_) openLeaf(BlockKind::paragraph);
    closeLeaf();
    lists_.push_back(list);
}

void BlockBuilder::enterItem(const MD_BLOCK_LI_DETAIL& item) {
    closeLeaf();
    isItemPending_ = true;
    task_ = item.is_task == 0                                ? TaskState::none
            : item.task_mark == 'x' || item.task_mark == 'X' ? TaskState::done
                                                             : TaskState::open;
}

bool BlockBuilder::enterBlock(MD_BLOCKTYPE type, void* detail) {
    if (!step()) return false;
    switch (type) {
        case MD_BLOCK_QUOTE:
            closeLeaf();
            ++quoteDepth_;
            break;
        case MD_BLOCK_UL:
            enterList({false, static_cast<MD_BLOCK_UL_DETAIL*>(detail)->is_tight != 0, 0});
            break;
        case MD_BLOCK_OL: {
            const auto* list = static_cast<MD_BLOCK_OL_DETAIL*>(detail);
            enterList({true, list->is_tight != 0, int32_t(list->start)});
            break;
        }
        case MD_BLOCK_LI:
            enterItem(*static_cast<MD_BLOCK_LI_DETAIL*>(detail));
            break;
        case MD_BLOCK_HR:
            openLeaf(BlockKind::rule);
            break;
        case MD_BLOCK_H:
            openLeaf(BlockKind::heading);
            blocks_.back().level = int32_t(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
            break;
        case MD_BLOCK_CODE: {
            openLeaf(BlockKind::code);
            const auto* code = static_cast<MD_BLOCK_CODE_DETAIL*>(detail);
            blocks_.back().language.assign(code->lang.text, code->lang.size);
            blocks_.back().info.assign(code->info.text, code->info.size);
            extents_.back().isFenced = code->fence_char != 0;
            break;
        }
        case MD_BLOCK_P:
            openLeaf(BlockKind::paragraph);
            break;
        case MD_BLOCK_TABLE:
            openLeaf(BlockKind::table);
            break;
        case MD_BLOCK_TR:
            rowCells_ = 0;
            if (!blocks_.back().cells.empty()) {
                blocks_.back().text.push_back('\n');
                endRun(blocks_.back().text.size() - 1);
            }
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD:
            addCell(*static_cast<MD_BLOCK_TD_DETAIL*>(detail), type == MD_BLOCK_TH);
            break;
        default:
            break;
    }
    return true;
}

void BlockBuilder::addCell(const MD_BLOCK_TD_DETAIL& cell, bool isHead) {
    MarkdownBlock& block = blocks_.back();
    if (rowCells_++ > 0) {
        block.text.push_back('\t');
        endRun(block.text.size() - 1);
    }
    if (isHead) {
        block.columns.push_back(cell.align == MD_ALIGN_LEFT     ? CellAlign::left
                                : cell.align == MD_ALIGN_CENTER ? CellAlign::center
                                : cell.align == MD_ALIGN_RIGHT  ? CellAlign::right
                                                                : CellAlign::none);
    }
    const auto begin = int32_t(block.text.size());
    block.cells.push_back({begin, begin});
}

bool BlockBuilder::leaveBlock(MD_BLOCKTYPE type) {
    switch (type) {
        case MD_BLOCK_QUOTE:
            closeLeaf();
            --quoteDepth_;
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            closeLeaf();
            lists_.pop_back();
            break;
        case MD_BLOCK_LI:
            if (isItemPending_) openLeaf(BlockKind::paragraph);  // an empty item
            closeLeaf();
            ++lists_.back().ordinal;
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD:
            blocks_.back().cells.back().end = int32_t(blocks_.back().text.size());
            break;
        case MD_BLOCK_HR:
        case MD_BLOCK_H:
        case MD_BLOCK_CODE:
        case MD_BLOCK_P:
        case MD_BLOCK_TABLE:
            closeLeaf();
            break;
        default:
            break;
    }
    return step();
}

bool BlockBuilder::enterSpan(MD_SPANTYPE type, void* detail) {
    if (!isLeafOpen_) openLeaf(BlockKind::paragraph);
    switch (type) {
        case MD_SPAN_EM:
            ++nItalic_;
            break;
        case MD_SPAN_STRONG:
            ++nBold_;
            break;
        case MD_SPAN_DEL:
            ++nStrike_;
            break;
        case MD_SPAN_CODE:
            ++nCode_;
            break;
        case MD_SPAN_IMG:
            ++nImage_;
            [[fallthrough]];
        case MD_SPAN_A: {
            const MD_ATTRIBUTE& target = type == MD_SPAN_A
                                             ? static_cast<MD_SPAN_A_DETAIL*>(detail)->href
                                             : static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src;
            TextLink link;
            std::vector<TextLink>& links = blocks_.back().links;
            const bool isLink = linkFromTarget({target.text, target.size}, link);
            links_.push_back(isLink ? int32_t(links.size()) : -1);
            if (isLink) links.push_back(std::move(link));
            break;
        }
        default:
            break;
    }
    return step();
}

bool BlockBuilder::leaveSpan(MD_SPANTYPE type) {
    switch (type) {
        case MD_SPAN_EM:
            --nItalic_;
            break;
        case MD_SPAN_STRONG:
            --nBold_;
            break;
        case MD_SPAN_DEL:
            --nStrike_;
            break;
        case MD_SPAN_CODE:
            --nCode_;
            break;
        case MD_SPAN_IMG:
            --nImage_;
            links_.pop_back();
            break;
        case MD_SPAN_A:
            links_.pop_back();
            break;
        default:
            break;
    }
    return step();
}

void BlockBuilder::noteSource(const char* begin, size_t size) {
    const std::less<> isBefore;
    if (size == 0 || isBefore(begin, source_.data()) ||
        !isBefore(begin, source_.data() + source_.size()))
        return;
    Extent& extent = extents_.back();
    const int64_t pos = begin - source_.data();
    if (extent.first < 0) extent.first = pos;
    extent.last = std::max(extent.last, pos + int64_t(size) - 1);
}

// Gives the text from `begin` on the marks that are open, as one run with its like before it.
void BlockBuilder::endRun(size_t begin) {
    MarkdownBlock& block = blocks_.back();
    const auto end = int32_t(block.text.size());
    if (int32_t(begin) == end) return;
    const auto flags =
        uint8_t((nBold_ > 0 ? kBold : 0) | (nItalic_ > 0 ? kItalic : 0) | (nCode_ > 0 ? kCode : 0) |
                (nStrike_ > 0 ? kStrike : 0) | (nImage_ > 0 ? kImage : 0));
    const int32_t link = links_.empty() ? -1 : links_.back();
    if (!block.runs.empty() && block.runs.back().flags == flags && block.runs.back().link == link) {
        block.runs.back().end = end;
    } else {
        block.runs.push_back({int32_t(begin), end, flags, link});
    }
}

bool BlockBuilder::addText(MD_TEXTTYPE type, std::string_view text) {
    if (!isLeafOpen_) openLeaf(BlockKind::paragraph);
    MarkdownBlock& block = blocks_.back();
    noteSource(text.data(), text.size());
    const size_t begin = block.text.size();
    switch (type) {
        case MD_TEXT_NULLCHAR:
            appendCharacter(block.text, 0);
            break;
        case MD_TEXT_BR:
            block.text.push_back('\n');
            break;
        case MD_TEXT_SOFTBR:
            block.text.push_back(' ');
            break;
        case MD_TEXT_ENTITY:
            appendEntity(block.text, text);
            break;
        default:
            block.text += text;
            break;
    }
    if (block.kind != BlockKind::code) endRun(begin);
    return step();
}

int64_t BlockBuilder::lineBegin(int64_t pos) const {
    const size_t end = pos == 0 ? std::string_view::npos : source_.rfind('\n', size_t(pos - 1));
    return end == std::string_view::npos ? 0 : int64_t(end) + 1;
}

int64_t BlockBuilder::lineEnd(int64_t pos) const {
    const size_t end = source_.find('\n', size_t(pos));
    return end == std::string_view::npos ? int64_t(source_.size()) : int64_t(end) + 1;
}

// A block begins at the line of its first text, or of its fence; one without text begins where the
// one before ends.
void BlockBuilder::setRanges() {
    int64_t known = 0;  // the end of what belongs to the blocks before
    for (size_t i = 0; i < blocks_.size(); ++i) {
        const Extent& extent = extents_[i];
        int64_t begin = known;
        if (extent.first >= 0) {
            begin = lineBegin(extent.first);
            if (extent.isFenced && begin > 0) begin = lineBegin(begin - 1);
            known = lineEnd(extent.last);
        } else {
            known = std::max(known, lineEnd(known));
        }
        if (extent.isFenced && known < int64_t(source_.size())) {
            std::string_view next = source_.substr(size_t(known));
            next.remove_prefix(std::min(next.find_first_not_of(" \t>"), next.size()));
            if (next.starts_with("```") || next.starts_with("~~~")) known = lineEnd(known);
        }
        blocks_[i].sourceBegin = i == 0 ? 0 : std::max(begin, blocks_[i - 1].sourceBegin);
    }
    for (size_t i = 0; i < blocks_.size(); ++i) {
        blocks_[i].sourceEnd = offset_ + (i + 1 < blocks_.size() ? blocks_[i + 1].sourceBegin
                                                                 : int64_t(source_.size()));
    }
    for (MarkdownBlock& block : blocks_)
        block.sourceBegin += offset_;
}

std::vector<MarkdownBlock> BlockBuilder::takeBlocks() {
    closeLeaf();
    setRanges();
    return std::move(blocks_);
}

std::vector<MarkdownBlock> plainText(std::string_view segment, int64_t offset) {
    MarkdownBlock block;
    block.kind = BlockKind::code;
    block.sourceBegin = offset;
    block.sourceEnd = offset + int64_t(segment.size());
    block.text = segment;
    return {std::move(block)};
}

}  // namespace

std::vector<MarkdownBlock> parseMarkdownSegment(std::string_view segment, int64_t offset) {
    if (segment.empty()) return {};
    if (int64_t(segment.size()) > kMarkdownSegmentBytesMax) return plainText(segment, offset);
    BlockBuilder builder(segment, offset);
    if (!builder.parse()) return plainText(segment, offset);
    std::vector<MarkdownBlock> blocks = builder.takeBlocks();
    // md4c makes spaces of a tab at the start of a line; code that is copied must keep it.
    if (std::string_view text; !blocks.empty() && takeFencedText(segment, text))
        blocks[0].text = text;
    return blocks;
}

}  // namespace moxie::desktop
