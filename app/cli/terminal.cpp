#include "app/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.h"

namespace moxie::app {

namespace {

// The character that starts at `pos` of valid UTF-8, and its length in bytes.
struct Character {
    char32_t code = 0;
    size_t bytes = 1;
};

Character characterAt(std::string_view text, size_t pos) {
    const auto byteAt = [&](size_t i) {
        return i < text.size() ? char32_t(uint8_t(text[i])) : char32_t(0x80);
    };
    const char32_t lead = byteAt(pos);
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byteAt(pos + 1) & 0x3F), 2};
    if (lead < 0xF0)
        return {(lead & 0x0F) << 12 | (byteAt(pos + 1) & 0x3F) << 6 | (byteAt(pos + 2) & 0x3F), 3};
    return {(lead & 0x07) << 18 | (byteAt(pos + 1) & 0x3F) << 12 | (byteAt(pos + 2) & 0x3F) << 6 |
                (byteAt(pos + 3) & 0x3F),
            4};
}

bool isWide(char32_t code) {
    // The large wide blocks of Unicode's East Asian Width (UAX #11), and emoji.
    return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
           (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
           (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
           (code >= 0x20000 && code <= 0x3FFFD);
}

// Bidirectional overrides and isolates can make a command look like another one.
bool isHidden(char32_t code) {
    return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0) ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
    const std::string valid = base::toValidUtf8(text);
    std::string shown;
    shown.reserve(valid.size());
    for (size_t pos = 0; pos < valid.size();) {
        const Character character = characterAt(valid, pos);
        if (!isHidden(character.code)) shown.append(valid, pos, character.bytes);
        pos += character.bytes;
    }
    return shown;
}

int64_t displayWidth(std::string_view text) {
    int64_t width = 0;
    for (size_t pos = 0; pos < text.size();) {
        const Character character = characterAt(text, pos);
        width += isWide(character.code) ? 2 : 1;
        pos += character.bytes;
    }
    return width;
}

std::string oneLine(std::string_view text, int64_t columns) {
    const std::string clean = printable(base::trim(text));
    std::string line;
    int64_t width = 0;
    for (size_t pos = 0; pos < clean.size();) {
        const Character character = characterAt(clean, pos);
        const int64_t wanted = isWide(character.code) ? 2 : 1;
        const bool isLast = pos + character.bytes >= clean.size();
        if (width + wanted > columns - (isLast ? 0 : 1)) return line + "…";
        if (character.code == '\n' || character.code == '\t')
            line += ' ';
        else
            line.append(clean, pos, character.bytes);
        width += wanted;
        pos += character.bytes;
    }
    return line;
}

Output::Output(int descriptor, ColorChoice color)
    : descriptor_(descriptor),
      isTerminal_(::isatty(descriptor) == 1) {
    setColor(color);
}

void Output::setColor(ColorChoice color) {
    const char* noColor = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool isDumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    const bool isUnwanted = (noColor != nullptr && *noColor != '\0') || isDumb;
    hasColor_ = color == ColorChoice::always ||
                (color == ColorChoice::automatic && isTerminal_ && !isUnwanted);
}

void Output::write(std::string_view text) {
    while (!text.empty() && !isClosed_) {
        const ssize_t written = ::write(descriptor_, text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(size_t(written));
        else if (errno != EINTR && errno != EAGAIN)
            isClosed_ = true;
    }
}

void Output::line(std::string_view text) {
    std::string whole(text);
    whole += '\n';
    write(whole);
}

std::string Output::styled(Style style, std::string_view text) const {
    if (!hasColor_ || style == Style::plain || text.empty()) return std::string(text);
    std::string_view code;
    switch (style) {
        case Style::plain:
            break;
        case Style::bold:
            code = "1";
            break;
        case Style::dim:
            code = "2";
            break;
        case Style::red:
            code = "31";
            break;
        case Style::green:
            code = "32";
            break;
        case Style::yellow:
            code = "33";
            break;
        case Style::blue:
            code = "34";
            break;
        case Style::cyan:
            code = "36";
            break;
    }
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

int64_t Output::columns() const {
    winsize size = {};
    if (isTerminal_ && ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col;
    return 100;
}

Progress::Progress(Output& error, const base::Clock& clock)
    : error_(error),
      clock_(clock),
      startedMs_(clock.steadyMs()) {}

Progress::~Progress() {
    erase();
}

void Progress::show(std::string_view text) {
    if (!error_.isTerminal()) return;
    const int64_t nowMs = clock_.steadyMs();
    if (nowMs - startedMs_ < 1000 || nowMs - shownMs_ < 200) return;
    shownMs_ = nowMs;
    isShown_ = true;
    error_.write("\r\x1b[K" + error_.styled(Style::dim, oneLine(text, error_.columns() - 1)));
}

void Progress::erase() {
    if (!isShown_) return;
    isShown_ = false;
    error_.write("\r\x1b[K");
}

}  // namespace moxie::app
