// Indentation of added text in the style of the file. Threads: functions on values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "tools/line_index.h"

namespace moxie::tools {

struct IndentRequest {
    const LineIndex& file;
    int64_t line = 0;  // of the file, where old begins
    std::string_view oldText;
    std::string_view newText;
};

// newText with its tabs or blanks at line beginnings as the file has them. nullopt: it needs none,
// or the file and old do not show how many blanks a tab stands for, or the edit is about the
// indentation itself. A file that has both styles is left alone.
std::optional<std::string> indentedLikeFile(const IndentRequest& request);

}  // namespace moxie::tools
