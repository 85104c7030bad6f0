#include "tools/job.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tools/arguments.h"
#include "tools/command_text.h"
#include "tools/jobs.h"

namespace moxie::tools {

namespace {

constexpr int64_t kWaitMsDefault = 60'000;
constexpr int64_t kInputLookMs = 300;  // for the answer to an input
constexpr int64_t kQuietMs = 15 * 60 * 1000;

constexpr std::string_view kJobSchema = R"({
  "type": "object",
  "properties": {
    "action": {"type": "string", "enum": ["output", "wait", "input", "kill", "list"]},
    "id": {"type": "integer", "minimum": 1, "description": "The job's number; not for list."},
    "wait_ms": {"type": "integer", "minimum": 0, "maximum": 600000,
      "description": "For wait. Default 60000."},
    "text": {"type": "string", "maxLength": 100000,
      "description": "For input: sent as it is; end a line with a line break."}
  },
  "required": ["action"]
})";

constexpr std::string_view kJobDescription =
    "Commands that go on in the background. output: what it printed since you last "
    "looked; wait: the same, after it ended or wait_ms passed; input: send text to its standard "
    "input (only of commands started with background); kill: end it; list: all jobs.";

class JobTool final : public Tool {
public:
    JobTool()
        : schema_("job", kJobSchema, R"({"action":"wait","id":1})"),
          spec_{"job", std::string(kJobDescription), schema_.text(),
                Effects{.reads = true, .writes = false, .executes = true, .network = false}} {}

    const ToolSpec& spec() const override { return spec_; }

    // Only input makes a program do something that it would not do by itself.
    Effects effectsOf(const nlohmann::json& arguments) const override {
        Effects effects = spec_.effects;
        effects.executes = stringArgument(arguments, "action") == "input";
        return effects;
    }

    std::string summary(const nlohmann::json& arguments) const override {
        const std::string action = stringArgument(arguments, "action");
        const int64_t id = integerArgument(arguments, "id", 0);
        if (action == "input") {
            const std::string text =
                base::stripTerminalControl(base::toValidUtf8(stringArgument(arguments, "text")));
            return fmt::format("job: input {}: {}", id, base::cutUtf8(text, 300));
        }
        return id > 0 ? fmt::format("job: {} {}", base::cutUtf8(action, 20), id)
                      : fmt::format("job: {}", base::cutUtf8(action, 20));
    }

    base::Result<ToolResult> run(const nlohmann::json& arguments, ToolContext& context,
                                 const std::stop_token& stop) override {
        if (auto refused = schema_.check(arguments)) return *std::move(refused);
        const std::string action = stringArgument(arguments, "action");
        if (action == "list") return list(context.jobs);
        const int64_t number = integerArgument(arguments, "id", 0);
        if (number < 1 || number > INT32_MAX)
            return refusal("bad arguments", "id is missing", "Send the job's number.");
        const auto id = int32_t(number);
        int64_t waitMs = 0;
        if (action == "wait") waitMs = integerArgument(arguments, "wait_ms", kWaitMsDefault);
        if (action == "input") {
            auto sent = context.jobs.input(id, stringArgument(arguments, "text"));
            if (!sent) return refused(sent.error(), context.jobs);
            waitMs = kInputLookMs;
        }
        if (action == "kill")
            if (auto killed = context.jobs.kill(id); !killed)
                return refused(killed.error(), context.jobs);
        return look(id, waitMs, context, stop);
    }

private:
    static ToolResult refused(const base::Error& error, const Jobs& jobs) {
        return refusal(error.kind() == base::Errc::notFound ? "not found" : "not sent",
                       error.message(), "Known are: " + names(jobs));
    }

    static std::string names(const Jobs& jobs) {
        std::string text;
        for (const Jobs::Status& status : jobs.list())
            text += fmt::format("{}job {} {} {}", text.empty() ? "" : "\n", status.id,
                                statusLine(status),
                                base::cutUtf8(base::toValidUtf8(status.command), 120));
        return text.empty() ? "(no jobs)" : text;
    }

    static ToolResult list(const Jobs& jobs) { return {.text = names(jobs)}; }

    static base::Result<ToolResult> look(int32_t id, int64_t waitMs, ToolContext& context,
                                         const std::stop_token& stop) {
        auto output = context.jobs.output(id, waitMs, stop);
        if (!output && output.error().kind() == base::Errc::cancelled)
            return base::fail(std::move(output).error());
        if (!output) return refused(output.error(), context.jobs);
        const Jobs::Status& status = output->status;
        if (context.onOutput && !output->text.empty()) context.onOutput(output->text);
        ToolResult result;
        result.text = renderOutput(output->text, status.outputFile).text;
        if (status.isRunning && status.quietMs >= kQuietMs)
            result.text += fmt::format("\n[quiet for {} min]", status.quietMs / 60'000);
        result.text += fmt::format("\n{}", statusLine(status));
        if (!status.isRunning) result.exitCode = status.exitCode;
        return result;
    }

    ArgumentSchema schema_;
    ToolSpec spec_;
};

}  // namespace

std::unique_ptr<Tool> makeJobTool() {
    return std::make_unique<JobTool>();
}

}  // namespace moxie::tools
