#include "tools/line_index.h"

#include <algorithm>

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

}  // namespace

std::string foldedPunctuation(std::string_view text) {
    if (std::none_of(text.begin(), text.end(), [](char c) { return uint8_t(c) >= 0x80; }))
        return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        if (uint8_t(text[i]) < 0x80) {
            out += text[i++];
            continue;
        }
        const auto found = std::find_if(kFolds.begin(), kFolds.end(), [&](const Fold& fold) {
            return text.substr(i).starts_with(fold.from);
        });
        if (found == kFolds.end()) {
            out += text[i++];
            continue;
        }
        out += found->to;
        i += found->from.size();
    }
    return out;
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
    for (const char c : foldedPunctuation(line)) {
        if (!isBlank(c))
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
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
    for (int64_t i = 0; i < size(); ++i)
        list.push_back(lineHash(line(i), rule));
    return list;
}

std::vector<int64_t> LineIndex::find(std::span<const std::string_view> lines, LineRule rule,
                                     int64_t from, int64_t hitsMax) {
    std::vector<int64_t> hits;
    if (lines.empty()) return hits;
    std::vector<uint64_t> wanted;
    for (const std::string_view line : lines)
        wanted.push_back(lineHash(line, rule));
    const std::vector<uint64_t>& all = hashes(rule);
    auto at = all.begin() + std::min(from, size());
    while (int64_t(hits.size()) < hitsMax) {
        at = std::search(at, all.end(), wanted.begin(), wanted.end());
        if (at == all.end()) break;
        hits.push_back(at - all.begin());
        ++at;
    }
    return hits;
}

}  // namespace moxie::tools
