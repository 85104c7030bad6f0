// The output of a command as lines of styled text, for a card that scrolls and never types: SGR
// colours, carriage return, backspace, tabs, erase in line and moves within the line. It is no
// screen: moves to other lines, titles, links and all other sequences are swallowed. Pieces may be
// cut anywhere; the same bytes give the same lines. Keeps the newest lines in a compact store.
// Threads: one thread at a time. Cost: about 30 bytes and the text per line kept.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/text/terminal_escape.h"
#include "app/desktop/text/terminal_line.h"
#include "app/desktop/text/terminal_snapshot.h"
#include "app/desktop/text/utf8_pieces.h"

namespace moxie::desktop {

struct TerminalLimits {
    int64_t linesMax = 1'000'000;
    int64_t bytesMax = 256 << 20;   // of the store
    int32_t lineCharsMax = 16'384;  // a longer line goes on in the next one
};

class TerminalText {
public:
    explicit TerminalText(TerminalLimits limits = {});

    void append(std::string_view bytes);
    void finish();  // no more bytes come

    // Lines kept, the open one too if there is anything on it.
    int64_t size() const;

    // Lines that were dropped at the start to keep the limits.
    int64_t nLeftOut() const { return nLeftOut_; }

    // Requires: 0 <= index < size(). Line 0 is number nLeftOut() of all.
    TerminalLine line(int64_t index) const;
    // The same without styles.
    std::string text(int64_t index) const;

    // The first line that may differ since the last call, counted with those left out.
    int64_t takeFirstChanged();

    // What there is now, for another thread. Cost: a copy of at most one chunk of 256 kB.
    TerminalSnapshot snapshot() const;

    int64_t storeBytes() const;

private:
    struct Cell {
        char32_t character = U' ';
        uint16_t style = 0;
        uint16_t marks = 0;  // index + 1 into marks_: what is combined with the character
    };

    std::string_view addPlain(std::string_view text);
    void addCharacter(char32_t character);
    void control(char character);
    void obey(const TerminalCommand& command);
    void erase(int64_t mode);
    void endLine();
    std::string encoded() const;  // the open line as it is stored
    void store(std::string_view record);
    std::string_view recordAt(int64_t index) const;
    uint16_t styleIndex();
    void dropFirst();

    TerminalLimits limits_;
    Utf8Pieces pieces_;
    TerminalEscape escape_;
    std::vector<TerminalStyle> styles_;  // each style once; 0: plain
    TerminalStyle style_;
    uint16_t styleIndex_ = 0;
    bool isStyleNew_ = false;            // styleIndex_ is not that of style_ yet
    std::vector<Cell> open_;             // the line being written
    std::vector<std::u32string> marks_;  // of the open line
    int64_t column_ = 0;
    // Finished lines. Only the last chunk grows, and nobody else has it; the others are shared
    // with snapshots.
    std::deque<std::shared_ptr<TerminalChunk>> chunks_;
    int64_t nFinished_ = 0;  // lines ever
    int64_t nLeftOut_ = 0;
    int64_t firstChanged_ = 0;
};

}  // namespace moxie::desktop
