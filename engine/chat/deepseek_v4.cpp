#include "engine/chat/deepseek_v4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

using V4Role = DeepseekV4Message::Role;

constexpr std::string_view kV4Specials[] = {
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<｜latest_reminder｜>",
    "<think>",
    "</think>",
    "｜DSML｜",
    "<｜action｜>",
    "<｜query｜>",
    "<｜authority｜>",
    "<｜domain｜>",
    "<｜title｜>",
    "<｜read_url｜>",
};

constexpr std::string_view kV4Tasks[] = {"action", "query", "authority",
                                         "domain", "title", "read_url"};

constexpr std::string_view kThoroughly =
    "Reasoning Effort: Absolute maximum with no shortcuts permitted.\n"
    "You MUST be very thorough in your thinking and comprehensively decompose the problem to "
    "resolve the root cause, rigorously stress-testing your logic against all potential paths, "
    "edge cases, and adversarial scenarios.\n"
    "Explicitly write out your entire deliberation process, documenting every intermediate step, "
    "considered alternative, and rejected hypothesis to ensure absolutely no assumption is left "
    "unchecked.\n\n";

constexpr std::string_view kRelentlessly =
    "Reasoning Effort: Beyond maximum — exhaustive, relentless, and uncompromising.\n"
    "You MUST reason with the utmost depth and rigor, leaving absolutely nothing to chance: "
    "exhaustively decompose the problem into its most fundamental components, trace every causal "
    "chain to its root, and resolve the underlying cause rather than any surface symptom.\n"
    "Do not stop reasoning until you have independently verified the solution from multiple angles "
    "and are certain that no assumption remains unchecked and no error remains undiscovered.\n\n";

constexpr std::string_view kToolsBefore = R"(## Tools

You have access to a set of tools to help answer the user's question. You can invoke tools by writing a "<｜DSML｜tool_calls>" block like the following:

<｜DSML｜tool_calls>
<｜DSML｜invoke name="$TOOL_NAME">
<｜DSML｜parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</｜DSML｜parameter>
...
</｜DSML｜invoke>
<｜DSML｜invoke name="$TOOL_NAME2">
...
</｜DSML｜invoke>
</｜DSML｜tool_calls>

String parameters should be specified as is and set `string="true"`. For all other types (numbers, booleans, arrays, objects), pass the value in JSON format and set `string="false"`.

If thinking_mode is enabled (triggered by <think>), you MUST output your complete reasoning inside <think>...</think> BEFORE any tool calls or final response.

Otherwise, output directly after </think> with tool calls or final response.

### Available Tool Schemas

)";

constexpr std::string_view kToolsAfter =
    "\n\nYou MUST strictly follow the above defined tool name and parameter schemas to invoke tool "
    "calls.\n";

std::string_view effortPrefix(const DeepseekV4Options& options) {
    const bool isPreview = options.ladder == DeepseekV4Ladder::preview;
    if (options.effort == Effort::max) return isPreview ? kThoroughly : kRelentlessly;
    return options.effort == Effort::high && !isPreview ? kThoroughly : "";
}

// A message once tool results are part of the user's turn.
struct V4Turn {
    struct Block {
        bool isToolResult = false;
        std::string text = {};
        std::string toolCallId = {};
    };

    const DeepseekV4Message* message = nullptr;  // null: a user's turn made of tool results
    std::vector<Block> blocks = {};              // user

    V4Role role() const { return message == nullptr ? V4Role::user : message->role; }

    std::string_view task() const {
        return message == nullptr ? "" : std::string_view(message->task);
    }
};

bool opensAnswer(V4Role role) {
    return role == V4Role::user || role == V4Role::developer;
}

std::vector<V4Turn> mergeTurns(std::span<const DeepseekV4Message> messages) {
    std::vector<V4Turn> turns;
    for (const auto& message : messages) {
        const bool isTool = message.role == V4Role::tool;
        if (!isTool && message.role != V4Role::user) {
            turns.push_back({.message = &message});
            continue;
        }
        const bool joins = !turns.empty() && turns.back().role() == V4Role::user &&
                           (isTool || turns.back().task().empty());
        if (!joins) turns.push_back({.message = isTool ? nullptr : &message});
        turns.back().blocks.push_back(
            {.isToolResult = isTool, .text = message.text, .toolCallId = message.toolCallId});
    }
    return turns;
}

// Where a call stands in its message; calls without an id have no place.
size_t placeOf(std::string_view id, std::span<const ToolCall> calls) {
    size_t place = 0;  // as for an unknown id
    for (size_t i = 0; i < calls.size(); ++i)
        if (!id.empty() && calls[i].id == id) place = i;
    return place;
}

// Tool results stand in the order of the calls they answer; texts keep their places.
void sortResults(std::vector<V4Turn>& turns) {
    std::span<const ToolCall> calls;
    for (auto& turn : turns) {
        if (turn.role() == V4Role::assistant && !turn.message->toolCalls.empty())
            calls = turn.message->toolCalls;
        std::vector<V4Turn::Block> results;
        for (const auto& block : turn.blocks)
            if (block.isToolResult) results.push_back(block);
        std::stable_sort(results.begin(), results.end(), [&](const auto& a, const auto& b) {
            return placeOf(a.toolCallId, calls) < placeOf(b.toolCallId, calls);
        });
        auto next = results.begin();
        for (auto& block : turn.blocks)
            if (block.isToolResult) block = *next++;
    }
}

class V4Writer {
public:
    V4Writer(std::span<const DeepseekV4Message> messages, const DeepseekV4Options& options,
             PromptWriter& out)
        : options_(options),
          out_(out),
          thinks_(options.thinking == DeepseekV4Options::Thinking::on),
          turns_(mergeTurns(messages)) {
        const bool hasTools =
            std::any_of(messages.begin(), messages.end(),
                        [](const auto& message) { return !message.toolSchemas.empty(); });
        drops_ = options.history == DeepseekV4Options::History::dropThinking && !hasTools;
        sortResults(turns_);
        if (thinks_ && drops_) dropDevelopers();
        last_ = lastQuestion();
    }

    base::Status write() {
        out_.markup("<｜begin▁of▁sentence｜>");
        if (thinks_ && !turns_.empty()) out_.markup(effortPrefix(options_));
        for (size_t i = 0; i < turns_.size(); ++i) {
            TRY(check(turns_[i]));
            writeTurn(i);
            writeBehind(i);
        }
        return {};
    }

private:
    // -1 if nobody asked.
    int64_t lastQuestion() const {
        for (auto i = int64_t(turns_.size()) - 1; i >= 0; --i)
            if (opensAnswer(turns_[size_t(i)].role())) return i;
        return -1;
    }

    void dropDevelopers() {
        int64_t last = lastQuestion();
        for (int64_t i = last - 1; i >= 0; --i)
            if (turns_[size_t(i)].role() == V4Role::developer) turns_.erase(turns_.begin() + i);
    }

    static base::Status check(const V4Turn& turn) {
        if (turn.role() == V4Role::developer && turn.message->text.empty())
            return base::fail(base::Errc::invalidInput, "a developer message has no text");
        const auto task = turn.task();
        if (task.empty() ||
            std::find(std::begin(kV4Tasks), std::end(kV4Tasks), task) != std::end(kV4Tasks))
            return {};
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("no task is named \"{}\"; there are {}", task, fmt::join(kV4Tasks, ", ")));
    }

    // Whether the answer at or behind turn `i` shows its reasoning.
    bool showsThinking(size_t i) const { return thinks_ && (!drops_ || int64_t(i) >= last_); }

    void writeTurn(size_t i) {
        const V4Turn& turn = turns_[i];
        switch (turn.role()) {
            case V4Role::user:
                out_.markup("<｜User｜>");
                writeBlocks(turn.blocks);
                return;
            case V4Role::developer:
                out_.markup("<｜User｜>");
                writeInstructions(*turn.message);
                return;
            case V4Role::system:
                writeInstructions(*turn.message);
                return;
            case V4Role::latestReminder:
                out_.markup("<｜latest_reminder｜>");
                out_.plain(turn.message->text);
                return;
            case V4Role::assistant:
                writeAnswer(i);
                return;
            case V4Role::tool:
                return;  // part of the user's turn by now
        }
    }

    void writeBlocks(std::span<const V4Turn::Block> blocks) {
        for (size_t i = 0; i < blocks.size(); ++i) {
            if (i > 0) out_.plain("\n\n");
            if (!blocks[i].isToolResult) {
                out_.plain(blocks[i].text);
                continue;
            }
            out_.plain("<tool_result>");
            out_.plain(blocks[i].text);
            out_.plain("</tool_result>");
        }
    }

    void writeInstructions(const DeepseekV4Message& message) {
        out_.plain(message.text);
        if (!message.toolSchemas.empty()) {
            out_.plain("\n\n");
            out_.markup(kToolsBefore);
            out_.plain(fmt::format("{}", fmt::join(message.toolSchemas, "\n")));
            out_.markup(kToolsAfter);
        }
        if (message.responseSchema.empty()) return;
        out_.plain(
            "\n\n## Response Format:\n\nYou MUST strictly adhere to the following schema to "
            "reply:\n");
        out_.plain(pythonJsonOr(message.responseSchema));
    }

    void writeAnswer(size_t i) {
        const DeepseekV4Message& message = *turns_[i].message;
        const bool isTaskOutput = i > 0 && !turns_[i - 1].task().empty();
        const bool hasReasoning = thinks_ && !isTaskOutput && (!drops_ || int64_t(i) > last_);
        out_.beginAnswer({.role = Role::assistant,
                          .text = message.text,
                          .reasoning = hasReasoning ? message.reasoning : std::string(),
                          .toolCalls = message.toolCalls});
        if (hasReasoning) {
            out_.plain(message.reasoning);
            out_.markup("</think>");
        }
        out_.plain(message.text);
        writeCalls(message.toolCalls);
        out_.endAnswer();
        if (!message.endsOpen) out_.markup("<｜end▁of▁sentence｜>");
    }

    void writeCalls(std::span<const ToolCall> calls) {
        if (calls.empty()) return;
        out_.markup("\n\n<｜DSML｜tool_calls>\n");
        for (const auto& call : calls) {
            writeDsmlCall(call, out_);
            out_.plain("\n");
        }
        out_.markup("</｜DSML｜tool_calls>");
    }

    // What asks for the next answer, unless a turn of somebody else follows.
    void writeBehind(size_t i) {
        const bool isLast = i + 1 == turns_.size();
        const V4Role next = isLast ? V4Role::assistant : turns_[i + 1].role();
        if (next != V4Role::assistant && next != V4Role::latestReminder) return;
        const auto task = turns_[i].task();
        if (task == "action") {
            out_.markup("<｜Assistant｜>");
            out_.markup(thinks_ ? "<think>" : "</think>");
        }
        if (!task.empty()) {
            out_.markup(fmt::format("<｜{}｜>", task));
            return;
        }
        const bool isSystemBeforeAnswer =
            turns_[i].role() == V4Role::system && next == V4Role::assistant;
        if (!opensAnswer(turns_[i].role()) && !isSystemBeforeAnswer) return;
        out_.markup("<｜Assistant｜>");
        out_.markup(showsThinking(i) ? "<think>" : "</think>");
    }

    const DeepseekV4Options& options_;
    PromptWriter& out_;
    bool thinks_;
    bool drops_ = false;
    std::vector<V4Turn> turns_;
    int64_t last_ = -1;  // the last turn of a user or developer
};

}  // namespace

std::span<const std::string_view> deepseekV4Specials() {
    return kV4Specials;
}

void writeDsmlCall(const ToolCall& call, PromptWriter& out) {
    const auto parameter = [&out](std::string_view name, std::string_view isString,
                                  std::string_view value) {
        out.markup("<｜DSML｜parameter name=\"");
        out.plain(name);
        out.plain(fmt::format("\" string=\"{}\">", isString));
        out.plain(value);
        out.markup("</｜DSML｜parameter>");
    };
    out.markup("<｜DSML｜invoke name=\"");
    out.plain(call.name);
    out.plain("\">\n");
    const auto arguments = parsePythonJson(call.arguments);
    if (!arguments || arguments->type != PythonJson::Type::object) {
        parameter("arguments", "true", call.arguments);
    } else {
        for (size_t i = 0; i < arguments->keys.size(); ++i) {
            if (i > 0) out.plain("\n");
            const PythonJson& value = arguments->values[i];
            const bool isString = value.type == PythonJson::Type::string;
            parameter(arguments->keys[i], isString ? "true" : "false",
                      isString ? value.text : toText(value));
        }
    }
    out.markup("\n</｜DSML｜invoke>");
}

base::Status writeDeepseekV4(std::span<const DeepseekV4Message> messages,
                             const DeepseekV4Options& options, PromptWriter& out) {
    return V4Writer(messages, options, out).write();
}

std::vector<DeepseekV4Message> deepseekV4Messages(const ChatInput& input) {
    std::vector<DeepseekV4Message> messages;
    const bool asksMore = !input.tools.empty() || !input.responseSchemaJson.empty();
    const bool hasSystem = !input.messages.empty() && input.messages.front().role == Role::system;
    if (asksMore && !hasSystem) messages.push_back({.role = V4Role::system});
    for (const auto& message : input.messages) {
        constexpr std::array kRoles = {V4Role::system, V4Role::user, V4Role::assistant,
                                       V4Role::tool};
        DeepseekV4Message& added = messages.emplace_back();
        added.role = kRoles[size_t(message.role)];
        added.text = message.text;
        added.reasoning = message.reasoning;
        added.toolCallId = message.toolCallId;
        for (const auto& call : message.toolCalls)
            if (call.isComplete) added.toolCalls.push_back(call);
    }
    if (asksMore) {
        for (const auto& tool : input.tools)
            messages.front().toolSchemas.push_back(functionJson(tool));
        messages.front().responseSchema = input.responseSchemaJson;
    }
    return messages;
}

}  // namespace moxie::engine
