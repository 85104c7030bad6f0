// The store: a finished line is a record "text length, runs, text" in a chunk of bytes, numbers in
// groups of 7 bits. Records never cross chunks, so dropping the oldest lines frees whole chunks.
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

void putNumber(std::string& bytes, uint64_t number) {
    while (number >= 128) {
        bytes.push_back(char(number | 128));
        number >>= 7;
    }
    bytes.push_back(char(number));
}

uint64_t takeNumber(std::string_view& bytes) {
    uint64_t number = 0;
    for (int shift = 0; !bytes.empty(); shift += 7) {
        const auto byte = uint8_t(bytes[0]);
        bytes.remove_prefix(1);
        number |= uint64_t(byte & 127) << shift;
        if (byte < 128) break;
    }
    return number;
}

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
    const std::string record = encoded();
    if (chunks_.empty() || chunks_.back()->size() + record.size() > kChunkBytes) {
        chunks_.push_back(std::make_unique<std::string>());
        chunks_.back()->reserve(std::max(kChunkBytes, record.size()));
    }
    const int64_t chunk = firstChunk_ + int64_t(chunks_.size()) - 1;
    places_.push_back({chunk, uint32_t(chunks_.back()->size())});
    chunks_.back()->append(record);
    open_.clear();
    marks_.clear();
    column_ = 0;
    while (int64_t(places_.size()) > limits_.linesMax ||
           (storeBytes() > limits_.bytesMax && places_.size() > 1))
        dropFirst();
}

void TerminalText::dropFirst() {
    places_.pop_front();
    ++nLeftOut_;
    while (!places_.empty() && firstChunk_ < places_.front().chunk) {
        chunks_.pop_front();
        ++firstChunk_;
    }
}

int64_t TerminalText::storeBytes() const {
    return int64_t(chunks_.size() * kChunkBytes + places_.size() * sizeof(Place));
}

int64_t TerminalText::size() const {
    return int64_t(places_.size()) + (open_.empty() ? 0 : 1);
}

std::string_view TerminalText::recordAt(int64_t index) const {
    const Place& place = places_[size_t(index)];
    return std::string_view(*chunks_[size_t(place.chunk - firstChunk_)]).substr(place.offset);
}

TerminalLine TerminalText::decoded(std::string_view record, bool wantsStyles) const {
    TerminalLine line;
    const uint64_t length = takeNumber(record);
    const uint64_t nRuns = takeNumber(record);
    int32_t begin = 0;
    for (uint64_t i = 0; i < nRuns; ++i) {
        const auto end = begin + int32_t(takeNumber(record));
        const uint64_t style = takeNumber(record);
        if (wantsStyles) line.runs.push_back({begin, end, styles_[style]});
        begin = end;
    }
    line.text = record.substr(0, length);
    return line;
}

TerminalLine TerminalText::line(int64_t index) const {
    if (index < int64_t(places_.size())) return decoded(recordAt(index), true);
    return decoded(encoded(), true);
}

std::string TerminalText::text(int64_t index) const {
    if (index < int64_t(places_.size())) return decoded(recordAt(index), false).text;
    return decoded(encoded(), false).text;
}

int64_t TerminalText::takeFirstChanged() {
    // The open line may always change; finished ones never do.
    const int64_t open = nLeftOut_ + int64_t(places_.size());
    return std::max(nLeftOut_, std::exchange(firstChanged_, open));
}

}  // namespace moxie::desktop
