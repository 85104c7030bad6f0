// Plans that the user wrote, on their way into the log. Threads: any.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"

namespace moxie::agent {

class UserPlans {
public:
    // What is no plan becomes a notice that says so.
    void add(std::string itemsJson);
    // In the order in which they came; they are gone here then.
    std::vector<EventBody> take();
    // They could not be recorded: the next take() gives them first.
    void giveBack(std::vector<EventBody> bodies);

private:
    std::mutex mutex_;
    std::vector<EventBody> waiting_;
};

// What the model is told of a plan of the user. Fails: invalidInput, saying what is wrong.
base::Result<std::string> planNote(std::string_view itemsJson);

}  // namespace moxie::agent
