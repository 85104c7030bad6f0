#include "indexer/links/link_table.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace moxie::indexer {
namespace {

// Where the items of each number begin in a list sorted by it.
template <class Items, class NumberOf>
std::vector<int32_t> startsOf(const Items& items, size_t count, NumberOf numberOf) {
    std::vector<int32_t> starts(count + 1, 0);
    for (const auto& item : items)
        starts[size_t(numberOf(item)) + 1]++;
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    return starts;
}

}  // namespace

bool isCallableKind(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method ||
           symbol.kind == SymbolKind::constructor;
}

bool isMemberKind(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::method || symbol.kind == SymbolKind::constructor ||
           symbol.kind == SymbolKind::field;
}

bool isTypeKind(const LinkSymbol& symbol) {
    return symbol.kind == SymbolKind::type || symbol.kind == SymbolKind::interface ||
           symbol.kind == SymbolKind::enumeration || symbol.kind == SymbolKind::typeAlias;
}

base::Result<std::shared_ptr<const LinkTable>> LinkTable::load(const Reading& reading,
                                                               const std::filesystem::path& root) {
    auto table = std::make_shared<LinkTable>();
    table->generation_ = reading.view().generation;
    table->loadFiles(reading.view());
    TRY(table->loadNames(reading.database()));
    TRY(table->loadSymbols(reading));
    TRY(table->loadUses(reading));
    TRY_ASSIGN(table->imports_, Imports::load(reading, table->worlds_, root));
    table->ruby_ = RubyTypes::make(*table);
    return std::shared_ptr<const LinkTable>(std::move(table));
}

void LinkTable::loadFiles(const LiveView& view) {
    paths_.resize(view.blobs.size());
    for (size_t i = 0; i < view.blobs.size(); i++) {
        paths_[i] = view.files[size_t(view.blobs[i].file)].path;
        worlds_.push_back(nameWorldOf(language(view.blobs[i].language)));
    }
    for (const std::string& path : paths_)
        vendored_.push_back(vendoredRootOf(path)), isTest_.push_back(isTestPath(path));
    for (const LiveFile& file : view.files)
        allPaths_.push_back(file.path);
    for (size_t i = 0; i < allPaths_.size(); i++)
        blobNumbers_.emplace(allPaths_[i], view.files[i].blob);
}

int32_t LinkTable::typeNumber(std::string text) {
    const auto [at, isNew] = typeNumbers_.try_emplace(std::move(text), int32_t(types_.size()));
    if (isNew) types_.push_back(at->first);
    return at->second;
}

// Ids count from 1 without large holes.
base::Status LinkTable::loadNames(const Database& database) {
    TRY_ASSIGN(const int64_t last, database.lastRowOf("name"));
    names_.resize(size_t(last) + 1);
    TRY_ASSIGN(Statement query, database.prepare("SELECT id, text FROM name"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const int64_t id = query.integer(0);
        if (id > 0 && id <= last) names_[size_t(id)] = query.text(1);
    }
    nameNumbers_.reserve(names_.size());
    for (size_t i = 1; i < names_.size(); i++)
        nameNumbers_.emplace(names_[i], int32_t(i));
    return {};
}

base::Status LinkTable::loadSymbols(const Reading& reading) {
    const Database& database = reading.database();
    TRY_ASSIGN(const int64_t last, database.lastRowOf("sym"));
    symbolOfRow_.assign(size_t(last) + 1, -1);
    TRY_ASSIGN(Statement query,
               database.prepare("SELECT id, blob, name, parent, kind, is_declaration, line_first, "
                                "line_last, signature FROM sym ORDER BY id"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const auto blob = reading.view().blobById.find(query.integer(1));
        const auto name = size_t(query.integer(2)), parent = size_t(query.integer(3));
        if (blob == reading.view().blobById.end()) continue;
        if (name >= names_.size() || parent >= names_.size())
            return base::fail(base::Errc::corrupt, "index: a symbol has no name");
        const NameWorld world = worldOf(blob->second);
        const std::string_view signature = query.text(8), text = names_[name];
        symbols_.push_back({.row = query.integer(0),
                            .blob = blob->second,
                            .name = int32_t(name),
                            .parent = int32_t(parent),
                            .type = typeNumber(typeOfSignature(world, signature, text)),
                            .lineFirst = int32_t(query.integer(6)),
                            .lineLast = int32_t(query.integer(7)),
                            .arguments = argumentRange(world, signature, text),
                            .kind = static_cast<SymbolKind>(query.integer(4)),
                            .isDeclaration = query.integer(5) != 0,
                            .isFileLocal = isFileLocal(world, signature, text),
                            .isOwn = isOwnMethod(world, signature),
                            .takesBlock = takesBlock(world, signature)});
    }
    // Rows of files stand in the order in which workers were done with them.
    std::stable_sort(symbols_.begin(), symbols_.end(),
                     [](const LinkSymbol& a, const LinkSymbol& b) { return a.blob < b.blob; });
    for (size_t i = 0; i < symbols_.size(); i++)
        symbolOfRow_[size_t(symbols_[i].row)] = int32_t(i);
    sortSymbols();
    return {};
}

void LinkTable::sortSymbols() {
    const auto byKey = [&](auto key) {
        std::vector<int32_t> order(symbols_.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
            return key(symbols_[size_t(a)]) < key(symbols_[size_t(b)]);
        });
        return order;
    };
    symbolsByBlob_ = byKey([](const LinkSymbol& s) { return std::pair(s.blob, s.lineFirst); });
    symbolsByName_ = byKey([](const LinkSymbol& s) { return std::pair(s.name, s.blob); });
    blobStarts_ = startsOf(symbols_, paths_.size(), [](const LinkSymbol& s) { return s.blob; });
    nameStarts_ = startsOf(symbols_, names_.size(), [](const LinkSymbol& s) { return s.name; });
}

base::Status LinkTable::loadUses(const Reading& reading) {
    TRY_ASSIGN(UseReader reader, UseReader::make(reading.database()));
    const auto& blobs = reading.view().blobs;
    for (size_t blob = 0; blob < blobs.size(); blob++) {
        TRY_ASSIGN(const auto stored, reader.of(blobs[blob].id));
        for (const StoredUse& row : stored) {
            if (row.role != Role::call && row.role != Role::inherit && row.role != Role::typed &&
                row.role != Role::extend)
                continue;
            if (!isName(row.name) || !isName(row.receiver))
                return base::fail(base::Errc::corrupt, "index: a use has no name");
            const LinkUse use = useOf(row, int32_t(blob));
            if (use.role == Role::call)
                calls_.push_back(use);
            else if (use.symbol >= 0)
                (use.role == Role::typed ? typed_ : bases_).push_back(use);
        }
    }
    sortCalls();
    for (const auto& [uses, starts] :
         {std::pair(&bases_, &baseStarts_), std::pair(&typed_, &typedStarts_)}) {
        std::stable_sort(uses->begin(), uses->end(), [&](const LinkUse& a, const LinkUse& b) {
            const std::pair at(a.symbol, a.line), other(b.symbol, b.line);
            return at != other ? at < other : textOf(a) < textOf(b);
        });
        *starts = startsOf(*uses, symbols_.size(), [](const LinkUse& use) { return use.symbol; });
    }
    return {};
}

void LinkTable::sortCalls() {
    std::stable_sort(calls_.begin(), calls_.end(), [&](const LinkUse& a, const LinkUse& b) {
        const auto at = std::tuple(a.name, a.blob, a.symbol, a.line);
        const auto other = std::tuple(b.name, b.blob, b.symbol, b.line);
        return at != other ? at < other : textOf(a) < textOf(b);
    });
    callStarts_ = startsOf(calls_, names_.size(), [](const LinkUse& use) { return use.name; });
    for (size_t i = 0; i < calls_.size(); i++)
        if (calls_[i].symbol >= 0) callsBySymbol_.push_back(int32_t(i));
    const auto callerOf = [&](int32_t at) { return calls_[size_t(at)].symbol; };
    std::stable_sort(callsBySymbol_.begin(), callsBySymbol_.end(), [&](int32_t a, int32_t b) {
        const std::pair at(callerOf(a), calls_[size_t(a)].line);
        const std::pair other(callerOf(b), calls_[size_t(b)].line);
        return at != other ? at < other : textOf(calls_[size_t(a)]) < textOf(calls_[size_t(b)]);
    });
    callerStarts_ = startsOf(callsBySymbol_, symbols_.size(), callerOf);
}

int32_t LinkTable::nameOf(std::string_view text) const {
    const auto at = nameNumbers_.find(text);
    return at == nameNumbers_.end() ? 0 : at->second;
}

int32_t LinkTable::blobOf(std::string_view path) const {
    const auto at = blobNumbers_.find(path);
    return at == blobNumbers_.end() ? -1 : at->second;
}

LinkUse LinkTable::useOf(const StoredUse& stored, int32_t blob) const {
    return {.name = int32_t(stored.name),
            .blob = blob,
            .symbol = symbolOfRow(stored.symbol),
            .receiver = int32_t(stored.receiver),
            .line = stored.line,
            .count = stored.count,
            .arity = stored.arity,
            .role = stored.role};
}

int32_t LinkTable::symbolOfRow(int64_t id) const {
    return id > 0 && size_t(id) < symbolOfRow_.size() ? symbolOfRow_[size_t(id)] : -1;
}

int32_t LinkTable::enclosing(int32_t blob, int32_t line) const {
    int32_t best = -1;
    for (const int32_t at : symbolsOf(blob)) {
        const LinkSymbol& here = symbol(at);
        if (here.lineFirst > line) break;
        if (here.lineLast < line || here.isDeclaration) continue;
        if (isCallableKind(here) || (isTypeKind(here) && best < 0)) best = at;
    }
    return best;
}

int32_t LinkTable::find(const DefinitionPlace& place) const {
    const int32_t blob = blobOf(place.path), wanted = nameOf(place.name);
    if (blob < 0 || wanted == 0) return -1;
    for (const int32_t at : symbolsNamed(wanted))
        if (symbol(at).blob == blob && symbol(at).lineFirst == place.lineFirst) return at;
    return -1;
}

}  // namespace moxie::indexer
