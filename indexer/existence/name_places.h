// What stands next to a name in a text, and what that says: whether it is a member, bound there or
// declared. By bytes alone, for all languages. Threads: any thread.
#pragma once
#include <cstddef>
#include <string_view>

#include "indexer/existence/import_text.h"

namespace moxie::indexer {

// How a name is used: what stands before it and after it on its line.
struct UsePlace {
    bool isMember = false;
    size_t at = std::string_view::npos;  // in the text; npos: not found on the line of its use
    std::string_view root;               // of "root.inner.name(", empty if it is not a plain name
    std::string_view callee;             // of "callee(name)", empty if it is no lone argument
};

// Walks back over "a.b->c::" to its first name.
UsePlace placeBefore(std::string_view text, size_t at);
// "callee" of "callee(name)"; "" if the name is no lone argument.
std::string_view calledWithOnly(std::string_view text, size_t at, size_t size);

inline bool isBlankByte(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// One place of a name in a text: the words and bytes next to it.
struct Surroundings {
    std::string_view wordBefore;                      // with nothing but space between
    char before = '\0', after = '\0', second = '\0';  // `second` follows `after` at once
};

// Whether `check` holds for one of the places where the name stands as a whole.
template <typename Check>
bool anyPlace(std::string_view text, std::string_view name, Check check) {
    for (size_t at = 0; (at = text.find(name, at)) != text.npos; at += name.size()) {
        size_t after = at + name.size(), end = at;
        if (at > 0 && isNameByte(text[at - 1])) continue;
        if (after < text.size() && isNameByte(text[after])) continue;
        while (after < text.size() && isBlankByte(text[after]))
            after++;
        while (end > 0 && isBlankByte(text[end - 1]))
            end--;
        size_t begin = end;
        while (begin > 0 && isNameByte(text[begin - 1]))
            begin--;
        if (check(Surroundings{.wordBefore = text.substr(begin, end - begin),
                               .before = end > 0 ? text[end - 1] : '\0',
                               .after = after < text.size() ? text[after] : '\0',
                               .second = after + 1 < text.size() ? text[after + 1] : '\0'}))
            return true;
    }
    return false;
}

// Parameters, locals and captured functions: the name also stands where nobody calls it.
bool isBoundInText(std::string_view text, std::string_view name);
// "self.name = something", "this.name = something".
bool isAssignedMember(std::string_view text, std::string_view name);
// Parameters of templates and what a declaration brings: "typename T", "int N,", "using T =".
bool isDeclaredInText(std::string_view text, std::string_view name);
// TEST(name, other) { } looks like a function with two parameters of these types; so do macros that
// take types, and for those nothing is lost but a question.
bool isOnlyBareArgument(std::string_view text, std::string_view name);

}  // namespace moxie::indexer
