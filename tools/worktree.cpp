#include "tools/worktree.h"

#include <fmt/format.h>

#include <system_error>

#include "tools/git.h"
#include "tools/git_handles.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

using GitWorktree = GitHandle<git_worktree, git_worktree_free>;

base::Result<GitRepository> openAround(const fs::path& folder) {
    initGitLibrary();
    GitRepository repository;
    TRY(gitCheck(git_repository_open_ext(repository.out(), folder.c_str(), 0, nullptr),
                 "open repository"));
    return repository;
}

base::Result<GitReference> makeBranch(git_repository* repository, const std::string& name) {
    int isValid = 0;
    TRY(gitCheck(git_branch_name_is_valid(&isValid, name.c_str()), "check branch name"));
    if (isValid == 0)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("'{}' is no name for a branch", name));
    git_oid id;
    GitCommit head;
    GitReference branch;
    TRY(gitCheck(git_reference_name_to_id(&id, repository, "HEAD"), "read HEAD"));
    TRY(gitCheck(git_commit_lookup(head.out(), repository, &id), "find commit"));
    const int code = git_branch_create(branch.out(), repository, name.c_str(), head.get(), 0);
    if (code == GIT_EEXISTS)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("there is a branch {} already", name));
    TRY(gitCheck(code, "create branch"));
    return branch;
}

base::Status addAt(git_repository* repository, const fs::path& folder, git_reference* branch) {
    git_worktree_add_options options = GIT_WORKTREE_ADD_OPTIONS_INIT;
    options.ref = branch;
    GitWorktree made;
    const std::string name = folder.filename().string();
    return gitCheck(
        git_worktree_add(made.out(), repository, name.c_str(), folder.c_str(), &options),
        "make worktree");
}

base::Status checkNothingUncommitted(const fs::path& folder) {
    TRY_ASSIGN(const Git git, Git::open(folder));
    TRY_ASSIGN(const auto changes, git.status());
    if (changes.empty()) return {};
    return base::fail(base::Errc::busy, fmt::format("{} files in {} are not committed",
                                                    changes.size(), folder.string()));
}

}  // namespace

base::Status addWorktree(const WorktreeWish& wish) {
    TRY_ASSIGN(const GitRepository repository, openAround(wish.repository));
    std::error_code failed;
    if (fs::exists(wish.folder, failed))
        return base::fail(base::Errc::invalidInput,
                          fmt::format("{} exists already", wish.folder.string()));
    fs::create_directories(wish.folder.parent_path(), failed);
    if (failed)
        return base::fail(base::Errc::io, fmt::format("{}: {}", wish.folder.parent_path().string(),
                                                      failed.message()));
    TRY_ASSIGN(const GitReference branch, makeBranch(repository.get(), wish.branch));
    base::Status added = addAt(repository.get(), wish.folder, branch.get());
    if (!added) git_branch_delete(branch.get());  // made above, nobody has seen it
    return added;
}

base::Status removeWorktree(const fs::path& folder, Uncommitted uncommitted) {
    TRY_ASSIGN(const GitRepository repository, openAround(folder));
    if (git_repository_is_worktree(repository.get()) == 0)
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} is no linked worktree", folder.string()));
    if (uncommitted == Uncommitted::refuse) TRY(checkNothingUncommitted(folder));
    GitRepository first;
    GitWorktree worktree;
    TRY(gitCheck(git_repository_open(first.out(), git_repository_commondir(repository.get())),
                 "open repository"));
    TRY(gitCheck(git_worktree_open_from_repository(worktree.out(), repository.get()),
                 "find worktree"));
    git_worktree_prune_options options = GIT_WORKTREE_PRUNE_OPTIONS_INIT;
    options.flags = GIT_WORKTREE_PRUNE_VALID | GIT_WORKTREE_PRUNE_WORKING_TREE;
    return gitCheck(git_worktree_prune(worktree.get(), &options), "remove worktree");
}

Checkout checkoutOf(const fs::path& folder) {
    Checkout checkout;
    const auto repository = openAround(folder);
    if (!repository) return checkout;
    git_repository* git = repository->get();
    checkout.isWorktree = git_repository_is_worktree(git) == 1;
    const char* workTree = git_repository_workdir(git);
    checkout.project = checkout.isWorktree
                           ? fs::path(git_repository_commondir(git)).parent_path().parent_path()
                           : fs::path(workTree != nullptr ? workTree : "").parent_path();
    GitReference head;
    if (git_reference_lookup(head.out(), git, "HEAD") != 0) return checkout;
    const char* target = git_reference_symbolic_target(head.get());
    constexpr std::string_view kBranches = "refs/heads/";
    if (target != nullptr && std::string_view(target).starts_with(kBranches))
        checkout.branch = target + kBranches.size();
    return checkout;
}

}  // namespace moxie::tools
