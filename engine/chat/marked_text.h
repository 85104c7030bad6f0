// Text of an answer in which control tokens are kept apart from ordinary text that spells their
// names: a control token's name stands between the bytes FF and FE, which no UTF-8 text has. So one
// string holds both, and a parser cannot take one for the other.
// Threads: any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace moxie::engine {

std::string markedToken(std::string_view name);
// The text with the marks taken away.
std::string unmarked(std::string_view text);

// The names that are control tokens in a model's vocabulary. What a format calls a marker is a
// control token in one model and ordinary text in the next.
class MarkerNames {
public:
    MarkerNames() = default;

    explicit MarkerNames(std::vector<std::string> names) : names_(std::move(names)) {}

    bool has(std::string_view name) const;
    // `text` as a model would answer it: the names in it are control tokens.
    std::string mark(std::string_view text) const;

    const std::vector<std::string>& all() const { return names_; }

private:
    std::vector<std::string> names_;
};

}  // namespace moxie::engine
