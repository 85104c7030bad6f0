// Files beneath a root, read and changed without ever following a symlink: every folder on the way
// is opened by itself with O_NOFOLLOW, so a link that is swapped in after a path was checked is
// refused, not followed. A transaction changes several files or none. Threads: any thread; two
// transactions on one file: the second to commit fails.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace moxie::tools {

// The bytes of a regular file. `path` is absolute, beneath `root`, and free of "..", as
// Workspace::inside() returns it. Fails: notFound, denied (a symlink on the way, no right),
// invalidInput (not a regular file, larger than bytesMax), io.
base::Result<std::string> readBeneath(const std::filesystem::path& root,
                                      const std::filesystem::path& path, int64_t bytesMax);

// True for the hidden name of a file that a transaction is staging: ".moxie-" and 16 hex digits.
bool isStagedName(std::string_view name);

// Removes what a killed process left staged in `folder` (beneath root, as in readBeneath()):
// regular files of this user with such a name, last changed before `beforeMs` (since 1970). Returns
// how many. The bytes of a file that was being removed or replaced may be among them: the
// checkpoint has those.
int64_t sweepStaged(const std::filesystem::path& root, const std::filesystem::path& folder,
                    int64_t beforeMs);

class FileTransaction {
public:
    // Called before each change that commit() makes; an error stops it there (tests let it fail).
    using BeforeStep = std::function<base::Status(int32_t step)>;

    explicit FileTransaction(std::filesystem::path root, BeforeStep beforeStep = {});
    // Throws away what was staged and not committed.
    ~FileTransaction();
    FileTransaction(const FileTransaction&) = delete;
    FileTransaction& operator=(const FileTransaction&) = delete;

    // Stage: the new bytes are written to an unnamed or hidden file in the same folder,
    // synchronised. Nothing that has a name of the user changes, but missing folders are made.
    // Paths as in readBeneath(). A replaced file keeps mode, owner and extended attributes; other
    // hard links to it keep the old bytes. Fails: as readBeneath(), io (disk full).
    base::Status create(const std::filesystem::path& path, std::string_view content,
                        mode_t mode = 0666);
    // `expected`: the bytes that the file has now.
    base::Status replace(const std::filesystem::path& path, std::string_view content,
                         std::string_view expected);
    base::Status remove(const std::filesystem::path& path, std::string_view expected);

    // Puts everything in place, by renames only. Fails: busy (a file is not as expected, or one to
    // create exists), io; every file is as before then.
    base::Status commit();

    // Names other than this one that a replaced file had when it was staged.
    int64_t otherHardLinks() const { return otherHardLinks_; }

private:
    struct Entry;
    base::Result<Entry*> stage(const std::filesystem::path& path, bool makesFolders);
    base::Status writeStaged(Entry& entry, std::string_view content, mode_t mode);
    base::Status apply(Entry& entry);
    void undo();
    void dropStaged();

    std::filesystem::path root_;
    BeforeStep beforeStep_;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<std::pair<std::filesystem::path, std::string>> madeFolders_;  // parent, name
    int64_t otherHardLinks_ = 0;
};

}  // namespace moxie::tools
