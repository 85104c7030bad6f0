#include "engine/chat/call_ids.h"

#include <fmt/format.h>

namespace moxie::engine {

CallIds::CallIds(std::span<const Message> messages) {
    for (const auto& message : messages) {
        calls_ += int64_t(message.toolCalls.size());
        for (const auto& call : message.toolCalls)
            used_.insert(call.id);
    }
}

std::string CallIds::take(const std::string& wanted) {
    if (!wanted.empty() && used_.insert(wanted).second) return wanted;
    std::string id;
    do {
        id = fmt::format("call_{}", ++calls_);
    } while (!used_.insert(id).second);
    return id;
}

}  // namespace moxie::engine
