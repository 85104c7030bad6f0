#include "app/desktop/model/plan_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::desktop {

namespace {

using nlohmann::json;

constexpr size_t kEntriesMax = 200;
constexpr size_t kCallsMax = 1000;
constexpr size_t kTouchesMax = 20;
constexpr int64_t kTextBytesMax = 1000;

std::string planText(const json& item, const char* name) {
    const auto value = item.find(name);
    return value != item.end() && value->is_string()
               ? std::string(base::cutUtf8(value->get<std::string>(), kTextBytesMax))
               : std::string();
}

std::vector<std::string> touchesOf(const json& item) {
    std::vector<std::string> paths;
    const auto touches = item.find("touches");
    if (touches == item.end() || !touches->is_array()) return paths;
    for (const json& path : *touches)
        if (path.is_string() && !path.get_ref<const std::string&>().empty() &&
            paths.size() < kTouchesMax)
            paths.emplace_back(base::cutUtf8(path.get_ref<const std::string&>(), kTextBytesMax));
    return paths;
}

}  // namespace

bool PlanModel::replace(const std::string& itemsJson) {
    const json items = json::parse(itemsJson, nullptr, false);
    if (!items.is_array()) return false;
    Plan plan;
    for (const json& item : items) {
        if (!item.is_object() || plan.entries.size() >= kEntriesMax) continue;
        PlanEntry entry;
        entry.text = planText(item, "text");
        const std::string status = planText(item, "status");
        if (status == "done") entry.state = PlanState::done;
        if (status == "in_progress") entry.state = PlanState::active;
        const std::string priority = planText(item, "priority");
        if (priority == "high") entry.priority = PlanPriority::high;
        if (priority == "low") entry.priority = PlanPriority::low;
        entry.touches = touchesOf(item);
        // The list comes whole each time; an entry is the same if it says the same.
        const auto same = std::find_if(now_.entries.begin(), now_.entries.end(),
                                       [&](const PlanEntry& e) { return e.text == entry.text; });
        if (same != now_.entries.end()) entry.callIds = same->callIds;
        if (entry.state == PlanState::done) ++plan.nDone;
        if (entry.state == PlanState::active && plan.active < 0)
            plan.active = int32_t(plan.entries.size());
        plan.entries.push_back(std::move(entry));
    }
    const bool isNew = !(plan == now_);
    now_ = std::move(plan);
    return isNew;
}

bool PlanModel::apply(const agent::Event& event) {
    if (const auto* changed = std::get_if<agent::PlanChanged>(&event.body))
        return replace(changed->itemsJson);
    const auto* call = std::get_if<agent::ToolCallStarted>(&event.body);
    if (call == nullptr || call->tool == "plan" || now_.active < 0) return false;
    PlanEntry& entry = now_.entries[size_t(now_.active)];
    if (entry.callIds.size() >= kCallsMax) return false;
    entry.callIds.push_back(call->callId);
    return true;
}

}  // namespace moxie::desktop
