// What the first and last lines of a text say of its language: a modeline of Vim or Emacs, the
// interpreter of a #! line, an XML declaration, a manual page. Threads: any thread.
#pragma once
#include <string_view>

namespace moxie::indexer {

// The name in a modeline, as written there; "" if there is none. "c++" of -*- mode: c++ -*-, "ruby"
// of vim: set ft=ruby. The first and last five lines are read.
std::string_view modelineOf(std::string_view text);

// The program of a #! line without its folder: "python3" of #!/usr/bin/env -S python3 -u. "" if
// there is none.
std::string_view interpreterOf(std::string_view text);
// "python" of "python3.11".
std::string_view withoutVersion(std::string_view interpreter);

bool startsAsXml(std::string_view text);
bool startsAsManualPage(std::string_view text);

}  // namespace moxie::indexer
