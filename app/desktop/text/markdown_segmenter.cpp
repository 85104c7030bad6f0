#include "app/desktop/text/markdown_segmenter.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr int32_t kNoContent = 1 << 20;  // more than any indent: no line continues the item

bool isSpace(char c) {
    return c == ' ' || c == '\t';
}

bool isBlank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), isSpace);
}

// Columns of white space at the start, tabs at every fourth; `rest` loses them.
int32_t takeIndent(std::string_view& rest, int32_t column = 0) {
    const int32_t begin = column;
    while (!rest.empty() && isSpace(rest[0])) {
        column += rest[0] == '\t' ? 4 - column % 4 : 1;
        rest.remove_prefix(1);
    }
    return column - begin;
}

size_t runLength(std::string_view text, char sign) {
    return std::min(text.find_first_not_of(sign), text.size());
}

bool isRule(std::string_view text) {
    const char sign = text[0];
    if (sign != '-' && sign != '*' && sign != '_') return false;
    int count = 0;
    for (const char c : text) {
        if (c == sign) ++count;
        if (c != sign && !isSpace(c)) return false;
    }
    return count >= 3;
}

bool isUnderline(std::string_view text) {
    return (text[0] == '-' || text[0] == '=') && isBlank(text.substr(runLength(text, text[0])));
}

bool isHeading(std::string_view text) {
    const size_t signs = runLength(text, '#');
    return signs >= 1 && signs <= 6 && (signs == text.size() || isSpace(text[signs]));
}

// Length of "-", "12." or "3)" before a space or the end; 0: no mark of an item.
size_t markLength(std::string_view text) {
    size_t length = 0;
    if (text[0] == '-' || text[0] == '+' || text[0] == '*') {
        length = 1;
    } else {
        while (length < text.size() && text[length] >= '0' && text[length] <= '9')
            ++length;
        if (length == 0 || length > 9 || length == text.size()) return 0;
        if (text[length] != '.' && text[length] != ')') return 0;
        ++length;
    }
    return length == text.size() || isSpace(text[length]) ? length : 0;
}

// Length of the fence that `text` opens; 0: none.
int32_t fenceLength(std::string_view text) {
    if (text.empty() || (text[0] != '`' && text[0] != '~')) return 0;
    const size_t signs = runLength(text, text[0]);
    if (signs < 3 || (text[0] == '`' && text.find('`', signs) != std::string_view::npos)) return 0;
    return int32_t(signs);
}

bool isFenceEnd(std::string_view text, char sign, int32_t length) {
    const size_t signs = runLength(text, sign);
    return int32_t(signs) >= length && isBlank(text.substr(signs));
}

}  // namespace

// Looks for fences behind the marks of items and quotes.
void MarkdownSegmenter::noteInner(std::string_view rest) {
    while (!rest.empty()) {
        takeIndent(rest);
        const size_t mark = rest.empty()                         ? 0
                            : rest[0] == '>'                     ? 1
                            : innerLength_ == 0 && !isRule(rest) ? markLength(rest)
                                                                 : 0;
        if (mark == 0) break;
        rest.remove_prefix(mark);
    }
    if (innerLength_ > 0) {
        if (isFenceEnd(rest, innerSign_, innerLength_)) innerLength_ = 0;
    } else if (const int32_t length = fenceLength(rest); length > 0) {
        innerLength_ = length;
        innerSign_ = rest[0];
    }
}

bool MarkdownSegmenter::begins() {
    const bool isCut = isFresh_;
    itemIndent_ = innerLength_ = 0;
    isItemEmpty_ = isParagraphOpen_ = isQuoteOpen_ = isFresh_ = false;
    return isCut;
}

bool MarkdownSegmenter::addFenced(int32_t indent, std::string_view rest) {
    if (indent < 4 && isFenceEnd(rest, fenceSign_, fenceLength_)) {
        fenceLength_ = 0;
        isFresh_ = true;
    }
    return false;
}

bool MarkdownSegmenter::addItem(int32_t indent, std::string_view rest, bool& isItem) {
    const size_t mark = markLength(rest);
    std::string_view content = rest.substr(mark);
    const bool isEmpty = isBlank(content);
    const bool isFirst =
        rest[0] < '0' || rest[0] > '9' ||
        (rest.substr(0, mark - 1).find_first_not_of('0') == mark - 2 && rest[mark - 2] == '1');
    isItem = mark > 0 && !(isParagraphOpen_ && (isEmpty || !isFirst));
    if (!isItem) return false;
    const bool isListOpen = itemIndent_ > 0;
    const bool isCut = begins();
    const int32_t markEnd = indent + int32_t(mark);
    const int32_t gap = isEmpty ? 1 : takeIndent(content, markEnd);
    itemIndent_ = markEnd + (gap > 4 ? 1 : gap);
    isItemEmpty_ = isEmpty;
    noteInner(rest);
    return isCut && !isListOpen;  // it may belong to the open list
}

bool MarkdownSegmenter::addText(std::string_view rest) {
    if (isFresh_) {
        begins();
        isParagraphOpen_ = true;
        return true;
    }
    if (isParagraphOpen_ && isUnderline(rest)) {
        isParagraphOpen_ = false;
    } else if (itemIndent_ == 0 && !isQuoteOpen_) {
        isParagraphOpen_ = true;
    }
    return false;
}

bool MarkdownSegmenter::addLine(std::string_view line) {
    std::string_view rest = line;
    const int32_t indent = takeIndent(rest);
    if (fenceLength_ > 0) return addFenced(indent, rest);
    if (rest.empty()) {
        if (isItemEmpty_) itemIndent_ = kNoContent;
        if (isQuoteOpen_) innerLength_ = 0;
        isItemEmpty_ = isParagraphOpen_ = isQuoteOpen_ = false;
        isFresh_ = true;
        return false;
    }
    if (itemIndent_ > 0 && indent >= itemIndent_) {
        isItemEmpty_ = isFresh_ = false;
        noteInner(rest);
        return false;
    }
    if (innerLength_ > 0 && indent < 4 && isFenceEnd(rest, innerSign_, innerLength_)) {
        begins();
        isFresh_ = true;
        return false;
    }
    if (indent >= 4) {
        if (isFresh_) begins();  // indented code
        return false;
    }
    if (const int32_t length = fenceLength(rest); length > 0) {
        begins();
        fenceSign_ = rest[0];
        fenceLength_ = length;
        return true;
    }
    if (isRule(rest) && !(isParagraphOpen_ && isUnderline(rest))) {
        const bool isCut = begins();
        isFresh_ = true;
        return isCut;
    }
    bool isItem = false;
    const bool isItemCut = addItem(indent, rest, isItem);
    if (isItem) return isItemCut;
    if (rest[0] == '>') {
        const int32_t inner = isQuoteOpen_ ? innerLength_ : 0;
        const bool isCut = begins();
        isQuoteOpen_ = true;
        innerLength_ = inner;
        noteInner(rest);
        return isCut;
    }
    if (isHeading(rest)) {
        const bool isCut = begins();
        isFresh_ = true;
        return isCut;
    }
    return addText(rest);
}

bool takeFencedText(std::string_view segment, std::string_view& text) {
    const size_t first = std::min(segment.find('\n'), segment.size());
    const int32_t length = fenceLength(segment.substr(0, first));
    if (length == 0) return false;
    const char sign = segment[0];
    const size_t begin = std::min(first + 1, segment.size());
    size_t end = segment.size();
    for (size_t pos = begin; pos < segment.size();) {
        const size_t lineEnd = std::min(segment.find('\n', pos), segment.size());
        std::string_view line = segment.substr(pos, lineEnd - pos);
        if (takeIndent(line) < 4 && isFenceEnd(line, sign, length)) {
            end = pos;
            break;
        }
        pos = lineEnd + 1;
    }
    if (end > begin && segment[end - 1] == '\n') --end;
    text = segment.substr(begin, end - begin);
    return true;
}

}  // namespace moxie::desktop
