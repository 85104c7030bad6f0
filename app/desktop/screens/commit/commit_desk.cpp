#include "app/desktop/screens/commit/commit_desk.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <map>

#include "agent/changes.h"
#include "base/file.h"
#include "base/text.h"
#include "tools/process.h"

namespace moxie::desktop {

namespace fs = std::filesystem;

namespace {

constexpr size_t kCountedFilesMax = 500;     // lines are counted up to here
constexpr int64_t kSplitBytesMax = 2 << 20;  // of a file that is shown in hunks

// A folder for what the hooks see, gone afterwards.
class HookFolder {
public:
    static base::Result<HookFolder> make() {
        std::error_code ec;
        std::string name = (fs::temp_directory_path(ec) / "moxie-commit-XXXXXX").string();
        if (ec || ::mkdtemp(name.data()) == nullptr)
            return base::fail(base::errnoError(errno, "make a folder for hooks"));
        return HookFolder(name);
    }

    ~HookFolder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }

    HookFolder(HookFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

    HookFolder& operator=(HookFolder&&) = delete;
    HookFolder(const HookFolder&) = delete;
    HookFolder& operator=(const HookFolder&) = delete;

    fs::path file(const char* name) const { return path_ / name; }

private:
    explicit HookFolder(fs::path path) : path_(std::move(path)) {}

    fs::path path_;
};

constexpr std::string_view kCoAuthor = "Co-authored-by: Moxie <moxie@localhost>";

// A trailer stands in the last paragraph if that has trailers only.
std::string withTrailer(const std::string& message, const std::string& line) {
    std::string text(base::trim(message));
    if (text.find(line) != std::string::npos) return text + "\n";
    const auto lines = base::splitLines(text);
    const bool endsInTrailer =
        lines.size() > 1 && lines.back().find("-by: ") != std::string_view::npos;
    return text + (endsInTrailer ? "\n" : "\n\n") + line + "\n";
}

std::string nameOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

base::Status CommitDesk::ensureGit() {
    if (git_) return {};
    TRY_ASSIGN(tools::Git git, tools::Git::open(repository_));
    git_.emplace(std::move(git));
    return {};
}

base::Result<CommitSnapshot> CommitDesk::look() {
    TRY(ensureGit());
    CommitSnapshot snapshot;
    TRY_ASSIGN(const auto changes, git_->status());
    TRY_ASSIGN(snapshot.branch, git_->branch());
    std::map<std::string, agent::DiffPath> counts;
    if (changes.size() <= kCountedFilesMax) {
        TRY_ASSIGN(const std::string diff, git_->diff({}));
        for (agent::DiffPath& entry : agent::pathsOfDiff(diff))
            counts[entry.path] = entry;
    }
    for (const tools::FileChange& change : changes) {
        const agent::DiffPath& count = counts[change.path];
        snapshot.files.push_back({change, count.added, count.removed});
    }
    snapshot.identity = git_->identity().value_or("");
    snapshot.headMessage = git_->headMessage().value_or("");
    snapshot.messageTemplate = git_->commitTemplate();
    if (const base::Status amend = git_->checkAmend(); !amend) {
        snapshot.whyNoAmend = amend.error().message();
        snapshot.isMerging = amend.error().kind() == base::Errc::busy;
    }
    snapshot.hasHooks = git_->hook("pre-commit") || git_->hook("commit-msg");
    return snapshot;
}

base::Result<std::string> CommitDesk::headText(const std::string& path) const {
    TRY_ASSIGN(const std::string head, git_->headCommit());
    return git_->fileAt(head, path, kSplitBytesMax);
}

// Everything ticked.
base::Result<CommitPart> CommitDesk::partNow(const std::string& path) const {
    TRY_ASSIGN(const std::string head, headText(path));
    TRY_ASSIGN(const std::string now, git_->textToCommit(path, kSplitBytesMax));
    CommitPart part;
    part.path = path;
    TRY_ASSIGN(part.hunks, hunksBetween(head, now));
    for (const CommitHunk& hunk : part.hunks)
        part.ticks.push_back(ticksOf(hunk, Tick::on));
    return part;
}

CommitHunks CommitDesk::lookInto(const std::string& path) {
    CommitHunks found;
    found.part.path = path;
    const auto fail = [&](const base::Error& error) {
        found.problem = error.message();
        return found;
    };
    if (const base::Status opened = ensureGit(); !opened) return fail(opened.error());
    auto part = partNow(path);
    if (!part) return fail(part.error());
    found.part = *std::move(part);
    // What somebody staged of it is what he wants; hunks that are staged in part count as not.
    const auto head = headText(path), staged = git_->fileInIndex(path, kSplitBytesMax);
    if (!head || !staged || *head == *staged) return found;
    const auto hunks = hunksBetween(*head, *staged);
    if (!hunks) return found;
    CommitPart inIndex = {path, *hunks, {}};
    for (const CommitHunk& hunk : inIndex.hunks)
        inIndex.ticks.push_back(ticksOf(hunk, Tick::on));
    found.part.ticks = carriedTicks(inIndex, found.part.hunks, Tick::off);
    return found;
}

base::Result<tools::CommitText> CommitDesk::textOf(const CommitPart& part) const {
    TRY_ASSIGN(const CommitPart now, partNow(part.path));
    if (now.hunks != part.hunks)
        return base::fail(
            base::Errc::busy,
            fmt::format("{} has changed since its lines were ticked; look again", part.path));
    TRY_ASSIGN(const std::string head, headText(part.path));
    return tools::CommitText{part.path, textWith(head, part)};
}

base::Result<tools::CommitRequest> CommitDesk::requestOf(const CommitWish& wish) const {
    TRY_ASSIGN(const std::string identity, git_->identity());
    tools::CommitRequest request = {
        .message = wish.message.toStdString(), .paths = wish.paths, .kind = wish.kind};
    // Lines with '#' are what a template says to its reader.
    if (!git_->commitTemplate().empty()) {
        TRY_ASSIGN(request.message, tools::Git::withoutComments(request.message));
    }
    if (wish.coAuthor == CoAuthor::moxie)
        request.message = withTrailer(request.message, std::string(kCoAuthor));
    if (wish.signOff == SignOff::yes)
        request.message = withTrailer(request.message, "Signed-off-by: " + identity);
    if (!request.message.ends_with('\n')) request.message += '\n';
    for (const CommitPart& part : wish.parts) {
        TRY_ASSIGN(tools::CommitText text, textOf(part));
        request.texts.push_back(std::move(text));
    }
    return request;
}

base::Status CommitDesk::runHook(const std::string& name, const std::vector<std::string>& arguments,
                                 const fs::path& indexFile, Hooks& hooks) const {
    const auto hook = git_->hook(name);
    if (!hook) return {};
    if (hooks.started) hooks.started(name);
    // As git does: in the work tree, with the index of this commit, no editor.
    tools::ProcessRequest request;
    request.argv = {"env", "GIT_INDEX_FILE=" + indexFile.string(), "GIT_EDITOR=:", hook->string()};
    request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
    request.directory = git_->workTree();
    request.onOutput = hooks.output;
    request.keepsOutput = false;
    const auto ran = tools::runProcess(request, hooks.stop);
    if (ran && ran->exitCode == 0) return {};
    hooks.failed = name;
    if (!ran) return base::fail(ran.error());
    return base::fail(base::Errc::denied,
                      fmt::format("the hook {} ended with exit code {}", name, ran->exitCode));
}

base::Result<CommitDesk::Made> CommitDesk::commit(const CommitWish& wish, Hooks& hooks) {
    TRY(ensureGit());
    Made made;
    made.message = wish.message.toStdString();
    made.before = git_->headCommit().value_or("");
    TRY_ASSIGN(tools::CommitRequest request, requestOf(wish));
    TRY_ASSIGN(const HookFolder folder, HookFolder::make());
    const bool hasHooks = git_->hook("pre-commit") || git_->hook("commit-msg");
    if (hasHooks) {
        const fs::path index = folder.file("index"), text = folder.file("COMMIT_EDITMSG");
        TRY(git_->writeIndex(request, index));
        TRY(runHook("pre-commit", {}, index, hooks));
        TRY(base::writeFileAtomically(text, request.message, base::Durability::renameOnly));
        TRY(runHook("commit-msg", {text.string()}, index, hooks));
        TRY_ASSIGN(request.message, base::readFile(text));
        request.indexFile = index;
    }
    TRY_ASSIGN(made.id, git_->commit(request));
    return made;
}

base::Status CommitDesk::takeBack(const Made& made) {
    TRY(ensureGit());
    return git_->takeBack(made.id, made.before);
}

base::Status CommitDesk::createBranch(const std::string& name) {
    TRY(ensureGit());
    return git_->createBranch(name);
}

base::Result<std::string> CommitDesk::suggest(const std::vector<std::string>& paths,
                                              const std::string& task,
                                              const std::string& finalText) {
    TRY(ensureGit());
    if (paths.empty()) return base::fail(base::Errc::invalidInput, "no file is ticked");
    TRY_ASSIGN(const std::string diff, git_->diff(paths));
    std::string stat;
    for (const agent::DiffPath& entry : agent::pathsOfDiff(diff))
        stat += fmt::format("{} +{} -{}\n", entry.path, entry.added, entry.removed);
    if (!task.empty()) return agent::makeCommitMessage(task, finalText, stat);
    TRY_ASSIGN(const tools::PathEntry now, git_->entryNow(paths.front()));
    const bool isNew = diff.find("\nnew file mode") != std::string::npos;
    const char* verb = now.kind == tools::EntryKind::nothing ? "Remove"
                       : isNew && paths.size() == 1          ? "Add"
                                                             : "Change";
    std::string subject = fmt::format("{} {}", verb, nameOf(paths.front()));
    if (paths.size() > 1)
        subject +=
            fmt::format(" and {} more file{}", paths.size() - 1, paths.size() > 2 ? "s" : "");
    return agent::makeCommitMessage(subject, "", paths.size() > 1 ? stat : "");
}

}  // namespace moxie::desktop
