// The parameters and locals of the functions of one text, and what is known of their types.
// Threads: one thread at a time.
#pragma once
#include <tree_sitter/api.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace moxie::indexer {

// The enclosing symbol of each, or -1.
using SymbolsAbove = std::vector<int32_t>;

// Numbers of a grammar's fields; 0 for those it does not have. C has no methods, so the types of
// its locals are not asked for.
struct EvidenceFields {
    explicit EvidenceFields(const TSLanguage* language);

    TSFieldId type = 0, value = 0, right = 0, arguments = 0, object = 0, receiver = 0, method = 0;
};

// Arguments of a call; -1 if it is none or spreads a list.
int32_t argumentCount(const EvidenceFields& fields, TSNode call);
// What a method is called on, where the call itself names it; else null.
TSNode objectOf(const EvidenceFields& fields, TSNode call);

class LocalTypes {
public:
    explicit LocalTypes(const EvidenceFields& fields) : fields_(fields) {}

    // What the declaration or assignment around the name says of its type, as the receiver of
    // evidence.h that a use of it would have; `around` are the nodes above it, innermost first.
    std::string typeOf(TSNode name, std::span<const TSNode> around, std::string_view text) const;
    // A parameter of a constructor that is a field too.
    static bool isField(TSNode parameter, std::string_view text);

    // The first type that is known counts; a second that differs makes it unknown.
    void add(std::string_view name, int32_t symbol, std::string type);

    bool isEmpty() const { return types_.empty(); }

    bool has(std::string_view name, int32_t symbol, const SymbolsAbove& above) const;
    // `receiver` with the local that it begins with replaced by its type; "?name" if that is not
    // known.
    std::string replaced(std::string_view receiver, int32_t symbol,
                         const SymbolsAbove& above) const;

private:
    struct Key {
        std::string_view name;
        int32_t symbol;
        bool operator==(const Key&) const = default;
    };

    struct HashKey {
        size_t operator()(const Key& key) const {
            return std::hash<std::string_view>()(key.name) * 31 + size_t(key.symbol + 1);
        }
    };

    const std::string* find(std::string_view name, int32_t symbol, const SymbolsAbove& above) const;

    const EvidenceFields fields_;
    std::unordered_map<Key, std::string, HashKey> types_;  // names are views into the text
};

}  // namespace moxie::indexer
