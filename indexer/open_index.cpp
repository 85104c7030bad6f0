#include <fmt/format.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/hash.h"
#include "base/log.h"
#include "base/paths.h"
#include "indexer/existence/edit_check.h"
#include "indexer/git_library.h"
#include "indexer/index.h"
#include "indexer/index_stats.h"
#include "indexer/links/link_queries.h"
#include "indexer/lookup.h"
#include "indexer/outline/outline.h"
#include "indexer/pack/make_pack.h"
#include "indexer/ranking/orientation.h"
#include "indexer/ranking/search.h"
#include "indexer/reader.h"
#include "indexer/store.h"
#include "indexer/update.h"
#include "indexer/update_files.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;

class RepositoryIndex final : public Index {
public:
    RepositoryIndex(fs::path root, fs::path file, const IndexOptions& options, WorkTree tree,
                    Store store)
        : root_(std::move(root)),
          file_(std::move(file)),
          options_(options),
          tree_(std::move(tree)),
          store_(std::move(store)),
          parse_{.root = root_,
                 .threads = options.threads,
                 .fileBytesMax = options.fileBytesMax,
                 .stop = {},
                 .demand = &demand_},
          readers_(file_) {}

    base::Result<IndexStats> update(const std::function<void(Progress)>& onProgress,
                                    const std::stop_token& stop) override;
    base::Status updateFile(std::string_view path) override;
    base::Status updateText(std::string_view path, std::string_view text) override;
    base::Result<std::vector<std::string>> updateFiles(
        const std::vector<std::string>& paths) override;
    base::Result<IndexStats> stats() const override;
    base::Result<int64_t> generation() const override;
    base::Result<std::vector<FileEntry>> files() const override;
    base::Status eachSymbol(const std::function<void(const SymbolEntry&)>& visit,
                            const std::stop_token& stop) const override;
    base::Result<std::vector<SearchHit>> search(std::string_view query,
                                                int64_t limit) const override;
    base::Result<std::vector<Symbol>> symbols(std::string_view query, std::string_view path,
                                              int64_t limit) const override;
    base::Result<std::vector<Reference>> references(std::string_view name,
                                                    int64_t limit) const override;
    base::Result<Link> resolve(std::string_view path, int32_t line,
                               std::string_view name) const override;
    base::Result<std::vector<CallEdge>> callers(const DefinitionPlace& definition,
                                                int64_t limit) const override;
    base::Result<std::vector<CallEdge>> callees(const DefinitionPlace& definition,
                                                int64_t limit) const override;
    base::Result<Existence> exists(std::string_view name, NameKind kind,
                                   const NameContext& context) const override;
    base::Result<std::vector<UnknownName>> unknownNames(const std::vector<EditedText>& edit,
                                                        const std::stop_token& stop) const override;
    base::Result<std::vector<NameVerdict>> nameVerdicts(const std::vector<EditedText>& edit,
                                                        const std::stop_token& stop) const override;
    base::Result<OrientationMap> map(const MapRequest& request,
                                     const std::stop_token& stop) const override;
    base::Result<ContextPack> pack(const PackRequest& request,
                                   const std::stop_token& stop) const override;

private:
    // Of the newest state that this process wrote; another's is seen with the next update().
    base::Result<std::shared_ptr<const NameTable>> names() const;
    // Of the state that `reading` sees.
    base::Result<std::shared_ptr<const LinkTable>> links(const Reading& reading) const;

    // Asks; if that finds the index damaged, it is made again and asked once more.
    template <class Question>
    auto ask(const Question& question) const -> decltype(question());
    // `madeAgain`: what madeAgain_ was when the question was asked.
    base::Status repair(int64_t madeAgain, const base::Error& why) const;
    // Requires: writing_ is held.
    base::Result<UpdateCounts> bringUpToDate(const UpdateRequest& wanted) const;
    base::Result<UpdateCounts> makeAgain(const base::Error& why, const UpdateRequest& wanted) const;
    UpdateRequest wholeUpdate() const;

    base::Result<std::string> cleanPath(std::string_view path) const;
    // The tiers of what a question found; what has a better one to come is parsed next.
    base::Status addTiers(const Reading& reading, std::vector<Symbol>& symbols) const;
    template <class Hit>
    void addTiers(const LiveView& view, std::vector<Hit>& hits) const;

    GitLibrary git_;  // first: outlives the rest
    const fs::path root_, file_;
    const IndexOptions options_;
    mutable Demand demand_;
    mutable std::mutex writing_;  // guards the next six
    WorkTree tree_;
    mutable Store store_;
    Outliner outliner_;
    ParseOptions parse_;
    UpdateCounts last_;
    double lastSeconds_ = 0;
    mutable Readers readers_;
    mutable NameList nameList_;
    mutable std::atomic<int64_t> writes_ = 0;     // updates that are done
    mutable std::atomic<int64_t> madeAgain_ = 0;  // how often it was damaged
    // Who runs update(), and whether a question that was asked in between found damage.
    std::atomic<std::thread::id> updating_ = {};
    mutable std::atomic<bool> hasDamage_ = false;
    mutable std::mutex naming_;  // guards names_ and namesAt_; held while they are read
    mutable std::shared_ptr<const NameTable> names_;
    mutable int64_t namesAt_ = -1;  // writes_ when they were read
    mutable std::mutex linking_;    // guards links_; held while they are read
    mutable std::shared_ptr<const LinkTable> links_;
};

UpdateRequest RepositoryIndex::wholeUpdate() const {
    UpdateRequest wanted;
    wanted.parse = parse_;
    wanted.tierMax = options_.tierMax;
    return wanted;
}

base::Result<UpdateCounts> RepositoryIndex::makeAgain(const base::Error& why,
                                                      const UpdateRequest& wanted) const {
    TRY(store_.remake(why));
    auto counts = updateStore(store_, tree_, wanted);
    writes_++;
    madeAgain_++;  // last: a question that began before may still have seen the old file
    return counts;
}

base::Result<UpdateCounts> RepositoryIndex::bringUpToDate(const UpdateRequest& wanted) const {
    hasDamage_ = false;
    const base::Status isOurs = store_.checkFile();
    if (!isOurs) return makeAgain(isOurs.error(), wanted);
    auto counts = updateStore(store_, tree_, wanted);
    if (!counts && counts.error().kind() == base::Errc::corrupt)
        return makeAgain(counts.error(), wanted);
    if (counts && hasDamage_)
        return makeAgain({base::Errc::corrupt, "a question found it damaged"}, wanted);
    return counts;
}

base::Status RepositoryIndex::repair(int64_t madeAgain, const base::Error& why) const {
    if (updating_ == std::this_thread::get_id()) {  // by its progress: the update sees to it
        hasDamage_ = true;
        return base::fail(why);
    }
    std::lock_guard lock(writing_);
    if (madeAgain_ == madeAgain) TRY(makeAgain(why, wholeUpdate()));
    return {};
}

template <class Question>
auto RepositoryIndex::ask(const Question& question) const -> decltype(question()) {
    const int64_t madeAgain = madeAgain_;
    auto answer = question();
    if (answer || answer.error().kind() != base::Errc::corrupt) return answer;
    TRY(repair(madeAgain, answer.error()));
    return question();
}

base::Result<IndexStats> RepositoryIndex::update(const std::function<void(Progress)>& onProgress,
                                                 const std::stop_token& stop) {
    const auto start = std::chrono::steady_clock::now();
    {
        std::lock_guard lock(writing_);
        UpdateRequest wanted = wholeUpdate();
        wanted.parse.stop = stop;
        wanted.onProgress = onProgress;
        updating_ = std::this_thread::get_id();
        auto counts = bringUpToDate(wanted);
        updating_ = std::thread::id();
        writes_++;  // a stopped one keeps what it committed
        TRY_ASSIGN(last_, std::move(counts));
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        lastSeconds_ = took.count();
    }
    TRY_ASSIGN(IndexStats now, stats());
    now.filesParsed = last_.filesParsed;
    now.filesSkipped = last_.filesSkipped;
    now.seconds = lastSeconds_;
    base::log(base::LogLevel::info, "indexer",
              fmt::format("index is up to date files={} parsed={} seconds={:.3f}", now.files,
                          now.filesParsed, now.seconds));
    return now;
}

base::Result<std::string> RepositoryIndex::cleanPath(std::string_view path) const {
    const fs::path clean = fs::path(path).lexically_normal();
    if (clean.empty() || clean.is_absolute() || *clean.begin() == "..")
        return base::fail(base::Errc::invalidInput,
                          std::string(path) + " is not inside the repository");
    return clean.generic_string();
}

base::Status RepositoryIndex::updateFile(std::string_view path) {
    TRY(updateFiles({std::string(path)}));
    return {};
}

base::Status RepositoryIndex::updateText(std::string_view path, std::string_view text) {
    TRY_ASSIGN(const std::string clean, cleanPath(path));
    std::lock_guard lock(writing_);
    base::Status done = store_.checkFile();
    if (done) done = updateFileText({store_, tree_, outliner_, parse_}, clean, text);
    writes_++;
    if (done || done.error().kind() != base::Errc::corrupt) return done;
    TRY(makeAgain(done.error(), wholeUpdate()));
    return {};
}

base::Result<std::vector<std::string>> RepositoryIndex::updateFiles(
    const std::vector<std::string>& paths) {
    std::vector<std::string> clean;
    for (const std::string& path : paths) {
        TRY_ASSIGN(std::string made, cleanPath(path));
        clean.push_back(std::move(made));
    }
    std::lock_guard lock(writing_);
    const base::Status isOurs = store_.checkFile();
    base::Result<std::vector<std::string>> changed;
    if (isOurs)
        changed = updateListedFiles({store_, tree_, outliner_, parse_}, clean);
    else
        changed = base::fail(isOurs.error());
    writes_++;
    if (changed || changed.error().kind() != base::Errc::corrupt) return changed;
    TRY(makeAgain(changed.error(), wholeUpdate()));
    return clean;
}

base::Result<IndexStats> RepositoryIndex::stats() const {
    return ask([&]() -> base::Result<IndexStats> {
        TRY_ASSIGN(const Reading reading, readers_.begin());
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
        TRY_ASSIGN(const Reading reading, readers_.begin(ViewUse::none));
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
        TRY_ASSIGN(const Reading reading, readers_.begin());
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
        TRY_ASSIGN(const Reading reading, readers_.begin());
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
        TRY_ASSIGN(const Reading reading, readers_.begin());
        TRY_ASSIGN(auto hits, indexer::search(reading, root_, query, limit));
        addTiers(reading.view(), hits);
        return hits;
    });
}

base::Result<std::vector<Symbol>> RepositoryIndex::symbols(std::string_view query,
                                                           std::string_view path,
                                                           int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<Symbol>> {
        TRY_ASSIGN(const Reading reading,
                   readers_.begin(path.empty() ? ViewUse::needed : ViewUse::none));
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
        TRY_ASSIGN(const Reading reading, readers_.begin());
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
        TRY_ASSIGN(const Reading reading, readers_.begin());
        TRY_ASSIGN(const auto table, links(reading));
        return linkAt(reading, *table, path, line, name);
    });
}

base::Result<std::vector<CallEdge>> RepositoryIndex::callers(const DefinitionPlace& definition,
                                                             int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<CallEdge>> {
        TRY_ASSIGN(const Reading reading, readers_.begin());
        TRY_ASSIGN(const auto table, links(reading));
        return callersOf(*table, definition, limit);
    });
}

base::Result<std::vector<CallEdge>> RepositoryIndex::callees(const DefinitionPlace& definition,
                                                             int64_t limit) const {
    return ask([&]() -> base::Result<std::vector<CallEdge>> {
        TRY_ASSIGN(const Reading reading, readers_.begin());
        TRY_ASSIGN(const auto table, links(reading));
        return calleesOf(*table, definition, limit);
    });
}

base::Result<std::shared_ptr<const NameTable>> RepositoryIndex::names() const {
    std::lock_guard lock(naming_);
    const int64_t now = writes_;
    if (names_ && namesAt_ == now) return names_;
    TRY_ASSIGN(const Reading reading, readers_.begin());
    if (!names_ || names_->generation() != reading.view().generation) {
        TRY_ASSIGN(names_, NameTable::load(reading, root_));
    }
    namesAt_ = now;
    return names_;
}

base::Result<Existence> RepositoryIndex::exists(std::string_view name, NameKind kind,
                                                const NameContext& context) const {
    return ask([&]() -> base::Result<Existence> {
        TRY_ASSIGN(const auto table, names());
        return existenceOf(*table, name, kind, context);
    });
}

base::Result<std::vector<UnknownName>> RepositoryIndex::unknownNames(
    const std::vector<EditedText>& edit, const std::stop_token& stop) const {
    return ask([&]() -> base::Result<std::vector<UnknownName>> {
        TRY_ASSIGN(const auto table, names());
        return findUnknownNames(*table, edit, stop);
    });
}

base::Result<std::vector<NameVerdict>> RepositoryIndex::nameVerdicts(
    const std::vector<EditedText>& edit, const std::stop_token& stop) const {
    return ask([&]() -> base::Result<std::vector<NameVerdict>> {
        TRY_ASSIGN(const auto table, names());
        return judgeNames(*table, edit, stop);
    });
}

base::Result<OrientationMap> RepositoryIndex::map(const MapRequest& request,
                                                  const std::stop_token& stop) const {
    return ask([&]() -> base::Result<OrientationMap> {
        TRY_ASSIGN(const Reading reading, readers_.begin());
        return makeOrientationMap(reading, request, stop);
    });
}

base::Result<ContextPack> RepositoryIndex::pack(const PackRequest& request,
                                                const std::stop_token& stop) const {
    return ask([&]() -> base::Result<ContextPack> {
        TRY_ASSIGN(const Reading reading, readers_.begin());
        return makePack(reading, {root_, file_, [&] { return links(reading); }}, request, stop);
    });
}

fs::path usualFile(const fs::path& root) {
    return base::cacheDir() / "index" / (base::hash128(root.string()).hex() + ".sqlite");
}

}  // namespace

base::Result<std::unique_ptr<Index>> openIndex(const IndexOptions& options) {
    const GitLibrary git;
    TRY(checkGrammars());
    TRY_ASSIGN(WorkTree tree, WorkTree::open(options.root));
    std::error_code error;
    const fs::path root = fs::canonical(options.root, error);
    if (error) return base::fail(base::Errc::notFound, options.root.string() + " is not a folder");
    const fs::path file = options.cacheFile.empty() ? usualFile(root) : options.cacheFile;
    TRY_ASSIGN(Store store, Store::open(file));
    return std::make_unique<RepositoryIndex>(root, file, options, std::move(tree),
                                             std::move(store));
}

}  // namespace moxie::indexer
