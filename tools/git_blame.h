// Who changed each line of a file last, as git knows it. Threads: any thread; each call opens the
// repository for itself.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace moxie::tools {

struct BlamedLines {
    int64_t first = 0, count = 0;  // lines from 0
    std::string commit = {};       // 40 digits; empty: in no commit yet
    std::string author = {}, summary = {};
    int64_t timeMs = 0;    // of the author
    bool isOlder = false;  // `commit` is where looking stopped: the change is older
    bool operator==(const BlamedLines&) const = default;
};

// Of `text`, which is what `path` is in the work tree now: every line once, in order. A file that
// HEAD does not have is in no commit. Fails: notFound (no repository), io.
// Cost: some milliseconds to seconds; in a long history it looks at no more than 3,000 commits.
base::Result<std::vector<BlamedLines>> blameText(const std::filesystem::path& workTree,
                                                 const std::string& path, const std::string& text);

}  // namespace moxie::tools
