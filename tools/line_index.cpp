#include "tools/line_index.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/text.h"

namespace moxie::tools {

namespace {

struct Fold {
    std::string_view from;
    std::string_view to;
};

constexpr std::array<Fold, 19> kFolds = {{
    {"\u2018", "'"},  {"\u2019", "'"},  {"\u201A", "'"},  {"\u201B", "'"}, {"\u201C", "\""},
    {"\u201D", "\""}, {"\u201E", "\""}, {"\u201F", "\""}, {"\u2010", "-"}, {"\u2011", "-"},
    {"\u2012", "-"},  {"\u2013", "-"},  {"\u2014", "-"},  {"\u2212", "-"}, {"\u2026", "..."},
    {"\u00A0", " "},  {"\u2009", " "},  {"\u202F", " "},  {"\u3000", " "},
}};

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

// The fold at the beginning of `text`, if there is one.
const Fold* foldAt(std::string_view text) {
    const auto lead = uint8_t(text[0]);
    if (lead != 0xE2 && lead != 0xC2 && lead != 0xE3) return nullptr;
    for (const Fold& fold : kFolds)
        if (text.starts_with(fold.from)) return &fold;
    return nullptr;
}

// The line under LineRule::folded, into `out` so that its memory is used again.
void foldLine(std::string_view line, std::string& out) {
    out.clear();
    const auto append = [&out](char c) {
        if (!isBlank(c))
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    };
    for (size_t i = 0; i < line.size();) {
        const Fold* fold = uint8_t(line[i]) < 0x80 ? nullptr : foldAt(line.substr(i));
        if (fold == nullptr) {
            append(line[i++]);
            continue;
        }
        for (const char c : fold->to)
            append(c);
        i += fold->from.size();
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
}

}  // namespace

FoldedText foldedText(std::string_view text) {
    FoldedText folded;
    if (base::isAscii(text)) {
        folded.text = text;
        return folded;
    }
    folded.text.reserve(text.size());
    size_t copied = 0;
    for (size_t i = 0; i < text.size();) {
        const Fold* fold = uint8_t(text[i]) < 0x80 ? nullptr : foldAt(text.substr(i));
        if (fold == nullptr) {
            ++i;
            continue;
        }
        folded.text.append(text.substr(copied, i - copied)).append(fold->to);
        i += fold->from.size();
        copied = i;
        folded.steps.push_back({int64_t(folded.text.size() - fold->to.size()),
                                int64_t(fold->to.size()), int64_t(i - fold->from.size()),
                                int64_t(fold->from.size())});
    }
    folded.text.append(text.substr(copied));
    return folded;
}

namespace {

// The last step that begins at `offset` or before; nullptr: none.
const FoldedText::Step* stepAt(const FoldedText& folded, int64_t offset) {
    const auto next =
        std::upper_bound(folded.steps.begin(), folded.steps.end(), offset,
                         [](int64_t at, const FoldedText::Step& step) { return at < step.at; });
    return next == folded.steps.begin() ? nullptr : &*(next - 1);
}

}  // namespace

int64_t FoldedText::origin(int64_t offset) const {
    const Step* step = stepAt(*this, offset);
    if (step == nullptr) return offset;
    if (offset < step->at + step->length) return step->origin;
    return step->origin + step->originLength + (offset - step->at - step->length);
}

bool FoldedText::isBorder(int64_t offset) const {
    const Step* step = stepAt(*this, offset);
    return step == nullptr || offset == step->at || offset >= step->at + step->length;
}

std::string foldedPunctuation(std::string_view text) {
    return foldedText(text).text;
}

size_t findText(std::string_view text, std::string_view part, size_t from) {
    if (from > text.size()) return std::string_view::npos;
    const void* at = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
    return at == nullptr ? std::string_view::npos
                         : size_t(static_cast<const char*>(at) - text.data());
}

bool isBlankLine(std::string_view line) {
    return base::trim(line).empty();
}

std::string_view indentOf(std::string_view line) {
    const size_t end = line.find_first_not_of(" \t");
    return line.substr(0, end);
}

std::string_view withoutTrailing(std::string_view line) {
    while (!line.empty() && isBlank(line.back()))
        line.remove_suffix(1);
    return line;
}

std::string normalised(std::string_view line, LineRule rule) {
    if (rule == LineRule::exact) return std::string(line);
    if (rule == LineRule::trailing) return std::string(withoutTrailing(line));
    if (rule == LineRule::trimmed) return std::string(base::trim(line));
    std::string out;
    foldLine(line, out);
    return out;
}

uint64_t lineHash(std::string_view line, LineRule rule) {
    switch (rule) {
        case LineRule::exact:
            return base::hash128(line).low;
        case LineRule::trailing:
            return base::hash128(withoutTrailing(line)).low;
        case LineRule::trimmed:
            return base::hash128(base::trim(line)).low;
        case LineRule::folded:
            return base::hash128(normalised(line, rule)).low;
    }
    return 0;
}

LineIndex::LineIndex(std::string_view text) : text_(text) {
    for (size_t start = 0; start < text.size();) {
        starts_.push_back(int64_t(start));
        const size_t end = text.find('\n', start);
        if (end == std::string_view::npos) break;
        start = end + 1;
    }
}

std::string_view LineIndex::line(int64_t i) const {
    std::string_view whole = text_.substr(size_t(offset(i)), size_t(offset(i + 1) - offset(i)));
    if (whole.ends_with('\n')) whole.remove_suffix(1);
    return whole;
}

int64_t LineIndex::offset(int64_t i) const {
    return i < size() ? starts_[size_t(i)] : int64_t(text_.size());
}

int64_t LineIndex::lineAt(int64_t offset) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return std::max<int64_t>(0, next - starts_.begin() - 1);
}

const std::vector<uint64_t>& LineIndex::hashes(LineRule rule) {
    std::vector<uint64_t>& list = hashes_[size_t(rule)];
    if (int64_t(list.size()) == size()) return list;
    list.reserve(size_t(size()));
    std::string folded;
    for (int64_t i = 0; i < size(); ++i) {
        if (rule == LineRule::folded) {
            foldLine(line(i), folded);
            list.push_back(base::hash128(folded).low);
            const auto nBlanks = std::count(folded.begin(), folded.end(), ' ');
            contentLengths_.push_back(int32_t(int64_t(folded.size()) - nBlanks));
        } else {
            list.push_back(lineHash(line(i), rule));
        }
    }
    return list;
}

const std::vector<int32_t>& LineIndex::contentLengths() {
    static_cast<void>(hashes(LineRule::folded));
    return contentLengths_;
}

std::vector<int64_t> LineIndex::find(std::span<const std::string_view> lines, LineRule rule,
                                     int64_t from, int64_t hitsMax) {
    std::vector<int64_t> hits;
    if (lines.empty()) return hits;
    std::vector<uint64_t> wanted;
    for (const std::string_view line : lines)
        wanted.push_back(lineHash(line, rule));
    // Knuth, Morris, Pratt: linear, also where the same line comes again and again.
    std::vector<size_t> border(wanted.size(), 0);
    for (size_t i = 1, k = 0; i < wanted.size(); ++i) {
        while (k > 0 && wanted[i] != wanted[k])
            k = border[k - 1];
        if (wanted[i] == wanted[k]) ++k;
        border[i] = k;
    }
    const std::vector<uint64_t>& all = hashes(rule);
    size_t k = 0;
    for (auto at = size_t(std::min(from, size())); at < all.size(); ++at) {
        while (k > 0 && all[at] != wanted[k])
            k = border[k - 1];
        if (all[at] == wanted[k]) ++k;
        if (k < wanted.size()) continue;
        hits.push_back(int64_t(at + 1 - wanted.size()));
        if (int64_t(hits.size()) >= hitsMax) break;
        k = border[k - 1];
    }
    return hits;
}

}  // namespace moxie::tools
