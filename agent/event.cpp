#include "agent/event.h"

#include <fmt/format.h>

#include <array>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>

namespace moxie::agent {

namespace {

using nlohmann::json;

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

constexpr std::array<std::pair<EndStatus, std::string_view>, 12> kStatusNames = {{
    {EndStatus::verified, "verified"},
    {EndStatus::error, "error"},
    {EndStatus::usage, "usage"},
    {EndStatus::unverified, "unverified"},
    {EndStatus::verificationFailed, "verification_failed"},
    {EndStatus::permission, "permission"},
    {EndStatus::budget, "budget"},
    {EndStatus::stuck, "stuck"},
    {EndStatus::sandboxUnavailable, "sandbox_unavailable"},
    {EndStatus::refused, "refused"},
    {EndStatus::interrupted, "interrupted"},
    {EndStatus::terminated, "terminated"},
}};

constexpr std::array<std::string_view, 4> kRoleNames = {"system", "user", "assistant", "tool"};

// The type names in the order of EventBody's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<EventBody>> kTypeNames = {
    "session_started",
    "turn_started",
    "message",
    "request",
    "model",
    "attempt_failed",
    "delta",
    "tool_call",
    "tool_output",
    "tool_result",
    "permission_asked",
    "permission_answered",
    "checkpoint",
    "plan",
    "usage",
    "verification",
    "commit",
    "notice",
    "pruned",
    "turn_ended"};

// ---- the fields of every kind, once, for writing and for reading ----
// field(): always written, required when read. later(): added after the first version or nearly
// always empty; written if not the default, may be missing when read.

void fields(auto& v, Is<SessionStarted> auto& b) {
    v.field("session_id", b.sessionId);
    v.field("repository", b.repository);
    v.field("version", b.version);
    v.field("mode", b.mode);
    v.later("parent_session", b.parentSession);
    v.later("parent_seq", b.parentSeq);
    v.later("tools_json", b.toolsJson);
}

void fields(auto& v, Is<TurnStarted> auto& b) {
    v.field("task", b.task);
    v.later("mode", b.mode);
}

void fields(auto& v, Is<engine::ToolCall> auto& b) {
    v.field("id", b.id);
    v.field("name", b.name);
    v.field("arguments", b.arguments);
    v.field("complete", b.isComplete);
}

void fields(auto& v, Is<engine::Image> auto& b) {
    v.field("media_type", b.mediaType);
    v.field("base64", b.base64);
}

void fields(auto& v, Is<MessageAdded> auto& b) {
    v.field("role", b.message.role);
    v.field("text", b.message.text);
    v.later("reasoning", b.message.reasoning);
    v.later("reasoning_blocks", b.message.reasoningBlocks);
    v.later("tool_calls", b.message.toolCalls);
    v.later("tool_call_id", b.message.toolCallId);
    v.later("tool_error", b.message.isToolError);
    v.later("images", b.message.images);
    v.later("packed", b.packed);
}

void fields(auto& v, Is<RequestSent> auto& b) {
    v.field("model", b.model);
    v.field("bytes", b.bytes);
    v.field("prefix_hash", b.prefixHash);
    v.field("step", b.step);
}

void fields(auto& v, Is<ModelAnswering> auto& b) {
    v.field("model", b.chosen.model);
    v.field("backend", b.chosen.backend);
    v.field("reason", b.chosen.reason);
}

void fields(auto& v, Is<AttemptFailed> auto& b) {
    v.field("attempt", b.attempt.attempt);
    v.field("wait_ms", b.attempt.waitMs);
    v.field("reason", b.attempt.reason);
}

void fields(auto& v, Is<Delta> auto& b) {
    v.field("channel", b.channel);
    v.field("text", b.text);
}

void fields(auto& v, Is<ToolCallStarted> auto& b) {
    v.field("call_id", b.callId);
    v.field("tool", b.tool);
    v.field("arguments", b.arguments);
    v.field("summary", b.summary);
    v.later("effects", b.effects);
}

void fields(auto& v, Is<ToolOutput> auto& b) {
    v.field("call_id", b.callId);
    v.field("text", b.text);
}

void fields(auto& v, Is<ToolCallEnded> auto& b) {
    v.field("call_id", b.callId);
    v.field("tool", b.tool);
    v.field("text", b.text);
    v.field("error", b.isError);
    v.field("exit_code", b.exitCode);
    v.field("duration_ms", b.durationMs);
    v.field("changed_paths", b.changedPaths);
    v.field("run", b.wasRun);
    v.later("observed", b.observed);
}

void fields(auto& v, Is<PermissionAsked> auto& b) {
    v.field("call_id", b.callId);
    v.field("tool", b.tool);
    v.field("summary", b.summary);
    v.field("reason", b.reason);
    v.later("rule", b.rule);
    v.later("touches", b.touches);
}

void fields(auto& v, Is<PermissionAnswered> auto& b) {
    v.field("call_id", b.callId);
    v.field("answer", b.answer);
    v.field("rule", b.rule);
    v.later("pattern", b.isPattern);
    v.later("reason", b.reason);
}

void fields(auto& v, Is<CheckpointTaken> auto& b) {
    v.field("commit", b.commit);
    v.field("reason", b.reason);
}

void fields(auto& v, Is<PlanChanged> auto& b) {
    v.field("items_json", b.itemsJson);
    v.later("by_user", b.byUser);
}

void fields(auto& v, Is<engine::Usage> auto& b) {
    v.field("input_tokens", b.inputTokens);
    v.field("cached_input_tokens", b.cachedInputTokens);
    v.field("output_tokens", b.outputTokens);
    v.field("reasoning_tokens", b.reasoningTokens);
}

void fields(auto& v, Is<UsageCounted> auto& b) {
    v.field("usage", b.usage);
    v.field("total", b.total);
    v.field("cost_usd", b.costUsd);
}

void fields(auto& v, Is<VerificationRun> auto& b) {
    v.field("command", b.command);
    v.field("output_tail", b.outputTail);
    v.field("exit_code", b.exitCode);
    v.field("passed", b.passed);
    v.field("duration_ms", b.durationMs);
    v.field("round", b.round);
    v.field("number", b.number);
    v.field("total", b.total);
}

void fields(auto& v, Is<Committed> auto& b) {
    v.field("commit", b.commit);
    v.field("message", b.message);
    v.field("paths", b.paths);
}

void fields(auto& v, Is<Notice> auto& b) {
    v.field("level", b.level);
    v.field("code", b.code);
    v.field("text", b.text);
}

void fields(auto& v, Is<HistoryPruned> auto& b) {
    v.field("message_seqs", b.messageSeqs);
    v.field("saved_bytes", b.savedBytes);
}

void fields(auto& v, Is<TurnEnded> auto& b) {
    v.field("status", b.status);
    v.field("reason", b.reason);
    v.field("steps", b.steps);
    v.field("duration_ms", b.durationMs);
}

// ---- writing ----

struct Writer {
    json out = json::object();

    static json value(const std::string& x) { return x; }

    static json value(bool x) { return x; }

    static json value(int32_t x) { return x; }

    static json value(int64_t x) { return x; }

    static json value(double x) { return x; }

    static json value(EndStatus x) { return toString(x); }

    static json value(engine::Role x) { return kRoleNames[size_t(x)]; }

    static json value(const engine::ToolCall& x) { return object(x); }

    static json value(const engine::Image& x) { return object(x); }

    static json value(const engine::Usage& x) { return object(x); }

    template <class T>
    static json value(const std::vector<T>& list) {
        json array = json::array();
        for (const T& item : list)
            array.push_back(value(item));
        return array;
    }

    template <class T>
    static json object(const T& body) {
        Writer inner;
        fields(inner, body);
        return std::move(inner.out);
    }

    template <class T>
    void field(const char* key, const T& x) {
        out[key] = value(x);
    }

    template <class T>
    void later(const char* key, const T& x) {
        if (x != T{}) out[key] = value(x);
    }
};

// ---- reading: the first field that is wrong is named ----

struct EventReader {
    const json& in;
    std::string problem = {};  // empty: all is well so far

    bool take(const json& from, std::string& to) {
        if (const auto* text = from.get_ptr<const json::string_t*>()) {
            to = *text;
            return true;
        }
        return false;
    }

    bool take(const json& from, bool& to) {
        if (!from.is_boolean()) return false;
        to = from.get<bool>();
        return true;
    }

    bool take(const json& from, int64_t& to) {
        if (!from.is_number_integer()) return false;
        if (from.is_number_unsigned() &&
            from.get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max()))
            return false;
        to = from.get<int64_t>();
        return true;
    }

    bool take(const json& from, int32_t& to) {
        int64_t wide = 0;
        if (!take(from, wide) || wide < std::numeric_limits<int32_t>::min() ||
            wide > std::numeric_limits<int32_t>::max())
            return false;
        to = int32_t(wide);
        return true;
    }

    bool take(const json& from, double& to) {
        if (!from.is_number()) return false;
        to = from.get<double>();
        return true;
    }

    bool take(const json& from, EndStatus& to) {
        std::string name;
        if (!take(from, name)) return false;
        const auto status = endStatusFromString(name);
        if (!status) return false;
        to = *status;
        return true;
    }

    bool take(const json& from, engine::Role& to) {
        std::string name;
        if (!take(from, name)) return false;
        for (size_t i = 0; i < kRoleNames.size(); ++i) {
            if (kRoleNames[i] != name) continue;
            to = engine::Role(i);
            return true;
        }
        return false;
    }

    template <class T>
    bool take(const json& from, std::vector<T>& to) {
        if (!from.is_array()) return false;
        to.clear();
        for (const json& item : from)
            if (!take(item, to.emplace_back())) return false;
        return true;
    }

    bool take(const json& from, engine::ToolCall& to) { return takeObject(from, to); }

    bool take(const json& from, engine::Image& to) { return takeObject(from, to); }

    bool take(const json& from, engine::Usage& to) { return takeObject(from, to); }

    template <class T>
    bool takeObject(const json& from, T& to) {
        if (!from.is_object()) return false;
        EventReader inner{from};
        fields(inner, to);
        return inner.problem.empty();
    }

    template <class T>
    void read(const char* key, T& to, const char* ifMissing) {
        if (!problem.empty()) return;
        const auto found = in.find(key);
        if (found == in.end())
            problem = ifMissing ? fmt::format("field \"{}\" is {}", key, ifMissing) : "";
        else if (!take(*found, to))
            problem = fmt::format("field \"{}\" has the wrong type or value", key);
    }

    template <class T>
    void field(const char* key, T& to) {
        read(key, to, "missing");
    }

    template <class T>
    void later(const char* key, T& to) {
        read(key, to, nullptr);
    }
};

// A default body of the type called `name`; false if there is none.
template <size_t I = 0>
bool makeBody(std::string_view name, EventBody& body) {
    if constexpr (I < std::variant_size_v<EventBody>) {
        if (kTypeNames[I] != name) return makeBody<I + 1>(name, body);
        body.emplace<I>();
        return true;
    }
    return false;
}

}  // namespace

std::string_view toString(EndStatus status) {
    for (const auto& [value, name] : kStatusNames)
        if (value == status) return name;
    return "error";
}

std::optional<EndStatus> endStatusFromString(std::string_view text) {
    for (const auto& [value, name] : kStatusNames)
        if (name == text) return value;
    return std::nullopt;
}

std::string_view typeName(const EventBody& body) {
    return kTypeNames[body.index()];
}

json toJson(const Event& event) {
    Writer writer;
    writer.field("seq", event.seq);
    writer.field("time_ms", event.timeMs);
    writer.field("turn", event.turn);
    writer.out["type"] = typeName(event.body);
    std::visit([&](const auto& body) { fields(writer, body); }, event.body);
    return std::move(writer.out);
}

std::string toJsonLine(const Event& event) {
    return toJson(event).dump(-1, ' ', false, json::error_handler_t::replace);
}

base::Result<Event> eventFromJson(const json& in) {
    if (!in.is_object()) return base::fail(base::Errc::corrupt, "event is not a JSON object");
    EventReader reader{in};
    Event event;
    std::string type;
    reader.field("seq", event.seq);
    reader.field("time_ms", event.timeMs);
    reader.field("turn", event.turn);
    reader.field("type", type);
    if (reader.problem.empty() && !makeBody(type, event.body))
        reader.problem = fmt::format("field \"type\" is \"{}\", which is no kind of event", type);
    if (reader.problem.empty()) std::visit([&](auto& body) { fields(reader, body); }, event.body);
    if (!reader.problem.empty())
        return base::fail(base::Errc::corrupt, fmt::format("event: {}", reader.problem));
    return event;
}

}  // namespace moxie::agent
