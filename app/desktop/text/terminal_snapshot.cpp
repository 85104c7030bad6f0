#include "app/desktop/text/terminal_snapshot.h"

namespace moxie::desktop {

namespace {

uint64_t takeNumber(std::string_view& bytes) {
    uint64_t number = 0;
    for (int shift = 0; !bytes.empty(); shift += 7) {
        const auto byte = uint8_t(bytes[0]);
        bytes.remove_prefix(1);
        number |= uint64_t(byte & 127) << shift;
        if (byte < 128) break;
    }
    return number;
}

}  // namespace

void putNumber(std::string& bytes, uint64_t number) {
    while (number >= 128) {
        bytes.push_back(char(number | 128));
        number >>= 7;
    }
    bytes.push_back(char(number));
}

TerminalLine decodeRecord(std::string_view record, const std::vector<TerminalStyle>& styles,
                          TerminalPart part) {
    TerminalLine line;
    const uint64_t length = takeNumber(record);
    const uint64_t nRuns = takeNumber(record);
    int32_t begin = 0;
    for (uint64_t i = 0; i < nRuns; ++i) {
        const auto end = begin + int32_t(takeNumber(record));
        const uint64_t style = takeNumber(record);
        if (part == TerminalPart::all) line.runs.push_back({begin, end, styles[style]});
        begin = end;
    }
    line.text = record.substr(0, length);
    return line;
}

std::string_view TerminalSnapshot::recordAt(int64_t index) const {
    const int64_t number = index + nLeftOut_;
    return number < nFinished_ ? chunkOf(chunks_, number).record(number) : std::string_view(open_);
}

TerminalLine TerminalSnapshot::line(int64_t index) const {
    return decodeRecord(recordAt(index), styles_, TerminalPart::all);
}

std::string TerminalSnapshot::text(int64_t index) const {
    return decodeRecord(recordAt(index), styles_, TerminalPart::textOnly).text;
}

}  // namespace moxie::desktop
