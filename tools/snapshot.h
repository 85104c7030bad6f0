// A work tree as a git tree of its exact bytes: no filter, no line-end conversion. Remembers what
// it hashed, so a second look costs a stat per file. Inside tools only.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "tools/git_handles.h"

namespace moxie::tools {

struct Snapshot {
    git_oid tree = {};
    std::vector<std::string> leftOut;  // untracked files over the cap, or that cannot be read
};

class SnapshotMaker {
public:
    // Requires: `repository` outlives this.
    SnapshotMaker(git_repository* repository, std::filesystem::path workTree,
                  int64_t untrackedBytesMax);

    // Tracked files, untracked ones up to the cap, and those of `alsoPaths` that exist, whatever
    // their size and the ignore rules say. Submodules stay as they are in the index; nested
    // repositories, ignored files and special files are not in. Writes objects, no reference.
    // Fails: io (in git's words).
    base::Result<Snapshot> make(const std::vector<std::string>& alsoPaths);

private:
    struct FileStat {
        uint64_t inode = 0;
        int64_t size = 0, mtimeNs = 0, ctimeNs = 0;
        uint32_t mode = 0;
        bool operator==(const FileStat&) const = default;
    };

    struct Known {
        FileStat stat;
        git_oid id = {};
        int64_t hashedAtNs = 0;
    };

    enum class Origin { tracked, untracked, named };

    struct Round;  // what one make() works on
    base::Status addUntracked(git_index* index, std::map<std::string, Origin>& paths);
    base::Status addFile(Round& round, const std::string& path, Origin origin);
    base::Result<git_oid> idOf(Round& round, const std::string& path, const FileStat& stat);
    bool isCleanInIndex(Round& round, const std::string& path, const FileStat& stat, git_oid& id);
    bool isConverted(const std::string& path);
    base::Result<git_oid> store(const std::string& path, const FileStat& stat);
    bool isBelowLink(const std::string& path);
    bool isInNestedRepository(const std::string& path);

    git_repository* repository_;
    std::filesystem::path workTree_;
    int64_t untrackedBytesMax_;
    std::map<std::string, Known> known_;
    std::map<std::string, bool> linkedFolders_, nestedFolders_;  // of one make()
};

// True if a folder between `workTree` and `path` is a repository of its own.
bool isInNestedRepository(const std::filesystem::path& workTree, const std::string& path);

}  // namespace moxie::tools
