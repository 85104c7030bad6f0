// Whether a line of an edit is certainly a given line of the file. Threads: any thread.
#pragma once
#include <string_view>

namespace moxie::tools {

// Equal but for white space and Unicode punctuation, or with one word misspelt in a way that is no
// other name in fileText.
bool isSurelyMeant(std::string_view fileText, std::string_view oldLine, std::string_view fileLine);

}  // namespace moxie::tools
