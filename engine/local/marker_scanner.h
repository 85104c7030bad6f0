// Finds the first of some markers in text that arrives in pieces, and gives out what is surely not
// part of one. Threads: one thread at a time.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::engine {

class MarkerScanner {
public:
    // Empty markers are ignored.
    explicit MarkerScanner(std::vector<std::string> markers);

    struct Found {
        std::string before;                 // text ahead of the marker, or all that is free to go
        std::optional<std::string> marker;  // the one that was found; the scanner is behind it
    };

    // Adds text and scans. If a marker is found, what follows it is kept: call scan("") again, or
    // takeRest(). The earliest marker wins, the longest one where two begin together.
    Found scan(std::string_view text);
    // What is held back, at the end or when another scanner takes over.
    std::string takeRest();

private:
    std::vector<std::string> markers_;
    std::string held_;
};

}  // namespace moxie::engine
