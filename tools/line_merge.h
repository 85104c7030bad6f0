// Carries an edit, given as old and new lines, over to file lines that are only nearly the old
// ones. It is a merge of three: what the edit keeps takes the file's own bytes, what the edit adds
// is fitted to the file's indentation, and where both sides differ the merge declines. Threads:
// functions on values.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/line_index.h"

namespace moxie::tools {

using Lines = std::vector<std::string_view>;

struct MergeRequest {
    const LineIndex& file;
    int64_t first = 0;  // file lines [first, last)
    int64_t last = 0;
    std::span<const std::string_view> oldLines;
    std::span<const std::string_view> newLines;
    // For each old line its file line, increasing; -1: the file has no such line.
    std::vector<int64_t> alignment;
};

// Which characters were typed where the file has plain ones: quotes, dashes and blanks of Unicode
// that old has more often than the file.
class TypedPunctuation {
public:
    void learn(std::string_view oldText, std::string_view fileText);

    // false: the file has such a character itself, so what is meant by it in new is open.
    bool isClear() const;
    // The text with those characters as ASCII.
    std::string fit(std::string_view text) const;

private:
    std::set<std::string, std::less<>> typed_, real_;
};

// The new lines of the region; nullopt: the sides contradict each other or the indentation has no
// rule.
std::optional<std::vector<std::string>> mergeLines(const MergeRequest& request);

// For each old line the new line that it is kept as, or -1 (longest common subsequence).
std::vector<int64_t> keptLines(std::span<const std::string_view> oldLines,
                               std::span<const std::string_view> newLines);

// Lines of the text of an edit: "a\nb" and "a\nb\n" have two.
Lines linesOf(std::string_view text);

}  // namespace moxie::tools
