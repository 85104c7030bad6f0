// Does a typed pattern fit a text: its characters in order, better when they begin words or stand
// together. For the palette and "go to". Threads: any thread.
#pragma once
#include <QString>
#include <optional>
#include <vector>

namespace moxie::desktop {

struct FuzzyMatch {
    int score = 0;
    std::vector<int> positions;  // of the matched characters, to show them
};

// nullopt: does not fit. Spaces in the pattern are skipped; case does not matter.
// Cost: O(pattern * text), texts longer than 1,000 are cut.
std::optional<FuzzyMatch> fuzzyMatch(QStringView pattern, QStringView text);

}  // namespace moxie::desktop
