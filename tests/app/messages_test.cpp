#include "app/cli/messages.h"

#include <set>

#include "tests/catch.h"

using namespace moxie::app;

namespace {

// "{0}" and "{1}" of a text.
std::set<std::string> places(std::string_view text) {
    std::set<std::string> found;
    for (size_t begin = text.find('{'); begin != std::string_view::npos;
         begin = text.find('{', begin + 1))
        found.emplace(text.substr(begin, text.find('}', begin) - begin + 1));
    return found;
}

bool hasChinese(std::string_view text) {
    for (const char c : text)
        if (uint8_t(c) >= 0xE3) return true;
    return false;
}

}  // namespace

TEST_CASE("every message exists in both languages with the same places", "[app]") {
    REQUIRE(messageEntries().size() > 150);
    for (const MessageEntry& entry : messageEntries()) {
        CAPTURE(entry.name);
        CHECK_FALSE(entry.english.empty());
        CHECK_FALSE(entry.chinese.empty());
        CHECK(places(entry.english) == places(entry.chinese));
        CHECK_FALSE(hasChinese(entry.english));
    }
}

TEST_CASE("places are numbered without gaps so that formatting cannot fail", "[app]") {
    for (const MessageEntry& entry : messageEntries()) {
        CAPTURE(entry.name);
        int next = 0;
        for (const std::string& place : places(entry.english))
            CHECK(place == "{" + std::to_string(next++) + "}");
    }
}

TEST_CASE("help texts are really translated", "[app]") {
    for (const MessageEntry& entry : messageEntries())
        if (entry.name.substr(0, 4) == "help" || entry.name.substr(0, 3) == "opt") {
            CAPTURE(entry.name);
            CHECK((hasChinese(entry.chinese) || entry.name == "optShell"));
        }
}

TEST_CASE("a locale's name decides the language", "[app]") {
    CHECK(languageFromTag("zh_CN.UTF-8") == Language::chinese);
    CHECK(languageFromTag("zh") == Language::chinese);
    CHECK(languageFromTag("zh-Hans") == Language::chinese);
    CHECK(languageFromTag("C.UTF-8") == Language::english);
    CHECK(languageFromTag("zha") == Language::english);
    CHECK(languageFromTag("") == std::nullopt);
}
