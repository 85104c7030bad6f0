// What happens in a turn, one item after the other: what the model thought and said, its tool
// calls, checks, commits and notices. Facts and counts, never sentences. Threads: values.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "app/desktop/core/boxed.h"
#include "app/desktop/model/call_details.h"

namespace moxie::desktop {

struct ReasoningItem {
    std::string text = {};
    int64_t tokens = 0;  // 0: not counted (yet)
    int64_t startedMs = 0, endedMs = 0;
    bool isStreaming = false;
    bool operator==(const ReasoningItem&) const = default;
};

// Text of the model: the answer if Turn::answerItem says so, else a word between steps.
struct TextItem {
    std::string text = {};  // Markdown
    bool isStreaming = false;
    bool operator==(const TextItem&) const = default;
};

enum class CardState {
    running,
    asking,  // waits for a permission
    done,
    failed,       // the tool said so, or a command ended with another code than 0
    denied,       // by a person or a rule
    interrupted,  // the turn ended first
};

struct CardPermission {
    std::string reason = {};  // why it was asked
    std::string answer = {};  // as in agent::PermissionAnswered; empty: not yet
    std::string rule = {};
    bool operator==(const CardPermission&) const = default;
};

struct ToolCard {
    std::string callId = {}, tool = {}, title = {};
    CallDetails details = {};
    CardState state = CardState::running;
    int64_t startedMs = 0, durationMs = 0;
    int32_t exitCode = -1;        // of a command; -1: none
    std::string outputTail = {};  // last 20 lines as they came, escape sequences and all
    int64_t outputLines = 0;      // line ends of all live output
    int64_t resultBytes = 0;      // of what the model got to read
    std::string errorText = {};   // start of the result of a failed or refused call
    std::vector<std::string> changedPaths = {};
    std::optional<CardPermission> permission = {};
    bool operator==(const ToolCard&) const = default;
};

struct CheckItem {  // a verification
    std::string command = {}, outputTail = {};
    int32_t exitCode = -1, round = 1, number = 1, total = 1;
    bool hasPassed = false;
    bool isRunning = false;  // its command is known when it ends
    int64_t durationMs = 0;
    bool operator==(const CheckItem&) const = default;
};

struct CommitItem {
    std::string commit = {}, message = {};
    std::vector<std::string> paths = {};
    bool operator==(const CommitItem&) const = default;
};

struct NoticeItem {
    std::string level = {}, code = {}, text = {};  // level: "info", "warning", "error"
    bool operator==(const NoticeItem&) const = default;
};

template <class T>
concept IsItem =
    std::same_as<T, ReasoningItem> || std::same_as<T, TextItem> || std::same_as<T, ToolCard> ||
    std::same_as<T, CheckItem> || std::same_as<T, CommitItem> || std::same_as<T, NoticeItem>;

// One of these. A session may have 100,000, most of them text, so the larger ones are boxed.
class Item {
public:
    // Not explicit: each of them is an item.
    template <IsItem T>
    Item(T item) : kept_(std::in_place_type<Kept<T>>, std::move(item)) {}

    // Null: it is something else.
    template <IsItem T>
    const T* as() const {
        const auto* kept = std::get_if<Kept<T>>(&kept_);
        return kept == nullptr ? nullptr : &open(*kept);
    }

    // Requires: it is a T.
    template <IsItem T>
    const T& get() const {
        return open(std::get<Kept<T>>(kept_));
    }

    template <IsItem T>
    T& get() {
        return open(std::get<Kept<T>>(kept_));
    }

    // Calls `visitor` with what it is.
    template <class Visitor>
    void visit(Visitor&& visitor) const {
        std::visit([&](const auto& kept) { visitor(open(kept)); }, kept_);
    }

    bool operator==(const Item&) const = default;

private:
    template <class T>
    using Kept = std::conditional_t<(sizeof(T) > sizeof(ReasoningItem)), Boxed<T>, T>;

    template <class T>
    static T& open(T& item) {
        return item;
    }

    template <class T>
    static const T& open(const Boxed<T>& box) {
        return *box;
    }

    template <class T>
    static T& open(Boxed<T>& box) {
        return *box;
    }

    std::variant<Kept<ReasoningItem>, Kept<TextItem>, Kept<ToolCard>, Kept<CheckItem>,
                 Kept<CommitItem>, Kept<NoticeItem>>
        kept_;
};

}  // namespace moxie::desktop
