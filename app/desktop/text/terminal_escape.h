// Recognises terminal escape sequences one character at a time and hands out the few that a line
// model obeys. Everything else is swallowed, however long or malformed. Source: ECMA-48 for the
// forms, ISO 8613-6 for colours. Threads: one thread at a time.
#pragma once
#include <array>
#include <cstdint>

#include "app/desktop/text/terminal_line.h"

namespace moxie::desktop {

// A control sequence: ESC [ parameters final.
struct TerminalCommand {
    char final = 0;
    bool isPrivate = false;                   // begins with ?, <, = or >
    int32_t nParameters = 0;                  // at most kParametersMax
    std::array<int32_t, 32> parameters = {};  // -1: left out
    std::array<bool, 32> isSub = {};          // came behind a colon
    // The parameter, or `otherwise` if it was left out.
    int64_t at(int32_t index, int64_t otherwise) const;
};

class TerminalEscape {
public:
    enum class Outcome {
        text,       // no part of a sequence
        swallowed,  // part of one
        command     // ends a control sequence: see command()
    };
    Outcome add(char32_t character);

    const TerminalCommand& command() const { return command_; }

    // The next printable character is text.
    bool isAtRest() const { return state_ == State::ground; }

private:
    enum class State { ground, escape, intermediate, control, text, textEscape };
    Outcome addControl(char32_t character);

    State state_ = State::ground;
    TerminalCommand command_;
    bool isBroken_ = false;  // swallow, do not obey
};

// "Select graphic rendition": what ESC [ ... m makes of a style.
void applyRendition(const TerminalCommand& command, TerminalStyle& style);

}  // namespace moxie::desktop
