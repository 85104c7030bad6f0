// The outline of one text: symbols, references and imports, found by one walk over the tree-sitter
// tree with the tables of rules.h. Names are views into the text. Damaged text gives what could be
// made out, never an error. Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/index.h"
#include "indexer/language.h"

namespace moxie::indexer {

// Stored as numbers in the index: append only.
enum class Role : int8_t {
    none,
    call,
    type,
    read,
    write,
    inherit,
    import,
    local,
    same,
    typed,
    extend
};
std::string_view toString(Role role);

// Ruby: the name of a base that stands for methods which the text of a type does not name: computed
// names and bases, texts that are evaluated.
inline constexpr std::string_view kUnnamedMethods = "?";

struct OutlineSymbol {
    std::string_view name;
    std::string_view parent;  // enclosing type, namespace or function; "Foo" of Foo::bar
    SymbolKind kind = SymbolKind::function;
    bool isDeclaration = false;  // a prototype: the body is elsewhere
    int32_t lineFirst = 0, lineLast = 0;
    uint32_t byteFirst = 0, byteLast = 0;
    std::string signature;
};

// All uses of one name in one role and of one receiver inside one symbol. Role::typed is no use
// (count 0): it says what type, the receiver, a member of the type `symbol` is given by its
// methods. Role::extend neither: the type itself, not its values, has the methods of `name`.
struct OutlineReference {
    std::string_view name;
    int32_t symbol = -1;  // enclosing function or method, else type; -1: file level
    Role role = Role::read;
    int32_t line = 0;  // of the first use
    int32_t count = 1;
    std::string receiver = {};  // evidence.h; of calls, types and members
    int32_t arity = -1;         // of the first call: arguments; -1: not known
};

struct Outline {
    std::vector<OutlineSymbol> symbols;  // in order of appearance
    std::vector<OutlineReference> references;
    std::vector<std::string> imports;
    std::vector<std::string> importNames;  // what each import binds: boundNames() of evidence.h
    bool isDamaged = false;                // the tree has an ERROR somewhere
    bool isCutShort = false;               // the time limit for one file was reached
};

// A parser is costly to make and holds memory: one per thread, used for many texts.
class Outliner {
public:
    Outliner();
    ~Outliner();
    Outliner(const Outliner&) = delete;
    Outliner& operator=(const Outliner&) = delete;

    // An empty outline for Grammar::none. `text` must outlive the result. Fails: cancelled.
    // Cost: about 150 ns per byte; at most timeLimitMs for the parse.
    base::Result<Outline> outline(Grammar grammar, std::string_view text,
                                  const std::stop_token& stop, int64_t timeLimitMs = 1500);

    // The best that can be had: by the grammar, with the scanner's symbols added where the tree is
    // damaged or the grammar has no table of its own; by the scanner alone where there is no
    // grammar, its module is not installed, or the time limit was reached. Fails: cancelled.
    base::Result<Outline> outline(const Language& language, std::string_view text,
                                  const std::stop_token& stop, int64_t timeLimitMs = 1500);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

// Says whether every compiled grammar fits the core. Fails: unsupported, with the grammar's name.
base::Status checkGrammars();

}  // namespace moxie::indexer
