// Held while an index file is opened, closed or taken away, so that no process removes the log of a
// file that another has just made. Where the file system has no locks we go on without. Threads:
// any; a thread that holds one waits for itself if it takes another.
#pragma once
#include <filesystem>

namespace moxie::indexer {

class FolderLock {
public:
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int folder_;
};

}  // namespace moxie::indexer
