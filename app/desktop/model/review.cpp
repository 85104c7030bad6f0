// The list of hunks and the decisions on them. Playing an action on the disk, back and forth, is in
// review_actions.cpp.
#include "app/desktop/model/review.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace moxie::desktop {

namespace {

bool isBinary(const FileText& text) {
    return bytesOf(text).find('\0') != std::string_view::npos;
}

bool holds(const LineRange& range, size_t size) {
    return range.begin >= 0 && range.begin <= range.end && range.end <= int64_t(size);
}

// No lines left where the other side has no file: no file.
FileText edited(const FileText& text, const std::vector<LineEdit>& edits,
                const FileText& otherSide) {
    std::string result = editLines(bytesOf(text), edits);
    if (result.empty() && otherSide == nullptr) return nullptr;
    return makeText(std::move(result));
}

std::vector<std::string_view> part(const std::vector<std::string>& lines, const LineRange& range) {
    return {lines.begin() + range.begin, lines.begin() + range.end};
}

}  // namespace

Review::Review(tools::Git& git, tools::Checkpoints& checkpoints, std::string baseCommit,
               std::string startCommit)
    : git_(git),
      checkpoints_(checkpoints),
      baseCommit_(std::move(baseCommit)),
      startCommit_(std::move(startCommit)) {
    if (startCommit_ == baseCommit_) startCommit_.clear();
}

base::Status Review::makeHunks(File& file) {
    FileReview& view = file.view;
    view.version = ++version_;
    view.isCreated = file.reviewed == nullptr && file.now != nullptr;
    view.isDeleted = file.reviewed != nullptr && file.now == nullptr;
    view.reviewed = file.reviewed;
    view.now = file.now;
    view.kind = !file.isReadable                                ? FileReview::Kind::unreadable
                : isBinary(file.reviewed) || isBinary(file.now) ? FileReview::Kind::binary
                                                                : FileReview::Kind::text;
    if (view.kind == FileReview::Kind::text && !view.isCreated && !view.isDeleted)
        TRY(makeTextHunks(file));
    else
        makeWholeHunk(file);
    return tellAuthors(file);
}

// One hunk for the whole file, if there is a difference.
void Review::makeWholeHunk(File& file) {
    FileReview& view = file.view;
    view.hunks.clear();
    file.comparison = {};
    if (!file.isReadable || isSame(file.reviewed, file.now)) return;
    Hunk& hunk = view.hunks.emplace_back();
    if (view.kind == FileReview::Kind::binary) return;
    for (const std::string_view line : linesWithEnds(bytesOf(file.reviewed)))
        hunk.removed.emplace_back(line);
    for (const std::string_view line : linesWithEnds(bytesOf(file.now)))
        hunk.added.emplace_back(line);
    hunk.before = {0, int64_t(hunk.removed.size())};
    hunk.after = {0, int64_t(hunk.added.size())};
}

// The hunks that the comparison kept keep their lines.
base::Status Review::makeTextHunks(File& file) {
    std::vector<Hunk> known = std::move(file.view.hunks);
    std::vector<Hunk>& hunks = file.view.hunks;
    hunks.clear();
    TRY(file.comparison.update(file.reviewed, file.now));
    const auto& changes = file.comparison.changes();
    const auto n = int64_t(changes.size());
    const int64_t front = file.comparison.keptFront(), back = file.comparison.keptBack();
    LineReader before(bytesOf(file.reviewed)), after(bytesOf(file.now));
    hunks.reserve(changes.size());
    for (int64_t i = 0; i < n; ++i) {
        const tools::LineChange& change = changes[size_t(i)];
        Hunk hunk;
        if (i < front) {
            hunk = std::move(known[size_t(i)]);
        } else if (i >= n - back) {
            hunk = std::move(known[known.size() - size_t(n - i)]);
        } else {
            hunk.removed = before.read(change.oldBegin, change.oldEnd);
            hunk.added = after.read(change.newBegin, change.newEnd);
        }
        hunk.before = {change.oldBegin, change.oldEnd};
        hunk.after = {change.newBegin, change.newEnd};
        hunk.state = HunkState::proposed;
        hunks.push_back(std::move(hunk));
    }
    return {};
}

base::Status Review::tellAuthors(File& file) const {
    const auto isWhole = [&](const FileText& other) {
        return file.view.kind != FileReview::Kind::text || other == nullptr || file.now == nullptr;
    };
    // Whether all of the file, or these lines of it, differ from another text.
    const auto differs = [&](const FileText& other, const LineComparison& comparison,
                             const LineRange& lines) {
        if (isSame(other, file.now)) return false;
        return isWhole(other) || comparison.touches(lines.begin, lines.end);
    };
    const auto compare = [&](const FileText& other, LineComparison& comparison) -> base::Status {
        if (isSame(other, file.now) || isWhole(other)) return {};
        return comparison.update(other, file.now);
    };
    TRY(compare(file.agent, file.since));
    TRY(compare(file.window, file.others));
    const bool hasStart = !startCommit_.empty();
    if (hasStart) TRY(compare(file.start, file.agents));
    for (Hunk& hunk : file.view.hunks) {
        const LineRange& lines = hunk.after;
        const bool isLater = differs(file.agent, file.since, lines);
        const bool isOlder =
            hasStart && (isSame(file.start, file.now) ||
                         (!isWhole(file.start) && !file.agents.touches(lines.begin, lines.end)));
        const bool isOutside = differs(file.window, file.others, lines) || !isLater;
        hunk.author = !isLater && !isOlder ? HunkAuthor::agent
                      : isOutside          ? HunkAuthor::other
                                           : HunkAuthor::you;
    }
    return {};
}

base::Status Review::look(const std::string& path, File& file) {
    const bool isNew = file.view.version == 0;
    bool isReadable = true;
    if (isNew) {
        file.view.path = path;
        auto base = textAt(baseCommit_, path);
        isReadable = base.has_value();
        if (base) file.base = file.reviewed = *base;
        if (!startCommit_.empty()) {
            auto start = textAt(startCommit_, path);
            file.start = start ? *start : nullptr;
        }
    }
    auto now = readNow(path);
    isReadable = isReadable && now.has_value() && (isNew || file.isReadable);
    FileText text = now ? *now : nullptr;
    if (!isNew && isReadable && isSame(text, file.now)) return {};
    file.isReadable = isReadable;
    file.now = std::move(text);
    if (isNew) file.agent = file.window = file.now;
    return makeHunks(file);
}

// A file that was not reviewed before is the user's as far as it differs from where we began.
base::Status Review::noteUserWrote(const std::vector<std::string>& paths) {
    std::vector<std::string> unknown;
    for (const std::string& path : paths)
        if (!files_.contains(path)) unknown.push_back(path);
    TRY(refresh(paths));
    for (const std::string& path : paths) {
        File& file = files_.at(path);
        const bool isNew = std::find(unknown.begin(), unknown.end(), path) != unknown.end();
        if (isNew) file.agent = startCommit_.empty() ? file.base : file.start;
        file.window = file.now;
        TRY(makeHunks(file));
    }
    return {};
}

base::Status Review::noteAgentWrote(const std::vector<std::string>& paths) {
    TRY(refresh(paths));
    for (const std::string& path : paths) {
        File& file = files_.at(path);
        if (isSame(file.agent, file.now) && isSame(file.window, file.now)) continue;
        file.agent = file.window = file.now;
        TRY(makeHunks(file));
    }
    return {};
}

base::Status Review::refresh(const std::vector<std::string>& paths) {
    // A base that is not there must not look like a base without files.
    TRY(git_.changedPaths(baseCommit_, baseCommit_));
    for (const std::string& path : paths)
        files_.try_emplace(path);
    for (auto& [path, file] : files_)
        TRY(look(path, file));
    return {};
}

base::Result<std::vector<std::string>> Review::findChangedPaths() {
    TRY_ASSIGN(const tools::Checkpoint now, checkpoints_.take("review"));
    return git_.changedPaths(baseCommit_, now.commit);
}

std::vector<FileReview> Review::files() const {
    std::vector<FileReview> open;
    for (const auto& [path, file] : files_)
        if (!file.view.hunks.empty() || file.view.kind == FileReview::Kind::unreadable)
            open.push_back(file.view);
    return open;
}

std::vector<Decision> Review::decisions() const {
    std::vector<Decision> all;
    for (int64_t i = 0; i < nDone_; ++i)
        all.insert(all.end(), actions_[size_t(i)].decisions.begin(),
                   actions_[size_t(i)].decisions.end());
    return all;
}

base::Result<const Hunk*> Review::find(const HunkRef& ref) const {
    const auto found = files_.find(ref.path);
    if (found == files_.end())
        return base::fail(base::Errc::invalidInput, fmt::format("{} is not reviewed", ref.path));
    const FileReview& view = found->second.view;
    if (view.version != ref.version)
        return base::fail(base::Errc::busy, fmt::format("{} has changed since", ref.path));
    if (ref.hunk < 0 || ref.hunk >= int64_t(view.hunks.size()))
        return base::fail(base::Errc::invalidInput, fmt::format("{} has no such hunk", ref.path));
    const Hunk& hunk = view.hunks[size_t(ref.hunk)];
    if ((ref.removed && !holds(*ref.removed, hunk.removed.size())) ||
        (ref.added && !holds(*ref.added, hunk.added.size())))
        return base::fail(base::Errc::invalidInput, "the hunk has no such lines");
    return &hunk;
}

base::Status Review::decide(const HunkRef& ref, HunkState state, std::string_view text) {
    TRY_ASSIGN(const Hunk* hunk, find(ref));
    const File& file = files_.at(ref.path);
    const LineRange removed = ref.removed.value_or(LineRange{0, int64_t(hunk->removed.size())});
    const LineRange added = ref.added.value_or(LineRange{0, int64_t(hunk->added.size())});
    const LineRange old = {hunk->before.begin + removed.begin, hunk->before.begin + removed.end};
    const LineRange now = {hunk->after.begin + added.begin, hunk->after.begin + added.end};
    const bool isWhole = !ref.removed && !ref.added;
    const bool isBinaryFile = file.view.kind == FileReview::Kind::binary;
    if (isBinaryFile && (!isWhole || state == HunkState::edited))
        return base::fail(base::Errc::invalidInput, "a binary file is decided as a whole");

    Step step = {ref.path, file.reviewed, file.reviewed, file.now, file.now};
    Decision decision = {ref.path, state, {}, {}};
    for (const std::string_view line : part(hunk->removed, removed))
        decision.removed.emplace_back(line);
    for (const std::string_view line : part(hunk->added, added))
        decision.added.emplace_back(line);
    if (state == HunkState::accepted) {
        TRY_ASSIGN(const TextChange change, acceptedText(ref));
        step.reviewedAfter = change.after;
    } else if (state == HunkState::rejected) {
        step.diskAfter =
            isBinaryFile ? file.reviewed
                         : edited(file.now, {{now.begin, now.end, part(hunk->removed, removed)}},
                                  file.reviewed);
    } else {
        const std::vector<std::string_view> lines = linesWithEnds(text);
        step.diskAfter = makeText(editLines(bytesOf(file.now), {{now.begin, now.end, lines}}));
        step.reviewedAfter =
            makeText(editLines(bytesOf(file.reviewed), {{old.begin, old.end, lines}}));
        decision.added.assign(lines.begin(), lines.end());
    }
    return perform({{std::move(step)}, {std::move(decision)}, {}, {}});
}

base::Result<Review::TextChange> Review::acceptedText(const HunkRef& ref) const {
    TRY_ASSIGN(const Hunk* hunk, find(ref));
    const File& file = files_.at(ref.path);
    if (file.view.kind == FileReview::Kind::binary) return TextChange{file.reviewed, file.now};
    const LineRange removed = ref.removed.value_or(LineRange{0, int64_t(hunk->removed.size())});
    const LineRange added = ref.added.value_or(LineRange{0, int64_t(hunk->added.size())});
    const LineEdit edit = {hunk->before.begin + removed.begin, hunk->before.begin + removed.end,
                           part(hunk->added, added)};
    return TextChange{file.reviewed, edited(file.reviewed, {edit}, file.now)};
}

base::Status Review::accept(const HunkRef& hunk) {
    return decide(hunk, HunkState::accepted, {});
}

base::Status Review::reject(const HunkRef& hunk) {
    return decide(hunk, HunkState::rejected, {});
}

base::Status Review::edit(const HunkRef& hunk, std::string_view text) {
    return decide(hunk, HunkState::edited, text);
}

base::Status Review::apply(const std::string& path, const FileText& expected,
                           std::string_view text) {
    TRY(refresh({path}));
    const File& file = files_.at(path);
    if (!file.isReadable)
        return base::fail(base::Errc::denied, fmt::format("{} cannot be written here", path));
    if (!isSame(file.now, expected))
        return base::fail(base::Errc::busy, fmt::format("{} has changed since", path));
    Step step = {path, file.reviewed, file.reviewed, file.now, makeText(std::string(text))};
    return perform({{std::move(step)}, {}, {}, {}});
}

base::Status Review::decideAll(const std::string& path, HunkState state) {
    const bool isAccept = state == HunkState::accepted;
    Action action;
    for (const auto& [name, file] : files_) {
        if (!path.empty() && path != name) continue;
        std::vector<LineEdit> edits;  // that take the decided hunks out of the file
        for (const Hunk& hunk : file.view.hunks) {
            if (!isAccept && hunk.author != HunkAuthor::agent) continue;
            const LineRange all = {0, int64_t(hunk.removed.size())};
            edits.push_back({hunk.after.begin, hunk.after.end, part(hunk.removed, all)});
            action.decisions.push_back({name, state, hunk.removed, hunk.added});
        }
        if (edits.empty()) continue;
        Step step = {name, file.reviewed, file.reviewed, file.now, file.now};
        if (isAccept) {
            step.reviewedAfter = file.now;
        } else {
            step.diskAfter = edits.size() == file.view.hunks.size()
                                 ? file.reviewed
                                 : edited(file.now, edits, file.reviewed);
        }
        action.steps.push_back(std::move(step));
    }
    if (action.steps.empty()) return {};
    return perform(std::move(action));
}

base::Status Review::acceptAll(const std::string& path) {
    return decideAll(path, HunkState::accepted);
}

base::Status Review::rejectAll(const std::string& path) {
    return decideAll(path, HunkState::rejected);
}

base::Status Review::noteCommit(std::string_view commit) {
    TRY(git_.changedPaths(commit, commit));  // it exists
    for (auto& [path, file] : files_) {
        const auto committed = textAt(commit, path);
        if (!file.isReadable || !committed || isSame(*committed, file.base)) continue;
        if (isSame(*committed, file.now)) {
            file.reviewed = file.now;
        } else if (*committed != nullptr && file.now != nullptr &&
                   file.view.kind == FileReview::Kind::text) {
            // A hunk is in the commit if the commit has the same lines there and around.
            TRY_ASSIGN(const auto others, tools::Git::changedLines(*file.now, **committed));
            std::vector<LineEdit> edits;
            for (const Hunk& hunk : file.view.hunks) {
                const bool isElse = std::any_of(others.begin(), others.end(), [&](const auto& o) {
                    return o.oldBegin <= hunk.after.end && hunk.after.begin <= o.oldEnd;
                });
                if (isElse) continue;
                const LineRange all = {0, int64_t(hunk.added.size())};
                edits.push_back({hunk.before.begin, hunk.before.end, part(hunk.added, all)});
            }
            file.reviewed = edited(file.reviewed, edits, file.now);
        }
        file.base = *committed;
        TRY(makeHunks(file));
        for (Action& action : actions_)
            for (Step& step : action.steps)
                if (step.path == path) step.isSettled = true;
    }
    // Accepting what is committed by now cannot be undone any more, and need not be.
    for (auto i = int64_t(actions_.size()) - 1; i >= 0; --i) {
        const Action& action = actions_[size_t(i)];
        const bool isOver =
            action.fromCommit.empty() &&
            std::all_of(action.steps.begin(), action.steps.end(), [](const Step& s) {
                return s.isSettled && isSame(s.diskBefore, s.diskAfter);
            });
        if (!isOver) continue;
        actions_.erase(actions_.begin() + i);
        if (i < nDone_) --nDone_;
    }
    return {};
}

}  // namespace moxie::desktop
