#include "app/desktop/text/utf8_pieces.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.h"

namespace moxie::desktop {

namespace {

int lengthOf(char lead) {
    const auto byte = uint8_t(lead);
    return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

// Bytes at the end that may be the beginning of a character.
size_t unfinished(std::string_view text) {
    for (size_t back = 1; back <= std::min<size_t>(3, text.size()); ++back) {
        const char c = text[text.size() - back];
        if ((uint8_t(c) & 0xC0) == 0x80) continue;
        return size_t(lengthOf(c)) > back ? back : 0;
    }
    return 0;
}

}  // namespace

std::string Utf8Pieces::add(std::string_view bytes) {
    waiting_.append(bytes);
    std::string whole = std::move(waiting_);
    const size_t keep = unfinished(whole);
    waiting_ = whole.substr(whole.size() - keep);
    whole.erase(whole.size() - keep);
    return base::isValidUtf8(whole) ? whole : base::toValidUtf8(whole);
}

std::string Utf8Pieces::finish() {
    return base::toValidUtf8(std::exchange(waiting_, {}));
}

}  // namespace moxie::desktop
