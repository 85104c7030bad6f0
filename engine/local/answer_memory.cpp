#include "engine/local/answer_memory.h"

namespace moxie::engine {

namespace {

constexpr int64_t kBytesMax = 64 << 20;

base::Hash128 keyOf(std::span<const int32_t> prompt, std::string_view body) {
    const std::string_view bytes(reinterpret_cast<const char*>(prompt.data()), prompt.size_bytes());
    return base::hash128(base::hash128(bytes), body);
}

int64_t bytesOf(std::string_view body, std::span<const int32_t> tokens) {
    return int64_t(body.size() + tokens.size_bytes());
}

}  // namespace

void AnswerMemory::remember(std::span<const int32_t> prompt, std::string_view body,
                            std::vector<int32_t> tokens) {
    const auto key = keyOf(prompt, body);
    const int64_t added = bytesOf(body, tokens);
    std::lock_guard lock(mutex_);
    const auto [at, isNew] = answers_.try_emplace(key, std::string(body), std::move(tokens));
    if (!isNew) return;
    order_.push_back(key);
    bytes_ += added;
    while (bytes_ > kBytesMax && order_.size() > 1) {
        const auto oldest = answers_.find(order_.front());
        bytes_ -= bytesOf(oldest->second.body, oldest->second.tokens);
        answers_.erase(oldest);
        order_.pop_front();
    }
}

std::optional<std::vector<int32_t>> AnswerMemory::find(std::span<const int32_t> prompt,
                                                       std::string_view body) const {
    const auto key = keyOf(prompt, body);
    std::lock_guard lock(mutex_);
    const auto found = answers_.find(key);
    if (found == answers_.end() || found->second.body != body) return std::nullopt;
    return found->second.tokens;
}

}  // namespace moxie::engine
