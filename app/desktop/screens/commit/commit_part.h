// A file of which only some lines go into a commit: its hunks, which lines are ticked, and the text
// that comes out. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/git.h"

namespace moxie::desktop {

// A change of lines, with their ends.
struct CommitHunk {
    tools::LineChange at = {};  // from the last commit's lines to those of now
    std::vector<std::string> removed = {}, added = {};
    bool operator==(const CommitHunk&) const = default;
};

// Which lines of a hunk go into the commit; as many as it has.
struct HunkTicks {
    std::vector<bool> removed = {}, added = {};
    bool operator==(const HunkTicks&) const = default;
};

enum class Tick : uint8_t { off, on };

HunkTicks ticksOf(const CommitHunk& hunk, Tick tick);

struct CommitPart {
    std::string path = {};
    std::vector<CommitHunk> hunks = {};
    std::vector<HunkTicks> ticks = {};  // as many
};

// More changed lines than this are not chosen one by one.
inline constexpr int64_t kHunkLinesMax = 2'000;

// Fails: unsupported (no text), invalidInput (more than kHunkLinesMax).
base::Result<std::vector<CommitHunk>> hunksBetween(std::string_view before, std::string_view now);

// `before` with the ticked lines removed and added. Requires: the part's hunks begin in `before`.
std::string textWith(std::string_view before, const CommitPart& part);

// Ticks for the hunks of now: as `earlier` had them where a hunk is the same but for its place,
// `tick` for new ones.
std::vector<HunkTicks> carriedTicks(const CommitPart& earlier, const std::vector<CommitHunk>& now,
                                    Tick tick);

}  // namespace moxie::desktop
