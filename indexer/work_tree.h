// The files of a repository as they are on disk: tracked and untracked, ignored ones left out; and
// what git knows about them without reading them. Never writes. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/parsed_file.h"

struct git_repository;

namespace moxie::indexer {

struct FileOnDisk {
    std::string path;  // relative to the root, '/' separated
    int64_t bytes = 0;
    int64_t modifiedNs = 0;
    std::optional<BlobHash> hash;  // known from git if the file is clean
};

struct Commit {
    BlobHash hash = {};
    int64_t time = 0;
    std::string message;
    std::vector<std::string> paths;  // relative to the root; empty if it touches too many
};

class WorkTree {
public:
    // A folder inside a git work tree, or any other folder. Fails: notFound.
    static base::Result<WorkTree> open(const std::filesystem::path& root);
    ~WorkTree();
    WorkTree(WorkTree&&) noexcept;
    WorkTree& operator=(WorkTree&&) noexcept;

    bool hasGit() const { return repository_ != nullptr; }

    // All files, sorted by path. Fails: cancelled, io.
    base::Result<std::vector<FileOnDisk>> files(const std::stop_token& stop) const;
    // One file; nullopt if it is not there, not regular, or ignored.
    std::optional<FileOnDisk> file(const std::string& path) const;

    // Of a folder of it, "" for the root. Says nothing about files.
    bool isIgnoredFolder(const std::string& folder) const;
    // Where git keeps HEAD and the index; empty without git.
    std::filesystem::path gitFolder() const;

    // Hash of HEAD; all zero without git or commits.
    BlobHash head() const;
    // The newest commits reachable from HEAD, newest first, merges left out; of those in `known`,
    // which is sorted and has no merges, only the hash. Fails: cancelled, io. Cost: history.h.
    base::Result<std::vector<Commit>> commits(int64_t limit, std::span<const BlobHash> known,
                                              const std::stop_token& stop) const;

private:
    struct FreeRepository {
        void operator()(git_repository* repository) const;
    };

    WorkTree() = default;
    base::Result<std::vector<FileOnDisk>> gitFiles(const std::stop_token& stop) const;
    base::Result<std::vector<FileOnDisk>> plainFiles(const std::stop_token& stop) const;

    std::filesystem::path root_;
    std::string prefix_;  // of the root in the work tree, "" or "sub/folder/"
    std::unique_ptr<git_repository, FreeRepository> repository_;
};

}  // namespace moxie::indexer
