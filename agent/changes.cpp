#include "agent/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace moxie::agent {

namespace {

constexpr size_t kSubjectBytesMax = 72;
constexpr int64_t kBodyBytesMax = 1000;

// A path as a diff header writes it: quoted with C escapes if it holds unusual bytes.
std::string unquote(std::string_view text) {
    if (text.size() < 2 || text.front() != '"') return std::string(text);
    std::string out;
    for (size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c >= '0' && c <= '3' && i + 2 < text.size()) {
            out += char((c - '0') * 64 + (text[i + 1] - '0') * 8 + (text[i + 2] - '0'));
            i += 2;
        } else {
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
    }
    return out;
}

// "a/src/x.cpp" -> "src/x.cpp"; "/dev/null" -> "".
std::string headerPath(std::string_view text) {
    const std::string path = unquote(text.substr(0, text.find('\t')));
    if (path == "/dev/null" || path.size() < 3) return "";
    return path.substr(2);
}

// "diff --git a/x b/x": the path, when both are the same (a mode change has no other header).
std::string gitHeaderPath(std::string_view rest) {
    if (!rest.empty() && rest.front() == '"') {
        const size_t end = rest.find("\" ");
        return end == std::string_view::npos ? "" : headerPath(rest.substr(0, end + 1));
    }
    const size_t half = rest.size() / 2;
    if (rest.size() < 5 || rest[half] != ' ') return "";
    const std::string left = headerPath(rest.substr(0, half));
    return left == headerPath(rest.substr(half + 1)) ? left : "";
}

}  // namespace

std::vector<DiffPath> pathsOfDiff(std::string_view diff) {
    std::map<std::string, DiffPath> found;
    const auto touch = [&](const std::string& path) -> DiffPath* {
        if (path.empty()) return nullptr;
        DiffPath& entry = found[path];
        entry.path = path;
        return &entry;
    };
    DiffPath* current = nullptr;
    bool isHeader = false;
    for (const std::string_view line : base::splitLines(diff)) {
        if (line.starts_with("diff --git ")) {
            isHeader = true;
            current = touch(gitHeaderPath(line.substr(11)));
        } else if (isHeader && (line.starts_with("--- ") || line.starts_with("+++ "))) {
            if (DiffPath* entry = touch(headerPath(line.substr(4)))) current = entry;
        } else if (isHeader && (line.starts_with("rename from ") || line.starts_with("copy to "))) {
            touch(unquote(line.substr(line.find(' ', 7) + 1)));
        } else if (isHeader && line.starts_with("rename to ")) {
            current = touch(unquote(line.substr(10)));
        } else if (line.starts_with("@@ ")) {
            isHeader = false;
        } else if (!isHeader && current && line.starts_with("+")) {
            ++current->added;
        } else if (!isHeader && current && line.starts_with("-")) {
            ++current->removed;
        }
    }
    std::vector<DiffPath> paths;
    for (auto& [path, entry] : found)
        paths.push_back(std::move(entry));
    return paths;
}

bool isGenerated(std::string_view path) {
    for (const std::string_view folder :
         {"__pycache__/", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/", "node_modules/",
          "CMakeFiles/", ".gradle/", ".tox/", ".venv/"}) {
        const size_t at = path.find(folder);
        if (at == 0 || (at != std::string_view::npos && path[at - 1] == '/')) return true;
    }
    for (const std::string_view folder : {"build/", "target/debug/", "target/release/"})
        if (path.starts_with(folder)) return true;
    for (const std::string_view end : {".pyc", ".o", ".obj", ".gcda", ".gcno", "/CMakeCache.txt"})
        if (path.ends_with(end)) return true;
    return false;
}

base::Status Changes::open(Recorder& recorder) {
    if (git_) return {};
    auto opened = tools::Git::open(workspace_.root());
    if (!opened && opened.error().kind() == base::Errc::notFound) {
        opened = tools::Git::init(workspace_.root());
        if (opened)
            TRY(recorder.notice("info", "repository_made",
                                "the folder was in no git repository; one was made in it, so that "
                                "changes can be given back"));
    }
    if (!opened) return base::fail(std::move(opened).error());
    git_.emplace(std::move(*opened));
    checkpoints_.emplace(*git_, sessionId_);
    return {};
}

base::Status Changes::ensureCheckpoint(Recorder& recorder) {
    if (!base_.empty()) return {};
    TRY(open(recorder));
    const std::string reason = fmt::format("before turn {}", recorder.turn());
    TRY_ASSIGN(const tools::Checkpoint taken, checkpoints_->take(reason));
    TRY(recorder.add(CheckpointTaken{taken.commit, reason}));
    if (!taken.leftOut.empty())
        TRY(recorder.notice("warning", "checkpoint_left_out",
                            fmt::format("{} untracked files are too large for the checkpoint and "
                                        "cannot be given back: {}",
                                        taken.leftOut.size(), taken.leftOut.front())));
    base_ = taken.commit;
    return {};
}

base::Result<Changes::Paths> Changes::paths() {
    Paths paths;
    if (base_.empty()) return paths;
    TRY_ASSIGN(const tools::Checkpoint now, checkpoints_->take("after the turn's last step"));
    TRY_ASSIGN(const std::string diff, git_->diffCommits(base_, now.commit));
    for (const DiffPath& entry : pathsOfDiff(diff)) {
        if (isGenerated(entry.path)) {
            paths.generated.push_back(entry.path);
            continue;
        }
        paths.changed.push_back(entry.path);
        paths.diffStat += fmt::format("{} +{} -{}\n", entry.path, entry.added, entry.removed);
    }
    return paths;
}

std::vector<std::string> Changes::dirtyBefore(const std::vector<std::string>& changed) const {
    std::vector<std::string> dirty;
    if (!git_ || base_.empty()) return dirty;
    const auto head = git_->headCommit();
    if (!head) return dirty;  // nothing is committed yet: nothing can be told apart
    const auto diff = git_->diffCommits(*head, base_);
    if (!diff) return dirty;
    for (DiffPath& entry : pathsOfDiff(*diff))
        if (std::find(changed.begin(), changed.end(), entry.path) != changed.end())
            dirty.push_back(std::move(entry.path));
    return dirty;
}

std::string Changes::textBefore(const std::string& path, int64_t bytesMax) const {
    if (!git_ || base_.empty()) return {};
    auto text = git_->fileAt(base_, path, bytesMax);
    return text ? *std::move(text) : std::string();
}

std::string makeCommitMessage(std::string_view task, std::string_view finalText,
                              std::string_view diffStat) {
    const auto lines = base::splitLines(base::trim(task));
    std::string subject(lines.empty() ? "Change files" : base::trim(lines.front()));
    if (subject.size() > kSubjectBytesMax) {
        subject = std::string(base::cutUtf8(subject, int64_t(kSubjectBytesMax)));
        if (const size_t space = subject.rfind(' '); space > kSubjectBytesMax / 2)
            subject.resize(std::min(space, subject.size()));
    }
    std::string message = subject + "\n";
    const std::string_view body = base::trim(base::cutUtf8(base::trim(finalText), kBodyBytesMax));
    if (!body.empty()) message += fmt::format("\n{}\n", body);
    if (!diffStat.empty())
        message += fmt::format("\n{}", base::cutUtf8(diffStat, 4 * kBodyBytesMax));
    return message;
}

}  // namespace moxie::agent
