#include "app/desktop/screens/changes/moved_hunks.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace moxie::desktop {

namespace {

constexpr size_t kRunLines = 3;  // fewer lines in a row say nothing
constexpr int64_t kLinesMax = 500'000;

struct HunkIndex {
    int64_t file = 0, hunk = 0;
    auto operator<=>(const HunkIndex&) const = default;
};

// Without indentation and end; empty for a line that says nothing, such as "}".
std::string_view trimmed(std::string_view line) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!line.empty() && isSpace(line.front()))
        line.remove_prefix(1);
    while (!line.empty() && isSpace(line.back()))
        line.remove_suffix(1);
    const bool saysSomething = std::any_of(line.begin(), line.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               static_cast<unsigned char>(c) >= 0x80;
    });
    return saysSomething ? line : std::string_view();
}

// One number for each kRunLines lines in a row.
std::vector<size_t> runsOf(const std::vector<std::string>& lines) {
    std::vector<size_t> hashes;
    for (const std::string& line : lines)
        if (const std::string_view text = trimmed(line); !text.empty())
            hashes.push_back(std::hash<std::string_view>()(text));
    std::vector<size_t> runs;
    for (size_t i = 0; i + kRunLines <= hashes.size(); ++i) {
        size_t run = 0;
        for (size_t k = 0; k < kRunLines; ++k)
            run = run * 1'000'003 + hashes[i + k];
        runs.push_back(run);
    }
    return runs;
}

bool isTooMuch(const ReviewedFiles& files) {
    int64_t lines = 0;
    for (const auto& file : files)
        lines += file->nAdded + file->nRemoved;
    return lines > kLinesMax;
}

// The hunk that most of the runs were taken from, if it is half of them or more.
std::optional<HunkIndex> sourceOf(const std::vector<size_t>& runs, HunkIndex own,
                                  const std::unordered_map<size_t, HunkIndex>& removed) {
    std::map<HunkIndex, size_t> votes;
    for (const size_t run : runs)
        if (const auto at = removed.find(run); at != removed.end() && at->second != own)
            ++votes[at->second];
    const auto most =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == votes.end() || most->second * 2 < runs.size()) return std::nullopt;
    return most->first;
}

}  // namespace

std::vector<MovedHunk> findMoved(const ReviewedFiles& files, const std::stop_token& stop) {
    std::vector<MovedHunk> moved;
    if (isTooMuch(files)) return moved;
    std::unordered_map<size_t, HunkIndex> removed;
    for (size_t f = 0; f < files.size() && !stop.stop_requested(); ++f)
        for (size_t h = 0; h < files[f]->review.hunks.size(); ++h)
            for (const size_t run : runsOf(files[f]->review.hunks[h].removed))
                removed.emplace(run, HunkIndex{int64_t(f), int64_t(h)});
    for (size_t f = 0; f < files.size() && !stop.stop_requested() && !removed.empty(); ++f) {
        for (size_t h = 0; h < files[f]->review.hunks.size(); ++h) {
            const HunkIndex own = {int64_t(f), int64_t(h)};
            const auto from = sourceOf(runsOf(files[f]->review.hunks[h].added), own, removed);
            if (from) moved.push_back({from->file, from->hunk, own.file, own.hunk});
        }
    }
    return moved;
}

MovedHunks::~MovedHunks() {
    stop_.request_stop();
}

void MovedHunks::look(const ReviewedFiles& files) {
    if (files == asked_) return;
    asked_ = files;
    stop_.request_stop();
    stop_ = std::stop_source();
    worker_.run(
        *this,
        [files, source = stop_](const std::stop_token&) {
            return findMoved(files, source.get_token());
        },
        [this, token = stop_.get_token()](const std::vector<MovedHunk>& moved) {
            if (!token.stop_requested()) emit found(moved);
        });
}

}  // namespace moxie::desktop
