// What Git knows of commits besides making them: whose they are, whether they may be rewritten or
// taken back, what a path is in them, and the hooks around them.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tools/git_state.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kTemplateBytesMax = 64 << 10;

using GitConfig = GitHandle<git_config, git_config_free>;
using GitObject = GitHandle<git_object, git_object_free>;

base::Result<GitCommit> headOf(const Git::State& git) {
    git_oid id;
    GitCommit commit;
    TRY(gitCheck(git_reference_name_to_id(&id, git.get(), "HEAD"), "read HEAD"));
    TRY(gitCheck(git_commit_lookup(commit.out(), git.get(), &id), "find commit"));
    return commit;
}

base::Result<bool> isOnRemote(const Git::State& git, const git_oid& id) {
    GitReferenceIterator iterator;
    TRY(gitCheck(git_reference_iterator_glob_new(iterator.out(), git.get(), "refs/remotes/*"),
                 "list remote branches"));
    const char* name = nullptr;
    while (git_reference_next_name(&name, iterator.get()) == 0) {
        git_oid tip;
        if (git_reference_name_to_id(&tip, git.get(), name) != 0) continue;
        if (git_oid_equal(&tip, &id) != 0 || git_graph_descendant_of(git.get(), &tip, &id) == 1)
            return true;
    }
    return false;
}

EntryKind kindOf(git_filemode_t mode) {
    switch (mode) {
        case GIT_FILEMODE_BLOB:
            return EntryKind::file;
        case GIT_FILEMODE_BLOB_EXECUTABLE:
            return EntryKind::executable;
        case GIT_FILEMODE_LINK:
            return EntryKind::link;
        case GIT_FILEMODE_COMMIT:
            return EntryKind::submodule;
        case GIT_FILEMODE_TREE:
            return EntryKind::folder;
        case GIT_FILEMODE_UNREADABLE:
            break;
    }
    return EntryKind::nothing;
}

// A commit of a branch that the current one may have left.
bool findTip(const Git::State& git, const std::string& reference, git_oid& tip) {
    return git_reference_name_to_id(&tip, git.get(), reference.c_str()) == 0;
}

}  // namespace

base::Result<PathEntry> Git::entryAt(std::string_view commit, const std::string& path) const {
    TRY_ASSIGN(const git_oid id, oidFromHex(commit));
    TRY_ASSIGN(const GitTree tree, state_->treeOf(id));
    git_tree_entry* entry = nullptr;
    const int code = git_tree_entry_bypath(&entry, tree.get(), path.c_str());
    if (code == GIT_ENOTFOUND) return PathEntry{};
    TRY(gitCheck(code, "find file"));
    PathEntry found = {kindOf(git_tree_entry_filemode(entry))};
    const git_oid blobId = *git_tree_entry_id(entry);
    git_tree_entry_free(entry);
    GitBlob blob;
    if (found.kind == EntryKind::file || found.kind == EntryKind::executable) {
        TRY(gitCheck(git_blob_lookup(blob.out(), state_->get(), &blobId), "read file"));
        found.bytes = int64_t(git_blob_rawsize(blob.get()));
    }
    return found;
}

base::Result<PathEntry> Git::entryNow(const std::string& path) const {
    struct stat info = {};
    const fs::path full = state_->workTree / path;
    if (::lstat(full.c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return PathEntry{};
        return base::fail(base::errnoError(errno, path));
    }
    std::error_code ignored;
    if (S_ISLNK(info.st_mode)) return PathEntry{EntryKind::link};
    if (S_ISDIR(info.st_mode))
        return PathEntry{fs::exists(full / ".git", ignored) ? EntryKind::submodule
                                                            : EntryKind::folder};
    if (!S_ISREG(info.st_mode)) return PathEntry{};
    return PathEntry{(info.st_mode & S_IXUSR) != 0 ? EntryKind::executable : EntryKind::file,
                     int64_t(info.st_size)};
}

base::Status Git::checkAmend() const {
    TRY_ASSIGN(const GitCommit head, headOf(*state_));
    if (git_repository_state(state_->get()) != GIT_REPOSITORY_STATE_NONE)
        return base::fail(base::Errc::busy,
                          "a merge, rebase or similar is in progress; finish it first");
    TRY_ASSIGN(const bool isPushed, isOnRemote(*state_, *git_commit_id(head.get())));
    if (isPushed) return base::fail(base::Errc::denied, "the last commit is on a remote already");
    GitSignature user;
    const git_signature* author = git_commit_author(head.get());
    if (git_signature_default(user.out(), state_->get()) != 0 || author == nullptr ||
        std::string_view(author->email) != user.get()->email)
        return base::fail(base::Errc::denied,
                          fmt::format("the last commit is by {}",
                                      author == nullptr ? "somebody else" : author->name));
    return {};
}

base::Status Git::takeBack(std::string_view commit, std::string_view before) {
    TRY_ASSIGN(const git_oid from, oidFromHex(commit));
    TRY_ASSIGN(const GitCommit head, headOf(*state_));
    if (git_oid_equal(git_commit_id(head.get()), &from) == 0)
        return base::fail(base::Errc::busy, "the branch has another commit on top by now");
    TRY_ASSIGN(const bool isPushed, isOnRemote(*state_, from));
    if (isPushed) return base::fail(base::Errc::denied, "the commit is on a remote already");
    GitReference symbolic;
    GitReference moved;
    TRY(gitCheck(git_reference_lookup(symbolic.out(), state_->get(), "HEAD"), "read HEAD"));
    const char* target = git_reference_symbolic_target(symbolic.get());
    const std::string name = target == nullptr ? "HEAD" : target;
    if (before.empty()) {
        if (git_commit_parentcount(head.get()) != 0 || target == nullptr)
            return base::fail(base::Errc::invalidInput, "the commit is not the first one");
        return gitCheck(git_reference_remove(state_->get(), name.c_str()), "take the commit back");
    }
    TRY_ASSIGN(const git_oid to, oidFromHex(before));
    GitCommit earlier;
    TRY(gitCheck(git_commit_lookup(earlier.out(), state_->get(), &to), "find commit"));
    const bool isParent = git_commit_parentcount(head.get()) > 0 &&
                          git_oid_equal(git_commit_parent_id(head.get(), 0), &to) != 0;
    const bool isSibling =
        git_commit_parentcount(earlier.get()) == git_commit_parentcount(head.get()) &&
        (git_commit_parentcount(head.get()) == 0 ||
         git_oid_equal(git_commit_parent_id(head.get(), 0),
                       git_commit_parent_id(earlier.get(), 0)) != 0);
    if (!isParent && !isSibling)
        return base::fail(base::Errc::invalidInput, "that commit is not the one before");
    // Only if the branch is still there: never over what somebody else put on it.
    return gitCheck(git_reference_create_matching(moved.out(), state_->get(), name.c_str(), &to, 1,
                                                  &from, "moxie: commit taken back"),
                    "take the commit back");
}

base::Result<std::string> Git::headMessage() const {
    TRY_ASSIGN(const GitCommit head, headOf(*state_));
    const char* message = git_commit_message(head.get());
    return std::string(message == nullptr ? "" : message);
}

base::Result<std::string> Git::identity() const {
    GitSignature user;
    TRY(gitCheck(git_signature_default(user.out(), state_->get()), "read user.name, user.email"));
    return fmt::format("{} <{}>", user.get()->name, user.get()->email);
}

std::optional<fs::path> Git::hook(std::string_view name) const {
    GitConfig config;
    fs::path folder = fs::path(git_repository_commondir(state_->get())) / "hooks";
    git_buf value = GIT_BUF_INIT;
    if (git_repository_config(config.out(), state_->get()) == 0 &&
        git_config_get_path(&value, config.get(), "core.hooksPath") == 0)
        folder = state_->workTree / value.ptr;  // an absolute one stays as it is
    git_buf_dispose(&value);
    const fs::path file = folder / name;
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored) || ::access(file.c_str(), X_OK) != 0)
        return std::nullopt;
    return file;
}

std::string Git::commitTemplate() const {
    GitConfig config;
    git_buf value = GIT_BUF_INIT;
    fs::path file;
    if (git_repository_config(config.out(), state_->get()) == 0 &&
        git_config_get_path(&value, config.get(), "commit.template") == 0)
        file = state_->workTree / value.ptr;  // an absolute one stays as it is
    git_buf_dispose(&value);
    if (file.empty()) return {};
    auto text = base::readFile(file, kTemplateBytesMax);
    return text ? *std::move(text) : std::string();
}

base::Result<std::string> Git::findCommit(const std::string& name) const {
    GitObject named, commit;
    const bool isFound = git_revparse_single(named.out(), state_->get(), name.c_str()) == 0 &&
                         git_object_peel(commit.out(), named.get(), GIT_OBJECT_COMMIT) == 0;
    if (!isFound)
        return base::fail(base::Errc::notFound,
                          fmt::format("no commit, branch or tag is called \"{}\"", name));
    return toHex(*git_object_id(commit.get()));
}

base::Result<std::string> Git::branchBase() const {
    TRY_ASSIGN(const GitCommit head, headOf(*state_));
    TRY_ASSIGN(const std::string name, branch());
    const std::string local = "refs/heads/" + name;
    std::vector<std::string> candidates;
    git_buf upstream = GIT_BUF_INIT;
    if (git_branch_upstream_name(&upstream, state_->get(), local.c_str()) == 0)
        candidates.emplace_back(upstream.ptr);
    git_buf_dispose(&upstream);
    for (const char* other : {"refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master"})
        if (other != local) candidates.emplace_back(other);
    for (const std::string& candidate : candidates) {
        git_oid tip, base;
        if (!findTip(*state_, candidate, tip)) continue;
        const int code = git_merge_base(&base, state_->get(), &tip, git_commit_id(head.get()));
        if (code == GIT_ENOTFOUND) continue;
        TRY(gitCheck(code, "find where the branch began"));
        return toHex(base);
    }
    return base::fail(base::Errc::notFound, fmt::format("{} left no other branch", name));
}

}  // namespace moxie::tools
