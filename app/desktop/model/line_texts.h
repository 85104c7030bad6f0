// The lines of a file's text, and three texts merged line by line. A text may be absent: no file.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::desktop {

// Shared by the actions that remember it; null: there is no such file.
using FileText = std::shared_ptr<const std::string>;

FileText makeText(std::string text);
bool isSame(const FileText& a, const FileText& b);
// "" for an absent one.
std::string_view bytesOf(const FileText& text);

// Lines with their ends; only the last one may have none. "" has no lines.
std::vector<std::string_view> linesWithEnds(std::string_view text);

// Lines [begin, end) of a text become `lines`.
struct LineEdit {
    int64_t begin = 0, end = 0;
    std::vector<std::string_view> lines = {};
};

// All edits at once; their lines count in `text` as it is. Requires: in order, not overlapping.
// Cost: one pass.
std::string editLines(std::string_view text, const std::vector<LineEdit>& edits);

// What `theirs` did to `ancestor`, done to `ours`. nullopt: both changed the same lines or lines
// that touch, or one of them removed the file that the other changed. Fails: internal.
base::Result<std::optional<FileText>> mergeTexts(const FileText& ancestor, const FileText& ours,
                                                 const FileText& theirs);

}  // namespace moxie::desktop
