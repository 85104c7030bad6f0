#include "app/desktop/text/stream_buffer.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace moxie::desktop {

namespace {

// Bytes of `old`'s text that `now` shows in the same way.
int64_t keptBytes(const MarkdownBlock& old, const MarkdownBlock& now) {
    if (old.kind != now.kind || old.level != now.level || old.quoteDepth != now.quoteDepth ||
        old.listDepth != now.listDepth || old.isItemStart != now.isItemStart ||
        old.ordinal != now.ordinal || old.task != now.task || old.isTight != now.isTight ||
        old.info != now.info || old.columns != now.columns)
        return 0;
    const size_t shorter = std::min(old.text.size(), now.text.size());
    auto kept = int64_t(
        std::mismatch(old.text.begin(), old.text.begin() + int64_t(shorter), now.text.begin())
            .first -
        old.text.begin());
    const size_t nRuns = std::min(old.runs.size(), now.runs.size());
    for (size_t i = 0; i < nRuns; ++i) {
        const TextRun &a = old.runs[i], &b = now.runs[i];
        if (a.flags != b.flags || a.link != b.link) return std::min<int64_t>(kept, a.begin);
        if (a.end != b.end) kept = std::min<int64_t>(kept, std::min(a.end, b.end));
    }
    for (size_t i = 0; i < std::min(old.links.size(), now.links.size()); ++i)
        if (!(old.links[i] == now.links[i])) return 0;
    return int64_t(base::cutUtf8(now.text, kept).size());
}

}  // namespace

void StreamBuffer::take(std::string text) {
    std::string_view rest = text;
    const auto endLine = [this] {
        const std::string_view line = std::string_view(source_).substr(size_t(lineBegin_));
        if (segmenter_.addLine(line) && lineBegin_ > tailBegin_) {
            cuts_.push_back(lineBegin_);
            tailBegin_ = lineBegin_;
        }
        source_.push_back('\n');
        lineBegin_ = int64_t(source_.size());
    };
    while (!rest.empty() && !isCut_) {
        if (isReturnWaiting_) {
            isReturnWaiting_ = false;
            endLine();
            if (rest[0] == '\n') rest.remove_prefix(1);
            continue;
        }
        const size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        const auto room = int64_t(kMarkdownBytesMax) - int64_t(source_.size());
        const std::string_view line = base::cutUtf8(rest.substr(0, end), room);
        source_ += line;
        isCut_ = line.size() < end || int64_t(source_.size()) >= kMarkdownBytesMax;
        rest.remove_prefix(end);
        if (rest.empty() || isCut_) break;
        if (rest[0] == '\n') endLine();
        isReturnWaiting_ = rest[0] == '\r';
        rest.remove_prefix(1);
    }
}

// Inside a fence every whole line is code. The line that is not whole may become the fence's end.
bool StreamBuffer::mayExtendCode() const {
    if (codeBegin_ < 0 || !segmenter_.isInFence() || !cuts_.empty() || isFinished_) return false;
    const size_t sign = source_.find_first_not_of(' ', size_t(lineBegin_));
    return sign == std::string::npos || (source_[sign] != '`' && source_[sign] != '~');
}

StreamChange StreamBuffer::extendCode() {
    MarkdownBlock& block = blocks_.back();
    const auto kept = int64_t(block.text.size());
    block.text += std::string_view(source_).substr(size_t(codeBegin_ + kept));
    if (block.text.ends_with('\n')) block.text.pop_back();
    const int64_t firstChanged =
        block.sourceEnd == int64_t(source_.size()) ? nSettled_ + 1 : nSettled_;
    block.sourceEnd = int64_t(source_.size());
    return {firstChanged, firstChanged == nSettled_ ? kept : 0};
}

StreamChange StreamBuffer::parseTail() {
    if (mayExtendCode()) return extendCode();
    std::vector<MarkdownBlock> now;
    const auto parse = [&](int64_t begin, int64_t end) {
        auto blocks = parseMarkdownSegment(
            std::string_view(source_).substr(size_t(begin), size_t(end - begin)), begin);
        std::move(blocks.begin(), blocks.end(), std::back_inserter(now));
    };
    const int64_t nBefore = nSettled_;
    for (const int64_t cut : cuts_) {
        parse(settledEnd_, cut);
        settledEnd_ = cut;
    }
    cuts_.clear();
    nSettled_ = nBefore + int64_t(now.size());
    int64_t begin = settledEnd_;
    const auto end = int64_t(source_.size());
    MarkdownSegmenter ahead = segmenter_;
    if (lineBegin_ < end && lineBegin_ > begin &&
        ahead.addLine(std::string_view(source_).substr(size_t(lineBegin_)))) {
        parse(begin, lineBegin_);
        begin = lineBegin_;
    }
    parse(begin, end);
    // A fence that is indented takes spaces off its lines.
    codeBegin_ = segmenter_.isInFence() && begin < lineBegin_ && source_[size_t(begin)] != ' '
                     ? int64_t(source_.find('\n', size_t(begin))) + 1
                     : -1;
    if (isFinished_) nSettled_ = nBefore + int64_t(now.size());

    StreamChange change = {nBefore, 0};
    const auto nOld = int64_t(blocks_.size());
    const auto nNow = nBefore + int64_t(now.size());
    while (change.firstChanged < std::min(nOld, nNow) &&
           blocks_[size_t(change.firstChanged)] == now[size_t(change.firstChanged - nBefore)])
        ++change.firstChanged;
    if (change.firstChanged < std::min(nOld, nNow)) {
        change.keptTextBytes = keptBytes(blocks_[size_t(change.firstChanged)],
                                         now[size_t(change.firstChanged - nBefore)]);
    }
    blocks_.resize(size_t(nBefore));
    std::move(now.begin(), now.end(), std::back_inserter(blocks_));
    return change;
}

StreamChange StreamBuffer::append(std::string_view bytes) {
    if (isFinished_) return {int64_t(blocks_.size()), 0};
    take(pieces_.add(bytes));
    return parseTail();
}

StreamChange StreamBuffer::finish() {
    if (isFinished_) return {int64_t(blocks_.size()), 0};
    take(pieces_.finish());
    if (isReturnWaiting_) take("\n");
    isFinished_ = true;
    return parseTail();
}

std::vector<MarkdownBlock> parseMarkdown(std::string_view source) {
    StreamBuffer buffer;
    buffer.append(source);
    buffer.finish();
    return buffer.blocks();
}

}  // namespace moxie::desktop
