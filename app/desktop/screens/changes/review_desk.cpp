#include "app/desktop/screens/changes/review_desk.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tools/file_transaction.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kLongFileBytes = 2 << 20;
constexpr size_t kMachineLineBytes = 2'000;  // on average: no person wrote such lines
constexpr int64_t kAppliedBytesMax = 8 << 20;
constexpr std::string_view kBeforeTurn = "before turn ";
constexpr std::string_view kOwnNote = "review";  // checkpoints that only served to look

bool isRegular(tools::EntryKind kind) {
    return kind == tools::EntryKind::file || kind == tools::EntryKind::executable;
}

}  // namespace

std::vector<size_t> lineBeginsOf(std::string_view text) {
    std::vector<size_t> begins;
    for (size_t at = 0; at < text.size();) {
        begins.push_back(at);
        const size_t end = text.find('\n', at);
        at = end == std::string_view::npos ? text.size() : end + 1;
    }
    begins.push_back(text.size());
    return begins;
}

base::Result<ReviewedFile> comparedFile(const std::string& path, const FileText& before,
                                        const FileText& after) {
    ReviewedFile made;
    FileReview& review = made.review;
    review.path = path;
    review.version = 1;
    review.reviewed = before;
    review.now = after;
    review.isCreated = before == nullptr;
    LineComparison comparison;
    TRY(comparison.update(before, after));
    LineReader old(bytesOf(before)), now(bytesOf(after));
    for (const tools::LineChange& change : comparison.changes()) {
        Hunk& hunk = review.hunks.emplace_back();
        hunk.before = {change.oldBegin, change.oldEnd};
        hunk.after = {change.newBegin, change.newEnd};
        hunk.removed = old.read(change.oldBegin, change.oldEnd);
        hunk.added = now.read(change.newBegin, change.newEnd);
        made.nAdded += int64_t(hunk.added.size());
        made.nRemoved += int64_t(hunk.removed.size());
    }
    made.lineBegins = lineBeginsOf(bytesOf(after));
    made.bytesBefore = int64_t(bytesOf(before).size());
    made.bytesNow = int64_t(bytesOf(after).size());
    return made;
}

struct ReviewDesk::Desk {
    Desk(tools::Git& git, tools::Checkpoints& checkpoints, std::string baseCommit,
         const std::string& start)
        : base(std::move(baseCommit)),
          review(git, checkpoints, base, start) {}

    struct Facts {  // of one file, found when it was last looked at
        std::vector<std::pair<FileNote, std::string>> notes;
        int64_t bytesBefore = 0, bytesNow = 0;
    };

    std::string base;
    Review review;
    std::map<std::string, Facts> facts;
    std::map<std::string, std::shared_ptr<const ReviewedFile>> shared;  // of the last snapshot
};

ReviewDesk::ReviewDesk(std::filesystem::path repository, std::string sessionId)
    : repository_(std::move(repository)),
      sessionId_(std::move(sessionId)) {}

ReviewDesk::~ReviewDesk() = default;

Review& ReviewDesk::review() {
    BASE_CHECK(current_ != nullptr);
    return current_->review;
}

base::Status ReviewDesk::ensureGit() {
    if (git_) return {};
    TRY_ASSIGN(tools::Git git, tools::Git::open(repository_));
    git_.emplace(std::move(git));
    checkpoints_.emplace(*git_, sessionId_.empty() ? "window" : sessionId_);
    return {};
}

// Where the agent began; if it has not, now: all that differs is the user's.
base::Result<std::string> ReviewDesk::startOfAgent() {
    if (!start_.empty()) return start_;
    TRY_ASSIGN(const auto points, checkpoints_->list());
    const auto first = std::find_if(points.begin(), points.end(), [](const auto& point) {
        return point.reason.starts_with(kBeforeTurn);
    });
    if (first != points.end()) {
        start_ = first->commit;
    } else {
        TRY_ASSIGN(const tools::Checkpoint now, checkpoints_->take(kOwnNote));
        start_ = now.commit;
    }
    return start_;
}

base::Result<std::string> ReviewDesk::baseOf(ReviewScope scope,
                                             std::optional<ReviewModel::Emptiness>& emptiness) {
    using enum ReviewModel::Emptiness;
    base::Result<std::string> found = std::string();
    if (scope == ReviewScope::commit) return git_->findCommit(baseName_);
    if (scope == ReviewScope::uncommitted || scope == ReviewScope::branch) {
        found = scope == ReviewScope::branch ? git_->branchBase() : git_->headCommit();
        if (found || found.error().kind() != base::Errc::notFound) return found;
        emptiness = git_->headCommit() ? noOtherBranch : noCommit;
        return std::string();
    }
    TRY_ASSIGN(const auto points, checkpoints_->list());
    for (const tools::Checkpoint& point : points) {
        if (!point.reason.starts_with(kBeforeTurn)) continue;
        found = point.commit;
        if (scope == ReviewScope::session) break;
    }
    if (found->empty()) emptiness = noTurn;
    return found;
}

base::Result<std::optional<ReviewModel::Emptiness>> ReviewDesk::open(ReviewScope scope,
                                                                     const std::string& baseName) {
    scope_ = scope;
    baseName_ = baseName;
    std::optional<ReviewModel::Emptiness> emptiness;
    if (const base::Status opened = ensureGit(); !opened) {
        if (opened.error().kind() != base::Errc::notFound) return base::fail(opened.error());
        emptiness = ReviewModel::Emptiness::noRepository;
        return emptiness;
    }
    TRY_ASSIGN(const std::string base, baseOf(scope, emptiness));
    if (emptiness) {
        current_ = nullptr;
        return emptiness;
    }
    TRY_ASSIGN(const std::string start, startOfAgent());
    std::unique_ptr<Desk>& desk = desks_[base];
    if (desk == nullptr) desk = std::make_unique<Desk>(*git_, *checkpoints_, base, start);
    current_ = desk.get();
    TRY(lookAgain(*current_));
    return emptiness;
}

// Whatever differs from the base differs from HEAD, or HEAD does from the base.
base::Result<std::vector<std::string>> ReviewDesk::pathsToLookAt(Desk& desk) const {
    const auto head = git_->headCommit();
    if (!head) return desk.review.findChangedPaths();
    TRY_ASSIGN(const auto changes, git_->status());
    TRY_ASSIGN(const auto committed, git_->changedPaths(desk.base, *head));
    std::set<std::string> paths(committed.begin(), committed.end());
    for (const tools::FileChange& change : changes) {
        paths.insert(change.path);
        if (!change.oldPath.empty()) paths.insert(change.oldPath);
    }
    return std::vector<std::string>(paths.begin(), paths.end());
}

base::Status ReviewDesk::lookAgain(Desk& desk) {
    TRY_ASSIGN(const std::vector<std::string> paths, pathsToLookAt(desk));
    TRY(desk.review.refresh(paths));
    return makeNotes(desk, paths);
}

base::Status ReviewDesk::makeNotes(Desk& desk, const std::vector<std::string>& paths) const {
    using enum tools::EntryKind;
    desk.facts.clear();
    for (const std::string& path : paths) {
        TRY_ASSIGN(const tools::PathEntry before, git_->entryAt(desk.base, path));
        TRY_ASSIGN(const tools::PathEntry now, git_->entryNow(path));
        Desk::Facts facts = {{}, before.bytes, now.bytes};
        const auto is = [&](tools::EntryKind kind) {
            return before.kind == kind || now.kind == kind;
        };
        if (is(submodule)) {
            facts.notes.emplace_back(FileNote::submodule, "");
        } else if (before.kind != now.kind && isRegular(before.kind) && isRegular(now.kind)) {
            facts.notes.emplace_back(
                now.kind == executable ? FileNote::nowExecutable : FileNote::notExecutable, "");
        } else if (is(link)) {
            facts.notes.emplace_back(FileNote::link, "");
        }
        desk.facts[path] = std::move(facts);
    }
    noteRenames(desk);
    return {};
}

// A new file with the very text of one that is gone.
void ReviewDesk::noteRenames(Desk& desk) const {
    const std::vector<FileReview> files = desk.review.files();
    std::map<std::string_view, const FileReview*> gone;
    for (const FileReview& file : files)
        if (file.isDeleted && file.reviewed && !file.reviewed->empty())
            gone.emplace(*file.reviewed, &file);
    for (const FileReview& file : files) {
        if (!file.isCreated || file.now == nullptr) continue;
        const auto from = gone.find(*file.now);
        if (from != gone.end())
            desk.facts[file.path].notes.emplace_back(FileNote::renamed, from->second->path);
    }
}

base::Status ReviewDesk::stage(const HunkRef& hunk) {
    TRY_ASSIGN(const Review::TextChange change, review().acceptedText(hunk));
    std::optional<std::string> held;
    FileText inIndex;
    if (auto text = git_->fileInIndex(hunk.path)) {
        held = *text;
        inIndex = makeText(std::move(*text));
    } else if (text.error().kind() != base::Errc::notFound) {
        return base::fail(std::move(text).error());
    }
    TRY_ASSIGN(const auto merged, mergeTexts(change.before, inIndex, change.after));
    if (!merged) return base::fail(base::Errc::busy, "the index has other changes at these lines");
    std::optional<std::string> staged;
    if (*merged != nullptr) staged = **merged;
    TRY(git_->stage(hunk.path, staged, held));
    return review().accept(hunk);
}

base::Status ReviewDesk::noteAgentWrote(const std::vector<std::string>& paths) {
    for (auto& [base, desk] : desks_) {
        std::vector<std::string> wrote = paths;
        if (paths.empty()) {
            std::map<std::string, int64_t> known;
            for (const FileReview& file : desk->review.files())
                known[file.path] = file.version;
            TRY_ASSIGN(const auto changed, pathsToLookAt(*desk));
            TRY(desk->review.refresh(changed));
            for (const FileReview& file : desk->review.files())
                if (known[file.path] != file.version) wrote.push_back(file.path);
        }
        TRY(desk->review.noteAgentWrote(wrote));
        TRY(lookAgain(*desk));
    }
    return {};
}

base::Status ReviewDesk::noteUserWrote(const std::vector<std::string>& paths) {
    for (auto& [base, desk] : desks_)
        TRY(desk->review.noteUserWrote(paths));
    return {};
}

// ---- code of an answer

base::Result<FileText> ReviewDesk::readNow(const std::string& path) const {
    auto bytes = tools::readBeneath(repository_, repository_ / path, kAppliedBytesMax);
    if (bytes) return makeText(std::move(*bytes));
    if (bytes.error().kind() == base::Errc::notFound) return FileText();
    return base::fail(std::move(bytes).error());
}

std::string ReviewDesk::existingTarget(const CodeToApply& code) const {
    for (const std::string& target : code.targets)
        if (const auto text = readNow(target); text && *text != nullptr) return target;
    return code.targets.empty() ? std::string() : code.targets.front();
}

ApplyPreview ReviewDesk::preview(const CodeToApply& code, const std::string& path,
                                 std::optional<ApplyWay> way) {
    ApplyPreview preview = {.code = code, .path = path.empty() ? existingTarget(code) : path};
    if (preview.path.empty()) return preview;
    auto before = readNow(preview.path);
    if (!before) {
        preview.problem = QString::fromStdString(before.error().message());
        return preview;
    }
    preview.before = *before;
    const std::vector<CodeApplication> all = waysToApply(preview.before, code.code, code.language);
    const CodeApplication* chosen = &all.front();
    for (const CodeApplication& one : all) {
        preview.ways.push_back(one.way);
        if (way == one.way) chosen = &one;
    }
    preview.way = chosen->way;
    preview.after = chosen->after;
    auto file = comparedFile(preview.path, preview.before, preview.after);
    if (file)
        preview.file = std::make_shared<const ReviewedFile>(std::move(*file));
    else
        preview.problem = QString::fromStdString(file.error().message());
    return preview;
}

base::Status ReviewDesk::apply(const std::string& path, const FileText& before,
                               const FileText& after) {
    TRY(ensureGit());
    if (current_ == nullptr) {
        TRY(checkpoints_->take(std::string(kBeforeTurn) + "0"));
        TRY_ASSIGN(const auto emptiness, open(scope_, baseName_));
        if (emptiness) return base::fail(base::Errc::notFound, "there is nothing to compare with");
    }
    TRY(review().apply(path, before, bytesOf(after)));
    return noteAgentWrote({path});
}

base::Status ReviewDesk::noteCommit(const std::string& commit) {
    for (auto& [base, desk] : desks_)
        TRY(desk->review.noteCommit(commit));
    return {};
}

base::Status ReviewDesk::makeBranch(const std::string& commit, const std::string& name) {
    TRY(ensureGit());
    return checkpoints_->makeBranch(commit, name);
}

// The one of the last snapshot if nothing changed, so that the screen keeps its rows.
std::shared_ptr<const ReviewedFile> ReviewDesk::shared(Desk& desk, FileReview file) const {
    ReviewedFile made;
    const Desk::Facts& facts = desk.facts[file.path];
    made.notes = facts.notes;
    made.bytesBefore = facts.bytesBefore;
    made.bytesNow = facts.bytesNow;
    for (const Hunk& hunk : file.hunks) {
        made.nAdded += int64_t(hunk.added.size());
        made.nRemoved += int64_t(hunk.removed.size());
    }
    if (file.kind == FileReview::Kind::unreadable && made.notes.empty())
        made.notes.emplace_back(std::max(made.bytesBefore, made.bytesNow) > (8 << 20)
                                    ? FileNote::tooLarge
                                    : FileNote::unreadable,
                                "");
    const auto known = desk.shared.find(file.path);
    const bool isKnown = known != desk.shared.end();
    if (isKnown && known->second->review.now == file.now) {
        made.lineBegins = known->second->lineBegins;
    } else if (file.kind == FileReview::Kind::text) {
        made.lineBegins = lineBeginsOf(bytesOf(file.now));
    }
    const size_t bytes = std::max(bytesOf(file.now).size(), bytesOf(file.reviewed).size());
    made.isLong = file.kind == FileReview::Kind::text &&
                  (int64_t(bytes) > kLongFileBytes ||
                   bytesOf(file.now).size() > kMachineLineBytes * made.lineBegins.size());
    made.review = std::move(file);
    if (isKnown && *known->second == made) return known->second;
    return std::make_shared<const ReviewedFile>(std::move(made));
}

ReviewSnapshot ReviewDesk::snapshot() {
    ReviewSnapshot snapshot;
    snapshot.scope = scope_;
    snapshot.baseName = QString::fromStdString(baseName_);
    if (checkpoints_) {
        const std::string head = git_->headCommit().value_or("");
        if (const auto points = checkpoints_->list())
            for (auto point = points->rbegin(); point != points->rend(); ++point)
                if (point->reason != kOwnNote)
                    snapshot.points.push_back(
                        {point->commit, point->reason, point->timeMs, point->head != head});
    }
    if (current_ == nullptr) return snapshot;
    std::map<std::string, FileReview> files;
    for (FileReview& file : current_->review.files())
        files.emplace(file.path, std::move(file));
    for (const auto& [path, facts] : current_->facts)
        if (!facts.notes.empty() && !files.contains(path)) files[path].path = path;
    std::map<std::string, std::shared_ptr<const ReviewedFile>> next;
    for (auto& [path, file] : files) {
        next[path] = shared(*current_, std::move(file));
        snapshot.files.push_back(next[path]);
    }
    current_->shared = std::move(next);
    for (const Decision& decision : current_->review.decisions()) {
        snapshot.nAccepted += decision.state == HunkState::accepted ? 1 : 0;
        snapshot.nRejected += decision.state == HunkState::rejected ? 1 : 0;
        snapshot.nEdited += decision.state == HunkState::edited ? 1 : 0;
    }
    snapshot.canUndo = current_->review.canUndo();
    snapshot.canRedo = current_->review.canRedo();
    return snapshot;
}

}  // namespace moxie::desktop
