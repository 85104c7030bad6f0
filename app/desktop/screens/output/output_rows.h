// A line of a command's output as a row of a LineCanvas: the theme's terminal colours, kept
// readable on its ground, and places ("src/a.cpp:12") as links. The terminal tab and the card in
// the conversation draw the same. Threads: any thread.
#pragma once
#include "app/desktop/canvas/line_source.h"
#include "app/desktop/text/terminal_line.h"

namespace moxie::desktop {

LineRow rowOf(const TerminalLine& line, ThemeId theme);

// A place of a link's href: "place:LINE:COLUMN:PATH"; column 0: not said.
struct OutputPlace {
    QString path = {};
    int line = 0, column = 0;
    bool operator==(const OutputPlace&) const = default;
};

// False: `href` is none of ours.
bool placeFromHref(const QString& href, OutputPlace& place);

}  // namespace moxie::desktop
