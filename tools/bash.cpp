#include "tools/bash.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/command_text.h"
#include "tools/jobs.h"
#include "tools/sandbox.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace {

constexpr int64_t kTimeoutMsDefault = 120'000;
constexpr int64_t kCommandBytesMax = 100'000;  // the kernel takes 128 KiB per argument
// A background command that fails at once should say so in the same result.
constexpr int64_t kBackgroundLookMs = 1000;

constexpr std::string_view kBashSchema = R"({
  "type": "object",
  "properties": {
    "command": {"type": "string", "minLength": 1, "maxLength": 100000,
      "description": "Shell text. Longer scripts: write a file and run it."},
    "description": {"type": "string", "description": "What it does, in a few words."},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 600000,
      "description": "Default 120000. A command that takes longer goes on as a job."},
    "workdir": {"type": "string", "description": "Folder inside the workspace; default its root."},
    "background": {"type": "boolean",
      "description": "Start it as a job and return at once; see the tool job."}
  },
  "required": ["command"]
})";

constexpr std::string_view kBashDescription =
    "Run a shell command in the workspace. Each call is a new shell: folder and variables do not "
    "last. Runs in a sandbox: only the workspace and /tmp can be written, .git is read-only, there "
    "is no network unless the user allows it; standard input is empty. Returns stdout and stderr "
    "together and [exit N]; a command that fails is not an error of the tool. Output over 30,000 "
    "bytes is cut in the middle and a file with all of it is named. Programs that are left running "
    "end with the command: start servers with background.";

class BashTool final : public Tool {
public:
    BashTool()
        : schema_("bash", kBashSchema, R"({"command":"ctest --test-dir build"})"),
          spec_{"bash", std::string(kBashDescription), schema_.text(),
                // Whether there is a network is the sandbox's to say, not the call's.
                Effects{.reads = true, .writes = true, .executes = true, .network = false}} {}

    const ToolSpec& spec() const override { return spec_; }

    Effects effectsOf(const nlohmann::json&) const override { return spec_.effects; }

    std::string summary(const nlohmann::json& arguments) const override {
        const std::string command =
            base::stripTerminalControl(base::toValidUtf8(stringArgument(arguments, "command")));
        return fmt::format("bash: {}", base::cutUtf8(command, 300));
    }

    base::Result<ToolResult> run(const nlohmann::json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return *std::move(refused);
        const std::string command = stringArgument(arguments, "command");
        if (command.find('\0') != std::string::npos)
            return refusal("bad arguments", "the command contains a NUL byte", "Send it without.");
        if (int64_t(command.size()) > kCommandBytesMax)
            return refusal("bad arguments", "the command has more than 100,000 bytes",
                           "Write a file and run it.");
        ProcessRequest request{.argv = {shell(), "-c", command}};
        if (const std::string workdir = stringArgument(arguments, "workdir"); !workdir.empty()) {
            auto folder = context.workspace.inside(workdir);
            std::error_code ec;
            if (!folder) return refusal("denied", folder.error().message(), "Name another folder.");
            if (!std::filesystem::is_directory(*folder, ec))
                return refusal("not found", fmt::format("{} is not a folder", workdir),
                               "Name a folder inside the workspace.");
            request.directory = std::move(*folder);
        } else {
            request.directory = context.workspace.root();
        }
        const bool isBackground = booleanArgument(arguments, "background", false);
        if (isBackground) request.input = std::make_shared<ProcessInput>();
        auto wrapped = context.sandbox.wrap(std::move(request), context.sandbox.network());
        if (!wrapped) return unavailable(wrapped.error());
        auto id = context.jobs.start(std::move(*wrapped), command, context.callId);
        if (!id) return notStarted(id.error());
        if (isBackground) return lookOnce(*id, context, stop);
        return waitForEnd(*id, integerArgument(arguments, "timeout_ms", kTimeoutMsDefault), context,
                          stop);
    }

private:
    static const char* shell() {
        return ::access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
    }

    static ToolResult unavailable(const base::Error& error) {
        ToolResult result = refusal("sandbox unavailable", error.message(),
                                    "Commands cannot run; the user can allow them with --sandbox "
                                    "off.");
        result.isSandboxUnavailable = error.kind() == base::Errc::unsupported;
        return result;
    }

    static ToolResult notStarted(const base::Error& error) {
        return refusal("not started", error.message(),
                       error.kind() == base::Errc::busy ? "End a job first: job {action: kill}."
                                                        : "Try again or choose another way.");
    }

    // Ends the command and reports the stop.
    static base::Result<ToolResult> stopped(int32_t id, ToolContext& context) {
        TRY(context.jobs.kill(id));
        context.jobs.forget(id, Jobs::OutputFile::removed);
        return base::fail(base::Errc::cancelled, "the command was stopped");
    }

    static base::Result<ToolResult> lookOnce(int32_t id, ToolContext& context,
                                             const std::stop_token& stop) {
        auto output = context.jobs.output(id, kBackgroundLookMs, stop);
        if (!output) return stopped(id, context);
        if (context.onOutput && !output->text.empty()) context.onOutput(output->text);
        if (!output->status.isRunning) return finished(*output, output->text, context);
        const CommandText text = renderOutput(output->text, output->status.outputFile);
        return ToolResult{
            .text = fmt::format("{}\n[running in the background as job {}]", text.text, id)};
    }

    static base::Result<ToolResult> waitForEnd(int32_t id, int64_t timeoutMs, ToolContext& context,
                                               const std::stop_token& stop) {
        // A real process runs in real time, whatever clock the session has.
        using namespace std::chrono;
        const auto deadline = steady_clock::now() + milliseconds(timeoutMs);
        OutputCollector collector;
        while (true) {
            const auto left = ceil<milliseconds>(deadline - steady_clock::now());
            auto output = context.jobs.outputOrMore(id, left.count(), stop);
            if (!output) return stopped(id, context);
            collector.add(output->text);
            if (context.onOutput && !output->text.empty()) context.onOutput(output->text);
            if (!output->status.isRunning) return finished(*output, collector.text(), context);
            if (steady_clock::now() < deadline) continue;
            const CommandText text = renderOutput(collector.text(), output->status.outputFile);
            return ToolResult{.text =
                                  fmt::format("{}\n[timed out after {} s; still running as job {}]",
                                              text.text, double(timeoutMs) / 1000, id)};
        }
    }

    static ToolResult finished(const Jobs::Output& output, std::string_view raw,
                               ToolContext& context) {
        const Jobs::Status& status = output.status;
        const CommandText text = renderOutput(raw, status.outputFile);
        ToolResult result;
        result.text = text.text;
        if (status.isOutputCut) result.text += "\n[the output was too long to keep all of it]";
        result.exitCode = status.exitCode;
        if (context.sandbox.level() == "full")
            if (const std::string hint = sandboxHint(raw, status.exitCode); !hint.empty())
                result.text += fmt::format("\n{}", hint);
        result.text += fmt::format("\n{}", statusLine(status));
        context.jobs.forget(status.id,
                            text.isCut ? Jobs::OutputFile::kept : Jobs::OutputFile::removed);
        return result;
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeBashTool() {
    return std::make_unique<BashTool>();
}

}  // namespace moxie::tools
