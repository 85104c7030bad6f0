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
    std::lock_guard lock(mutex_);
    if (answers_.contains(key)) return;
    insert(key, {.body = std::string(body), .tokens = std::move(tokens)});
    new_.push_back(key);
}

// Requires: mutex_ is held.
void AnswerMemory::insert(const base::Hash128& key, Answer answer) {
    bytes_ += bytesOf(answer.body, answer.tokens);
    answers_.emplace(key, std::move(answer));
    order_.push_back(key);
    while (bytes_ > kBytesMax && order_.size() > 1) {
        const auto oldest = answers_.find(order_.front());
        bytes_ -= bytesOf(oldest->second.body, oldest->second.tokens);
        answers_.erase(oldest);
        order_.pop_front();
    }
}

void AnswerMemory::restore(StoredAnswer answer) {
    std::lock_guard lock(mutex_);
    if (answers_.contains(answer.key)) return;
    insert(answer.key, {.body = std::move(answer.text), .tokens = std::move(answer.tokens)});
}

std::vector<StoredAnswer> AnswerMemory::takeNew() {
    std::lock_guard lock(mutex_);
    std::vector<StoredAnswer> fresh;
    for (const base::Hash128& key : new_)
        if (const auto found = answers_.find(key); found != answers_.end())
            fresh.push_back(
                {.key = key, .text = found->second.body, .tokens = found->second.tokens});
    new_.clear();
    return fresh;
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
