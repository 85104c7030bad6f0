#include "engine/local/answer_memory.h"

#include <algorithm>
#include <cstddef>

namespace moxie::engine {

namespace {

constexpr int64_t kBytesMax = 64 << 20;

constexpr size_t kBlockTokens = 256;

base::Hash128 chained(const base::Hash128& parent, std::span<const int32_t> tokens) {
    return base::hash128(parent,
                         {reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()});
}

int64_t bytesOf(std::string_view body, std::span<const int32_t> tokens) {
    return int64_t(body.size() + tokens.size_bytes());
}

}  // namespace

void PromptName::append(std::span<const int32_t> tokens) {
    while (!tokens.empty()) {
        const size_t count = std::min(tokens.size(), kBlockTokens - rest_.size());
        rest_.insert(rest_.end(), tokens.begin(), tokens.begin() + std::ptrdiff_t(count));
        tokens = tokens.subspan(count);
        if (rest_.size() < kBlockTokens) return;
        chain_ = chained(chain_, rest_);
        hashedTokens_ += int64_t(kBlockTokens);
        rest_.clear();
    }
}

base::Hash128 PromptName::value() const {
    return chained(chain_, rest_);
}

void AnswerMemory::remember(std::span<const int32_t> prompt, std::string_view body,
                            std::vector<int32_t> tokens) {
    const auto key = base::hash128(PromptName(prompt).value(), body);
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

std::optional<std::vector<int32_t>> AnswerMemory::find(const PromptName& prompt,
                                                       std::string_view body) const {
    const auto key = base::hash128(prompt.value(), body);
    std::lock_guard lock(mutex_);
    const auto found = answers_.find(key);
    if (found == answers_.end() || found->second.body != body) return std::nullopt;
    return found->second.tokens;
}

}  // namespace moxie::engine
