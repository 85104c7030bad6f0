// UTF-8 and line primitives. All functions are total: any bytes in, no error out.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::base {

// Bytes of the longest prefix of `text` that is valid UTF-8 and ends on a character boundary.
int64_t validUtf8Prefix(std::string_view text);
bool isValidUtf8(std::string_view text);
bool isAscii(std::string_view text);

// Replaces every malformed sequence by U+FFFD; valid text comes back unchanged.
std::string toValidUtf8(std::string_view text);

// `text` cut to at most bytesMax bytes without splitting a character.
std::string_view cutUtf8(std::string_view text, int64_t bytesMax);

// Lines without their ends ("\n" or "\r\n"). "a\n" is one line; "" is none.
std::vector<std::string_view> splitLines(std::string_view text);

std::string_view trim(std::string_view text);  // ASCII white space on both sides

// Removes terminal control: escape sequences, and of a line overwritten by carriage returns all but
// the last state.
std::string stripTerminalControl(std::string_view text);

// Keeps the first headBytes and the last tailBytes, on character borders, with one line between
// that says how much was left out. Unchanged if it fits.
std::string headAndTail(std::string_view text, int64_t headBytes, int64_t tailBytes);

// "1.4 MB", "812 B": powers of ten, for people.
std::string humanBytes(int64_t bytes);

// Levenshtein distance, capped: returns `limit` + 1 when it is larger than limit.
int64_t editDistance(std::string_view a, std::string_view b, int64_t limit);

}  // namespace moxie::base
