#include "indexer/repository_index.h"

#include <fmt/format.h>

#include <chrono>

#include "base/hash.h"
#include "base/log.h"
#include "base/paths.h"
#include "indexer/update_files.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;

fs::path usualFile(const fs::path& root) {
    return base::cacheDir() / "index" / (base::hash128(root.string()).hex() + ".sqlite");
}

}  // namespace

UpdateRequest RepositoryIndex::wholeUpdate() const {
    UpdateRequest wanted;
    wanted.parse = parse_;
    wanted.tierMax = options_.tierMax;
    return wanted;
}

base::Result<UpdateCounts> RepositoryIndex::tryUpdate(const UpdateRequest& wanted) const {
    TRY_ASSIGN(const int64_t epoch, store_.epoch());
    auto counts = updateStore(store_, tree_, wanted);
    if (!counts) return counts;
    // What another process took away or threw out meanwhile has to come in again.
    TRY(store_.checkFile());
    TRY_ASSIGN(const int64_t now, store_.epoch());
    return now == epoch ? counts : updateStore(store_, tree_, wanted);
}

// The new file may be damaged or taken away as well, by whoever damaged the old one.
base::Result<UpdateCounts> RepositoryIndex::makeAgain(base::Error why,
                                                      const UpdateRequest& wanted) const {
    constexpr int kTriesMax = 3;
    isMakingAgain_ = true;
    base::Result<UpdateCounts> counts;
    for (int i = 0; i < kTriesMax; i++) {
        const base::Status remade = store_.remake(why);
        if (remade) {
            readers_.follow(store_.inode());
            counts = tryUpdate(wanted);
        } else {
            counts = base::fail(remade.error());
        }
        if (counts || counts.error().kind() != base::Errc::corrupt) break;
        why = counts.error();
    }
    writes_++;
    madeAgain_++;  // after the update: a question that began before may still have seen less
    isMakingAgain_ = false;
    return counts;
}

base::Result<UpdateCounts> RepositoryIndex::bringUpToDate(const UpdateRequest& wanted) const {
    hasDamage_ = false;
    const base::Status isOurs = store_.checkFile();
    if (!isOurs) return makeAgain(isOurs.error(), wanted);
    auto counts = tryUpdate(wanted);
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
    if (done) done = store_.checkFile();
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
    if (const base::Status isStill = store_.checkFile(); changed && !isStill)
        changed = base::fail(isStill.error());
    writes_++;
    if (changed || changed.error().kind() != base::Errc::corrupt) return changed;
    TRY(makeAgain(changed.error(), wholeUpdate()));
    return clean;
}

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
