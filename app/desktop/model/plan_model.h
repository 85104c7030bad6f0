// The plan strip: the agent's steps as its last plan event gave them, and the calls that served
// each. It never invents progress. Threads: one thread at a time; now() may be copied.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "agent/event.h"

namespace moxie::desktop {

enum class PlanState { pending, active, done };
enum class PlanPriority { high, medium, low };

struct PlanEntry {
    std::string text = {};
    PlanState state = PlanState::pending;
    PlanPriority priority = PlanPriority::medium;
    std::vector<std::string> touches = {};  // files that it is going to change, as the model wrote
    std::vector<std::string> callIds = {};  // made while it was active; the first 1,000
    bool operator==(const PlanEntry&) const = default;
};

struct Plan {
    std::vector<PlanEntry> entries = {};
    int32_t nDone = 0;
    int32_t active = -1;  // index; -1: none
    bool operator==(const Plan&) const = default;
};

class PlanModel {
public:
    // True: now() changed.
    bool apply(const agent::Event& event);

    const Plan& now() const { return now_; }

private:
    bool replace(const std::string& itemsJson);

    Plan now_;
};

}  // namespace moxie::desktop
