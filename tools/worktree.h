// Linked worktrees: one more folder of a repository with a branch of its own, so that two agents
// can work at once. What is uncommitted in the first folder is not taken along and not touched.
// Threads: any thread.
#pragma once
#include <filesystem>
#include <string>

#include "base/result.h"

namespace moxie::tools {

struct WorktreeWish {
    std::filesystem::path repository = {};  // any folder in it
    std::filesystem::path folder = {};      // to be made
    std::string branch = {};                // to be made at HEAD
};

// Cost: writes every file of HEAD. Fails: notFound (no repository, no commit yet), invalidInput
// (the branch or the folder exists, a bad name), io.
base::Status addWorktree(const WorktreeWish& wish);

enum class Uncommitted { refuse, discard };

// Removes the folder with all that is in it; its branch stays. Fails: busy (something is
// uncommitted), unsupported (`folder` is no linked worktree), io.
base::Status removeWorktree(const std::filesystem::path& folder, Uncommitted uncommitted);

// What a folder is a checkout of. A value.
struct Checkout {
    std::filesystem::path project = {};  // the repository's first work tree; empty: no repository
    std::string branch = {};             // "": on none
    bool isWorktree = false;             // a linked one
    bool operator==(const Checkout&) const = default;
};

// Cost: reads a few small files.
Checkout checkoutOf(const std::filesystem::path& folder);

}  // namespace moxie::tools
