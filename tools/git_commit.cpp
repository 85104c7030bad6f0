// Git::commit(): exactly the named paths, from the work tree, on top of HEAD.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "tools/git_state.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

base::Status checkPath(const fs::path& workTree, const std::string& path) {
    const fs::path relative(path);
    if (path.empty() || path.find('\0') != std::string::npos || relative.is_absolute())
        return base::fail(base::Errc::invalidInput,
                          fmt::format("'{}' is not a relative path", shownPath(path)));
    fs::path folder = workTree;
    for (const fs::path& part : relative.parent_path()) {
        std::error_code ec;
        folder /= part;
        if (fs::is_symlink(fs::symlink_status(folder, ec)))
            return base::fail(base::Errc::invalidInput,
                              fmt::format("{} lies behind a symlink", shownPath(path)));
    }
    for (const fs::path& part : relative)
        if (part == ".." || part == "." || part == ".git" || part.empty())
            return base::fail(base::Errc::invalidInput,
                              fmt::format("'{}' is no path in the work tree", shownPath(path)));
    return {};
}

// A driver from the user's configuration, like git-lfs, is a program that libgit2 does not run:
// committing the raw bytes would be wrong.
base::Status checkFilter(git_repository* repository, const std::string& path) {
    for (const char* attribute : {"filter", "working-tree-encoding"}) {
        const char* value = nullptr;
        TRY(gitCheck(git_attr_get(&value, repository, 0, path.c_str(), attribute),
                     "read attributes"));
        if (git_attr_value(value) == GIT_ATTR_VALUE_STRING)
            return base::fail(base::Errc::unsupported,
                              fmt::format("{} has the attribute {}={}; commit it with git",
                                          shownPath(path), attribute, shownPath(value)));
    }
    return {};
}

enum class OnDisk { nothing, file, folder };

OnDisk lookAt(const fs::path& path, git_filemode_t& mode) {
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0) return OnDisk::nothing;
    if (S_ISDIR(info.st_mode)) return OnDisk::folder;
    mode = GIT_FILEMODE_BLOB;
    if (S_ISLNK(info.st_mode)) {
        mode = GIT_FILEMODE_LINK;
    } else if (!S_ISREG(info.st_mode)) {
        return OnDisk::nothing;
    } else if ((info.st_mode & S_IXUSR) != 0) {
        mode = GIT_FILEMODE_BLOB_EXECUTABLE;
    }
    return OnDisk::file;
}

bool holds(git_index* index, const std::string& path) {
    return git_index_find(nullptr, index, path.c_str()) == 0;
}

// Brings one path into `next` (what will be committed) and `users` (the user's index).
base::Status stagePath(git_repository* repository, const fs::path& workTree, git_index* next,
                       git_index* users, const std::string& path) {
    TRY(checkPath(workTree, path));
    const bool isTracked = holds(next, path) || holds(users, path);
    git_filemode_t mode = GIT_FILEMODE_BLOB;
    const OnDisk found = lookAt(workTree / path, mode);
    const git_index_entry* before = git_index_get_bypath(next, path.c_str(), 0);
    if (before != nullptr && before->mode == GIT_FILEMODE_COMMIT)
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} is a submodule; commit it with git", shownPath(path)));
    if (found != OnDisk::file) {
        if (!isTracked && found == OnDisk::folder)
            return base::fail(base::Errc::invalidInput,
                              fmt::format("{} is a folder; name its files", shownPath(path)));
        // Gone, or a folder in its place, whose files are named by themselves.
        if (holds(next, path)) TRY(gitCheck(git_index_remove_bypath(next, path.c_str()), "stage"));
        if (holds(users, path))
            TRY(gitCheck(git_index_remove_bypath(users, path.c_str()), "stage"));
        return {};
    }
    int isIgnored = 0;
    TRY(gitCheck(git_ignore_path_is_ignored(&isIgnored, repository, path.c_str()),
                 "read ignore rules"));
    if (isIgnored != 0 && !isTracked) return {};
    TRY(checkFilter(repository, path));
    git_index_entry entry = {};
    TRY(gitCheck(git_blob_create_from_workdir(&entry.id, repository, path.c_str()),
                 "store " + shownPath(path)));
    entry.mode = mode;
    entry.path = path.c_str();
    TRY(gitCheck(git_index_add(next, &entry), "stage " + shownPath(path)));
    return gitCheck(git_index_add_bypath(users, path.c_str()), "stage " + shownPath(path));
}

bool isRegular(const git_index_entry& entry) {
    return entry.mode == GIT_FILEMODE_BLOB || entry.mode == GIT_FILEMODE_BLOB_EXECUTABLE;
}

base::Result<std::string> blobText(git_repository* repository, const git_oid& id) {
    GitBlob blob;
    TRY(gitCheck(git_blob_lookup(blob.out(), repository, &id), "read file"));
    return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                       size_t(git_blob_rawsize(blob.get())));
}

git_merge_file_input mergeInput(const std::string& text) {
    git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;
    input.ptr = text.data();
    input.size = text.size();
    return input;
}

// `staged` with what `committed` changed; where both changed a line, as committed.
base::Result<std::string> mergeStaged(const std::string& head, const std::string& staged,
                                      const std::string& committed) {
    const git_merge_file_input ancestor = mergeInput(head), ours = mergeInput(staged),
                               theirs = mergeInput(committed);
    git_merge_file_options options = GIT_MERGE_FILE_OPTIONS_INIT;
    options.favor = GIT_MERGE_FILE_FAVOR_THEIRS;
    git_merge_file_result result = {};
    TRY(gitCheck(git_merge_file(&result, &ancestor, &ours, &theirs, &options), "merge index"));
    std::string merged(result.ptr, result.len);
    git_merge_file_result_free(&result);
    return merged;
}

base::Status putText(git_repository* repository, git_index* index, git_index_entry entry,
                     const std::string& text) {
    TRY(gitCheck(git_blob_create_from_buffer(&entry.id, repository, text.data(), text.size()),
                 "store file"));
    return gitCheck(git_index_add(index, &entry), "stage file");
}

base::Status stageText(const Git::State& git, git_index* next, git_index* users,
                       const CommitText& wanted) {
    TRY(checkPath(git.workTree, wanted.path));
    TRY(checkFilter(git.get(), wanted.path));
    const git_index_entry* head = git_index_get_bypath(next, wanted.path.c_str(), 0);
    if (head == nullptr || !isRegular(*head))
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("{} is no regular file in the last commit", shownPath(wanted.path)));
    git_index_entry entry = {};
    entry.mode = head->mode;
    entry.path = wanted.path.c_str();
    TRY_ASSIGN(const std::string before, blobText(git.get(), head->id));
    TRY(putText(git.get(), next, entry, wanted.text));
    const git_index_entry* staged = git_index_get_bypath(users, wanted.path.c_str(), 0);
    if (staged == nullptr || !isRegular(*staged)) return {};  // as the user staged it
    entry.mode = staged->mode;
    TRY_ASSIGN(const std::string stagedText, blobText(git.get(), staged->id));
    TRY_ASSIGN(const std::string merged, mergeStaged(before, stagedText, wanted.text));
    return putText(git.get(), users, entry, merged);
}

base::Result<GitSignature> authorOf(git_repository* repository) {
    GitSignature signature;
    if (git_signature_default(signature.out(), repository) == 0) return signature;
    TRY(gitCheck(git_signature_now(signature.out(), "Moxie", "moxie@localhost"), "make author"));
    return signature;
}

base::Status checkState(git_repository* repository, git_index* users) {
    if (const int state = git_repository_state(repository); state != GIT_REPOSITORY_STATE_NONE)
        return base::fail(base::Errc::busy,
                          "a merge, rebase or similar is in progress; finish it first");
    if (git_index_has_conflicts(users) != 0)
        return base::fail(base::Errc::busy, "the index has conflicts; resolve them first");
    return {};
}

enum class CommentLines : uint8_t { keep, drop };

base::Result<std::string> prettify(std::string_view message, CommentLines comments) {
    const std::string text = base::toValidUtf8(message);
    git_buf buffer = GIT_BUF_INIT;
    const int code =
        git_message_prettify(&buffer, text.c_str(), comments == CommentLines::drop ? 1 : 0, '#');
    std::string clean = code == 0 ? std::string(buffer.ptr, buffer.size) : std::string();
    git_buf_dispose(&buffer);
    TRY(gitCheck(code, "clean message"));
    return clean;
}

base::Result<std::string> cleanMessage(std::string_view message) {
    TRY_ASSIGN(std::string clean, prettify(message, CommentLines::keep));
    if (clean.empty()) return base::fail(base::Errc::invalidInput, "the commit message is empty");
    return clean;
}

// What will be committed: the tree of HEAD with the named paths, or what a hook left of that.
base::Status makeNext(const Git::State& git, const CommitRequest& request, GitIndex& next,
                      git_index* users) {
    TRY_ASSIGN(const GitTree headTree, git.headTree());
    GitIndex made;
    TRY(gitCheck(git_index_new(made.out()), "make index"));
    if (headTree) TRY(gitCheck(git_index_read_tree(made.get(), headTree.get()), "read tree"));
    // Removals first: a file may have taken the place of a folder, or the other way round.
    std::vector<std::string> paths = request.paths;
    std::stable_partition(paths.begin(), paths.end(), [&](const std::string& path) {
        git_filemode_t mode = GIT_FILEMODE_BLOB;
        return lookAt(git.workTree / path, mode) != OnDisk::file;
    });
    for (const std::string& path : paths)
        TRY(stagePath(git.get(), git.workTree, made.get(), users, path));
    for (const CommitText& text : request.texts)
        TRY(stageText(git, made.get(), users, text));
    if (request.indexFile.empty()) {
        next = std::move(made);
        return {};
    }
    return gitCheck(git_index_open(next.out(), request.indexFile.c_str()), "read the hook's index");
}

base::Result<git_oid> writeTree(const Git::State& git, git_index* next) {
    git_oid id;
    TRY(gitCheck(git_index_write_tree_to(&id, next, git.get()), "write tree"));
    return id;
}

base::Result<git_oid> createCommit(const Git::State& git, const CommitRequest& request,
                                   const std::string& message, const git_oid& treeId) {
    GitTree tree;
    TRY(gitCheck(git_tree_lookup(tree.out(), git.get(), &treeId), "read tree"));
    TRY_ASSIGN(const GitSignature author, authorOf(git.get()));
    GitCommit head;
    git_oid id;
    const int code = git_reference_name_to_id(&id, git.get(), "HEAD");
    if (code != GIT_ENOTFOUND) {
        TRY(gitCheck(code, "read HEAD"));
        TRY(gitCheck(git_commit_lookup(head.out(), git.get(), &id), "find commit"));
    }
    if (request.kind == CommitKind::amend) {
        TRY(gitCheck(git_commit_amend(&id, head.get(), "HEAD", nullptr, author.get(), nullptr,
                                      message.c_str(), tree.get()),
                     "amend"));
        return id;
    }
    const git_commit* parents[] = {head.get()};
    TRY(gitCheck(git_commit_create(&id, git.get(), "HEAD", author.get(), author.get(), nullptr,
                                   message.c_str(), tree.get(), head ? 1 : 0, parents),
                 "commit"));
    return id;
}

}  // namespace

base::Result<std::string> Git::withoutComments(std::string_view message) {
    return prettify(message, CommentLines::drop);
}

base::Result<std::string> Git::commit(const CommitRequest& request) {
    git_repository* repository = state_->get();
    TRY_ASSIGN(const std::string message, cleanMessage(request.message));
    GitIndex users, next;
    TRY(gitCheck(git_repository_index(users.out(), repository), "open index"));
    TRY(gitCheck(git_index_read(users.get(), 1), "read index"));
    TRY(checkState(repository, users.get()));
    const bool isAmend = request.kind == CommitKind::amend;
    if (isAmend) TRY(checkAmend());
    TRY(makeNext(*state_, request, next, users.get()));
    TRY_ASSIGN(const git_oid treeId, writeTree(*state_, next.get()));
    TRY_ASSIGN(const GitTree headTree, state_->headTree());
    if (!isAmend && (headTree ? git_oid_equal(&treeId, git_tree_id(headTree.get())) != 0
                              : git_index_entrycount(next.get()) == 0))
        return base::fail(base::Errc::invalidInput, "there is nothing to commit");
    // The index first: if it is locked, nothing has happened yet.
    TRY(gitCheck(git_index_write(users.get()), "write index"));
    TRY_ASSIGN(const git_oid id, createCommit(*state_, request, message, treeId));
    return toHex(id);
}

base::Status Git::writeIndex(const CommitRequest& request, const fs::path& file) const {
    GitIndex users, next, written;
    TRY(gitCheck(git_repository_index(users.out(), state_->get()), "open index"));
    TRY(gitCheck(git_index_read(users.get(), 1), "read index"));
    TRY(checkState(state_->get(), users.get()));
    CommitRequest plain = request;
    plain.indexFile.clear();
    const base::Status made = makeNext(*state_, plain, next, users.get());
    git_index_read(users.get(), 1);  // forget what was staged in memory
    TRY(made);
    TRY(gitCheck(git_index_open(written.out(), file.c_str()), "make index"));
    for (size_t i = 0; i < git_index_entrycount(next.get()); ++i)
        TRY(gitCheck(git_index_add(written.get(), git_index_get_byindex(next.get(), i)),
                     "write index"));
    return gitCheck(git_index_write(written.get()), "write index");
}

base::Result<std::string> Git::fileInIndex(const std::string& path, int64_t bytesMax) const {
    GitIndex users;
    TRY(gitCheck(git_repository_index(users.out(), state_->get()), "open index"));
    TRY(gitCheck(git_index_read(users.get(), 0), "read index"));
    const git_index_entry* entry = git_index_get_bypath(users.get(), path.c_str(), 0);
    if (entry == nullptr)
        return base::fail(base::Errc::notFound,
                          fmt::format("{} is not in the index", shownPath(path)));
    if (entry->mode != GIT_FILEMODE_BLOB && entry->mode != GIT_FILEMODE_BLOB_EXECUTABLE)
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} is no regular file there", shownPath(path)));
    GitBlob blob;
    TRY(gitCheck(git_blob_lookup(blob.out(), state_->get(), &entry->id), "read file"));
    const auto size = int64_t(git_blob_rawsize(blob.get()));
    if (size > bytesMax)
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("{} has {} bytes, at most {} are read", shownPath(path), size, bytesMax));
    return std::string(static_cast<const char*>(git_blob_rawcontent(blob.get())), size_t(size));
}

base::Result<std::string> Git::textToCommit(const std::string& path, int64_t bytesMax) const {
    TRY(checkPath(state_->workTree, path));
    TRY(checkFilter(state_->get(), path));
    const fs::path file = state_->workTree / path;
    struct stat info = {};
    if (::lstat(file.c_str(), &info) != 0)
        return base::fail(base::Errc::notFound, fmt::format("{} is not there", shownPath(path)));
    if (!S_ISREG(info.st_mode))
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} is no regular file", shownPath(path)));
    GitFilters filters;
    TRY(gitCheck(git_filter_list_load(filters.out(), state_->get(), nullptr, path.c_str(),
                                      GIT_FILTER_TO_ODB, GIT_FILTER_DEFAULT),
                 "read attributes"));
    TRY_ASSIGN(std::string text, base::readFile(file, bytesMax));
    if (!filters) return text;
    git_buf stored = GIT_BUF_INIT;
    const int code =
        git_filter_list_apply_to_buffer(&stored, filters.get(), text.data(), text.size());
    if (code == 0) text.assign(stored.ptr, stored.size);
    git_buf_dispose(&stored);
    TRY(gitCheck(code, "convert " + shownPath(path)));
    return text;
}

base::Status Git::stage(const std::string& path, const std::optional<std::string>& text,
                        const std::optional<std::string>& before) {
    git_repository* repository = state_->get();
    TRY(checkPath(state_->workTree, path));
    TRY(checkFilter(repository, path));
    GitIndex users;
    TRY(gitCheck(git_repository_index(users.out(), repository), "open index"));
    TRY(gitCheck(git_index_read(users.get(), 1), "read index"));
    TRY(checkState(repository, users.get()));
    const auto held = fileInIndex(path);
    if (held.has_value() != before.has_value() || (held && *held != *before))
        return base::fail(base::Errc::busy,
                          fmt::format("{} has changed in the index", shownPath(path)));
    if (text) {
        git_filemode_t mode = GIT_FILEMODE_BLOB;
        if (const git_index_entry* known = git_index_get_bypath(users.get(), path.c_str(), 0)) {
            mode = git_filemode_t(known->mode);
        } else {
            lookAt(state_->workTree / path, mode);
        }
        git_index_entry entry = {};
        entry.mode = mode;
        entry.path = path.c_str();
        TRY(gitCheck(git_index_add_from_buffer(users.get(), &entry, text->data(), text->size()),
                     "stage " + shownPath(path)));
    } else if (held) {
        TRY(gitCheck(git_index_remove_bypath(users.get(), path.c_str()), "stage"));
    }
    return gitCheck(git_index_write(users.get()), "write index");
}

}  // namespace moxie::tools
