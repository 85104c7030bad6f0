#include "app/desktop/screens/output/session_outputs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/event_log.h"
#include "tools/jobs.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kEventsAtOnce = 64;
constexpr int64_t kLiveBytesMax = 256'000;  // as the agent records of one call
constexpr int64_t kClockSlackMs = 2'000;    // between event times and those of files

// A call in its log.
struct FoundCall {
    int64_t seq = 0;  // of its beginning; 0: not found
    std::optional<agent::ToolCallEnded> result = {};
};

base::Result<FoundCall> findCall(const agent::EventLog& log, const CommandKey& key) {
    FoundCall found;
    for (int64_t seq = 0; found.seq == 0;) {
        TRY_ASSIGN(const auto calls, log.readOfType("tool_call", seq, kEventsAtOnce));
        if (calls.empty()) return found;
        seq = calls.back().seq;
        for (const agent::Event& event : calls)
            if (event.turn == key.turn &&
                std::get<agent::ToolCallStarted>(event.body).callId == key.callId)
                found.seq = event.seq;
    }
    for (int64_t seq = found.seq;;) {
        TRY_ASSIGN(const auto results, log.readOfType("tool_result", seq, kEventsAtOnce));
        for (const agent::Event& event : results) {
            const auto& result = std::get<agent::ToolCallEnded>(event.body);
            if (event.turn != key.turn || result.callId != key.callId) continue;
            found.result = result;
            return found;
        }
        if (results.empty() || results.back().turn > key.turn) return found;
        seq = results.back().seq;
    }
}

// "[output cut: 81234 bytes in all; read PATH]" at the end of a result.
fs::path fileNamedIn(std::string_view result) {
    constexpr std::string_view kBegin = "[output cut: ", kRead = " bytes in all; read ";
    const size_t line = result.rfind(kBegin);
    if (line == std::string_view::npos) return {};
    const size_t read = result.find(kRead, line);
    const size_t end = result.find("]\n", line);
    if (read == std::string_view::npos || end == std::string_view::npos || end < read) return {};
    return result.substr(read + kRead.size(), end - read - kRead.size());
}

int64_t changedMs(const struct stat& of) {
    return int64_t(of.st_mtim.tv_sec) * 1000 + of.st_mtim.tv_nsec / 1'000'000;
}

// The file a bash command writes to: some models number their calls anew each turn, so there may
// be several, and the newest since the command began is the one.
fs::path newestFile(const fs::path& folder, const CommandKey& key) {
    const std::string stem = tools::outputFileStem(key.callId);
    fs::path best;
    int64_t bestMs = key.startedMs - kClockSlackMs;
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end;
         it.increment(failed)) {
        const std::string name = it->path().filename().string();
        if (name != stem + ".txt" && !name.starts_with(stem + "-job-")) continue;
        struct stat of = {};
        if (::lstat(it->path().c_str(), &of) != 0 || !S_ISREG(of.st_mode)) continue;
        if (changedMs(of) < bestMs) continue;
        bestMs = changedMs(of);
        best = it->path();
    }
    return best;
}

class FileBytes final : public OutputBytes {
public:
    static base::Result<std::unique_ptr<OutputBytes>> open(const fs::path& file, OutputLoss loss) {
        const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0) return base::fail(base::errnoError(errno, "open " + file.string()));
        return std::unique_ptr<OutputBytes>(new FileBytes(fd, loss));
    }

    ~FileBytes() override { ::close(fd_); }

    FileBytes(const FileBytes&) = delete;
    FileBytes& operator=(const FileBytes&) = delete;

    base::Result<std::string> next(int64_t bytesMax) override {
        std::string bytes(size_t(bytesMax), '\0');
        ssize_t got = 0;
        do
            got = ::read(fd_, bytes.data(), bytes.size());
        while (got < 0 && errno == EINTR);
        if (got < 0) return base::fail(base::errnoError(errno, "read the output"));
        bytes.resize(size_t(got));
        doneBytes_ += got;
        return bytes;
    }

    int64_t totalBytes() const override {
        struct stat of = {};
        return ::fstat(fd_, &of) == 0 ? std::max<int64_t>(of.st_size, doneBytes_) : doneBytes_;
    }

    OutputLoss loss() const override {
        return doneBytes_ >= tools::ProcessRequest().outputBytesMax ? OutputLoss::end : loss_;
    }

private:
    FileBytes(int fd, OutputLoss loss) : fd_(fd), loss_(loss) {}

    const int fd_;
    const OutputLoss loss_;
    int64_t doneBytes_ = 0;
};

// The live events of a call.
class EventBytes final : public OutputBytes {
public:
    EventBytes(std::unique_ptr<agent::EventLog> log, CommandKey key, FoundCall call)
        : log_(std::move(log)),
          key_(std::move(key)),
          seq_(call.seq),
          result_(std::move(call.result)) {}

    base::Result<std::string> next(int64_t bytesMax) override {
        if (waiting_.empty()) TRY(readMore());
        std::string bytes = waiting_.substr(0, size_t(bytesMax));
        waiting_.erase(0, bytes.size());
        doneBytes_ += int64_t(bytes.size());
        return bytes;
    }

    int64_t totalBytes() const override { return doneBytes_ + int64_t(waiting_.size()); }

    OutputLoss loss() const override {
        if (isResultShown_) return OutputLoss::rawOutput;
        return doneBytes_ >= kLiveBytesMax ? OutputLoss::end : OutputLoss::none;
    }

private:
    base::Status readMore() {
        while (waiting_.empty()) {
            TRY_ASSIGN(const auto events, log_->readOfType("tool_output", seq_, kEventsAtOnce));
            for (const agent::Event& event : events) {
                const auto& output = std::get<agent::ToolOutput>(event.body);
                if (event.turn == key_.turn && output.callId == key_.callId)
                    waiting_ += output.text;
            }
            if (events.empty() || events.front().turn > key_.turn) break;
            seq_ = events.back().seq;
        }
        const bool isSilent = waiting_.empty() && doneBytes_ == 0;
        if (isSilent && result_ && !result_->text.empty()) {
            waiting_ = result_->text;
            isResultShown_ = true;
        }
        return {};
    }

    const std::unique_ptr<agent::EventLog> log_;
    const CommandKey key_;
    int64_t seq_ = 0;
    const std::optional<agent::ToolCallEnded> result_;
    std::string waiting_;
    int64_t doneBytes_ = 0;
    bool isResultShown_ = false;
};

bool isInBackground(std::string_view result) {
    return result.find("[running in the background as job ") != std::string_view::npos ||
           result.find("; still running as job ") != std::string_view::npos;
}

}  // namespace

base::Result<std::unique_ptr<OutputBytes>> SessionOutputs::open(const CommandKey& key,
                                                                CommandPhase phase) const {
    TRY_ASSIGN(auto log, agent::EventLog::open(sessionsFolder_, key.sessionId,
                                               agent::EventLog::Access::readOnly, clock_));
    const fs::path folder = log->folder() / "outputs";
    TRY_ASSIGN(FoundCall call, findCall(*log, key));
    const bool isBash = key.tool == "bash";
    if (isBash && call.result) {
        const std::string& text = call.result->text;
        const bool isCut =
            text.find("\n[the output was too long to keep all of it]") != std::string::npos;
        fs::path file = fileNamedIn(text);
        if (file.parent_path() != folder) file.clear();  // the text is the command's as well
        if (file.empty() && isInBackground(text)) file = newestFile(folder, key);
        if (!file.empty())
            if (auto bytes = FileBytes::open(file, isCut ? OutputLoss::end : OutputLoss::none))
                return bytes;
    } else if (isBash && phase == CommandPhase::running) {
        const fs::path file = newestFile(folder, key);
        if (file.empty())
            return base::fail(base::Errc::notFound, "the command has written nothing yet");
        return FileBytes::open(file, OutputLoss::none);
    }
    return std::unique_ptr<OutputBytes>(
        std::make_unique<EventBytes>(std::move(log), key, std::move(call)));
}

}  // namespace moxie::desktop
