#include "agent/user_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::agent {

namespace {

using nlohmann::json;

constexpr size_t kPlanBytesMax = 65'536;
constexpr size_t kPlanItemsMax = 200;

std::string memberOf(const json& item, const char* name) {
    const auto member = item.find(name);
    return member != item.end() && member->is_string() ? member->get<std::string>() : "";
}

std::string_view markOf(std::string_view status) {
    return status == "pending"       ? "[ ]"
           : status == "in_progress" ? "[>]"
           : status == "done"        ? "[x]"
                                     : "";
}

// " (touches a.cpp, b.cpp)" or "".
std::string touchesOf(const json& item) {
    const auto touches = item.find("touches");
    if (touches == item.end() || !touches->is_array()) return {};
    std::string paths;
    for (const json& path : *touches)
        if (path.is_string()) paths += (paths.empty() ? "" : ", ") + path.get<std::string>();
    std::replace(paths.begin(), paths.end(), '\n', ' ');
    return paths.empty() ? paths : fmt::format(" (touches {})", paths);
}

}  // namespace

void UserPlans::add(std::string itemsJson) {
    const auto note = planNote(itemsJson);
    std::lock_guard lock(mutex_);
    if (note)
        waiting_.emplace_back(PlanChanged{std::move(itemsJson), true});
    else
        waiting_.emplace_back(Notice{"warning", "plan_refused", note.error().message()});
}

std::vector<EventBody> UserPlans::take() {
    std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

void UserPlans::giveBack(std::vector<EventBody> bodies) {
    std::lock_guard lock(mutex_);
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(bodies));
    waiting_ = std::move(bodies);
}

base::Result<std::string> planNote(std::string_view itemsJson) {
    const auto fail = [](std::string_view what) {
        return base::fail(base::Errc::invalidInput,
                          fmt::format("the changed plan was not taken: {}", what));
    };
    if (itemsJson.size() > kPlanBytesMax) return fail("it is too long");
    const json items = json::parse(itemsJson, nullptr, false);
    if (!items.is_array()) return fail("it is no JSON array");
    if (items.size() > kPlanItemsMax) return fail("it has too many steps");
    if (items.empty()) return "[plan changed by the user] All steps were taken out: there is none.";
    std::string note = "[plan changed by the user] It takes the place of yours:";
    for (const json& item : items) {
        if (!item.is_object()) return fail("a step is no object");
        std::string text = memberOf(item, "text");
        const std::string_view mark = markOf(memberOf(item, "status"));
        if (base::trim(text).empty()) return fail("a step has no text");
        if (mark.empty()) return fail("a step is neither pending, in_progress nor done");
        std::replace(text.begin(), text.end(), '\n', ' ');
        const std::string priority = memberOf(item, "priority");
        const bool isTold = priority == "high" || priority == "low";
        note += fmt::format("\n{} {}{}{}", mark, text,
                            isTold ? fmt::format(" ({} priority)", priority) : "", touchesOf(item));
    }
    return note;
}

}  // namespace moxie::agent
