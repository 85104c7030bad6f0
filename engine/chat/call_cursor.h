// Reads the inside of one tool call from left to right. Threads: one thread at a time.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "engine/chat/marked_answer_parser.h"

namespace moxie::engine {

class CallCursor {
public:
    explicit CallCursor(std::string_view inside) : text_(inside) {}

    bool take(std::string_view literal) {
        if (!text_.substr(pos_).starts_with(literal)) return false;
        pos_ += literal.size();
        return true;
    }

    // What stands ahead of `literal`, which is taken too; nullopt, and nothing taken, without it.
    std::optional<std::string> until(std::string_view literal) {
        const size_t end = text_.find(literal, pos_);
        if (end == std::string_view::npos) return std::nullopt;
        std::string found = unmarked(text_.substr(pos_, end - pos_));
        pos_ = end + literal.size();
        return found;
    }

    void skipBlanks() {
        while (pos_ < text_.size() &&
               std::string_view(" \t\r\n").find(text_[pos_]) != std::string_view::npos)
            ++pos_;
    }

    bool isAtEnd() const { return pos_ == text_.size(); }

    std::string_view rest() const { return text_.substr(pos_); }

    // `call` with a problem at this place.
    CallReading wrong(ToolCall call, std::string problem) const {
        return {.call = std::move(call),
                .problem = std::move(problem),
                .at = int64_t(unmarked(text_.substr(0, pos_)).size())};
    }

private:
    std::string_view text_;
    size_t pos_ = 0;
};

// Collects the members of an arguments object.
class ArgumentList {
public:
    // False: the name is there already.
    bool add(const std::string& name, std::string_view json);

    std::string json() const { return "{" + members_ + "}"; }

private:
    std::vector<std::string> names_;
    std::string members_;
};

// `json` as the arguments of `call`: a JSON object without a key twice, at most 64 deep. `cursor`
// stands where it begins.
CallReading withArguments(ToolCall call, std::string_view json, const CallCursor& cursor);

}  // namespace moxie::engine
