#include "tools/edited_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "indexer/index.h"
#include "tools/arguments.h"
#include "tools/file_transaction.h"
#include "tools/observations.h"
#include "tools/workspace.h"

namespace moxie::tools {

using base::Errc;

ToolResult refusalOf(const base::Error& error) {
    switch (error.kind()) {
        case Errc::denied:
            return refusal("denied", error.message(),
                           "Do not retry this path; choose one inside the workspace.");
        case Errc::notFound:
            return refusal("not found", error.message(), "Look for the right path with glob.");
        case Errc::invalidInput:
            return refusal("bad path", error.message(), "");
        case Errc::busy:
            return refusal("stale", error.message(), "Read it again.");
        case Errc::io:
            return refusal("io", error.message(), "Nothing was changed.");
        default:
            return refusal(base::toString(error.kind()), error.message(), "");
    }
}

tl::expected<EditedFile, ToolResult> openForEdit(const ToolContext& context, std::string_view path,
                                                 UnseenFiles unseen) {
    const auto refuse = [](ToolResult result) {
        return tl::unexpected<ToolResult>(std::move(result));
    };
    auto resolved = context.workspace.insideWritable(path);
    if (!resolved) return refuse(refusalOf(resolved.error()));
    auto bytes = readBeneath(context.workspace.root(), *resolved, kEditBytesMax);
    if (!bytes) return refuse(refusalOf(bytes.error()));
    std::string relative = context.workspace.relative(*resolved);
    if (const auto kind = binaryKind(*bytes))
        return refuse(refusal("binary", fmt::format("{} is not text ({})", relative, *kind),
                              "It cannot be edited as text."));
    switch (context.observations.check(relative, *bytes)) {
        case Observations::State::unseen:
            if (unseen == UnseenFiles::allow) break;
            return refuse(refusal("unseen", fmt::format("{} was not read yet", relative),
                                  "Read it first, then send the call again."));
        case Observations::State::stale: {
            const auto range = context.observations.changedLines(relative, *bytes);
            const std::string where =
                range ? fmt::format("; what differs is in lines {}-{}", range->first, range->last)
                      : std::string();
            return refuse(refusal(
                "stale", fmt::format("{} changed on disk since it was read{}", relative, where),
                "Read it again."));
        }
        case Observations::State::current:
            break;
    }
    return EditedFile{std::move(*resolved), std::move(relative), TextFile(std::move(*bytes))};
}

namespace {

// `bytes`: what the file holds now; null if it is gone.
void tellIndex(ToolContext& context, const std::string& relative, const std::string_view* bytes,
               ToolResult& result) {
    result.changedPaths.push_back(relative);
    if (context.index == nullptr) return;
    const base::Status updated =
        bytes ? context.index->updateText(relative, *bytes) : context.index->updateFile(relative);
    if (!updated)
        result.text += fmt::format("\n[the index could not take in {}: {}]", relative,
                                   updated.error().message());
}

}  // namespace

void noteWritten(ToolContext& context, const std::string& relative, std::string_view bytes,
                 ToolResult& result) {
    context.observations.record(relative, bytes);
    tellIndex(context, relative, &bytes, result);
}

void noteRemoved(ToolContext& context, const std::string& relative, ToolResult& result) {
    context.observations.forget(relative);
    tellIndex(context, relative, nullptr, result);
}

std::string numberedLines(std::string_view text, int64_t first, int64_t last,
                          int64_t lineCharactersMax) {
    std::string out;
    int64_t number = 0;
    for (size_t start = 0; start < text.size() && number < last;) {
        const size_t end = std::min(text.find('\n', start), text.size());
        if (++number >= first) {
            // A little more than is shown: no line is worked through for megabytes.
            const std::string_view head =
                text.substr(start, end - start).substr(0, size_t(lineCharactersMax) + 8);
            const std::string line = base::toValidUtf8(head);
            const std::string_view cut = base::cutUtf8(line, lineCharactersMax);
            out += fmt::format("{:>5}|{}{}\n", number, cut, cut.size() < line.size() ? "..." : "");
        }
        start = end + 1;
    }
    return out;
}

int64_t countLines(std::string_view text) {
    const auto newlines = int64_t(std::count(text.begin(), text.end(), '\n'));
    return newlines + (text.empty() || text.back() == '\n' ? 0 : 1);
}

}  // namespace moxie::tools
