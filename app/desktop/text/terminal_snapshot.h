// The lines of a TerminalText at one moment, for another thread than the one that goes on writing.
// A finished line is a record "text length, number of runs, runs, text", numbers in groups of 7
// bits; records lie in chunks that snapshots share, so a copy costs little.
// Threads: values; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/text/terminal_line.h"

namespace moxie::desktop {

// Records never cross chunks, so dropping the oldest lines frees whole chunks.
struct TerminalChunk {
    int64_t firstLine = 0;  // number of its first line, counted from the first ever
    std::string records = {};
    std::vector<uint32_t> begins = {};  // of the records

    std::string_view record(int64_t line) const {
        return std::string_view(records).substr(begins[size_t(line - firstLine)]);
    }
};

class TerminalSnapshot {
public:
    int64_t size() const { return nFinished_ - nLeftOut_ + (open_.empty() ? 0 : 1); }

    int64_t nLeftOut() const { return nLeftOut_; }

    // Requires: 0 <= index < size(). Cost: microseconds.
    TerminalLine line(int64_t index) const;
    std::string text(int64_t index) const;

private:
    friend class TerminalText;  // makes it

    std::string_view recordAt(int64_t index) const;

    std::vector<std::shared_ptr<const TerminalChunk>> chunks_ = {};
    std::vector<TerminalStyle> styles_ = {TerminalStyle()};
    std::string open_ = {};  // record of the line being written; empty: none
    int64_t nFinished_ = 0, nLeftOut_ = 0;
};

// ---- records, shared by both

void putNumber(std::string& bytes, uint64_t number);
enum class TerminalPart : uint8_t { all, textOnly };
TerminalLine decodeRecord(std::string_view record, const std::vector<TerminalStyle>& styles,
                          TerminalPart part);

// Of the chunks in order, the one that has `line`.
template <class Chunks>
const TerminalChunk& chunkOf(const Chunks& chunks, int64_t line) {
    size_t low = 0, high = chunks.size();
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        (chunks[middle]->firstLine <= line ? low : high) = middle;
    }
    return *chunks[low];
}

}  // namespace moxie::desktop
