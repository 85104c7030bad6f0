// What edit, write and apply_patch share: a file opened for change with every check made, and the
// book-keeping after it was written. Threads: as the tools.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/result.h"
#include "tools/text_file.h"
#include "tools/tool.h"

namespace moxie::tools {

constexpr int64_t kEditBytesMax = 10'000'000;

struct EditedFile {
    std::filesystem::path path;  // absolute, resolved
    std::string relative;
    TextFile text;
};

enum class UnseenFiles { refuse, allow };

// Resolves, reads and checks against the observations. The refusal is what the model reads.
tl::expected<EditedFile, ToolResult> openForEdit(const ToolContext& context, std::string_view path,
                                                 UnseenFiles unseen);

// The refusal for an error about a path or file; cancelled and internal become one, too.
ToolResult refusalOf(const base::Error& error);

// Records the new bytes as seen, tells the index, and adds the path to `result`. An index that
// fails is named in the text: the write itself is done.
void noteWritten(ToolContext& context, const std::string& relative, std::string_view bytes,
                 ToolResult& result);
void noteRemoved(ToolContext& context, const std::string& relative, ToolResult& result);

// "   12|text" for lines first..last (1-based) of `text`; each line at most lineCharactersMax.
std::string numberedLines(std::string_view text, int64_t first, int64_t last,
                          int64_t lineCharactersMax = 400);

// Lines of a text; "a\nb" and "a\nb\n" have two.
int64_t countLines(std::string_view text);

}  // namespace moxie::tools
