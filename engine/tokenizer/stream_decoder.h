// Turns the bytes of tokens into complete UTF-8 characters: a token may end in the middle of one.
// All pieces together equal base::toValidUtf8 of all bytes together.
// Threads: one thread at a time.
#pragma once
#include <string>
#include <string_view>

namespace moxie::engine {

class StreamDecoder {
public:
    // The characters that are complete now. Malformed bytes become U+FFFD; at most three bytes that
    // may still become a character are held back.
    std::string push(std::string_view bytes);
    // The end: what was held back is malformed.
    std::string finish();

private:
    std::string pending_;
};

}  // namespace moxie::engine
