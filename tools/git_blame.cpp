#include "tools/git_blame.h"

#include <algorithm>
#include <map>
#include <optional>

#include "tools/git.h"
#include "tools/git_handles.h"

namespace moxie::tools {

namespace {

constexpr int kCommitsMax = 3'000;

using GitBlame = GitHandle<git_blame, git_blame_free>;
using GitWalk = GitHandle<git_revwalk, git_revwalk_free>;

// The commit at which to stop, if the history is longer than kCommitsMax.
base::Result<std::optional<git_oid>> oldestToLookAt(git_repository* repository) {
    GitWalk walk;
    TRY(gitCheck(git_revwalk_new(walk.out(), repository), "walk history"));
    TRY(gitCheck(git_revwalk_push_head(walk.get()), "walk history"));
    TRY(gitCheck(git_revwalk_simplify_first_parent(walk.get()), "walk history"));
    git_oid id;
    for (int i = 0; i < kCommitsMax; ++i)
        if (git_revwalk_next(&id, walk.get()) != 0) return std::optional<git_oid>();
    return std::optional(id);
}

std::string summaryOf(git_repository* repository, const git_oid& id) {
    GitCommit commit;
    if (git_commit_lookup(commit.out(), repository, &id) != 0) return {};
    const char* summary = git_commit_summary(commit.get());
    return summary == nullptr ? std::string() : summary;
}

std::vector<BlamedLines> linesOf(git_repository* repository, git_blame* blame, bool isCutOff) {
    std::map<std::string, std::string> summaries;
    std::vector<BlamedLines> lines;
    for (uint32_t i = 0; i < git_blame_get_hunk_count(blame); ++i) {
        const git_blame_hunk* hunk = git_blame_get_hunk_byindex(blame, i);
        BlamedLines made;
        made.first = int64_t(hunk->final_start_line_number) - 1;
        made.count = int64_t(hunk->lines_in_hunk);
        made.commit = toHex(hunk->final_commit_id);
        made.isOlder = isCutOff && hunk->boundary != 0;
        if (hunk->final_signature != nullptr) {
            made.author = hunk->final_signature->name;
            made.timeMs = int64_t(hunk->final_signature->when.time) * 1'000;
        }
        const auto [summary, isNew] = summaries.try_emplace(made.commit);
        if (isNew) summary->second = summaryOf(repository, hunk->final_commit_id);
        made.summary = summary->second;
        lines.push_back(std::move(made));
    }
    return lines;
}

// What HEAD's blame says of the lines that are still there; the others are in no commit.
class BlameOfNow {
public:
    explicit BlameOfNow(const std::vector<BlamedLines>& head) : head_(head) {}

    // Lines [begin, end) of HEAD are the next ones now.
    void keep(int64_t begin, int64_t end) {
        for (const BlamedLines& old : head_) {
            const int64_t first = std::max(begin, old.first);
            const int64_t last = std::min(end, old.first + old.count);
            if (first >= last) continue;
            BlamedLines kept = old;
            kept.count = last - first;
            add(std::move(kept));
        }
    }

    void addNew(int64_t count) {
        if (count == 0) return;
        BlamedLines made;
        made.count = count;
        add(std::move(made));
    }

    std::vector<BlamedLines> take() { return std::move(now_); }

private:
    void add(BlamedLines lines) {
        lines.first = next_;
        next_ += lines.count;
        now_.push_back(std::move(lines));
    }

    const std::vector<BlamedLines>& head_;
    std::vector<BlamedLines> now_;
    int64_t next_ = 0;
};

int64_t countLines(const std::string& text) {
    const int64_t ends = std::count(text.begin(), text.end(), '\n');
    return text.empty() || text.back() == '\n' ? ends : ends + 1;
}

// Line ends as git keeps them, if the one of the two texts differs from the other in these.
std::string withoutReturns(const std::string& text) {
    std::string made;
    made.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') made.push_back(text[i]);
    return made;
}

std::vector<BlamedLines> inNoCommit(const std::string& text) {
    if (text.empty()) return {};
    BlamedLines all;
    all.count = countLines(text);
    return {all};
}

}  // namespace

base::Result<std::vector<BlamedLines>> blameText(const std::filesystem::path& workTree,
                                                 const std::string& path, const std::string& text) {
    TRY_ASSIGN(const Git git, Git::open(workTree));
    const auto head = git.headCommit();
    const auto before = head ? git.fileAt(*head, path) : base::Result<std::string>();
    if (!head || !before) return inNoCommit(text);
    GitRepository repository;
    TRY(gitCheck(git_repository_open(repository.out(), git.workTree().c_str()), "open repository"));
    TRY_ASSIGN(const std::optional<git_oid> oldest, oldestToLookAt(repository.get()));
    git_blame_options options = GIT_BLAME_OPTIONS_INIT;
    if (oldest) options.oldest_commit = *oldest;
    if (oldest) options.flags |= GIT_BLAME_FIRST_PARENT;
    GitBlame blame;
    TRY(gitCheck(git_blame_file(blame.out(), repository.get(), path.c_str(), &options), "blame"));
    const std::vector<BlamedLines> known =
        linesOf(repository.get(), blame.get(), oldest.has_value());
    TRY_ASSIGN(const std::vector<LineChange> changes,
               Git::changedLines(withoutReturns(*before), withoutReturns(text)));
    BlameOfNow now(known);
    int64_t at = 0;
    for (const LineChange& change : changes) {
        now.keep(at, change.oldBegin);
        now.addNew(change.newEnd - change.newBegin);
        at = change.oldEnd;
    }
    now.keep(at, countLines(*before));
    return now.take();
}

}  // namespace moxie::tools
