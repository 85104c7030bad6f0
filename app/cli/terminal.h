// Standard output and error as the command uses them: whole writes, colours only where wanted, a
// closed pipe noticed instead of fatal, progress lines only on a terminal.
// Threads: owner thread only, except isClosed().
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace moxie::app {

enum class ColorChoice { automatic, always, never };
enum class Style { plain, bold, dim, red, green, yellow, blue, cyan };

// Text of a model, a tool or a file as a terminal may see it: control characters other than newline
// and tab are taken out, so nothing can move the cursor or set the title; invalid UTF-8 replaced.
std::string printable(std::string_view text);

// Columns that text takes on a terminal: two for wide East Asian characters, one for the rest.
int64_t displayWidth(std::string_view text);

// `text` cut to `columns`, with an ellipsis if something is missing; newlines become spaces.
std::string oneLine(std::string_view text, int64_t columns);

class Output {
public:
    Output(int descriptor, ColorChoice color);

    void setColor(ColorChoice color);
    void write(std::string_view text);
    void line(std::string_view text = {});
    // `text` wrapped in the escape codes of `style`, or as it is where colours are off.
    std::string styled(Style style, std::string_view text) const;

    bool isTerminal() const { return isTerminal_; }

    // True after a write met a closed pipe; later writes do nothing.
    bool isClosed() const { return isClosed_; }

    int64_t columns() const;  // width of the terminal, 100 if unknown

private:
    const int descriptor_;
    const bool isTerminal_;
    bool hasColor_ = false;
    std::atomic<bool> isClosed_ = false;
};

// A line on standard error that says how far something is, from its second second on, about five
// times a second. Erases itself.
class Progress {
public:
    Progress(Output& error, const base::Clock& clock);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::string_view text);
    void erase();

private:
    Output& error_;
    const base::Clock& clock_;
    const int64_t startedMs_;
    int64_t shownMs_ = 0;
    bool isShown_ = false;
};

}  // namespace moxie::app
