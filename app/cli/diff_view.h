// What an edit call asked to change, as short diff lines for people. Reads the call's arguments,
// not the disk: the log alone is enough, years later. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/messages.h"
#include "app/cli/terminal.h"

namespace moxie::app {

struct CallDiff {
    std::vector<std::string> lines;  // "-old", "+new", " same", "@@ ..."
    int64_t linesLeftOut = 0;
};

// Empty for calls that carry no text to compare (a shell command).
CallDiff diffOfCall(std::string_view tool, std::string_view argumentsJson, int64_t lineMax);

// Indented and coloured, one line of the terminal each.
void writeDiff(const CallDiff& diff, Output& output, const Messages& say);

}  // namespace moxie::app
