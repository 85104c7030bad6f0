#include "app/desktop/screens/conversation/answer_text.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace moxie::desktop {

namespace {

constexpr int32_t kCodeLines = 80;     // of one piece; composing it takes about 2 ms
constexpr int32_t kTableRows = 60;     // the same
constexpr int32_t kPlainBytes = 4000;  // the same

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t(c) & 0x80) != 0;
}

// The number of paragraphs, if nothing in the text can be anything else: each line begins with a
// letter, which starts no list, heading, table border, fence, quote, HTML or indented code.
std::optional<int32_t> countPlainParagraphs(std::string_view text) {
    int32_t count = 0;
    size_t paragraphBytes = 0;
    if (text.starts_with("\xEF\xBB\xBF")) return std::nullopt;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) {
            paragraphBytes = 0;
            continue;
        }
        if (!isLetter(line[0]) || line.find('\r') != std::string_view::npos) return std::nullopt;
        if (paragraphBytes == 0) ++count;
        paragraphBytes += line.size() + 1;
        if (paragraphBytes > size_t(kPlainBytes)) return std::nullopt;
    }
    return count;
}

int32_t cutCode(std::string_view text, int32_t begin) {
    size_t at = size_t(begin);
    for (int32_t line = 0; line < kCodeLines; ++line) {
        at = text.find('\n', at);
        if (at == std::string_view::npos) return int32_t(text.size());
        ++at;
    }
    return int32_t(at);
}

int32_t cutPlain(std::string_view text, int32_t begin) {
    const std::string_view rest = text.substr(size_t(begin));
    if (rest.size() <= size_t(kPlainBytes)) return int32_t(text.size());
    const std::string_view cut = base::cutUtf8(rest, kPlainBytes);
    size_t at = cut.rfind('\n');
    if (at == std::string_view::npos) at = cut.rfind(' ');
    return begin + int32_t(at == std::string_view::npos ? cut.size() : at + 1);
}

int32_t endOfPiece(const MarkdownBlock& block, int32_t begin) {
    switch (block.kind) {
        case BlockKind::code:
            return cutCode(block.text, begin);
        case BlockKind::table: {
            const auto nRows =
                int32_t(block.columns.empty() ? 0 : block.cells.size() / block.columns.size());
            return std::min(nRows, begin + kTableRows);
        }
        default:
            return cutPlain(block.text, begin);
    }
}

int32_t endOf(const MarkdownBlock& block) {
    if (block.kind != BlockKind::table) return int32_t(block.text.size());
    return int32_t(block.columns.empty() ? 0 : block.cells.size() / block.columns.size());
}

}  // namespace

void AnswerText::cutFrom(int32_t block) {
    while (!pieces_.empty() && pieces_.back().block >= block)
        pieces_.pop_back();
    const std::vector<MarkdownBlock>& blocks = buffer_.blocks();
    for (auto i = size_t(block); i < blocks.size(); ++i) {
        int32_t begin = 0;
        do {
            const int32_t end = endOfPiece(blocks[i], begin);
            pieces_.push_back({int32_t(i), begin, end});
            begin = end;
        } while (begin < endOf(blocks[i]));
    }
}

int64_t AnswerText::show(const std::string& text, Growth growth) {
    const bool isLonger = text.size() >= shown_.size() && text.starts_with(shown_);
    if (!isLonger || (isFinished_ && text.size() > shown_.size())) *this = {};
    StreamChange change;
    change.firstChanged = int64_t(buffer_.blocks().size());
    const auto add = [&](StreamChange more) {
        if (more.firstChanged == change.firstChanged)
            change.keptTextBytes = std::min(change.keptTextBytes, more.keptTextBytes);
        if (more.firstChanged < change.firstChanged) change = more;
    };
    const std::string_view added = std::string_view(text).substr(shown_.size());
    if (!added.empty()) add(buffer_.append(added));
    shown_ += added;
    if (growth == Growth::finished && !isFinished_) {
        add(buffer_.finish());
        isFinished_ = true;
    }
    const std::vector<AnswerPiece> before = pieces_;
    cutFrom(int32_t(change.firstChanged));
    int64_t same = 0;
    while (same < int64_t(std::min(before.size(), pieces_.size()))) {
        const AnswerPiece& piece = pieces_[size_t(same)];
        const bool isKept =
            piece.block < change.firstChanged ||
            (piece.block == change.firstChanged && piece.end <= change.keptTextBytes);
        if (!isKept || piece != before[size_t(same)]) break;
        ++same;
    }
    return same;
}

int32_t countPieces(const std::string& text) {
    if (const auto paragraphs = countPlainParagraphs(text)) return *paragraphs;
    AnswerText answer;
    answer.show(text, AnswerText::Growth::finished);
    return int32_t(answer.pieces().size());
}

std::vector<int32_t> cutPlainText(std::string_view text) {
    std::vector<int32_t> ends;
    int32_t begin = 0;
    do {
        begin = cutPlain(text, begin);
        ends.push_back(begin);
    } while (begin < int32_t(text.size()));
    return ends;
}

}  // namespace moxie::desktop
