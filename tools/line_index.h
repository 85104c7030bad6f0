// The lines of a text, held against other lines under four rules, from strict to loose. Positions
// are line numbers from 0. Threads: values. The text must outlive the index.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::tools {

enum class LineRule {
    exact,
    trailing,  // white space at the end does not count
    trimmed,   // nor at the beginning
    folded,  // and quotes, dashes, blanks of Unicode count as the ASCII ones, runs of blanks as one
};

// What of `line` counts under `rule`.
std::string normalised(std::string_view line, LineRule rule);
// Quotes, dashes, dots and blanks of Unicode as ASCII; everything else as it is.
std::string foldedPunctuation(std::string_view text);

// A text with its punctuation folded, and the way back to the text it was.
struct FoldedText {
    struct Step {
        int64_t at, length;            // in the folded text
        int64_t origin, originLength;  // in the text it was
    };

    std::string text;
    std::vector<Step> steps;  // in the order of the text

    int64_t origin(int64_t offset) const;  // where the byte at `offset` comes from
    bool isBorder(int64_t offset) const;   // false amid what one character became
};

FoldedText foldedText(std::string_view text);

// As std::string_view::find(), with a bound that is linear in the text.
size_t findText(std::string_view text, std::string_view part, size_t from = 0);

bool isBlankLine(std::string_view line);
std::string_view indentOf(std::string_view line);
std::string_view withoutTrailing(std::string_view line);

class LineIndex {
public:
    explicit LineIndex(std::string_view text);

    std::string_view text() const { return text_; }

    int64_t size() const { return int64_t(starts_.size()); }

    std::string_view line(int64_t i) const;  // without its end
    // Where line i begins in the text; of size(): the end of the text.
    int64_t offset(int64_t i) const;
    int64_t lineAt(int64_t offset) const;

    bool endsWithNewline() const { return !text_.empty() && text_.back() == '\n'; }

    // Hash of each line under a rule; made when first asked for.
    const std::vector<uint64_t>& hashes(LineRule rule);
    // Bytes of each line under LineRule::folded, blanks not counted.
    const std::vector<int32_t>& contentLengths();
    // Where `lines` stand in a row, from line `from` on; at most hitsMax places.
    std::vector<int64_t> find(std::span<const std::string_view> lines, LineRule rule, int64_t from,
                              int64_t hitsMax);

private:
    std::string_view text_;
    std::vector<int64_t> starts_;
    std::array<std::vector<uint64_t>, 4> hashes_;
    std::vector<int32_t> contentLengths_;  // made with the folded hashes
};

uint64_t lineHash(std::string_view line, LineRule rule);

}  // namespace moxie::tools
