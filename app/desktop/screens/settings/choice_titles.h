// What the words of a choice mean ("auto-edit": "Edits by itself, asks for commands").
// Threads: GUI thread only (translations).
#pragma once
#include <QString>
#include <string_view>

namespace moxie::desktop {

// In the user's language; the word itself where nothing is known of it.
QString choiceTitle(std::string_view settingPath, std::string_view word);

}  // namespace moxie::desktop
