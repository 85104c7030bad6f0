// Which words of a changed line changed, against the line it was before. Threads: any thread.
#pragma once
#include <QString>
#include <utility>
#include <vector>

#include "app/desktop/canvas/line_source.h"

namespace moxie::desktop {

struct WordMarks {
    std::vector<LineRun> before, after;
};

// Empty where the lines have too little in common for marks to help, or are very long.
WordMarks markWords(const QString& before, const QString& after);

}  // namespace moxie::desktop
