// The symbols of a text, written and brought to a better tier.
#include "indexer/store.h"

namespace moxie::indexer {

base::Result<std::vector<Store::SymbolNames>> Store::namesOfSymbols(const ParsedFile& file) {
    std::vector<SymbolNames> all;
    all.reserve(file.outline.symbols.size());
    for (const OutlineSymbol& symbol : file.outline.symbols) {
        SymbolNames names;
        TRY_ASSIGN(names.name, nameId(symbol.name));
        if (!symbol.parent.empty()) {
            TRY_ASSIGN(names.parent, nameId(symbol.parent));
        }
        all.push_back(names);
    }
    return all;
}

base::Result<std::vector<Store::KnownSymbol>> Store::knownSymbols(int64_t blob) {
    std::vector<KnownSymbol> known;
    Statement& find = statements_.findSymbols;
    find.bind(1, blob);
    while (true) {
        TRY_ASSIGN(const bool hasRow, find.step());
        if (!hasRow) break;
        known.push_back({.id = find.integer(0),
                         .names = {find.integer(1), find.integer(2)},
                         .kind = find.integer(3),
                         .isDeclaration = find.integer(4),
                         .lineFirst = find.integer(5),
                         .lineLast = find.integer(6),
                         .byteFirst = find.integer(7),
                         .byteLast = find.integer(8),
                         .signature = std::string(find.text(9))});
    }
    find.reset();
    return known;
}

base::Status Store::changeSymbol(const KnownSymbol& known, const OutlineSymbol& symbol,
                                 const SymbolNames& names) {
    const bool isSame =
        known.names == names && known.kind == int64_t(symbol.kind) &&
        known.lineLast == symbol.lineLast && known.byteFirst == int64_t(symbol.byteFirst) &&
        known.byteLast == int64_t(symbol.byteLast) && known.signature == symbol.signature;
    if (isSame) return {};
    Statement& change = statements_.changeSymbol;
    change.bind(1, names.parent).bind(2, int64_t(symbol.kind)).bind(3, int64_t(symbol.lineLast));
    change.bind(4, int64_t(symbol.byteFirst)).bind(5, int64_t(symbol.byteLast));
    return change.bind(6, symbol.signature).bind(7, known.id).run();
}

base::Result<int64_t> Store::addSymbol(const OutlineSymbol& symbol, const SymbolNames& names,
                                       int64_t blob) {
    Statement& add = statements_.addSymbol;
    add.bind(1, blob).bind(2, names.name).bind(3, names.parent).bind(4, int64_t(symbol.kind));
    add.bind(5, int64_t(symbol.isDeclaration)).bind(6, int64_t(symbol.lineFirst));
    add.bind(7, int64_t(symbol.lineLast)).bind(8, int64_t(symbol.byteFirst));
    TRY(add.bind(9, int64_t(symbol.byteLast)).bind(10, symbol.signature).run());
    return database_.lastRowId();
}

base::Result<std::vector<int64_t>> Store::setSymbols(const ParsedFile& file, int64_t blob) {
    const std::vector<OutlineSymbol>& symbols = file.outline.symbols;
    TRY_ASSIGN(const auto known, knownSymbols(blob));
    TRY_ASSIGN(const auto names, namesOfSymbols(file));
    bool areAsBefore = known.size() == symbols.size();
    for (size_t i = 0; i < symbols.size() && areAsBefore; i++)
        areAsBefore = known[i].names.name == names[i].name &&
                      known[i].lineFirst == symbols[i].lineFirst &&
                      known[i].isDeclaration == int64_t(symbols[i].isDeclaration);
    if (!areAsBefore && !known.empty()) TRY(statements_.removeSymbols.bind(1, blob).run());
    std::vector<int64_t> ids;
    ids.reserve(symbols.size());
    for (size_t i = 0; i < symbols.size(); i++) {
        if (areAsBefore) {
            TRY(changeSymbol(known[i], symbols[i], names[i]));
            ids.push_back(known[i].id);
        } else {
            TRY_ASSIGN(const int64_t id, addSymbol(symbols[i], names[i], blob));
            ids.push_back(id);
        }
    }
    return ids;
}

}  // namespace moxie::indexer
