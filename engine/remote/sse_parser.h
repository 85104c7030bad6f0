// Server-sent events: bytes in any chunking -> events and comments. Not HTTP and not JSON.
// Follows the WHATWG rules (CR, LF, CRLF; leading byte order mark; comments; several data lines
// joined by LF) with one leniency: finish() also gives out an event whose closing blank line never
// came. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

struct SseItem {
    enum class Kind { event, comment };
    Kind kind = Kind::event;
    std::string name;  // of the event; empty if none was given
    std::string data;  // of the event, or the comment's text
    bool operator==(const SseItem&) const = default;
};

class SseParser {
public:
    // Bounds one event (name and data together) and one line.
    explicit SseParser(int64_t eventBytesMax) : eventBytesMax_(eventBytesMax) {}

    // Appends what became complete to `out`. Fails: corrupt (larger than the bound); the parser is
    // of no further use then.
    base::Status feed(std::string_view bytes, std::vector<SseItem>& out);
    // The stream has ended: gives out what is left.
    base::Status finish(std::vector<SseItem>& out);

private:
    base::Status endLine(std::vector<SseItem>& out);
    void endEvent(std::vector<SseItem>& out);

    const int64_t eventBytesMax_;
    std::string line_;
    std::string name_;
    std::string data_;
    bool hasData_ = false;
    bool isFirstLine_ = true;
    bool sawCarriageReturn_ = false;  // the next LF belongs to the line end before it
};

}  // namespace moxie::engine
