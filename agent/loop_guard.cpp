#include "agent/loop_guard.h"

#include <fmt/format.h>

namespace moxie::agent {

namespace {

constexpr int32_t kRemindAt = 3;
constexpr int32_t kStopAt = 5;
constexpr int32_t kSameErrorStopAt = 4;
constexpr int32_t kMalformedStopAt = 3;
constexpr size_t kStepsMax = 2 * kStopAt;

base::Hash128 callHash(std::string_view tool, std::string_view arguments) {
    return base::hash128(base::hash128(tool), arguments);
}

}  // namespace

int32_t LoopGuard::identicalInARow() const {
    int32_t count = 0;
    for (auto step = steps_.rbegin(); step != steps_.rend() && *step == steps_.back(); ++step)
        ++count;
    return count;
}

// How often the last two different steps were repeated as a pair: A B A B is 2.
int32_t LoopGuard::pairsInARow() const {
    const size_t n = steps_.size();
    if (n < 4 || steps_[n - 1].call == steps_[n - 2].call) return 0;
    size_t length = 2;
    while (length < n && steps_[n - 1 - length] == steps_[n - 1 - (length % 2)])
        ++length;
    return int32_t(length / 2);
}

LoopGuard::Finding LoopGuard::seen(std::string_view tool, std::string_view arguments,
                                   std::string_view result, bool isError) {
    malformedInARow_ = 0;
    const base::Hash128 call = callHash(tool, arguments);
    steps_.push_back({call, base::hash128(result)});
    if (steps_.size() > kStepsMax) steps_.pop_front();

    const base::Hash128 error = callHash(tool, result);
    if (!isError || errorsInARow_ == 0 || error != lastError_) errorsInARow_ = callsInErrorRow_ = 0;
    if (isError) {
        if (errorsInARow_ == 0 || call != lastErrorCall_) ++callsInErrorRow_;
        ++errorsInARow_;
        lastError_ = error;
        lastErrorCall_ = call;
    }

    const int32_t same = identicalInARow();
    const int32_t pairs = pairsInARow();
    Finding finding;
    if (same >= kStopAt)
        finding.stop = fmt::format("the same call of {} gave the same result {} times", tool, same);
    else if (pairs >= kStopAt)
        finding.stop = fmt::format("the same two calls were repeated {} times in turns", pairs);
    else if (errorsInARow_ >= kSameErrorStopAt && callsInErrorRow_ > 1)
        finding.stop = fmt::format("{} failed with the same error {} times", tool, errorsInARow_);
    else if (same >= kRemindAt)
        finding.reminder = fmt::format(
            "[reminder: the same call gave the same result {} times now] Doing it "
            "again changes nothing. Try another way, or end with what you know.",
            same);
    else if (pairs >= kRemindAt)
        finding.reminder = fmt::format(
            "[reminder: these two calls were made {} times in turns with the same results] Doing "
            "it again changes nothing. Try another way, or end with what you know.",
            pairs);
    else if (errorsInARow_ >= kRemindAt && callsInErrorRow_ > 1)
        finding.reminder = fmt::format(
            "[reminder: the same error {} times now] Read it again, then try another way.",
            errorsInARow_);
    return finding;
}

LoopGuard::Finding LoopGuard::malformed() {
    Finding finding;
    if (++malformedInARow_ >= kMalformedStopAt)
        finding.stop = fmt::format("{} tool calls in a row could not be read", malformedInARow_);
    return finding;
}

}  // namespace moxie::agent
