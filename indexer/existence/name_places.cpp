#include "indexer/existence/name_places.h"

#include <algorithm>
#include <initializer_list>

namespace moxie::indexer {
namespace {

bool isWordOf(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string_view calledWithOnly(std::string_view text, size_t at, size_t size) {
    if (at == 0 || at + size >= text.size() || text[at - 1] != '(' || text[at + size] != ')')
        return {};
    size_t begin = at - 1;
    while (begin > 0 && isNameByte(text[begin - 1]))
        begin--;
    return text.substr(begin, at - 1 - begin);
}

UsePlace placeBefore(std::string_view text, size_t at) {
    UsePlace place;
    while (true) {
        while (at > 0 && (isBlankByte(text[at - 1]) || text[at - 1] == '?' || text[at - 1] == '!'))
            at--;
        const bool isArrow =
            at > 1 && (text.substr(at - 2, 2) == "->" || text.substr(at - 2, 2) == "::");
        if (!isArrow && (at == 0 || text[at - 1] != '.')) return place;
        place.isMember = true;
        at -= isArrow ? 2 : 1;
        const size_t end = at;
        while (at > 0 && isNameByte(text[at - 1]))
            at--;
        place.root = text.substr(at, end - at);
        if (place.root.empty()) return place;
    }
}

bool isBoundInText(std::string_view text, std::string_view name) {
    return anyPlace(text, name,
                    [](const Surroundings& at) { return at.after != '(' && at.after != '<'; });
}

bool isAssignedMember(std::string_view text, std::string_view name) {
    return anyPlace(text, name, [](const Surroundings& at) {
        return at.before == '.' && at.after == '=' && at.second != '=';
    });
}

bool isDeclaredInText(std::string_view text, std::string_view name) {
    return anyPlace(text, name, [](const Surroundings& at) {
        if (at.wordBefore.empty() || at.after == '\0') return false;
        if (isWordOf(at.wordBefore, {"typename", "class", "struct", "enum", "union", "interface",
                                     "trait", "type", "concept", "using", "namespace"}))
            return std::string_view(",>={:;").find(at.after) != std::string_view::npos;
        if (isWordOf(at.wordBefore,
                     {"const",     "static",  "inline",     "constexpr", "volatile", "extern",
                      "return",    "new",     "throw",      "else",      "public",   "private",
                      "protected", "virtual", "friend",     "mutable",   "delete",   "case",
                      "as",        "is",      "instanceof", "in",        "extends",  "implements"}))
            return false;
        return std::string_view(",;=>)[").find(at.after) != std::string_view::npos;
    });
}

bool isOnlyBareArgument(std::string_view text, std::string_view name) {
    return !anyPlace(text, name, [](const Surroundings& at) {
        return (at.before != '(' && at.before != ',') || (at.after != ',' && at.after != ')');
    });
}

}  // namespace moxie::indexer
