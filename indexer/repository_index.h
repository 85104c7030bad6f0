// The index of one repository behind the door of index.h: one writer, readers of committed states,
// and how both get over a damaged file. Not for others than openIndex(). Threads: any.
#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "indexer/existence/edit_check.h"
#include "indexer/git_library.h"
#include "indexer/index.h"
#include "indexer/links/link_table.h"
#include "indexer/name_list.h"
#include "indexer/outline/outline.h"
#include "indexer/parsing.h"
#include "indexer/reader.h"
#include "indexer/store.h"
#include "indexer/update.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

class RepositoryIndex final : public Index {
public:
    RepositoryIndex(std::filesystem::path root, std::filesystem::path file,
                    const IndexOptions& options, WorkTree tree, Store store)
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
          readers_(file_) {
        readers_.follow(store_.inode());
    }

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
    LinkSource typesNow() const;
    // Of the state that `reading` sees.
    base::Result<std::shared_ptr<const LinkTable>> links(const Reading& reading) const;

    // Asks; if that finds the index damaged, it is made again and asked once more.
    template <class Question>
    auto ask(const Question& question) const -> decltype(question());
    // `madeAgain`: what madeAgain_ was when the question was asked.
    base::Status repair(int64_t madeAgain, const base::Error& why) const;
    // A state of an index that is not being made again: waits for that, except in the progress of
    // an update.
    base::Result<Reading> read(ViewUse use = ViewUse::needed) const;
    // Requires: writing_ is held.
    base::Result<UpdateCounts> bringUpToDate(const UpdateRequest& wanted) const;
    // Fails: corrupt, if it found damage or another process took its file away meanwhile.
    base::Result<UpdateCounts> tryUpdate(const UpdateRequest& wanted) const;
    base::Result<UpdateCounts> makeAgain(base::Error why, const UpdateRequest& wanted) const;
    UpdateRequest wholeUpdate() const;

    base::Result<std::string> cleanPath(std::string_view path) const;
    // The tiers of what a question found; what has a better one to come is parsed next.
    base::Status addTiers(const Reading& reading, std::vector<Symbol>& symbols) const;
    template <class Hit>
    void addTiers(const LiveView& view, std::vector<Hit>& hits) const;

    GitLibrary git_;  // first: outlives the rest
    const std::filesystem::path root_, file_;
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
    mutable std::atomic<bool> isMakingAgain_ = false;
    // Who runs update(), and whether a question that was asked in between found damage.
    std::atomic<std::thread::id> updating_ = {};
    mutable std::atomic<bool> hasDamage_ = false;
    mutable std::mutex naming_;  // guards names_ and namesAt_; held while they are read
    mutable std::shared_ptr<const NameTable> names_;
    mutable int64_t namesAt_ = -1;  // writes_ when they were read
    mutable std::mutex linking_;    // guards links_; held while they are read
    mutable std::shared_ptr<const LinkTable> links_;
};

template <class Question>
auto RepositoryIndex::ask(const Question& question) const -> decltype(question()) {
    const int64_t madeAgain = madeAgain_;
    auto answer = question();
    if (answer || answer.error().kind() != base::Errc::corrupt) return answer;
    TRY(repair(madeAgain, answer.error()));
    return question();
}

}  // namespace moxie::indexer
