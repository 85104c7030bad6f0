#include "engine/tokenizer/stream_decoder.h"

#include <string>

#include "base/text.h"
#include "tests/catch.h"

using namespace moxie;
using moxie::engine::StreamDecoder;

TEST_CASE("half a character is held back", "[engine][tokenizer]") {
    StreamDecoder decoder;
    CHECK(decoder.push("a\xF0\x9F") == "a");
    CHECK(decoder.push("\x98") == "");
    CHECK(decoder.push("\x80z") == "\xF0\x9F\x98\x80z");
    CHECK(decoder.finish() == "");
}

TEST_CASE("bytes that cannot become a character are replaced at once", "[engine][tokenizer]") {
    StreamDecoder decoder;
    CHECK(decoder.push("\xFF") == "\xEF\xBF\xBD");
    CHECK(decoder.push("\xE4\x28") == "\xEF\xBF\xBD(");
    CHECK(decoder.push("\xE4\xBD") == "");
    CHECK(decoder.finish() == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("any cutting of any bytes streams to the one-shot text", "[engine][tokenizer]") {
    uint32_t state = 99;
    const auto next = [&state] { return (state = state * 1664525U + 1013904223U) >> 16; };
    const std::string unit = "a\xC3\xA4\xE4\xBD\xA0\xF0\x9F\x98\x80\xED\xA0\xF4\x90";
    for (int round = 0; round < 300; ++round) {
        std::string bytes;
        for (int i = 0; i < 40; ++i)
            bytes.push_back(next() % 8 == 0 ? char(next()) : unit[next() % unit.size()]);
        StreamDecoder decoder;
        std::string streamed;
        for (size_t pos = 0; pos < bytes.size();) {
            const size_t n = 1 + next() % 4;
            const std::string part = decoder.push(std::string_view(bytes).substr(pos, n));
            CHECK(base::isValidUtf8(part));
            streamed += part;
            pos += n;
        }
        streamed += decoder.finish();
        CAPTURE(round);
        CHECK(streamed == base::toValidUtf8(bytes));
    }
}
