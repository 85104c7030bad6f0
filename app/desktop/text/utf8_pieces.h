// Bytes that arrive in pieces, as valid UTF-8: a character cut by a piece waits for its rest, what
// is malformed becomes U+FFFD. The same bytes give the same text however they were cut.
// Threads: one thread at a time.
#pragma once
#include <string>
#include <string_view>

namespace moxie::desktop {

class Utf8Pieces {
public:
    std::string add(std::string_view bytes);
    std::string finish();  // no more bytes come: what waited is malformed

private:
    std::string waiting_;  // at most 3 bytes
};

}  // namespace moxie::desktop
