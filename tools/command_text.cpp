#include "tools/command_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace moxie::tools {

namespace {

constexpr size_t kKeptBytes = 2 << 20;
// Errors stand at the end more often than at the start.
constexpr int64_t kHeadBytes = kCommandTextBytesMax / 3;

}  // namespace

void OutputCollector::add(std::string_view bytes) {
    const size_t room = kKeptBytes - head_.size();
    head_.append(bytes.substr(0, room));
    bytes.remove_prefix(std::min(room, bytes.size()));
    tail_.append(bytes);
    if (tail_.size() <= 2 * kKeptBytes) return;
    leftOutBytes_ += int64_t(tail_.size() - kKeptBytes);
    tail_.erase(0, tail_.size() - kKeptBytes);
}

std::string OutputCollector::text() const {
    if (leftOutBytes_ == 0) return head_ + tail_;
    return fmt::format("{}\n[... {} bytes left out ...]\n{}", head_, leftOutBytes_, tail_);
}

CommandText renderOutput(std::string_view raw, const std::filesystem::path& outputFile) {
    std::string clean = base::stripTerminalControl(base::toValidUtf8(raw));
    while (!clean.empty() && clean.back() == '\n')
        clean.pop_back();
    if (clean.empty()) return {"(no output)", false};
    if (int64_t(clean.size()) <= kCommandTextBytesMax) return {std::move(clean), false};
    // The middle line and the note below count too.
    constexpr int64_t kNoteBytes = 600;
    std::string cut =
        base::headAndTail(clean, kHeadBytes, kCommandTextBytesMax - kHeadBytes - kNoteBytes);
    return {fmt::format("{}\n[output cut: {} bytes in all; read {}]", cut, raw.size(),
                        base::cutUtf8(outputFile.string(), 400)),
            true};
}

std::string sandboxHint(std::string_view text, int32_t exitCode) {
    if (exitCode <= 0) return {};
    if (text.find("Read-only file system") != std::string_view::npos)
        return "[sandbox: only the workspace and /tmp can be written; .git and the configuration "
               "of agents and CI are read-only]";
    for (const std::string_view sign :
         {"Network is unreachable", "Could not resolve host",
          "Temporary failure in name resolution", "Name or service not known", "EAI_AGAIN"})
        if (text.find(sign) != std::string_view::npos)
            return "[sandbox: there is no network unless the user allows it]";
    return {};
}

std::string statusLine(const Jobs::Status& status) {
    if (status.isRunning) return "[running]";
    if (status.isKilled) return "[killed]";
    return fmt::format("[exit {}]", status.exitCode);
}

}  // namespace moxie::tools
