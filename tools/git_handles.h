// libgit2's objects with their owners, and its errors as ours. Inside tools only.
// Threads: as libgit2: one object, one thread at a time.
#pragma once
#include <git2.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace moxie::tools {

// Owns a libgit2 object; out() is for the functions that create one.
template <class T, auto Free>
class GitHandle {
public:
    GitHandle() = default;

    ~GitHandle() { Free(handle_); }  // all of libgit2's free functions take null

    GitHandle(GitHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

    GitHandle& operator=(GitHandle&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }

    GitHandle(const GitHandle&) = delete;
    GitHandle& operator=(const GitHandle&) = delete;

    T* get() const { return handle_; }

    // Requires: empty.
    T** out() { return &handle_; }

    explicit operator bool() const { return handle_ != nullptr; }

private:
    T* handle_ = nullptr;
};

using GitRepository = GitHandle<git_repository, git_repository_free>;
using GitIndex = GitHandle<git_index, git_index_free>;
using GitTree = GitHandle<git_tree, git_tree_free>;
using GitCommit = GitHandle<git_commit, git_commit_free>;
using GitBlob = GitHandle<git_blob, git_blob_free>;
using GitDiff = GitHandle<git_diff, git_diff_free>;
using GitReference = GitHandle<git_reference, git_reference_free>;
using GitSignature = GitHandle<git_signature, git_signature_free>;
using GitStatusList = GitHandle<git_status_list, git_status_list_free>;
using GitFilters = GitHandle<git_filter_list, git_filter_list_free>;
using GitReferenceIterator = GitHandle<git_reference_iterator, git_reference_iterator_free>;

// Once per process; never shut down, since other rooms use the library too.
void initGitLibrary();

// The Error of a failed libgit2 call, in git's words.
base::Error gitError(int code, std::string_view step);

// Ok, or the Error of `code`.
base::Status gitCheck(int code, std::string_view step);

std::string toHex(const git_oid& id);

// Fails: invalidInput (not 40 hexadecimal digits).
base::Result<git_oid> oidFromHex(std::string_view hex);

}  // namespace moxie::tools
