#include "app/desktop/screens/code/live_code.h"

#include <QElapsedTimer>
#include <atomic>

#include "app/desktop/screens/code/source_edit.h"
#include "app/desktop/screens/code/source_text.h"
#include "indexer/calls.h"
#include "tools/git.h"

namespace moxie::desktop {

namespace {

constexpr int64_t kFoundMax = 100, kSearchedMax = 60, kUsesMax = 500, kDefinitionsMax = 20,
                  kListedMax = 2'000;
constexpr int64_t kColouredAtOnceBytes = 100'000, kCallerBytesMax = 2'000'000;
constexpr int64_t kProgressEveryMs = 100;
constexpr int64_t kReloadEveryMs = 3'000;  // of a table that grows while all is indexed
constexpr int64_t kFreshEveryMs = 400;     // of one that others change

std::string toUtf8(const QString& text) {
    return text.toStdString();
}

double millisecondsSince(const QElapsedTimer& timer) {
    return double(timer.nsecsElapsed()) / 1e6;
}

HighlightSnapshot coloursOf(const SourceText& source, const std::stop_token& stop) {
    if (int64_t(source.text.size()) > indexer::HighlightedText::kBytesMax) return nullptr;
    const indexer::Grammar grammar = indexer::grammarOfFile(source.path.toStdString(), source.text);
    auto made = indexer::HighlightedText::parse(source.text, grammar, stop);
    // Only cancelled: nobody will look at it.
    if (!made) return nullptr;
    auto blocks = made->blocks(stop);
    if (!blocks) return nullptr;
    return std::make_shared<const SourceColours>(
        SourceColours{std::move(*made), std::move(*blocks)});
}

std::vector<SymbolCall> callsOf(const std::filesystem::path& root, const CodeHit& caller,
                                const std::stop_token& stop) {
    std::vector<SymbolCall> calls;
    const SourceTextSnapshot source = readSource(root, caller.path);
    if (int64_t(source->text.size()) > kCallerBytesMax) return calls;
    const std::string path = toUtf8(caller.path), name = toUtf8(caller.name);
    const auto found = indexer::callsIn(
        source->text, {.path = path, .name = name, .lineFirst = caller.lineFirst}, stop);
    if (!found) return calls;  // only cancelled: nobody will look at it
    for (const indexer::CalledName& each : *found)
        calls.push_back({QString::fromStdString(each.name), caller.path, each.line, each.count});
    return calls;
}

// Calls back at most each kProgressEveryMs, on the thread of `receiver`.
class ProgressReports {
public:
    ProgressReports(QObject& receiver, std::function<void(indexer::Progress)> call)
        : receiver_(receiver),
          call_(std::move(call)) {
        since_.start();
    }

    void operator()(indexer::Progress progress) {
        if (since_.elapsed() < kProgressEveryMs) return;
        since_.start();
        QMetaObject::invokeMethod(
            &receiver_, [call = call_, progress] { call(progress); }, Qt::QueuedConnection);
    }

private:
    QObject& receiver_;
    std::function<void(indexer::Progress)> call_;
    QElapsedTimer since_;
};

// Without a watch the index is as fresh as its last update.
std::shared_ptr<indexer::Watch> watchFor(indexer::Index& index, const std::string& root,
                                         const std::function<void()>& onChanged) {
    auto made = indexer::watch(
        index,
        {.root = root, .onChanged = [onChanged](const indexer::WatchEvent&) { onChanged(); }});
    if (!made) return nullptr;
    return std::shared_ptr<indexer::Watch>(*std::move(made));
}

}  // namespace

LiveCode::LiveCode(const LiveCodeOptions& options, QObject* parent)
    : CodeModel(parent),
      options_(options) {
    reloadTimer_.setSingleShot(true);
    connect(&reloadTimer_, &QTimer::timeout, this, &LiveCode::reload);
}

LiveCode::~LiveCode() {
    stopUpdate_.request_stop();
}

// ---- questions

LiveCode::Newest LiveCode::newestOf(QObject& receiver, Question question) {
    const auto [at, isNew] = newest_.try_emplace(&receiver);
    if (isNew)
        connect(&receiver, &QObject::destroyed, this,
                [this](QObject* gone) { newest_.erase(gone); });
    Newest& newest = at->second[int(question)];
    if (!newest) newest = std::make_shared<std::atomic<int64_t>>(0);
    return newest;
}

// Runs `work(stop, isOutdated)` unless the receiver asks again before its turn comes.
template <class T, class Work>
void LiveCode::ask(Worker& worker, QObject& receiver, Question question, Work work,
                   Answer<T> then) {
    const Newest newest = newestOf(receiver, question);
    const int64_t number = ++*newest;
    const int64_t repository = repositoryNumber_;
    const std::function<bool()> isOutdated = [newest, number] { return *newest != number; };
    worker.run(
        receiver,
        [work = std::move(work), isOutdated](const std::stop_token& stop) -> std::optional<T> {
            if (isOutdated()) return std::nullopt;
            return work(stop, isOutdated);
        },
        [this, self = QPointer<LiveCode>(this), isOutdated, repository,
         then = std::move(then)](const std::optional<T>& answer) {
            if (!self || !answer || isOutdated() || repository != repositoryNumber_) return;
            then(*answer);
        });
}

void LiveCode::find(const CodeQuery& query, QObject& receiver, Answer<CodeHits> then) {
    const auto work = [table = table_, query, recent = recent()](
                          const std::stop_token&, const std::function<bool()>& isOutdated) {
        QElapsedTimer timer;
        timer.start();
        CodeHits found;
        if (!table) return found;
        const bool isOpen = query.text.isEmpty() && query.scope == CodeScope::everything;
        found.hits = isOpen ? table->filesFirst(recent, query, kFoundMax)
                            : table->find(query, kFoundMax, isOutdated);
        found.milliseconds = millisecondsSince(timer);
        return found;
    };
    ask<CodeHits>(questions_, receiver, Question::find, work, std::move(then));
}

void LiveCode::search(const CodeQuery& query, QObject& receiver, Answer<TextHits> then) {
    const auto work = [index = handle_, query](const std::stop_token&,
                                               const std::function<bool()>&) {
        QElapsedTimer timer;
        timer.start();
        TextHits found;
        if (!index || query.text.isEmpty()) return found;
        auto hits = index->search(toUtf8(query.text), kSearchedMax);
        if (!hits) {
            found.error = QString::fromStdString(hits.error().message());
            return found;
        }
        const std::string folder = toUtf8(query.folder) + '/';
        if (folder != "/")
            std::erase_if(*hits, [&](const auto& hit) { return !hit.path.starts_with(folder); });
        found.hits = std::move(*hits);
        found.milliseconds = millisecondsSince(timer);
        return found;
    };
    ask<TextHits>(questions_, receiver, Question::search, work, std::move(then));
}

void LiveCode::uses(const QString& name, QObject& receiver, Answer<SymbolUses> then) {
    const auto work = [index = handle_, table = table_, name,
                       root = std::filesystem::path(toUtf8(folder_))](
                          const std::stop_token& stop, const std::function<bool()>&) {
        QElapsedTimer timer;
        timer.start();
        SymbolUses found = {.name = name};
        if (!index || !table) return found;
        found.definitions = table->symbolsNamed(name, kDefinitionsMax);
        auto uses = index->references(toUtf8(name), kUsesMax);
        if (uses)
            found.uses = std::move(*uses);
        else
            found.error = QString::fromStdString(uses.error().message());
        if (!found.definitions.empty())
            found.calls = callsOf(root, found.definitions.front(), stop);
        found.milliseconds = millisecondsSince(timer);
        return found;
    };
    ask<SymbolUses>(questions_, receiver, Question::uses, work, std::move(then));
}

void LiveCode::outline(const QString& path, QObject& receiver, Answer<CodeHits> then) {
    const auto work = [table = table_, path](const std::stop_token&, const std::function<bool()>&) {
        QElapsedTimer timer;
        timer.start();
        CodeHits found;
        if (table) found.hits = table->symbolsOf(path);
        found.milliseconds = millisecondsSince(timer);
        return found;
    };
    ask<CodeHits>(questions_, receiver, Question::outline, work, std::move(then));
}

void LiveCode::read(const QString& path, QObject& receiver, Answer<OpenedSource> then) {
    const auto work = [root = std::filesystem::path(toUtf8(folder_)), path](
                          const std::stop_token& stop, const std::function<bool()>&) {
        OpenedSource opened;
        opened.source = readSource(root, path);
        const auto bytes = int64_t(opened.source->text.size());
        if (bytes > 0 && bytes <= kColouredAtOnceBytes)
            opened.colours = coloursOf(*opened.source, stop);
        opened.wantsColours = bytes > kColouredAtOnceBytes;
        return opened;
    };
    ask<OpenedSource>(texts_, receiver, Question::read, work, std::move(then));
}

void LiveCode::colour(const SourceTextSnapshot& source, QObject& receiver,
                      Answer<HighlightSnapshot> then) {
    const auto work = [source](const std::stop_token& stop, const std::function<bool()>&) {
        return coloursOf(*source, stop);
    };
    ask<HighlightSnapshot>(texts_, receiver, Question::colour, work, std::move(then));
}

void LiveCode::blame(const SourceTextSnapshot& source, QObject& receiver,
                     Answer<BlameSnapshot> then) {
    const auto work = [root = std::filesystem::path(toUtf8(folder_)), source](
                          const std::stop_token&, const std::function<bool()>&) -> BlameSnapshot {
        auto made = std::make_shared<BlamedSource>();
        auto lines = tools::blameText(root, toUtf8(source->path), source->text);
        if (lines)
            made->lines = std::move(*lines);
        else
            made->error = QString::fromStdString(lines.error().message());
        return made;
    };
    ask<BlameSnapshot>(history_, receiver, Question::blame, work, std::move(then));
}

void LiveCode::folder(const QString& path, QObject& receiver, Answer<FolderListing> then) {
    const auto work = [table = table_, path](const std::stop_token&, const std::function<bool()>&) {
        return table ? table->listing(path, kListedMax) : FolderListing();
    };
    ask<FolderListing>(questions_, receiver, Question::folder, work, std::move(then));
}

void LiveCode::changedPaths(QObject& receiver, Answer<ChangedPaths> then) {
    const auto work = [root = std::filesystem::path(toUtf8(folder_))](
                          const std::stop_token&, const std::function<bool()>&) {
        ChangedPaths paths;
        const auto git = tools::Git::open(root);
        if (!git) return paths;
        const auto changes = git->status();
        if (!changes) return paths;
        for (const tools::FileChange& change : *changes)
            paths[QString::fromStdString(change.path)] = QLatin1Char(change.status);
        return paths;
    };
    ask<ChangedPaths>(history_, receiver, Question::changedPaths, work, std::move(then));
}

void LiveCode::edit(const SourceEdit& edit, QObject& receiver, Answer<EditAnswer> then) {
    const auto work = [root = std::filesystem::path(toUtf8(folder_)), index = handle_, edit](
                          const std::stop_token&, const std::function<bool()>&) {
        EditAnswer answer;
        if (const base::Status written = writeEdit(root, edit); !written) {
            using Problem = EditAnswer::Problem;
            const base::Errc kind = written.error().kind();
            answer.problem = kind == base::Errc::busy     ? Problem::movedOn
                             : kind == base::Errc::denied ? Problem::noCheckpoint
                                                          : Problem::other;
            answer.error = QString::fromStdString(written.error().message());
            return answer;
        }
        answer.text = editedText(edit);
        // What fails here is made good by the next update.
        if (index) (void)index->updateFile(toUtf8(edit.source->path));
        return answer;
    };
    ask<EditAnswer>(texts_, receiver, Question::edit, work, std::move(then));
}

// ---- the index

LiveCode::Loaded LiveCode::load(IndexHandle index, int64_t knownGeneration,
                                const std::stop_token& stop) {
    Loaded loaded;
    loaded.index = std::move(index);
    auto stats = loaded.index->stats();
    if (!stats) {
        loaded.error = stats.error();
        return loaded;
    }
    loaded.stats = std::move(*stats);
    if (loaded.stats.generation == knownGeneration) return loaded;
    auto table = loadCodeTable(*loaded.index, stop);
    if (table)
        loaded.table = std::move(*table);
    else
        loaded.error = table.error();
    return loaded;
}

void LiveCode::setState(State state, const QString& error) {
    state_ = state;
    error_ = error;
    emit stateChanged();
}

void LiveCode::open(const QString& folder) {
    stopUpdate_.request_stop();
    ++repositoryNumber_;
    folder_ = folder;
    reloadTimer_.stop();
    // A watch that is looking at something right now is waited for, so not here.
    updates_.run(
        *this,
        [watching = std::exchange(watching_, nullptr),
         index = std::exchange(handle_, nullptr)](const std::stop_token&) mutable {
            watching.reset();
            index.reset();
            return true;
        },
        [](bool) {});
    table_.reset();
    index_ = {};
    isReloading_ = false;
    setRecent({});
    setState(folder.isEmpty() ? State::empty : State::loading, {});
    emit indexChanged();
    if (folder.isEmpty()) return;
    updates_.run(
        *this,
        [options = options_, root = toUtf8(folder)](const std::stop_token& stop) {
            auto index = indexer::openIndex(
                {.root = root, .cacheFile = options.cacheFile, .threads = options.threads});
            if (index) return load(std::move(*index), -1, stop);
            Loaded failed;
            failed.error = index.error();
            return failed;
        },
        [this, number = repositoryNumber_](Loaded loaded) {
            if (number == repositoryNumber_) opened(std::move(loaded));
        });
}

void LiveCode::take(Loaded loaded) {
    handle_ = std::move(loaded.index);
    index_.stats = std::move(loaded.stats);
    if (loaded.table) table_ = std::move(loaded.table);
    if (loaded.watching) watching_ = std::move(loaded.watching);
}

void LiveCode::opened(Loaded loaded) {
    if (loaded.error) {
        setState(State::error, QString::fromStdString(loaded.error->message()));
        return;
    }
    take(std::move(loaded));
    if (table_->fileCount() > 0) setState(State::ready, {});
    update();
}

void LiveCode::update() {
    if (!handle_ || index_.phase == IndexState::Phase::updating) return;
    index_.phase = IndexState::Phase::updating;
    index_.progress = {};
    index_.error.clear();
    emit indexChanged();
    stopUpdate_ = std::stop_source();
    reloaded_ = QDateTime::currentDateTime();

    struct Ended {
        Loaded loaded;
        bool isStopped = false;
    };

    const int64_t number = repositoryNumber_;
    const auto show = [this, number](indexer::Progress progress) {
        if (number == repositoryNumber_) showProgress(progress);
    };
    updates_.run(
        *this,
        [this, show, index = handle_, source = stopUpdate_, known = index_.stats.generation,
         onChanged = watching_ ? nullptr : changeReport(),
         root = toUtf8(folder_)](const std::stop_token& stop) {
            const std::stop_callback both(stop, [source]() mutable { source.request_stop(); });
            auto done = index->update(ProgressReports(*this, show), source.get_token());
            std::shared_ptr<indexer::Watch> watching;
            if (done && onChanged) {
                watching = watchFor(*index, root, onChanged);
                done = index->update({}, source.get_token());
            }
            if (!done && done.error().kind() != base::Errc::cancelled) {
                Ended failed;
                failed.loaded.index = index;
                failed.loaded.error = done.error();
                return failed;
            }
            Ended ended{load(index, known, stop), !done};
            ended.loaded.watching = std::move(watching);
            return ended;
        },
        [this, number](Ended ended) {
            if (number == repositoryNumber_) updated(std::move(ended.loaded), ended.isStopped);
        });
}

void LiveCode::pause() {
    stopUpdate_.request_stop();
}

void LiveCode::updated(Loaded loaded, bool isStopped) {
    index_.phase = isStopped ? IndexState::Phase::paused : IndexState::Phase::current;
    if (loaded.error) {
        index_.phase = IndexState::Phase::stale;
        index_.error = QString::fromStdString(loaded.error->message());
    } else {
        take(std::move(loaded));
    }
    if (index_.phase == IndexState::Phase::current) index_.checked = QDateTime::currentDateTime();
    if (state_ == State::loading) setState(State::ready, {});
    emit indexChanged();
}

// A first indexing lets itself be searched while it runs.
void LiveCode::showProgress(indexer::Progress progress) {
    if (index_.phase != IndexState::Phase::updating) return;
    index_.progress = progress;
    emit indexChanged();
    if (reloaded_.msecsTo(QDateTime::currentDateTime()) >= kReloadEveryMs) reload();
}

// Called on the thread of a watch, which may outlive this by a moment.
std::function<void()> LiveCode::changeReport() {
    return [at = QPointer<LiveCode>(this), number = repositoryNumber_] {
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [at, number] {
                if (at && number == at->repositoryNumber_) at->reloadSoon();
            },
            Qt::QueuedConnection);
    };
}

void LiveCode::reloadSoon() {
    if (reloadTimer_.isActive()) return;
    const qint64 sinceMs = reloaded_.msecsTo(QDateTime::currentDateTime());
    reloadTimer_.start(int(std::clamp<qint64>(kFreshEveryMs - sinceMs, 0, kFreshEveryMs)));
}

void LiveCode::reload() {
    if (isReloading_) {
        reloadTimer_.start(int(kFreshEveryMs));
        return;
    }
    isReloading_ = true;
    questions_.run(
        *this,
        [index = handle_, known = index_.stats.generation](const std::stop_token& stop) {
            return load(index, known, stop);
        },
        [this, number = repositoryNumber_](Loaded loaded) {
            if (number != repositoryNumber_) return;
            isReloading_ = false;
            reloaded_ = QDateTime::currentDateTime();
            // An error here is seen again, and shown, when the update ends.
            if (loaded.error || loaded.stats.generation <= index_.stats.generation) return;
            take(std::move(loaded));
            if (state_ == State::loading && table_->fileCount() > 0) setState(State::ready, {});
            emit indexChanged();
        });
}

}  // namespace moxie::desktop
