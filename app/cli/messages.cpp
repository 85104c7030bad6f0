#include "app/cli/messages.h"

#include <array>
#include <cstdlib>

namespace moxie::app {

namespace {

constexpr auto kEntries = std::to_array<MessageEntry>({
#define MOXIE_MESSAGE(name, english, chinese) {#name, english, chinese},
#include "app/cli/messages_help.def"
#include "app/cli/messages_text.def"
#undef MOXIE_MESSAGE
});

}  // namespace

std::optional<Language> languageFromTag(std::string_view tag) {
    if (tag.empty()) return std::nullopt;
    const bool isChinese =
        tag.substr(0, 2) == "zh" &&
        (tag.size() == 2 || tag[2] == '_' || tag[2] == '-' || tag[2] == '.' || tag[2] == '@');
    return isChinese ? Language::chinese : Language::english;
}

Language languageFromEnvironment() {
    for (const char* variable : {"MOXIE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(variable);
        if (const auto language = languageFromTag(value != nullptr ? value : "")) return *language;
    }
    return Language::english;
}

std::span<const MessageEntry> messageEntries() {
    return kEntries;
}

std::string_view Messages::text(Msg message) const {
    const MessageEntry& entry = kEntries[size_t(message)];
    return language_ == Language::chinese ? entry.chinese : entry.english;
}

}  // namespace moxie::app
