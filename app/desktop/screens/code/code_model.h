// What the screens about source code know of a repository: its files, symbols, uses and texts, and
// the state of the index they come from. LiveCode is the real one (an index on threads of its own),
// tests/desktop/code/fake_code.h the one for tests. Every question is answered later, on this
// thread, by a call of `then`; an answer is dropped if its receiver is gone or has asked the same
// kind of question again since. Threads: GUI thread only.
#pragma once
#include <QDateTime>
#include <QObject>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "app/desktop/screens/code/code_query.h"
#include "indexer/highlight.h"
#include "indexer/index.h"
#include "tools/git_blame.h"

namespace moxie::desktop {

// Lines and columns count from 1; 0: not said.
struct CodePlace {
    QString path = {};  // relative to the repository
    int line = 0, column = 0;
    bool operator==(const CodePlace&) const = default;
};

// A file or a symbol.
struct CodeHit {
    CodeHitKind kind = CodeHitKind::file;
    indexer::SymbolKind symbolKind = indexer::SymbolKind::function;
    QString name = {};    // of the symbol, or the file's own name
    QString parent = {};  // enclosing type or namespace
    QString path = {};
    int lineFirst = 0, lineLast = 0;  // 0: the whole file
    int64_t bytes = 0;
    bool isDeclaration = false;
    std::vector<int> matched = {};  // places of the typed letters in `name`
    bool operator==(const CodeHit&) const = default;
};

struct CodeHits {
    std::vector<CodeHit> hits = {};  // best first
    double milliseconds = 0;         // how long it took to find them
};

struct TextHits {
    std::vector<indexer::SearchHit> hits = {};
    double milliseconds = 0;
    QString error = {};
};

struct SymbolCall {
    QString name = {};
    QString path = {};
    int line = 0, count = 1;  // of the first call, and how often
    bool operator==(const SymbolCall&) const = default;
};

struct SymbolUses {
    QString name = {};
    std::vector<CodeHit> definitions = {};
    std::vector<indexer::Reference> uses = {};
    std::vector<SymbolCall> calls = {};  // in the first definition
    double milliseconds = 0;
    QString error = {};
};

// A text as it was read; immutable, shared.
struct SourceText {
    enum class Problem : uint8_t { none, outside, notFound, tooLarge, binary, unreadable };
    QString path = {};
    Problem problem = Problem::none;        // why there is no text
    QString error = {};                     // of the system, for `unreadable`
    std::string text = {};                  // valid UTF-8
    std::vector<uint32_t> lineStarts = {};  // one more than there are lines
    int64_t columnsMax = 0;
    int64_t bytes = 0;  // on disk
};

// What a grammar knows of a text; immutable, shared.
struct SourceColours {
    indexer::HighlightedText text = {};
    std::vector<indexer::FoldableBlock> blocks = {};
};

using SourceTextSnapshot = std::shared_ptr<const SourceText>;
using HighlightSnapshot = std::shared_ptr<const SourceColours>;

struct OpenedSource {
    SourceTextSnapshot source = {};  // never null
    HighlightSnapshot colours = {};  // null: not yet, ask colour(); or never
    bool wantsColours = false;
};

// Lines of one's own instead of others; what is on disk must be `source` still.
struct SourceEdit {
    SourceTextSnapshot source = {};
    int lineFirst = 1, lineLast = 1;
    std::string lines = {};
};

struct EditAnswer {
    enum class Problem : uint8_t {
        none,
        movedOn,       // what is on disk is not `source` any more
        noCheckpoint,  // none would hold the file
        other,         // `error`
    };
    Problem problem = Problem::none;  // why nothing was written
    std::string text = {};            // as it is now
    QString error = {};
};

// Who changed which lines of a text last; immutable, shared.
struct BlamedSource {
    std::vector<tools::BlamedLines> lines = {};  // every line once, in order
    QString error = {};                          // why there are none
};

using BlameSnapshot = std::shared_ptr<const BlamedSource>;

// What lies in a folder: folders first, then files, each by name.
struct FolderListing {
    struct Entry {
        QString name = {};
        bool isFolder = false;
        int64_t bytes = 0;  // of a file
        bool operator==(const Entry&) const = default;
    };

    std::vector<Entry> entries = {};
    int64_t nLeftOut = 0;  // there are too many to list
};

// Git's letter of each path that differs from the last commit: M, A, D, R, T, ? or U.
using ChangedPaths = std::map<QString, QChar>;

// How far the index is to be trusted.
struct IndexState {
    enum class Phase : uint8_t {
        updating,
        paused,   // by the user, in the middle
        current,  // all files were compared at `checked`
        stale,    // not compared yet, or that failed: `error`
    };
    Phase phase = Phase::stale;
    indexer::IndexStats stats = {};
    indexer::Progress progress = {};
    QDateTime checked = {};  // not valid: never
    QString error = {};
};

class CodeModel : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    enum class State : uint8_t {
        empty,    // no repository is open
        loading,  // nothing can be found yet
        ready,
        error,  // errorText(): the index cannot be opened
    };

    virtual State state() const = 0;
    virtual QString errorText() const = 0;
    virtual QString repository() const = 0;  // absolute folder
    virtual const IndexState& index() const = 0;

    // ---- questions
    template <class T>
    using Answer = std::function<void(const T&)>;
    // Without a text: the files opened last, then others.
    virtual void find(const CodeQuery& query, QObject& receiver, Answer<CodeHits> then) = 0;
    virtual void search(const CodeQuery& query, QObject& receiver, Answer<TextHits> then) = 0;
    virtual void uses(const QString& name, QObject& receiver, Answer<SymbolUses> then) = 0;
    // Symbols of one file, by line.
    virtual void outline(const QString& path, QObject& receiver, Answer<CodeHits> then) = 0;
    // Short files come with their colours; for others wantsColours is set.
    virtual void read(const QString& path, QObject& receiver, Answer<OpenedSource> then) = 0;
    virtual void colour(const SourceTextSnapshot& source, QObject& receiver,
                        Answer<HighlightSnapshot> then) = 0;
    // Never null.
    virtual void blame(const SourceTextSnapshot& source, QObject& receiver,
                       Answer<BlameSnapshot> then) = 0;
    // "" is the repository itself. What git ignores is not in it.
    virtual void folder(const QString& path, QObject& receiver, Answer<FolderListing> then) = 0;
    // Empty without git.
    virtual void changedPaths(QObject& receiver, Answer<ChangedPaths> then) = 0;

    // ---- small edits, each after a checkpoint
    virtual void edit(const SourceEdit& edit, QObject& receiver, Answer<EditAnswer> then) = 0;

    // ---- the index
    virtual void update() = 0;  // also goes on after a pause
    virtual void pause() = 0;

    // ---- files opened last, newest first
    const QStringList& recent() const { return recent_; }

    void setRecent(const QStringList& paths) { recent_ = paths; }

    void noteOpened(const QString& path);

signals:
    void stateChanged();  // state(), errorText() or repository()
    void indexChanged();  // index(); at most ten times a second

private:
    QStringList recent_;
};

// How a message names it for the agent: "@src/a.cpp", "@src/a.cpp:12-40".
QString referenceTo(const CodeHit& hit);
QString referenceTo(const QString& path, int lineFirst, int lineLast);
// What it would cost to read, as a guess: a token is about four bytes.
int64_t aboutTokens(int64_t bytes);

}  // namespace moxie::desktop
