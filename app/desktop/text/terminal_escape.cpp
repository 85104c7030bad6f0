#include "app/desktop/text/terminal_escape.h"

#include <algorithm>

namespace moxie::desktop {

namespace {

constexpr int32_t kNumberMax = 100'000;

TerminalColor paletteColor(int64_t index) {
    return {TerminalColor::Kind::palette, uint8_t(index), 0, 0};
}

bool isByte(int64_t value) {
    return value >= 0 && value <= 255;
}

// Reads "5;n", "2;r;g;b", "5:n", "2:r:g:b" or "2:space:r:g:b" behind 38, 48 or 58 at `i`, and moves
// `i` to the last parameter it used. Leaves `color` alone if it is malformed.
void takeColor(const TerminalCommand& command, int32_t& i, TerminalColor& color) {
    const int32_t count = command.nParameters;
    int32_t end = i + 1;
    const bool hasColons = end < count && command.isSub[size_t(end)];
    while (hasColons && end < count && command.isSub[size_t(end)])
        ++end;
    if (!hasColons) end = count;
    const int64_t form = i + 1 < end ? command.at(i + 1, 0) : 0;
    const int32_t used = form == 5 ? 2 : form == 2 ? 4 : 1;
    const int32_t first = hasColons && form == 2 && end - i > 5 ? i + 3 : i + 2;
    const auto part = [&](int32_t index) { return index < end ? command.at(index, 0) : -1; };
    if (form == 5 && isByte(part(i + 2))) color = paletteColor(part(i + 2));
    if (form == 2 && isByte(part(first)) && isByte(part(first + 1)) && isByte(part(first + 2))) {
        color = {TerminalColor::Kind::rgb, uint8_t(part(first)), uint8_t(part(first + 1)),
                 uint8_t(part(first + 2))};
    }
    i = hasColons ? end - 1 : std::min(i + used, count - 1);
}

void applyOne(int64_t code, TerminalStyle& style) {
    switch (code) {
        case 0:
            style = {};
            break;
        case 1:
            style.isBold = true;
            break;
        case 2:
            style.isDim = true;
            break;
        case 3:
            style.isItalic = true;
            break;
        case 4:
        case 21:
            style.isUnderlined = true;
            break;
        case 7:
            style.isInverse = true;
            break;
        case 9:
            style.isStruck = true;
            break;
        case 22:
            style.isBold = style.isDim = false;
            break;
        case 23:
            style.isItalic = false;
            break;
        case 24:
            style.isUnderlined = false;
            break;
        case 27:
            style.isInverse = false;
            break;
        case 29:
            style.isStruck = false;
            break;
        case 39:
            style.foreground = {};
            break;
        case 49:
            style.background = {};
            break;
        default:
            if (code >= 30 && code <= 37) style.foreground = paletteColor(code - 30);
            if (code >= 40 && code <= 47) style.background = paletteColor(code - 40);
            if (code >= 90 && code <= 97) style.foreground = paletteColor(code - 82);
            if (code >= 100 && code <= 107) style.background = paletteColor(code - 92);
            break;
    }
}

}  // namespace

int64_t TerminalCommand::at(int32_t index, int64_t otherwise) const {
    if (index >= nParameters || parameters[size_t(index)] < 0) return otherwise;
    return parameters[size_t(index)];
}

TerminalEscape::Outcome TerminalEscape::addControl(char32_t character) {
    if (character >= U'0' && character <= U'9') {
        if (command_.nParameters == 0) command_.nParameters = 1;
        int32_t& number = command_.parameters[size_t(command_.nParameters - 1)];
        number = std::min(kNumberMax, std::max(number, 0) * 10 + int32_t(character - U'0'));
    } else if (character == U';' || character == U':') {
        if (command_.nParameters == 0) command_.nParameters = 1;
        if (command_.nParameters == int32_t(command_.parameters.size())) {
            isBroken_ = true;
        } else {
            command_.isSub[size_t(command_.nParameters)] = character == U':';
            command_.parameters[size_t(command_.nParameters++)] = -1;
        }
    } else if (character >= U'<' && character <= U'?') {
        command_.isPrivate = true;
    } else if (character >= 0x20 && character < 0x30) {
        isBroken_ = true;  // an intermediate byte: none of those we obey has one
    } else if (character >= 0x40 && character < 0x7F) {
        state_ = State::ground;
        command_.final = char(character);
        return isBroken_ ? Outcome::swallowed : Outcome::command;
    } else {
        state_ = State::ground;  // malformed: ends here
    }
    return Outcome::swallowed;
}

TerminalEscape::Outcome TerminalEscape::add(char32_t character) {
    if (character == 0x1B) {
        state_ = state_ == State::text ? State::textEscape : State::escape;
        return Outcome::swallowed;
    }
    // Cancel, and the line ends that no sequence survives: a cut title must not eat the output.
    if (character == 0x18 || character == 0x1A) {
        state_ = State::ground;
        return Outcome::swallowed;
    }
    if (character == U'\n' && state_ != State::ground) {
        state_ = State::ground;
        return Outcome::text;
    }
    switch (state_) {
        case State::ground:
            return Outcome::text;
        case State::textEscape:
        case State::escape:
            if (character == U'[') {
                state_ = State::control;
                command_ = {};
                command_.parameters.fill(-1);
                isBroken_ = false;
            } else if (character == U']' || character == U'P' || character == U'_' ||
                       character == U'^' || character == U'X') {
                state_ = State::text;
            } else if (character >= 0x20 && character < 0x30) {
                state_ = State::intermediate;
            } else {
                state_ = State::ground;  // one character, or the end of a text
            }
            return Outcome::swallowed;
        case State::intermediate:
            if (character < 0x20 || character >= 0x30) state_ = State::ground;
            return Outcome::swallowed;
        case State::control:
            // Controls inside a sequence act as if they stood before it.
            if (character == U'\r' || character == U'\b' || character == U'\t')
                return Outcome::text;
            return addControl(character);
        case State::text:
            if (character == 0x07) state_ = State::ground;
            return Outcome::swallowed;
    }
    return Outcome::swallowed;
}

void applyRendition(const TerminalCommand& command, TerminalStyle& style) {
    if (command.nParameters == 0) style = {};
    for (int32_t i = 0; i < command.nParameters; ++i) {
        const int64_t code = command.at(i, 0);
        TerminalColor unused;
        if (code == 38) {
            takeColor(command, i, style.foreground);
        } else if (code == 48) {
            takeColor(command, i, style.background);
        } else if (code == 58) {
            takeColor(command, i, unused);  // colour of the underline
        } else if (code == 4 && i + 1 < command.nParameters && command.isSub[size_t(i + 1)]) {
            style.isUnderlined = command.at(i + 1, 0) != 0;  // a kind of underline
        } else {
            applyOne(code, style);
        }
        while (i + 1 < command.nParameters && command.isSub[size_t(i + 1)])
            ++i;
    }
}

}  // namespace moxie::desktop
