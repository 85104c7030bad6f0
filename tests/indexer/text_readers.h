// Everything of the indexer that reads a text of a file or a request, asked about one text.
// Threads: any thread.
#pragma once
#include <string>

namespace moxie::testing {

// The first thing that a reader says of the text and cannot be so: a range outside of it, a name
// that is not in it, an order that is none. "" if all is well. `path` says the language.
std::string firstWrongIn(const std::string& path, const std::string& text);

}  // namespace moxie::testing
