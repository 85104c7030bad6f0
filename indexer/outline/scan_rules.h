// What the scanner knows of a family of languages. Threads: any thread; constant.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "indexer/index.h"
#include "indexer/language.h"

namespace moxie::indexer {

enum class BlockStyle : uint8_t {
    braces,   // { } with strings and comments told apart; functions are told by name(...) {
    end,      // up to a line of the same indentation that begins with "end" or "}"
    indent,   // up to a line that is not indented more
    heading,  // up to the next heading of the same level
    oneLine,  // a definition is its line
};

// A definition begins with this word; its name comes next.
struct ScanWord {
    std::string_view word;
    SymbolKind kind = SymbolKind::function;
};

// Definitions that no first word tells.
enum class LineShape : uint8_t {
    none,
    label,          // name:
    shellFunction,  // name() {, name = function(
    clause,         // name(...) -> , name(...) :-
    section,        // [name]
    hashHeading,    // ## name, = name, * name
    key,            // name: at the margin
    target,         // name: prerequisites
    lispForm,       // (defun name
    signature,      // name :: type, name = at the margin
    selector,       // .name {
    element,        // <tag id="name">
    paragraph,      // COBOL: name., name SECTION.
    card,           // JCL: //NAME EXEC
    arrow,          // name ← , name =: , name:{
    changedFile,    // +++ b/name
};

struct ScanRules {
    BlockStyle style = BlockStyle::braces;
    std::string_view lineComment, otherLineComment;
    std::string_view blockOpen, blockClose;
    std::string_view quotes = "\"'";
    std::span<const ScanWord> words;
    std::span<const std::string_view> modifiers;  // words that may stand before
    LineShape shape = LineShape::none;
    bool foldsCase = false;     // words in any case
    bool hasCallShape = false;  // braces: name(...) { is a function
    bool needsBody = false;     // braces: a type word without { is a use (struct x *p)
};

const ScanRules& scanRules(Family family);

}  // namespace moxie::indexer
