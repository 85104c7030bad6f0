#include "app/desktop/text/terminal_text.h"

#include <algorithm>
#include <utility>

#include "app/desktop/text/characters.h"

namespace moxie::desktop {

namespace {

constexpr size_t kChunkBytes = 256 << 10;
constexpr size_t kStylesMax = 4096;  // of one text; later ones are plain
constexpr size_t kMarksMax = 8;      // combined with one character; more are dropped
constexpr int64_t kTab = 8;

// The next character of valid UTF-8.
char32_t takeCharacter(std::string_view& text) {
    const auto lead = uint8_t(text[0]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0x7F >> length);
    for (size_t i = 1; i < length; ++i)
        c = (c << 6) | (uint8_t(text[i]) & 0x3F);
    text.remove_prefix(length);
    return c;
}

// Characters that belong to the one before them. The common blocks, not the whole Unicode table.
bool isMark(char32_t c) {
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
           (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) || c == 0x200D ||
           (c >= 0x1F3FB && c <= 0x1F3FF);
}

}  // namespace

TerminalText::TerminalText(TerminalLimits limits) : limits_(limits), styles_(1) {}

void TerminalText::append(std::string_view bytes) {
    const std::string text = pieces_.add(bytes);
    std::string_view rest = text;
    while (!rest.empty()) {
        if (escape_.isAtRest()) rest = addPlain(rest);
        if (rest.empty()) break;
        const char32_t c = takeCharacter(rest);
        switch (escape_.add(c)) {
            case TerminalEscape::Outcome::swallowed:
                break;
            case TerminalEscape::Outcome::command:
                obey(escape_.command());
                break;
            case TerminalEscape::Outcome::text:
                if (c < 0x20 || c == 0x7F) {
                    control(char(c));
                } else if (c < 0x80 || c >= 0xA0) {
                    addCharacter(c);
                }
                break;
        }
    }
}

// Takes the printable ASCII at the start of `text` in one go and gives back the rest. A whole line
// of it becomes a record without cells.
std::string_view TerminalText::addPlain(std::string_view text) {
    const auto isPlain = [](char c) { return c >= 0x20 && c < 0x7F; };
    while (!text.empty()) {
        const auto end = size_t(std::find_if_not(text.begin(), text.end(), isPlain) - text.begin());
        const bool isWholeLine = open_.empty() && column_ == 0 && end < text.size() &&
                                 text[end] == '\n' && int64_t(end) <= limits_.lineCharsMax;
        if (!isWholeLine) {
            for (const char c : text.substr(0, end))
                addCharacter(char32_t(c));
            return text.substr(end);
        }
        const uint16_t style = end > 0 ? styleIndex() : uint16_t(0);
        std::string record;
        putNumber(record, end);
        putNumber(record, style == 0 ? 0 : 1);
        if (style != 0) {
            putNumber(record, end);
            putNumber(record, style);
        }
        store(record.append(text.substr(0, end)));
        text.remove_prefix(end + 1);
    }
    return text;
}

void TerminalText::finish() {
    append(pieces_.finish());
    if (!open_.empty()) endLine();
}

uint16_t TerminalText::styleIndex() {
    if (!isStyleNew_) return styleIndex_;
    isStyleNew_ = false;
    const auto found = std::find(styles_.begin(), styles_.end(), style_);
    styleIndex_ = uint16_t(found - styles_.begin());
    if (found == styles_.end()) {
        if (styles_.size() < kStylesMax) {
            styles_.push_back(style_);
        } else {
            styleIndex_ = 0;
        }
    }
    return styleIndex_;
}

void TerminalText::addCharacter(char32_t character) {
    if (isMark(character) && column_ > 0 && column_ <= int64_t(open_.size())) {
        Cell& cell = open_[size_t(column_ - 1)];
        if (cell.marks == 0 && marks_.size() < UINT16_MAX) {
            marks_.emplace_back();
            cell.marks = uint16_t(marks_.size());
        }
        if (cell.marks > 0 && marks_[cell.marks - 1u].size() < kMarksMax)
            marks_[cell.marks - 1u].push_back(character);
        return;
    }
    if (column_ >= limits_.lineCharsMax) endLine();
    if (int64_t(open_.size()) <= column_) open_.resize(size_t(column_ + 1));
    open_[size_t(column_++)] = {character, styleIndex(), 0};
}

void TerminalText::control(char character) {
    switch (character) {
        case '\n':
            endLine();
            break;
        case '\r':
            column_ = 0;
            break;
        case '\b':
            column_ = std::max<int64_t>(0, column_ - 1);
            break;
        case '\t': {
            const int64_t stop =
                std::min<int64_t>((column_ / kTab + 1) * kTab, limits_.lineCharsMax);
            column_ = std::max(column_, stop);
            if (int64_t(open_.size()) < column_) open_.resize(size_t(column_));
            break;
        }
        default:
            break;
    }
}

void TerminalText::obey(const TerminalCommand& command) {
    if (command.isPrivate) return;
    const int64_t count = std::max<int64_t>(1, command.at(0, 1));
    const int64_t last = limits_.lineCharsMax;
    switch (command.final) {
        case 'm':
            applyRendition(command, style_);
            isStyleNew_ = true;
            break;
        case 'K':
            erase(command.at(0, 0));
            break;
        case 'C':
            column_ = std::min(last, column_ + count);
            break;
        case 'D':
            column_ = std::max<int64_t>(0, column_ - count);
            break;
        case 'G':
            column_ = std::min(last, count - 1);
            break;
        default:
            break;
    }
}

void TerminalText::erase(int64_t mode) {
    const auto column = size_t(std::min(column_, int64_t(open_.size())));
    if (mode == 0) open_.resize(column);
    if (mode == 1) {
        const size_t end = std::min(column + 1, open_.size());
        std::fill(open_.begin(), open_.begin() + int64_t(end), Cell{});
    }
    if (mode == 2) open_.clear();
}

std::string TerminalText::encoded() const {
    std::string text, runs;
    uint64_t nRuns = 0;
    size_t begin = 0;
    for (size_t i = 0; i < open_.size(); ++i) {
        appendCharacter(text, open_[i].character);
        if (open_[i].marks > 0)
            for (const char32_t mark : marks_[open_[i].marks - 1u])
                appendCharacter(text, mark);
        if (i + 1 < open_.size() && open_[i + 1].style == open_[i].style) continue;
        putNumber(runs, text.size() - begin);
        putNumber(runs, open_[i].style);
        begin = text.size();
        ++nRuns;
    }
    if (nRuns == 1 && open_[0].style == 0) {
        nRuns = 0;
        runs.clear();
    }
    std::string record;
    putNumber(record, text.size());
    putNumber(record, nRuns);
    return record + runs + text;
}

void TerminalText::endLine() {
    store(encoded());
    open_.clear();
    marks_.clear();
    column_ = 0;
}

void TerminalText::store(std::string_view record) {
    if (chunks_.empty() || chunks_.back()->records.size() + record.size() > kChunkBytes) {
        chunks_.push_back(std::make_shared<TerminalChunk>());
        chunks_.back()->firstLine = nFinished_;
        chunks_.back()->records.reserve(std::max(kChunkBytes, record.size()));
    }
    chunks_.back()->begins.push_back(uint32_t(chunks_.back()->records.size()));
    chunks_.back()->records.append(record);
    ++nFinished_;
    while (nFinished_ - nLeftOut_ > limits_.linesMax ||
           (storeBytes() > limits_.bytesMax && nFinished_ - nLeftOut_ > 1))
        dropFirst();
}

void TerminalText::dropFirst() {
    ++nLeftOut_;
    const TerminalChunk& first = *chunks_.front();
    if (chunks_.size() > 1 && nLeftOut_ >= first.firstLine + int64_t(first.begins.size()))
        chunks_.pop_front();
}

int64_t TerminalText::storeBytes() const {
    return int64_t(chunks_.size() * kChunkBytes) +
           (nFinished_ - nLeftOut_) * int64_t(sizeof(uint32_t));
}

int64_t TerminalText::size() const {
    return nFinished_ - nLeftOut_ + (open_.empty() ? 0 : 1);
}

std::string_view TerminalText::recordAt(int64_t index) const {
    const int64_t number = index + nLeftOut_;
    return chunkOf(chunks_, number).record(number);
}

TerminalLine TerminalText::line(int64_t index) const {
    if (index + nLeftOut_ < nFinished_)
        return decodeRecord(recordAt(index), styles_, TerminalPart::all);
    return decodeRecord(encoded(), styles_, TerminalPart::all);
}

std::string TerminalText::text(int64_t index) const {
    if (index + nLeftOut_ < nFinished_)
        return decodeRecord(recordAt(index), styles_, TerminalPart::textOnly).text;
    return decodeRecord(encoded(), styles_, TerminalPart::textOnly).text;
}

int64_t TerminalText::takeFirstChanged() {
    // The open line may always change; finished ones never do.
    return std::max(nLeftOut_, std::exchange(firstChanged_, nFinished_));
}

TerminalSnapshot TerminalText::snapshot() const {
    TerminalSnapshot made;
    made.chunks_.assign(chunks_.begin(), chunks_.end());
    if (!made.chunks_.empty())  // the one that grows is nobody else's
        made.chunks_.back() = std::make_shared<const TerminalChunk>(*chunks_.back());
    made.styles_ = styles_;
    if (!open_.empty()) made.open_ = encoded();
    made.nFinished_ = nFinished_;
    made.nLeftOut_ = nLeftOut_;
    return made;
}

}  // namespace moxie::desktop
