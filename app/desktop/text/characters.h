// Single characters put into UTF-8 text. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace moxie::desktop {

// U+FFFD for what is no character (0, surrogates, too large).
void appendCharacter(std::string& text, uint32_t code);

// "&lt;", "&#65;", "&#x41;". A name that is not in our short list stays as it was written.
void appendEntity(std::string& text, std::string_view entity);

}  // namespace moxie::desktop
