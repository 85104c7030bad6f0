#include "engine/tokenizer/stream_decoder.h"

#include <utility>

#include "base/text.h"

namespace moxie::engine {

namespace {

// Whether continuation bytes could still make `tail` one well-formed character. The lowest and the
// highest continuation byte are enough to try: every allowed range ends in one of them.
bool mayBecomeCharacter(std::string_view tail) {
    for (size_t missing = 1; tail.size() + missing <= 4; ++missing)
        for (const char continuation : {'\x80', '\xBF'}) {
            const std::string whole = std::string(tail) + std::string(missing, continuation);
            if (base::isValidUtf8(whole)) return true;
        }
    return false;
}

}  // namespace

std::string StreamDecoder::push(std::string_view bytes) {
    pending_ += bytes;
    std::string_view rest = pending_;
    std::string out;
    while (!rest.empty()) {
        const auto valid = size_t(base::validUtf8Prefix(rest));
        out += rest.substr(0, valid);
        rest.remove_prefix(valid);
        if (rest.empty() || mayBecomeCharacter(rest)) break;
        out += "\xEF\xBF\xBD";
        rest.remove_prefix(1);
    }
    pending_ = std::string(rest);
    return out;
}

std::string StreamDecoder::finish() {
    return base::toValidUtf8(std::exchange(pending_, {}));
}

}  // namespace moxie::engine
