#include "tools/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include "base/text.h"
#include "tools/git_state.h"
#include "tools/snapshot.h"
#include "tools/tree_files.h"

namespace moxie::tools {

namespace {

constexpr std::string_view kLeftOut = "Left-out: ";
constexpr std::string_view kHead = "Head: ";
constexpr std::string_view kTime = "Time-ms: ";

int64_t wallMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Paths may hold any byte but NUL; a message holds lines.
std::string encoded(std::string_view path) {
    std::string text;
    for (const char c : path) {
        const auto byte = uint8_t(c);
        if (byte <= 0x20 || byte == '%' || byte >= 0x7F) {
            text += fmt::format("%{:02x}", byte);
        } else {
            text.push_back(c);
        }
    }
    return text;
}

std::string decoded(std::string_view text) {
    std::string path;
    for (size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(&text[i] + 1, &text[i] + 3, byte, 16).ptr == &text[i] + 3) {
            path.push_back(char(byte));
            i += 2;
        } else {
            path.push_back(text[i]);
        }
    }
    return path;
}

Checkpoint recordOf(git_commit* commit) {
    Checkpoint record;
    record.commit = toHex(*git_commit_id(commit));
    const char* message = git_commit_message(commit);
    bool isFirst = true;
    for (const std::string_view line : base::splitLines(message == nullptr ? "" : message)) {
        if (isFirst) record.reason = line;
        isFirst = false;
        if (line.starts_with(kLeftOut))
            record.leftOut.push_back(decoded(line.substr(kLeftOut.size())));
        if (line.starts_with(kHead)) record.head = line.substr(kHead.size());
        if (line.starts_with(kTime)) {
            const std::string_view digits = line.substr(kTime.size());
            std::from_chars(digits.data(), digits.data() + digits.size(), record.timeMs);
        }
    }
    return record;
}

bool isFile(uint16_t mode) {
    return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE ||
           mode == GIT_FILEMODE_LINK;
}

bool isIgnoreFile(const std::string& path) {
    return path == ".gitignore" || path.ends_with("/.gitignore");
}

// One file that restoring writes (isFile(mode)) or removes.
struct TreeChange {
    std::string path;
    uint16_t mode = 0;
    git_oid id = {};
};

}  // namespace

struct Checkpoints::State {
    State(Git::State& gitState, std::string id, int64_t untrackedBytesMax)
        : git(gitState),
          sessionId(std::move(id)),
          snapshots(gitState.get(), gitState.workTree, untrackedBytesMax) {}

    Git::State& git;
    std::string sessionId;
    SnapshotMaker snapshots;

    base::Result<Checkpoint> take(std::string_view reason, const std::vector<std::string>& also);
    base::Result<std::vector<Checkpoint>> list() const;
    base::Result<std::vector<std::string>> pathsOf(git_tree* tree) const;
    base::Result<std::vector<TreeChange>> changesBetween(git_tree* from, git_tree* to) const;
    void write(TreeFiles& files, const TreeChange& change, RestoreResult& result) const;
    void removeAll(TreeFiles& files, const std::vector<TreeChange>& changes,
                   const std::vector<std::string>& leftOut, RestoreResult& result) const;

    std::string prefix() const { return fmt::format("refs/moxie/{}/", sessionId); }
};

base::Result<Checkpoint> Checkpoints::State::take(std::string_view reason,
                                                  const std::vector<std::string>& also) {
    if (sessionId.empty() ||
        sessionId.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
        return base::fail(base::Errc::invalidInput, "a session id has [a-z0-9-] only");
    TRY_ASSIGN(Snapshot snapshot, snapshots.make(also));
    Checkpoint checkpoint;
    checkpoint.reason = base::stripTerminalControl(base::toValidUtf8(reason));
    std::replace(checkpoint.reason.begin(), checkpoint.reason.end(), '\n', ' ');
    checkpoint.timeMs = wallMs();
    checkpoint.leftOut = std::move(snapshot.leftOut);

    std::string message = fmt::format("{}\n\n{}{}\n", checkpoint.reason, kTime, checkpoint.timeMs);
    git_oid head;
    if (git_reference_name_to_id(&head, git.get(), "HEAD") == 0) {
        checkpoint.head = toHex(head);
        message += fmt::format("{}{}\n", kHead, checkpoint.head);
    }
    for (const std::string& path : checkpoint.leftOut)
        message += fmt::format("{}{}\n", kLeftOut, encoded(path));
    GitSignature author;
    GitTree tree;
    TRY(gitCheck(git_signature_new(author.out(), "Moxie checkpoint", "moxie@localhost",
                                   checkpoint.timeMs / 1000, 0),
                 "make author"));
    TRY(gitCheck(git_tree_lookup(tree.out(), git.get(), &snapshot.tree), "read tree"));
    git_oid id;
    TRY(gitCheck(git_commit_create(&id, git.get(), nullptr, author.get(), author.get(), nullptr,
                                   message.c_str(), tree.get(), 0, nullptr),
                 "write checkpoint"));
    checkpoint.commit = toHex(id);
    TRY_ASSIGN(const auto earlier, list());
    checkpoint.number = earlier.empty() ? 1 : earlier.back().number + 1;
    // Without force: two sessions of one name cannot overwrite each other.
    GitReference reference;
    const std::string name = fmt::format("{}{}", prefix(), checkpoint.number);
    TRY(gitCheck(git_reference_create(reference.out(), git.get(), name.c_str(), &id, 0, nullptr),
                 "write checkpoint"));
    return checkpoint;
}

base::Result<std::vector<Checkpoint>> Checkpoints::State::list() const {
    GitReferenceIterator iterator;
    TRY(gitCheck(
        git_reference_iterator_glob_new(iterator.out(), git.get(), (prefix() + "*").c_str()),
        "list checkpoints"));
    std::vector<Checkpoint> found;
    const char* name = nullptr;
    while (git_reference_next_name(&name, iterator.get()) == 0) {
        const std::string_view digits = std::string_view(name).substr(prefix().size());
        int32_t number = 0;
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        git_oid id;
        GitCommit commit;
        if (parsed.ptr != digits.data() + digits.size() ||
            git_reference_name_to_id(&id, git.get(), name) != 0 ||
            git_commit_lookup(commit.out(), git.get(), &id) != 0)
            continue;  // not one of ours
        found.push_back(recordOf(commit.get()));
        found.back().number = number;
    }
    std::sort(found.begin(), found.end(),
              [](const Checkpoint& a, const Checkpoint& b) { return a.number < b.number; });
    return found;
}

base::Result<std::vector<std::string>> Checkpoints::State::pathsOf(git_tree* tree) const {
    GitIndex index;
    TRY(gitCheck(git_index_new(index.out()), "make index"));
    TRY(gitCheck(git_index_read_tree(index.get(), tree), "read tree"));
    std::vector<std::string> paths;
    for (size_t i = 0; i < git_index_entrycount(index.get()); ++i) {
        const git_index_entry* entry = git_index_get_byindex(index.get(), i);
        if (isFile(uint16_t(entry->mode))) paths.emplace_back(entry->path);
    }
    return paths;
}

base::Result<std::vector<TreeChange>> Checkpoints::State::changesBetween(git_tree* from,
                                                                         git_tree* to) const {
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK;
    GitDiff diff;
    TRY(gitCheck(git_diff_tree_to_tree(diff.out(), git.get(), from, to, &options),
                 "compare checkpoints"));
    std::vector<TreeChange> changes;
    for (size_t i = 0; i < git_diff_num_deltas(diff.get()); ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff.get(), i);
        const git_diff_file& file =
            delta->status == GIT_DELTA_DELETED ? delta->old_file : delta->new_file;
        if (!isFile(file.mode)) continue;  // submodules are left alone
        const bool isRemoved = delta->status == GIT_DELTA_DELETED;
        changes.push_back({file.path, isRemoved ? uint16_t(0) : file.mode, file.id});
    }
    return changes;
}

void Checkpoints::State::write(TreeFiles& files, const TreeChange& change,
                               RestoreResult& result) const {
    GitBlob blob;
    bool isDone = git_blob_lookup(blob.out(), git.get(), &change.id) == 0;
    if (isDone) {
        const std::string_view bytes(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                                     size_t(git_blob_rawsize(blob.get())));
        isDone =
            change.mode == GIT_FILEMODE_LINK
                ? files.writeLink(change.path, std::string(bytes)).has_value()
                : files.writeFile(change.path, bytes, change.mode == GIT_FILEMODE_BLOB_EXECUTABLE)
                      .has_value();
    }
    (isDone ? result.changedPaths : result.keptPaths).push_back(change.path);
}

// Files that were not there then. What the checkpoint never looked at stays: it may be old.
void Checkpoints::State::removeAll(TreeFiles& files, const std::vector<TreeChange>& changes,
                                   const std::vector<std::string>& leftOut,
                                   RestoreResult& result) const {
    const std::set<std::string> unknown(leftOut.begin(), leftOut.end());
    auto headTree = git.headTree();
    const auto isTracked = [&](const std::string& path) {
        git_tree_entry* entry = nullptr;
        const bool isFound = headTree && *headTree &&
                             git_tree_entry_bypath(&entry, headTree->get(), path.c_str()) == 0;
        git_tree_entry_free(entry);
        return isFound;
    };
    for (const TreeChange& change : changes) {
        if (change.mode != 0 || unknown.contains(change.path)) continue;
        int isIgnored = 0;
        if (!isIgnoreFile(change.path) &&
            git_ignore_path_is_ignored(&isIgnored, git.get(), change.path.c_str()) == 0 &&
            isIgnored != 0 && !isTracked(change.path)) {
            result.keptPaths.push_back(change.path);
            continue;
        }
        (files.remove(change.path) ? result.changedPaths : result.keptPaths).push_back(change.path);
    }
}

Checkpoints::Checkpoints(Git& git, std::string sessionId, int64_t untrackedBytesMax)
    : state_(std::make_unique<State>(*git.state_, std::move(sessionId), untrackedBytesMax)) {}

Checkpoints::~Checkpoints() = default;
Checkpoints::Checkpoints(Checkpoints&&) noexcept = default;

base::Result<Checkpoint> Checkpoints::take(std::string_view reason) {
    return state_->take(reason, {});
}

base::Result<std::vector<Checkpoint>> Checkpoints::list() const {
    return state_->list();
}

base::Result<RestoreResult> Checkpoints::restore(std::string_view commitId) {
    git_repository* repository = state_->git.get();
    TRY_ASSIGN(const git_oid id, oidFromHex(commitId));
    GitCommit commit;
    TRY(gitCheck(git_commit_lookup(commit.out(), repository, &id), "find checkpoint"));
    const Checkpoint record = recordOf(commit.get());
    GitTree target;
    TRY(gitCheck(git_commit_tree(target.out(), commit.get()), "read checkpoint"));
    // Whatever restoring may overwrite is saved first, also what is ignored or over the cap.
    TRY_ASSIGN(const std::vector<std::string> targetPaths, state_->pathsOf(target.get()));
    TRY_ASSIGN(const Checkpoint now, state_->take("before restore", targetPaths));
    TRY_ASSIGN(const git_oid nowId, oidFromHex(now.commit));
    TRY_ASSIGN(const GitTree current, state_->git.treeOf(nowId));
    TRY_ASSIGN(const std::vector<TreeChange> changes,
               state_->changesBetween(current.get(), target.get()));
    TRY_ASSIGN(TreeFiles files, TreeFiles::open(state_->git.workTree));

    RestoreResult result;
    git_oid head;
    const bool hasHead = git_reference_name_to_id(&head, repository, "HEAD") == 0;
    result.hasHeadMoved = (hasHead ? toHex(head) : std::string()) != record.head;
    // The ignore rules come first: they say which files the checkpoint never looked at.
    for (const TreeChange& change : changes)
        if (change.mode != 0 && isIgnoreFile(change.path)) state_->write(files, change, result);
    state_->removeAll(files, changes, record.leftOut, result);
    for (const TreeChange& change : changes) {
        if (change.mode == 0 || isIgnoreFile(change.path)) continue;
        git_tree_entry* saved = nullptr;
        const bool isSaved = git_tree_entry_bypath(&saved, current.get(), change.path.c_str()) == 0;
        git_tree_entry_free(saved);
        if (!isSaved && isInNestedRepository(state_->git.workTree, change.path)) {
            result.keptPaths.push_back(change.path);
            continue;
        }
        state_->write(files, change, result);
    }
    std::sort(result.changedPaths.begin(), result.changedPaths.end());
    result.changedPaths.erase(std::unique(result.changedPaths.begin(), result.changedPaths.end()),
                              result.changedPaths.end());
    return result;
}

base::Status Checkpoints::makeBranch(std::string_view commitId, const std::string& name) {
    git_repository* repository = state_->git.get();
    int isValid = 0;
    TRY(gitCheck(git_branch_name_is_valid(&isValid, name.c_str()), "check branch name"));
    if (isValid == 0)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("'{}' is no name for a branch", base::toValidUtf8(name)));
    TRY_ASSIGN(const git_oid id, oidFromHex(commitId));
    GitCommit commit, parent, made;
    TRY(gitCheck(git_commit_lookup(commit.out(), repository, &id), "find checkpoint"));
    const Checkpoint record = recordOf(commit.get());
    if (!record.head.empty()) {
        TRY_ASSIGN(const git_oid headId, oidFromHex(record.head));
        TRY(gitCheck(git_commit_lookup(parent.out(), repository, &headId), "find commit"));
    }
    GitTree tree;
    TRY(gitCheck(git_commit_tree(tree.out(), commit.get()), "read checkpoint"));
    GitSignature author;
    if (git_signature_default(author.out(), repository) != 0)
        TRY(gitCheck(git_signature_now(author.out(), "Moxie", "moxie@localhost"), "make author"));
    const git_commit* parents[] = {parent.get()};
    git_oid madeId;
    const std::string message = fmt::format("Checkpoint: {}\n", record.reason);
    TRY(gitCheck(git_commit_create(&madeId, repository, nullptr, author.get(), author.get(),
                                   nullptr, message.c_str(), tree.get(), parent ? 1 : 0, parents),
                 "commit"));
    TRY(gitCheck(git_commit_lookup(made.out(), repository, &madeId), "find commit"));
    GitReference branch;
    return gitCheck(git_branch_create(branch.out(), repository, name.c_str(), made.get(), 0),
                    "create branch");
}

}  // namespace moxie::tools
