// How a block of code of an answer becomes part of a file: by itself a block says neither where it
// belongs nor what it leaves out. Every way is worked out on texts, nothing is written; a person
// sees what would become of the file and chooses. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/model/conversation.h"
#include "app/desktop/model/line_texts.h"

namespace moxie::desktop {

struct MarkdownBlock;

enum class ApplyWay : uint8_t {
    patch,      // the block is a diff, and its hunks are found
    fitting,    // lines of the file that begin and end like the block, or each part of it
    wholeFile,  // the block takes the place of the file, or is a new one
    atEnd,
};

struct CodeApplication {
    ApplyWay way = ApplyWay::wholeFile;
    FileText after = {};
};

// The ways that are possible, the likeliest first; never empty. `before`: null for no file. Lines
// get the line ends of the file.
std::vector<CodeApplication> waysToApply(const FileText& before, std::string_view code,
                                         std::string_view language);

// Paths of the repository that a block of code may be meant for, the likeliest first: behind its
// fence, in its first line, named just before it, changed or read in its turn, named in the task.
// Nobody has looked whether they exist.
std::vector<std::string> targetsOfCode(const std::vector<MarkdownBlock>& answer, size_t block,
                                       const Turn& turn);

}  // namespace moxie::desktop
