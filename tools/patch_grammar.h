// The patch language of apply_patch, as text and as values. Source: the grammar published with
// Codex; added lines of "Add File" begin with '+', the lines of a hunk with ' ', '-' or '+'; an
// empty line in a hunk counts as empty context. Threads: functions on values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/edit_match.h"

namespace moxie::tools {

struct PatchHunk {
    std::vector<std::string> headers;   // after "@@ ": each narrows the place
    std::vector<std::string> oldLines;  // context and removed
    std::vector<std::string> newLines;  // context and added
    bool isAtEnd = false;
};

struct PatchFile {
    enum class Kind { add, update, remove };

    Kind kind = Kind::add;
    std::string path;
    std::string moveTo;  // of an update; may be empty
    std::string added;   // the text of a new file
    std::vector<PatchHunk> hunks;
};

// Fails: invalidInput, naming the line. A patch without its last line is refused: it was cut off.
base::Result<std::vector<PatchFile>> parsePatch(std::string_view text);

// The splices that the hunks of one file come to, in order. Each must fit one place after the one
// before it (with a header: the first place after the header).
EditOutcome placeHunks(std::string_view text, const std::vector<PatchHunk>& hunks);

}  // namespace moxie::tools
