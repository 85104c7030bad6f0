// What a tool call is about, read from its arguments: kind, target and, for an edit, its first
// lines. The arguments come from a model: any bytes are taken. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::desktop {

// The kinds of the Agent Client Protocol that our tools have.
enum class CallKind { read, edit, search, execute, think, fetch, other };

struct CallDetails {
    CallKind kind = CallKind::other;
    std::vector<std::string> targets = {};  // paths, a command, or what is searched
    std::string directory = {};             // of a command, as asked for; empty: the root
    // Of an edit: "-old", "+new", " same", "@@ ...", as one reads a diff.
    std::vector<std::string> hunk = {};
    int64_t hunkLinesLeftOut = 0;
    bool operator==(const CallDetails&) const = default;
};

// `effects`: as in the event ("read write"), for tools that we do not know.
CallDetails readCall(std::string_view tool, std::string_view argumentsJson,
                     std::string_view effects);

}  // namespace moxie::desktop
