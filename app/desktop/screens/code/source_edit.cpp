#include "app/desktop/screens/code/source_edit.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/desktop/screens/code/source_text.h"
#include "base/file.h"
#include "tools/checkpoint.h"
#include "tools/git.h"

namespace moxie::desktop {

namespace {

// Checkpoints of what one does without a session.
constexpr const char* kOwner = "window";

// With the line ends of `model`, if it has any.
std::string withEndsOf(std::string_view model, const std::string& lines) {
    std::string made = lines;
    if (model.find("\r\n") == model.npos) return made;
    for (size_t at = made.find('\n'); at != made.npos; at = made.find('\n', at + 2))
        made.insert(at, 1, '\r');
    return made;
}

// The file may have been read as other bytes than it has, and may have changed since.
base::Status checkOnDisk(const std::filesystem::path& file, const SourceText& source) {
    TRY_ASSIGN(const std::string now, base::readFile(file, kSourceBytesMax));
    if (now == source.text) return {};
    return base::fail(base::Errc::busy, source.path.toStdString() +
                                            " is not what you read any more; look at it again");
}

}  // namespace

std::string editedText(const SourceEdit& edit) {
    const SourceText& source = *edit.source;
    const auto count = int64_t(source.lineStarts.size()) - 1;
    const auto first = size_t(std::clamp<int64_t>(edit.lineFirst - 1, 0, count));
    const auto end = size_t(std::clamp<int64_t>(edit.lineLast, int64_t(first), count));
    const size_t begin = source.lineStarts[first], behind = source.lineStarts[end];
    std::string lines = withEndsOf(source.text, edit.lines);
    const bool endsOpen = behind == source.text.size() && !source.text.ends_with('\n');
    if (!lines.empty() && !lines.ends_with('\n') && !endsOpen)
        lines += source.text.find("\r\n") == std::string::npos ? "\n" : "\r\n";
    return source.text.substr(0, begin) + lines + source.text.substr(behind);
}

base::Status writeEdit(const std::filesystem::path& root, const SourceEdit& edit) {
    const std::string path = edit.source->path.toStdString();
    const std::filesystem::path file = root / path;
    TRY(checkOnDisk(file, *edit.source));
    auto opened = tools::Git::open(root);
    if (!opened) return base::fail(base::Errc::denied, opened.error().message());
    tools::Git git = std::move(*opened);
    tools::Checkpoints checkpoints(git, kOwner);
    TRY_ASSIGN(const tools::Checkpoint before, checkpoints.take("before an edit in the viewer"));
    const auto inTree = std::filesystem::path(file).lexically_relative(git.workTree());
    const auto held = git.fileAt(before.commit, inTree.generic_string(), kSourceBytesMax);
    if (!held || *held != edit.source->text)
        return base::fail(base::Errc::denied,
                          fmt::format("no checkpoint holds {}, so it is not written here", path));
    TRY(checkOnDisk(file, *edit.source));
    return base::writeFileAtomically(file, editedText(edit));
}

}  // namespace moxie::desktop
