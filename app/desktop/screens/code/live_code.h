// The code model of a repository: an index of its own, brought up to date when the repository is
// opened, when asked and when files change, on threads of its own (questions, texts, git's history,
// updates: a long update or parse holds up no question). The agent's index may write the same
// cache; the next update() sees it. Threads: GUI thread only.
#pragma once
#include <QTimer>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <unordered_map>

#include "app/desktop/core/worker.h"
#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/screens/code/code_table.h"
#include "indexer/watch.h"

namespace moxie::desktop {

struct LiveCodeOptions {
    std::filesystem::path cacheFile = {};  // empty: the usual place
    int32_t threads = 2;
};

class LiveCode final : public CodeModel {
    Q_OBJECT

public:
    explicit LiveCode(const LiveCodeOptions& options = {}, QObject* parent = nullptr);
    ~LiveCode() override;

    // Closes what was open; "" opens nothing. Answers to older questions are dropped.
    void open(const QString& folder);

    State state() const override { return state_; }

    QString errorText() const override { return error_; }

    QString repository() const override { return folder_; }

    const IndexState& index() const override { return index_; }

    void find(const CodeQuery& query, QObject& receiver, Answer<CodeHits> then) override;
    void search(const CodeQuery& query, QObject& receiver, Answer<TextHits> then) override;
    void uses(const QString& name, QObject& receiver, Answer<SymbolUses> then) override;
    void outline(const QString& path, QObject& receiver, Answer<CodeHits> then) override;
    void read(const QString& path, QObject& receiver, Answer<OpenedSource> then) override;
    void colour(const SourceTextSnapshot& source, QObject& receiver,
                Answer<HighlightSnapshot> then) override;
    void blame(const SourceTextSnapshot& source, QObject& receiver,
               Answer<BlameSnapshot> then) override;
    void folder(const QString& path, QObject& receiver, Answer<FolderListing> then) override;
    void changedPaths(QObject& receiver, Answer<ChangedPaths> then) override;
    void edit(const SourceEdit& edit, QObject& receiver, Answer<EditAnswer> then) override;
    void update() override;
    void pause() override;

private:
    enum class Question : uint8_t {
        find,
        search,
        uses,
        outline,
        read,
        colour,
        blame,
        folder,
        changedPaths,
        edit,
    };
    using IndexHandle = std::shared_ptr<indexer::Index>;
    using Newest = std::shared_ptr<std::atomic<int64_t>>;

    // What a thread found out about the index.
    struct Loaded {
        IndexHandle index;
        CodeTableSnapshot table;  // null: as before
        indexer::IndexStats stats;
        std::optional<base::Error> error;
        std::shared_ptr<indexer::Watch> watching;  // null: as before
    };

    static Loaded load(IndexHandle index, int64_t knownGeneration, const std::stop_token& stop);
    Newest newestOf(QObject& receiver, Question question);
    template <class T, class Work>
    void ask(Worker& worker, QObject& receiver, Question question, Work work, Answer<T> then);
    void take(Loaded loaded);
    void opened(Loaded loaded);
    void updated(Loaded loaded, bool isStopped);
    void showProgress(indexer::Progress progress);
    std::function<void()> changeReport();
    void reloadSoon();
    void reload();
    void setState(State state, const QString& error);

    const LiveCodeOptions options_;
    State state_ = State::empty;
    QString error_, folder_;
    IndexState index_;
    IndexHandle handle_;
    std::shared_ptr<indexer::Watch> watching_;  // of handle_; null until it is up to date
    CodeTableSnapshot table_;
    int64_t repositoryNumber_ = 0;  // answers of another are dropped
    bool isReloading_ = false;
    QDateTime reloaded_;
    QTimer reloadTimer_;
    std::stop_source stopUpdate_;
    std::unordered_map<QObject*, std::unordered_map<int, Newest>> newest_;
    Worker questions_, texts_, history_, updates_;  // last: joined before the rest goes
};

}  // namespace moxie::desktop
