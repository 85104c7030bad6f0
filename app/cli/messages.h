// Every text a user of the command may read, in English and Simplified Chinese side by side
// (messages_*.def). Whole sentences with {0}, {1} for what is put in; never glued from parts.
// Threads: values; any thread.
#pragma once
#include <fmt/core.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace moxie::app {

enum class Language { english, chinese };

// "zh", "zh_CN.UTF-8", "zh-Hans" are Chinese; everything else that names a language is English.
// nullopt: empty.
std::optional<Language> languageFromTag(std::string_view tag);

// MOXIE_LANG, then LC_ALL, LC_MESSAGES, LANG as POSIX orders them.
Language languageFromEnvironment();

enum class Msg {
#define MOXIE_MESSAGE(name, english, chinese) name,
#include "app/cli/messages_help.def"
#include "app/cli/messages_text.def"
#undef MOXIE_MESSAGE
};

struct MessageEntry {
    std::string_view name, english, chinese;
};

// The whole table, in the order of Msg.
std::span<const MessageEntry> messageEntries();

class Messages {
public:
    explicit Messages(Language language) : language_(language) {}

    Language language() const { return language_; }

    std::string operator()(Msg message) const { return std::string(text(message)); }

    // Puts the arguments into {0}, {1}, ...
    // Requires: as many arguments as the text has places (a test holds both languages equal).
    template <class First, class... Rest>
    std::string operator()(Msg message, const First& first, const Rest&... rest) const {
        return fmt::vformat(text(message), fmt::make_format_args(first, rest...));
    }

private:
    std::string_view text(Msg message) const;

    Language language_;
};

}  // namespace moxie::app
