#include "app/cli/permission_prompt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "app/cli/diff_view.h"
#include "app/cli/json_text.h"
#include "app/cli/rules.h"
#include "base/text.h"

namespace moxie::app {

bool canAsk(const Context& context) {
    return context.error.isTerminal() && ::isatty(STDIN_FILENO) == 1;
}

std::optional<std::string> readTypedLine(const std::stop_token& stop) {
    const int wake = ::eventfd(0, EFD_CLOEXEC);
    if (wake < 0) return std::nullopt;
    std::optional<std::string> typed;
    {
        const std::stop_callback onStop(stop, [wake] {
            const uint64_t one = 1;
            // An eventfd that cannot take one more is already readable.
            [[maybe_unused]] const ssize_t written = ::write(wake, &one, sizeof one);
        });
        std::array<pollfd, 2> ready = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
        int count = 0;
        do
            count = ::poll(ready.data(), ready.size(), -1);
        while (count < 0 && errno == EINTR);
        std::array<char, 4096> buffer = {};
        if (count > 0 && ready[1].revents == 0) {
            const ssize_t bytes = ::read(STDIN_FILENO, buffer.data(), buffer.size());
            if (bytes > 0)
                typed = std::string(base::trim(std::string_view(buffer.data(), size_t(bytes))));
        }
    }
    ::close(wake);
    return typed;
}

namespace {

using agent::PermissionAnswer;
using agent::PermissionReply;

constexpr int64_t kDiffLinesShown = 60;

// nullopt: the key has no meaning here.
std::optional<PermissionReply> replyOf(std::string_view typed,
                                       const agent::PermissionQuestion& question) {
    if (typed.size() != 1) return std::nullopt;
    const std::string& rule = question.suggestedRule;
    switch (typed.front() | 0x20) {  // either case
        case 'y':
            return PermissionReply{PermissionAnswer::once};
        case 'n':
        case 'w':
            return PermissionReply{PermissionAnswer::denied};
        default:
            break;
    }
    if (rule.empty()) return std::nullopt;
    switch (typed.front() | 0x20) {
        case 't':
            return PermissionReply{PermissionAnswer::forTurn, rule};
        case 'a':
            return PermissionReply{PermissionAnswer::forSession, rule};
        case 'p':
            return PermissionReply{PermissionAnswer::always, rule};
        default:
            return std::nullopt;
    }
}

// A rule that cannot be kept holds for the session.
PermissionReply keptRule(PermissionReply reply, const std::filesystem::path& repository,
                         Context& context) {
    if (const base::Status kept = addRule(repository, RuleKind::allow, reply.rule, context.say);
        !kept) {
        context.warn(printable(kept.error().message()));
        reply.answer = PermissionAnswer::forSession;
        return reply;
    }
    context.error.line(context.say(Msg::ruleAdded, printable(reply.rule), "allow",
                                   projectOf(repository).string()));
    return reply;
}

PermissionReply deniedWithReason(Context& context, const std::stop_token& stop) {
    context.error.write(context.say(Msg::askDenyReason));
    return {PermissionAnswer::denied, {}, readTypedLine(stop).value_or("")};
}

// What exactly would happen: a diff, or each argument with its text as it is.
void showDetail(const agent::PermissionQuestion& question, Context& context) {
    Output& error = context.error;
    const CallDiff diff = diffOfCall(question.tool, question.detail, kDiffLinesShown);
    if (!diff.lines.empty()) return writeDiff(diff, error, context.say);
    const auto arguments = nlohmann::json::parse(question.detail, nullptr, false);
    if (!arguments.is_object()) {
        if (!question.detail.empty()) error.line("    " + printable(question.detail));
        return;
    }
    for (const auto& [name, value] : arguments.items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : dumped(value, -1);
        // The head has said it: "bash: make test", "read notes.txt".
        if (question.summary.ends_with(text)) continue;
        for (const std::string_view line : base::splitLines(text))
            error.line("    " + printable(name) + ": " + printable(line));
    }
}

}  // namespace

agent::PermissionReply askPermission(const agent::PermissionQuestion& question,
                                     const std::filesystem::path& repository, Context& context,
                                     const std::stop_token& stop) {
    Output& error = context.error;
    error.line(error.styled(Style::bold, context.say(Msg::askHead, printable(question.summary))));
    showDetail(question, context);
    if (!question.reason.empty())
        error.line(context.say(Msg::askReason, printable(question.reason)));
    if (!question.touches.empty())
        error.line(context.say(Msg::askTouches, printable(question.touches)));
    const bool isOnlyOnce = question.suggestedRule.empty();
    if (!isOnlyOnce)
        error.line(context.say(Msg::askRule, printable(question.suggestedRule)));
    else if (!question.whyOnlyOnce.empty())
        error.line(context.say(Msg::askWhyOnlyOnce, printable(question.whyOnlyOnce)));
    for (;;) {
        error.write(context.say(isOnlyOnce ? Msg::askChoicesOnce : Msg::askChoices));
        const auto typed = readTypedLine(stop);
        if (!typed) return {agent::PermissionAnswer::unavailable};
        const auto reply = replyOf(*typed, question);
        if (!reply) continue;
        if (reply->answer == agent::PermissionAnswer::always)
            return keptRule(*reply, repository, context);
        if (*typed == "w" || *typed == "W") return deniedWithReason(context, stop);
        return *reply;
    }
}

}  // namespace moxie::app
