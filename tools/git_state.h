// What Git holds; the checkpoints see it too. Inside tools only. Threads: as tools/git.h.
#pragma once
#include <filesystem>

#include "tools/git.h"
#include "tools/git_handles.h"

namespace moxie::tools {

struct Git::State {
    GitRepository repository;
    std::filesystem::path workTree;

    git_repository* get() const { return repository.get(); }

    // The tree of HEAD; empty handle on an unborn branch.
    base::Result<GitTree> headTree() const;
    base::Result<GitTree> treeOf(const git_oid& commit) const;
    // Between two commits or checkpoints, 40 digits each. Fails in git's words.
    base::Result<GitDiff> diffOf(std::string_view from, std::string_view to,
                                 const git_diff_options& options) const;
};

}  // namespace moxie::tools
