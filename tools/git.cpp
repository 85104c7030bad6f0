#include "tools/git.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/text.h"
#include "tools/git_state.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kDiffFileBytesMax = 8 << 20;  // larger ones are shown as binary

std::string textOf(git_diff* diff, base::Status& status) {
    git_buf buffer = GIT_BUF_INIT;
    status = gitCheck(git_diff_to_buf(&buffer, diff, GIT_DIFF_FORMAT_PATCH), "format diff");
    std::string text = status ? std::string(buffer.ptr, buffer.size) : std::string();
    git_buf_dispose(&buffer);
    return text;
}

base::Result<std::string> patchText(git_diff* diff) {
    git_diff_find_options find = GIT_DIFF_FIND_OPTIONS_INIT;
    find.flags = GIT_DIFF_FIND_RENAMES | GIT_DIFF_FIND_FOR_UNTRACKED;
    TRY(gitCheck(git_diff_find_similar(diff, &find), "find renames"));
    base::Status status;
    std::string text = textOf(diff, status);
    TRY(std::move(status));
    return text;
}

char letterOf(unsigned flags) {
    if ((flags & GIT_STATUS_CONFLICTED) != 0) return 'U';
    if ((flags & (GIT_STATUS_WT_DELETED | GIT_STATUS_INDEX_DELETED)) != 0 &&
        (flags & GIT_STATUS_WT_NEW) == 0)
        return 'D';
    if ((flags & (GIT_STATUS_INDEX_RENAMED | GIT_STATUS_WT_RENAMED)) != 0) return 'R';
    if ((flags & GIT_STATUS_INDEX_NEW) != 0) return 'A';
    if ((flags & GIT_STATUS_INDEX_DELETED) != 0) return 'M';  // and new again, untracked
    if ((flags & GIT_STATUS_WT_NEW) != 0) return '?';
    if ((flags & (GIT_STATUS_INDEX_TYPECHANGE | GIT_STATUS_WT_TYPECHANGE)) != 0) return 'T';
    return 'M';
}

FileChange changeOf(const git_status_entry& entry) {
    FileChange change;
    change.status = letterOf(entry.status);
    const git_diff_delta* staged = entry.head_to_index;
    const git_diff_delta* unstaged = entry.index_to_workdir;
    if (unstaged != nullptr) {
        change.path = unstaged->new_file.path;
    } else if (staged != nullptr) {
        change.path = staged->new_file.path;
    }
    if (change.status == 'R') {
        const bool isStaged = (entry.status & GIT_STATUS_INDEX_RENAMED) != 0;
        change.oldPath = (isStaged ? staged : unstaged)->old_file.path;
    }
    change.isStaged = staged != nullptr;
    change.isUnstaged = unstaged != nullptr;
    return change;
}

}  // namespace

base::Result<GitDiff> Git::State::diffOf(std::string_view from, std::string_view to,
                                         const git_diff_options& options) const {
    TRY_ASSIGN(const git_oid fromId, oidFromHex(from));
    TRY_ASSIGN(const git_oid toId, oidFromHex(to));
    TRY_ASSIGN(const GitTree fromTree, treeOf(fromId));
    TRY_ASSIGN(const GitTree toTree, treeOf(toId));
    GitDiff diff;
    TRY(gitCheck(git_diff_tree_to_tree(diff.out(), get(), fromTree.get(), toTree.get(), &options),
                 "git diff"));
    return diff;
}

base::Result<GitTree> Git::State::treeOf(const git_oid& id) const {
    GitCommit commit;
    GitTree tree;
    TRY(gitCheck(git_commit_lookup(commit.out(), get(), &id), "find commit"));
    TRY(gitCheck(git_commit_tree(tree.out(), commit.get()), "read tree"));
    return tree;
}

base::Result<GitTree> Git::State::headTree() const {
    git_oid id;
    const int code = git_reference_name_to_id(&id, get(), "HEAD");
    if (code == GIT_ENOTFOUND) return GitTree();
    TRY(gitCheck(code, "read HEAD"));
    return treeOf(id);
}

Git::Git(std::unique_ptr<State> state) : state_(std::move(state)) {}

Git::~Git() = default;
Git::Git(Git&&) noexcept = default;
Git& Git::operator=(Git&&) noexcept = default;

base::Result<Git> Git::open(const fs::path& directory) {
    initGitLibrary();
    auto state = std::make_unique<State>();
    const int code =
        git_repository_open_ext(state->repository.out(), directory.c_str(), 0, nullptr);
    TRY(gitCheck(code, "open repository"));
    const char* workTree = git_repository_workdir(state->get());
    if (workTree == nullptr)
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} is a bare repository", directory.string()));
    std::error_code ec;
    state->workTree = fs::canonical(workTree, ec);
    if (ec) return base::fail(base::Errc::io, fmt::format("{}: {}", workTree, ec.message()));
    return Git(std::move(state));
}

base::Result<Git> Git::init(const fs::path& directory) {
    auto existing = open(directory);
    if (existing || existing.error().kind() != base::Errc::notFound) return existing;
    GitRepository repository;
    git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
    options.flags = GIT_REPOSITORY_INIT_NO_REINIT | GIT_REPOSITORY_INIT_MKPATH;
    options.initial_head = "main";
    TRY(gitCheck(git_repository_init_ext(repository.out(), directory.c_str(), &options),
                 "make repository"));
    return open(directory);
}

fs::path Git::workTree() const {
    return state_->workTree;
}

base::Result<std::string> Git::headCommit() const {
    git_oid id;
    TRY(gitCheck(git_reference_name_to_id(&id, state_->get(), "HEAD"), "read HEAD"));
    return toHex(id);
}

base::Result<std::string> Git::branch() const {
    GitReference head;
    TRY(gitCheck(git_reference_lookup(head.out(), state_->get(), "HEAD"), "read HEAD"));
    const char* target = git_reference_symbolic_target(head.get());
    if (target == nullptr) return "HEAD";
    const std::string_view name = target;
    constexpr std::string_view kBranches = "refs/heads/";
    return std::string(name.starts_with(kBranches) ? name.substr(kBranches.size()) : name);
}

base::Result<std::vector<FileChange>> Git::status() const {
    git_status_options options = GIT_STATUS_OPTIONS_INIT;
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_RENAMES_HEAD_TO_INDEX | GIT_STATUS_OPT_RENAMES_INDEX_TO_WORKDIR |
                    GIT_STATUS_OPT_SORT_CASE_SENSITIVELY;
    GitStatusList list;
    TRY(gitCheck(git_status_list_new(list.out(), state_->get(), &options), "git status"));
    std::vector<FileChange> changes;
    const size_t count = git_status_list_entrycount(list.get());
    for (size_t i = 0; i < count; ++i) {
        const git_status_entry* entry = git_status_byindex(list.get(), i);
        if (entry == nullptr || entry->status == GIT_STATUS_CURRENT) continue;
        // New in the index, gone from the work tree: nothing against HEAD.
        if ((entry->status & GIT_STATUS_INDEX_NEW) != 0 &&
            (entry->status & GIT_STATUS_WT_DELETED) != 0)
            continue;
        changes.push_back(changeOf(*entry));
    }
    return changes;
}

base::Result<std::string> Git::diff(const std::vector<std::string>& paths) const {
    TRY_ASSIGN(const GitTree head, state_->headTree());
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_SHOW_UNTRACKED_CONTENT | GIT_DIFF_DISABLE_PATHSPEC_MATCH;
    options.max_size = kDiffFileBytesMax;
    std::vector<char*> names;
    for (const std::string& path : paths)
        names.push_back(const_cast<char*>(path.c_str()));  // libgit2 does not write through it
    options.pathspec = {names.data(), names.size()};
    GitDiff diff;
    TRY(gitCheck(
        git_diff_tree_to_workdir_with_index(diff.out(), state_->get(), head.get(), &options),
        "git diff"));
    return patchText(diff.get());
}

base::Result<std::string> Git::diffCommits(std::string_view from, std::string_view to) const {
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.max_size = kDiffFileBytesMax;
    TRY_ASSIGN(const GitDiff diff, state_->diffOf(from, to, options));
    return patchText(diff.get());
}

base::Result<std::string> Git::fileAt(std::string_view commit, const std::string& path,
                                      int64_t bytesMax) const {
    TRY_ASSIGN(const git_oid id, oidFromHex(commit));
    TRY_ASSIGN(const GitTree tree, state_->treeOf(id));
    git_tree_entry* entry = nullptr;
    TRY(gitCheck(git_tree_entry_bypath(&entry, tree.get(), path.c_str()), "find file"));
    const git_filemode_t mode = git_tree_entry_filemode(entry);
    const git_oid blobId = *git_tree_entry_id(entry);
    git_tree_entry_free(entry);
    if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE)
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} is no regular file there", path));
    GitBlob blob;
    TRY(gitCheck(git_blob_lookup(blob.out(), state_->get(), &blobId), "read file"));
    const auto size = int64_t(git_blob_rawsize(blob.get()));
    if (size > bytesMax)
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("{} has {} bytes, at most {} are read", path, size, bytesMax));
    return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())), size_t(size));
}

base::Result<std::vector<std::string>> Git::changedPaths(std::string_view from,
                                                         std::string_view to) const {
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    TRY_ASSIGN(const GitDiff diff, state_->diffOf(from, to, options));
    std::vector<std::string> paths;
    for (size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i)
        paths.emplace_back(git_diff_get_delta(diff.get(), i)->new_file.path);
    return paths;
}

base::Result<std::vector<LineChange>> Git::changedLines(std::string_view before,
                                                        std::string_view after) {
    initGitLibrary();
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_FORCE_TEXT;
    options.context_lines = 0;
    options.interhunk_lines = 0;
    std::vector<LineChange> changes;
    // Of an empty side libgit2 gives the line before.
    const auto add = [](const git_diff_delta*, const git_diff_hunk* hunk, void* payload) {
        const int64_t oldBegin = hunk->old_start - (hunk->old_lines > 0 ? 1 : 0);
        const int64_t newBegin = hunk->new_start - (hunk->new_lines > 0 ? 1 : 0);
        static_cast<std::vector<LineChange>*>(payload)->push_back(
            {oldBegin, oldBegin + hunk->old_lines, newBegin, newBegin + hunk->new_lines});
        return 0;
    };
    TRY(gitCheck(git_diff_buffers(before.data(), before.size(), nullptr, after.data(), after.size(),
                                  nullptr, &options, nullptr, nullptr, add, nullptr, &changes),
                 "compare texts"));
    return changes;
}

base::Status Git::createBranch(std::string_view name) {
    const std::string branchName(name);
    int isValid = 0;
    TRY(gitCheck(git_branch_name_is_valid(&isValid, branchName.c_str()), "check branch name"));
    if (isValid == 0 || branchName.size() != std::string_view(branchName.c_str()).size())
        return base::fail(base::Errc::invalidInput,
                          fmt::format("'{}' is no name for a branch",
                                      base::cutUtf8(base::toValidUtf8(name), 100)));
    const std::string reference = "refs/heads/" + branchName;
    git_oid id;
    const int head = git_reference_name_to_id(&id, state_->get(), "HEAD");
    if (head != GIT_ENOTFOUND) {
        TRY(gitCheck(head, "read HEAD"));
        GitCommit commit;
        TRY(gitCheck(git_commit_lookup(commit.out(), state_->get(), &id), "find commit"));
        GitReference branch;
        TRY(gitCheck(
            git_branch_create(branch.out(), state_->get(), branchName.c_str(), commit.get(), 0),
            "create branch"));
    }
    return gitCheck(git_repository_set_head(state_->get(), reference.c_str()), "switch branch");
}

}  // namespace moxie::tools
