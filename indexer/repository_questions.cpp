// What the index of a repository is asked.
#include <sys/stat.h>

#include "indexer/existence/edit_check.h"
#include "indexer/index_stats.h"
#include "indexer/links/link_queries.h"
#include "indexer/lookup.h"
#include "indexer/pack/make_pack.h"
#include "indexer/ranking/orientation.h"
#include "indexer/ranking/search.h"
#include "indexer/repository_index.h"

namespace moxie::indexer {

base::Result<Reading> RepositoryIndex::read(ViewUse use) const {
    while (true) {
        const int64_t madeAgain = madeAgain_;
        auto reading = readers_.begin(use);
        const bool isWhole = !isMakingAgain_ && madeAgain_ == madeAgain;
        if (!reading || isWhole || updating_ == std::this_thread::get_id()) return reading;
        std::lock_guard untilItIsMade(writing_);
    }
}

base::Result<IndexStats> RepositoryIndex::stats() const {
    return ask([&]() -> base::Result<IndexStats> {
        TRY_ASSIGN(const Reading reading, read());
        IndexStats stats = statsOf(reading.view());
        for (const char* end : {"", "-wal"}) {
            struct stat info = {};
            if (::stat((file_.string() + end).c_str(), &info) == 0)
                stats.indexBytes += info.st_size;
        }
        return stats;
    });
}

base::Result<int64_t> RepositoryIndex::generation() const {
    return ask([&]() -> base::Result<int64_t> {
        TRY_ASSIGN(const Reading reading, read(ViewUse::none));
        return currentGeneration(reading.database());
    });
}

base::Status RepositoryIndex::addTiers(const Reading& reading, std::vector<Symbol>& symbols) const {
    TRY_ASSIGN(Statement query,
               reading.database().prepare("SELECT tier, flags FROM snap_path JOIN blob ON "
                                          "blob.id = blob WHERE snap=1 AND path=?"));
    for (Symbol& symbol : symbols) {
        TRY_ASSIGN(const bool hasRow, query.bind(1, symbol.path).step());
        if (hasRow) symbol.tier = static_cast<Tier>(query.integer(0));
        if (hasRow && (query.integer(1) & kFlagPending)) demand_.add(symbol.path);
        query.reset();
    }
    return {};
}

template <class Hit>
void RepositoryIndex::addTiers(const LiveView& view, std::vector<Hit>& hits) const {
    for (Hit& hit : hits) {
        const LiveFile* file = findFile(view, hit.path);
        if (!file) continue;
        const LiveBlob& blob = view.blobs[size_t(file->blob)];
        hit.tier = blob.tier;
        if (blob.flags & kFlagPending) demand_.add(hit.path);
    }
}

base::Result<std::vector<FileEntry>> RepositoryIndex::files() const {
    return ask([&]() -> base::Result<std::vector<FileEntry>> {
        TRY_ASSIGN(const Reading reading, read());
        return allFiles(reading);
    });
}

base::Status RepositoryIndex::eachSymbol(const std::function<void(const SymbolEntry&)>& visit,
                                         const std::stop_token& stop) const {
    bool hasVisited = false;
    const int64_t madeAgain = madeAgain_;
    const auto noted = [&](const SymbolEntry& symbol) {
        hasVisited = true;
        visit(symbol);
    };
    const auto visitAll = [&]() -> base::Status {
        TRY_ASSIGN(const Reading reading, read());
        return visitSymbols(reading, noted, stop);
    };
    base::Status done = visitAll();
    if (done || done.error().kind() != base::Errc::corrupt) return done;
    TRY(repair(madeAgain, done.error()));
    return hasVisited ? done : visitAll();
}

base::Result<std::vector<SearchHit>> RepositoryIndex::search(std::string_view query,
                                                             int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<SearchHit>> {
        TRY_ASSIGN(const Reading reading, read());
        TRY_ASSIGN(auto hits, indexer::search(reading, root_, query, limit));
        addTiers(reading.view(), hits);
        return hits;
    });
}

base::Result<std::vector<Symbol>> RepositoryIndex::symbols(std::string_view query,
                                                           std::string_view path,
                                                           int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<Symbol>> {
        TRY_ASSIGN(const Reading reading, read(path.empty() ? ViewUse::needed : ViewUse::none));
        TRY_ASSIGN(auto symbols, path.empty() ? findSymbols(reading, nameList_, query, limit)
                                              : findSymbolsIn(reading, path, query, limit));
        if (path.empty())
            addTiers(reading.view(), symbols);
        else
            TRY(addTiers(reading, symbols));
        return symbols;
    });
}

base::Result<std::vector<Reference>> RepositoryIndex::references(std::string_view name,
                                                                 int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<Reference>> {
        TRY_ASSIGN(const Reading reading, read());
        TRY_ASSIGN(const auto table, links(reading));
        return findReferences(reading, *table, root_, {.name = name, .limit = limit});
    });
}

base::Result<std::shared_ptr<const LinkTable>> RepositoryIndex::links(
    const Reading& reading) const {
    std::lock_guard lock(linking_);
    if (!links_ || links_->generation() != reading.view().generation) {
        TRY_ASSIGN(links_, LinkTable::load(reading, root_));
    }
    return links_;
}

base::Result<Link> RepositoryIndex::resolve(std::string_view path, int32_t line,
                                            std::string_view name) const {
    return ask([&]() -> base::Result<Link> {
        TRY_ASSIGN(const Reading reading, read());
        TRY_ASSIGN(const auto table, links(reading));
        return linkAt(reading, *table, path, line, name);
    });
}

base::Result<std::vector<CallEdge>> RepositoryIndex::callers(const DefinitionPlace& definition,
                                                             int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<CallEdge>> {
        TRY_ASSIGN(const Reading reading, read());
        TRY_ASSIGN(const auto table, links(reading));
        return callersOf(*table, definition, limit);
    });
}

base::Result<std::vector<CallEdge>> RepositoryIndex::callees(const DefinitionPlace& definition,
                                                             int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<CallEdge>> {
        TRY_ASSIGN(const Reading reading, read());
        TRY_ASSIGN(const auto table, links(reading));
        return calleesOf(*table, definition, limit);
    });
}

base::Result<std::shared_ptr<const NameTable>> RepositoryIndex::names() const {
    const int64_t now = writes_;
    {
        std::lock_guard lock(naming_);
        if (names_ && namesAt_ == now) return names_;
    }
    TRY_ASSIGN(const Reading reading, read());  // may wait for a writer: without the lock
    std::lock_guard lock(naming_);
    if (!names_ || names_->generation() != reading.view().generation) {
        TRY_ASSIGN(names_, NameTable::load(reading, root_));
    }
    namesAt_ = now;
    return names_;
}

LinkSource RepositoryIndex::typesNow() const {
    return [this]() -> base::Result<std::shared_ptr<const LinkTable>> {
        TRY_ASSIGN(const Reading reading, read());
        return links(reading);
    };
}

base::Result<Existence> RepositoryIndex::exists(std::string_view name, NameKind kind,
                                                const NameContext& context) const {
    return ask([&]() -> base::Result<Existence> {
        TRY_ASSIGN(const auto table, names());
        return existenceOf(*table, typesNow(), name, kind, context);
    });
}

base::Result<std::vector<UnknownName>> RepositoryIndex::unknownNames(
    const std::vector<EditedText>& edit, const std::stop_token& stop) const {
    return ask([&]() -> base::Result<std::vector<UnknownName>> {
        TRY_ASSIGN(const auto table, names());
        return findUnknownNames(*table, typesNow(), edit, stop);
    });
}

base::Result<std::vector<NameVerdict>> RepositoryIndex::nameVerdicts(
    const std::vector<EditedText>& edit, const std::stop_token& stop) const {
    return ask([&]() -> base::Result<std::vector<NameVerdict>> {
        TRY_ASSIGN(const auto table, names());
        return judgeNames(*table, typesNow(), edit, stop);
    });
}

base::Result<OrientationMap> RepositoryIndex::map(const MapRequest& request,
                                                  const std::stop_token& stop) const {
    return ask([&]() -> base::Result<OrientationMap> {
        TRY_ASSIGN(const Reading reading, read());
        return makeOrientationMap(reading, request, stop);
    });
}

base::Result<ContextPack> RepositoryIndex::pack(const PackRequest& request,
                                                const std::stop_token& stop) const {
    return ask([&]() -> base::Result<ContextPack> {
        TRY_ASSIGN(const Reading reading, read());
        return makePack(reading, {root_, file_, [&] { return links(reading); }}, request, stop);
    });
}

}  // namespace moxie::indexer
