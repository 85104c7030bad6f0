// Where uses lead: the definition that a name stands for, found by rules and without a compiler. An
// answer says how sure it is, and says so where it does not know: several candidates are never
// narrowed to one by chance.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

enum class SymbolKind;

enum class LinkVerdict {
    outside,     // of a library or the language, as far as the repository can tell
    definition,  // one target
    ambiguous,   // several targets, or a type that is not known
    local,       // a parameter or a variable of the function around it
};
std::string_view toString(LinkVerdict verdict);

// What decided.
enum class LinkRule {
    none,
    local,        // bound inside the function, or a member of the type around it
    sameFile,     // defined in the same file
    imported,     // reached by an import or include
    samePackage,  // in the same package, folder or component
    unique,       // no other in the repository
    shape,        // the receiver, the number of arguments or the kind leave one
};
std::string_view toString(LinkRule rule);

struct LinkTarget {
    std::string name, parent, path;
    SymbolKind kind = {};
    int32_t lineFirst = 0, lineLast = 0;
    double confidence = 0;  // 0 to 1, that the use means this one
};

struct Link {
    LinkVerdict verdict = LinkVerdict::outside;
    LinkRule rule = LinkRule::none;
    std::vector<LinkTarget> targets;  // most likely first; at most 8, sharing one confidence
};

// A definition, as symbols() and eachSymbol() name it.
struct DefinitionPlace {
    std::string_view path = {}, name = {};
    int32_t lineFirst = 0;
};

// A call, seen from one of its two ends.
struct CallEdge {
    LinkTarget other;  // the caller, or what is called; confidence is the call's
    LinkRule rule = LinkRule::none;
    std::string path;  // of the first such call in the caller
    int32_t line = 0, count = 1;
};

}  // namespace moxie::indexer
