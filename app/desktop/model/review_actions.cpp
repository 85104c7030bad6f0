// Actions of a review played forth and back: what is written, how a file that moved on is merged,
// and the checkpoint before.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "app/desktop/model/review.h"
#include "tools/file_transaction.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kFileBytesMax = 8 << 20;

// Relative, with plain names only, and nothing of git's own. Paths come from logs and from git.
bool isPlainPath(std::string_view path) {
    if (path.empty() || path.size() > 4096 || path.find('\0') != std::string_view::npos)
        return false;
    while (true) {
        const size_t end = path.find('/');
        std::string name(path.substr(0, end));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        if (name.empty() || name == "." || name == ".." || name == ".git") return false;
        if (end == std::string_view::npos) return true;
        path.remove_prefix(end + 1);
    }
}

// One of `texts` if it is the same, so that they need not be compared again.
FileText known(const FileText& text, std::initializer_list<FileText> texts) {
    const auto same = std::find_if(texts.begin(), texts.end(),
                                   [&](const FileText& other) { return isSame(text, other); });
    return same == texts.end() ? text : *same;
}

}  // namespace

base::Result<FileText> Review::readNow(const std::string& path) const {
    if (!isPlainPath(path))
        return base::fail(base::Errc::invalidInput, fmt::format("{} is no path of a file", path));
    const fs::path root = git_.workTree();
    auto bytes = tools::readBeneath(root, root / path, kFileBytesMax);
    if (bytes) return makeText(std::move(*bytes));
    if (bytes.error().kind() == base::Errc::notFound) return FileText();
    return base::fail(std::move(bytes).error());
}

base::Result<FileText> Review::textAt(std::string_view commit, const std::string& path) const {
    auto bytes = git_.fileAt(commit, path, kFileBytesMax);
    if (bytes) return makeText(std::move(*bytes));
    if (bytes.error().kind() == base::Errc::notFound) return FileText();
    return base::fail(std::move(bytes).error());
}

base::Status Review::write(const std::vector<Step>& steps, std::string_view reason) {
    std::vector<const Step*> changed;
    for (const Step& step : steps)
        if (!isSame(step.diskBefore, step.diskAfter)) changed.push_back(&step);
    if (changed.empty()) return {};
    TRY_ASSIGN(const tools::Checkpoint saved, checkpoints_.take(reason));
    const fs::path root = git_.workTree();
    tools::FileTransaction transaction(root);
    for (const Step* step : changed) {
        if (step->diskBefore != nullptr) {
            // An ignored or very large file is in no checkpoint: then it is not ours to overwrite.
            TRY_ASSIGN(const FileText kept, textAt(saved.commit, step->path));
            if (!isSame(kept, step->diskBefore))
                return base::fail(base::Errc::denied,
                                  fmt::format("{} is not in the checkpoint", step->path));
        }
        const fs::path path = root / step->path;
        if (step->diskAfter == nullptr) {
            TRY(transaction.remove(path, *step->diskBefore));
        } else if (step->diskBefore == nullptr) {
            TRY(transaction.create(path, *step->diskAfter));
        } else {
            TRY(transaction.replace(path, *step->diskAfter, *step->diskBefore));
        }
    }
    return transaction.commit();
}

// The hunks where the file is not as the action expected it.
void Review::markStale(const Step& step, const FileText& expected) {
    const auto found = files_.find(step.path);
    if (found == files_.end() || !look(step.path, found->second)) return;
    File& file = found->second;
    auto changes = tools::Git::changedLines(bytesOf(expected), bytesOf(file.now));
    if (!changes) return;
    for (Hunk& hunk : file.view.hunks) {
        const bool isTouched = std::any_of(changes->begin(), changes->end(), [&](const auto& c) {
            return c.newBegin <= hunk.after.end && hunk.after.begin <= c.newEnd;
        });
        if (isTouched) hunk.state = HunkState::stale;
    }
}

base::Status Review::playRestore(const Action& action, Direction direction) {
    const bool isForth = direction == Direction::forth;
    const std::string& from = isForth ? action.fromCommit : action.toCommit;
    const std::string& to = isForth ? action.toCommit : action.fromCommit;
    TRY_ASSIGN(const tools::Checkpoint now, checkpoints_.take("before undo of a restore"));
    TRY_ASSIGN(const auto differing, git_.changedPaths(from, now.commit));
    if (!differing.empty())
        return base::fail(base::Errc::busy,
                          fmt::format("{} has changed since the restore", differing.front()));
    TRY(checkpoints_.restore(to));
    return {};
}

base::Status Review::play(Action& action, Direction direction) {
    const bool isForth = direction == Direction::forth;
    if (!action.fromCommit.empty()) TRY(playRestore(action, direction));
    std::vector<Step> played;
    for (const Step& step : action.steps) {
        Step now = step;
        if (!isForth) {
            std::swap(now.diskBefore, now.diskAfter);
            std::swap(now.reviewedBefore, now.reviewedAfter);
        }
        if (!isSame(now.diskBefore, now.diskAfter)) {
            TRY_ASSIGN(FileText disk, readNow(step.path));
            TRY_ASSIGN(auto merged, mergeTexts(now.diskBefore, disk, now.diskAfter));
            if (!merged) {
                markStale(step, now.diskBefore);
                return base::fail(base::Errc::busy,
                                  fmt::format("{} has changed at these lines", step.path));
            }
            now.diskBefore = std::move(disk);
            now.diskAfter = std::move(*merged);
        }
        played.push_back(std::move(now));
    }
    TRY(write(played, isForth ? "before review" : "before undo of a review"));
    for (size_t i = 0; i < played.size(); ++i) {
        Step& now = played[i];
        File& file = files_[now.path];
        if (!now.isSettled) {
            // Where a later commit changed the same lines, the commit stands.
            const auto merged = mergeTexts(now.reviewedBefore, file.reviewed, now.reviewedAfter);
            if (merged && *merged) file.reviewed = **merged;
        }
        const auto agent = mergeTexts(now.diskBefore, file.agent, now.diskAfter);
        if (agent && *agent) file.agent = **agent;
        const auto window = mergeTexts(now.diskBefore, file.window, now.diskAfter);
        if (window && *window) file.window = **window;
        if (!isForth) {
            std::swap(now.diskBefore, now.diskAfter);
            std::swap(now.reviewedBefore, now.reviewedAfter);
        }
        action.steps[i] = now;
        auto disk = readNow(now.path);
        file.isReadable = disk.has_value();
        if (disk)
            file.now =
                known(*disk, {file.now, action.steps[i].diskBefore, action.steps[i].diskAfter});
        if (!action.fromCommit.empty()) file.agent = file.window = file.now;
        TRY(makeHunks(file));
    }
    return {};
}

base::Status Review::perform(Action action) {
    TRY(play(action, Direction::forth));
    actions_.resize(size_t(nDone_));
    actions_.push_back(std::move(action));
    ++nDone_;
    return {};
}

base::Status Review::undo() {
    if (!canUndo()) return base::fail(base::Errc::invalidInput, "nothing to undo");
    TRY(play(actions_[size_t(nDone_ - 1)], Direction::back));
    --nDone_;
    return {};
}

base::Status Review::redo() {
    if (!canRedo()) return base::fail(base::Errc::invalidInput, "nothing to do again");
    TRY(play(actions_[size_t(nDone_)], Direction::forth));
    ++nDone_;
    return {};
}

base::Status Review::restore(std::string_view commit) {
    TRY_ASSIGN(const tools::Checkpoint before, checkpoints_.take("before restore"));
    TRY_ASSIGN(const tools::RestoreResult result, checkpoints_.restore(commit));
    TRY_ASSIGN(const tools::Checkpoint after, checkpoints_.take("after restore"));
    TRY(refresh(result.changedPaths));
    Action action = {{}, {}, before.commit, after.commit};
    for (const std::string& path : result.changedPaths) {
        File& file = files_.at(path);
        if (!file.isReadable) continue;
        action.steps.push_back({path, file.reviewed, file.base, nullptr, nullptr});
        file.reviewed = file.base;
        file.agent = file.window = file.now;
        TRY(makeHunks(file));
    }
    actions_.resize(size_t(nDone_));
    actions_.push_back(std::move(action));
    ++nDone_;
    return {};
}

}  // namespace moxie::desktop
