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
#include <memory>
#include <vector>

#include "app/desktop/screens/code/code_query.h"
#include "indexer/highlight.h"
#include "indexer/index.h"

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

struct SymbolUses {
    QString name = {};
    std::vector<CodeHit> definitions = {};
    std::vector<indexer::Reference> uses = {};
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

using SourceTextSnapshot = std::shared_ptr<const SourceText>;
using HighlightSnapshot = std::shared_ptr<const indexer::HighlightedText>;

struct OpenedSource {
    SourceTextSnapshot source = {};  // never null
    HighlightSnapshot colours = {};  // null: not yet, ask colour(); or never
    bool wantsColours = false;
};

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
