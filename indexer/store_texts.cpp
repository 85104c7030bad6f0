// What the store holds of one text: its names, chunks, uses and imports.
#include <algorithm>

#include "indexer/store.h"
#include "indexer/uses.h"

namespace moxie::indexer {
namespace {

// Words held back: more become a segment at once. 2 MB, and 4 while they are written.
constexpr int64_t kPostingsHeldMax = 250'000;
constexpr int64_t kNamesHeldMax = 256'000'000;  // bytes: more are looked up again

}  // namespace

base::Result<int64_t> Store::nameId(std::string_view name) {
    if (names_.bytes() > kNamesHeldMax) forgetNames();
    const auto [number, isNew] = names_.add(name);
    if (!isNew) return nameIds_[size_t(number)];
    nameIds_.push_back(0);
    if (!hasAllNames_) {
        Statement& find = statements_.findName;
        TRY_ASSIGN(const bool hasRow, find.bind(1, name).step());
        if (hasRow) nameIds_.back() = find.integer(0);
        find.reset();
        if (hasRow) return nameIds_.back();
    }
    TRY(statements_.addName.bind(1, name).run());
    return nameIds_.back() = database_.lastRowId();
}

void Store::forgetNames() {
    names_.clear();
    nameIds_.clear();
    hasAllNames_ = false;
}

base::Status Store::noteWhetherNamesAreAll() {
    if (names_.size() > 0) return {};
    TRY_ASSIGN(const int64_t count, database_.integer("SELECT EXISTS(SELECT 1 FROM name)"));
    hasAllNames_ = count == 0;
    return {};
}

base::Result<int64_t> Store::addChunk(const Chunk& chunk, int64_t blob, int64_t symbol) {
    Statement& add = statements_.addChunk;
    add.bind(1, ++lastChunk_).bind(2, blob).bind(3, symbol).bind(4, int64_t(chunk.lineFirst));
    add.bind(5, int64_t(chunk.lineLast)).bind(6, chunk.nBodyWords).bind(7, chunk.nNameWords);
    TRY(add.bind(8, chunk.namesHash).run());
    return lastChunk_;
}

base::Result<Store::KnownChunks> Store::knownChunks(int64_t blob) {
    KnownChunks known;
    Statement& find = statements_.findChunks;
    find.bind(1, blob);
    while (true) {
        TRY_ASSIGN(const bool hasRow, find.step());
        if (!hasRow) break;
        known[find.integer(1)] = {find.integer(0), find.integer(2), find.integer(3),
                                  find.integer(4)};
    }
    find.reset();
    return known;
}

base::Status Store::setChunks(ParsedFile& file, int64_t blob,
                              const std::vector<int64_t>& symbolIds) {
    TRY_ASSIGN(KnownChunks known, knownChunks(blob));
    const auto find = [&](const Chunk& chunk) {
        const auto at = known.find(chunk.lineFirst);
        const bool isSame = at != known.end() && at->second.lineLast == chunk.lineLast &&
                            at->second.namesHash == chunk.namesHash;
        return isSame ? at : known.end();
    };
    if (std::any_of(file.chunks.begin(), file.chunks.end(), [&](const Chunk& chunk) {
            return !chunk.isCounted && find(chunk) == known.end();
        }))
        countAllWords(file);
    std::vector<int64_t> rows(file.chunks.size(), 0);
    for (size_t i = 0; i < file.chunks.size(); i++) {
        const Chunk& chunk = file.chunks[i];
        const int64_t symbol = chunk.symbol >= 0 ? symbolIds[size_t(chunk.symbol)] : 0;
        const auto before = find(chunk);
        if (before == known.end()) {
            TRY_ASSIGN(rows[i], addChunk(chunk, blob, symbol));
            continue;
        }
        if (before->second.symbol != symbol)
            TRY(statements_.setChunkSymbol.bind(1, symbol).bind(2, before->second.id).run());
        known.erase(before);
    }
    for (const auto& [line, gone] : known)
        TRY(statements_.removeChunk.bind(1, gone.id).run());
    chunkWords_.add(file.words, rows);
    return {};
}

base::Status Store::addUses(const ParsedFile& file, int64_t blob,
                            const std::vector<int64_t>& symbolIds) {
    struct Name {
        int64_t id = 0;
        int32_t uses = 0;
    };

    std::vector<StoredUse> uses;
    uses.reserve(file.outline.references.size());
    std::unordered_map<std::string_view, Name> names;
    for (const OutlineReference& reference : file.outline.references) {
        Name& name = names[reference.name];
        if (name.id == 0) {
            TRY_ASSIGN(name.id, nameId(reference.name));
        }
        const int64_t symbol = reference.symbol >= 0 ? symbolIds[size_t(reference.symbol)] : 0;
        int64_t receiver = 0;
        if (!reference.receiver.empty()) {
            TRY_ASSIGN(receiver, nameId(reference.receiver));
        }
        uses.push_back({name.id, symbol, receiver, reference.role, reference.line, reference.count,
                        reference.arity});
        name.uses += reference.count;
    }
    for (const auto& [text, name] : names)
        if (name.uses > 0) usedNames_.add(text, {.row = blob, .body = name.uses});
    if (!uses.empty()) {
        const std::string packed = packUses(uses, symbolIds.empty() ? 0 : symbolIds.front());
        TRY(statements_.setUses.bind(1, blob).bindBlob(2, packed).run());
    }
    for (size_t i = 0; i < file.outline.imports.size(); i++) {
        statements_.addImport.bind(1, blob).bind(2, file.outline.imports[i]);
        TRY(statements_.addImport.bind(3, file.outline.importNames[i]).run());
    }
    return {};
}

namespace {

int64_t countUses(const ParsedFile& file) {
    int64_t uses = 0;
    for (const OutlineReference& reference : file.outline.references)
        uses += reference.count;
    return uses;
}

}  // namespace

base::Result<int64_t> Store::addBlobRow(const ParsedFile& file) {
    Statement& add = statements_.addBlob;
    add.bindBlob(1, viewOf(file.hash)).bind(2, int64_t(file.languageGuess));
    add.bind(3, int64_t(file.language)).bind(4, file.bytes).bind(5, file.lines);
    add.bind(6, int64_t(file.flags)).bind(7, int64_t(file.tier));
    add.bind(8, int64_t(file.outline.symbols.size())).bind(9, countUses(file));
    TRY(add.bind(10, generation_).run());
    return database_.lastRowId();
}

base::Status Store::upgradeBlobRow(const ParsedFile& file, int64_t blob) {
    Statement& set = statements_.upgradeBlob;
    set.bind(1, int64_t(file.flags)).bind(2, int64_t(file.tier));
    set.bind(3, int64_t(file.outline.symbols.size())).bind(4, countUses(file));
    return set.bind(5, generation_).bind(6, blob).run();
}

base::Status Store::addContents(ParsedFile& file, int64_t blob) {
    TRY_ASSIGN(const std::vector<int64_t> symbolIds, setSymbols(file, blob));
    TRY(setChunks(file, blob, symbolIds));
    TRY(addUses(file, blob, symbolIds));
    for (PostingWriter* list : {&chunkWords_, &usedNames_})
        if (list->held() > kPostingsHeldMax) TRY(list->write(database_));
    return {};
}

base::Result<int64_t> Store::addBlob(ParsedFile& file) {
    TRY_ASSIGN(const auto known, findBlob(file.hash, file.languageGuess));
    if (known && (!known->isPending || (file.flags & kFlagPending))) return known->id;
    int64_t blob = known ? known->id : 0;
    if (known) {
        TRY(upgradeBlobRow(file, blob));
    } else {
        TRY_ASSIGN(blob, addBlobRow(file));
    }
    TRY(addContents(file, blob));
    return blob;
}

}  // namespace moxie::indexer
