// The door to everything known about a repository: files, symbols, references, search, context
// packs. The index is a cache beside the repository (cacheDir()/index/<hash of the work tree
// path>): on any doubt it is rebuilt, and the repository itself is never written. Threads: any;
// what writes waits for its turn, what reads never waits for a writer and sees the last committed
// state.
// A call that finds the file damaged, gone or replaced makes it again, says so in the log, and
// answers from the new one: it takes as long as a first update(). A call made by the progress
// of an update() fails with corrupt instead, and that update() makes the index again.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/context_pack.h"
#include "indexer/links.h"
#include "indexer/orientation_map.h"
#include "indexer/search_explanation.h"

namespace moxie::indexer {

enum class SymbolKind {
    function,
    method,
    constructor,
    type,
    interface,
    enumeration,
    enumerator,
    field,
    variable,
    constant,
    macro,
    module,
    typeAlias,
};
std::string_view toString(SymbolKind kind);
std::optional<SymbolKind> symbolKindFromString(std::string_view text);

// How much the index knows of a file. Numbers are stored: append only.
enum class Tier {
    lexical,  // words only
    outline,  // and definitions by lines and brackets; the last tier where there is no grammar
    syntax,   // and exact ranges, references and imports by a grammar
};
std::string_view toString(Tier tier);

struct Symbol {
    std::string name;
    SymbolKind kind = SymbolKind::function;
    std::string path;       // relative to the repository root, '/' separated
    int32_t lineFirst = 0;  // 1-based, inclusive
    int32_t lineLast = 0;
    std::string signature;  // one line, shortened to 200 bytes
    std::string parent;     // enclosing type or namespace, empty at top level
    Tier tier = Tier::syntax;
};

struct Reference {
    std::string path;
    int32_t line = 0;       // first line of the use inside the enclosing symbol
    int32_t count = 1;      // uses inside the enclosing symbol
    std::string role;       // "call", "type", "read", "import", ...
    std::string enclosing;  // symbol that contains the use; empty at file level
    std::string text;       // the line, trimmed and shortened
    Link link = {};         // which definition is meant
};

struct SearchHit {
    std::string path;
    int32_t lineFirst = 0;  // 0: the file as a whole
    int32_t lineLast = 0;
    double score = 0;
    std::string symbol;  // best matching symbol, may be empty
    HitReason reason = {};
    std::string snippet;       // a few lines, at most 600 bytes
    Tier tier = Tier::syntax;  // of the file
    SearchExplanation explain = {};
    std::vector<Companion> companions = {};  // of the best three hits only
};

// Why a file is known by its name only.
enum class Exclusion { binary, tooLarge, bulkData };

struct ExcludedFile {
    std::string path;
    Exclusion why = Exclusion::binary;
    int64_t bytes = 0;
};

struct IndexStats {
    int64_t files = 0, lines = 0, bytes = 0;
    int64_t symbols = 0, references = 0;
    int64_t filesParsed = 0;   // by the last update
    int64_t filesSkipped = 0;  // too large, binary, unreadable
    double seconds = 0;        // of the last update
    int64_t indexBytes = 0;    // on disk
    int64_t generation = 0;    // rises with every change of the index

    struct Language {
        std::string name;
        int64_t files = 0, lines = 0;
        int64_t symbols = 0;
        int64_t filesDamaged = 0;  // with a syntax error, or cut short: symbols may be missing
    };

    std::vector<Language> languages;  // most lines first

    int64_t filesLexical = 0, filesOutline = 0, filesSyntax = 0;  // by tier
    int64_t filesPending = 0;  // of those, how many a better tier is still to come for

    int64_t filesExcluded = 0;
    std::vector<ExcludedFile> excluded;  // the largest first, at most 100
};

struct FileEntry {
    std::string path;
    int64_t bytes = 0, lines = 0;
};

// A symbol as it stands in the index. The views live as long as the call that gets them.
struct SymbolEntry {
    std::string_view name, parent, path;
    SymbolKind kind = SymbolKind::function;
    bool isDeclaration = false;  // a prototype: the body is elsewhere
    int32_t lineFirst = 0, lineLast = 0;
    int64_t bytes = 0;
};

struct Progress {
    int64_t filesDone = 0, filesTotal = 0;
    Tier tier = Tier::syntax;  // that is being made: outlines of all files come before syntax trees
};

// What an edit may mention.
enum class NameKind { function, method, type, file, import };
std::string_view toString(NameKind kind);

// What is known of a name. Only names are looked at: a method is known if any type has one so
// called.
enum class Existence {
    unknown,   // nobody defines, imports or uses it
    defined,   // in the repository
    imported,  // the file imports it, or what it is called on, from outside
    builtIn,   // of the language or its standard library
    used,      // defined outside: other files of the repository use it already
    unsure,    // it may be bound or made in a way that is not seen
};
std::string_view toString(Existence existence);

struct NameContext {
    // Of the file that uses the name: says the language, and its own uses prove nothing.
    std::string_view path = {};
};

// A file that an edit writes; `before` is empty for a new one.
struct EditedText {
    std::string_view path = {}, before = {}, after = {};
};

struct UnknownName {
    std::string name;
    NameKind kind = NameKind::function;
    std::string path;
    int32_t line = 0;  // of the first use in the text after
    bool operator==(const UnknownName&) const = default;
};

// What is known of one name that an edit begins to use.
struct NameVerdict {
    std::string name;
    NameKind kind = NameKind::function;
    std::string path;
    int32_t line = 0;
    Existence existence = Existence::unknown;
    // Why it is unsure, a constant in English ("may be bound by the text"); else empty.
    std::string_view reason = {};
};

class Index {
public:
    virtual ~Index() = default;
    // Brings the index up to date with the files on disk (tracked and untracked, ignored ones left
    // out). Fails: cancelled (what was committed stays), io. Cost: proportional to what changed.
    virtual base::Result<IndexStats> update(const std::function<void(Progress)>& onProgress,
                                            const std::stop_token& stop) = 0;
    // Re-reads one file that was just written by us. Cheap (milliseconds).
    virtual base::Status updateFile(std::string_view path) = 0;
    // The same without reading it: `text` is what was just written there. What the disk says
    // counts: a file of another size is read, and a path without a file leaves the index whatever
    // `text` is, so that a later update() finds nothing to do.
    virtual base::Status updateText(std::string_view path, std::string_view text);
    // Files and folders (a removed one stands for what was in it) that somebody may have changed.
    // Returns the paths whose text or presence did change; all of them if the index was made again.
    // Fails: io.
    virtual base::Result<std::vector<std::string>> updateFiles(
        const std::vector<std::string>& paths);
    virtual base::Result<IndexStats> stats() const = 0;
    // Rises with every change. Cost: microseconds.
    virtual base::Result<int64_t> generation() const;
    // All files, by path.
    virtual base::Result<std::vector<FileEntry>> files() const = 0;
    // Every symbol, in the order of paths and places. Fails: cancelled, corrupt (found after the
    // first visit: the index was made again, ask once more). Cost: about 2 µs each.
    virtual base::Status eachSymbol(const std::function<void(const SymbolEntry&)>& visit,
                                    const std::stop_token& stop) const = 0;
    virtual base::Result<std::vector<SearchHit>> search(std::string_view query,
                                                        int64_t limit) const = 0;
    // Symbols whose name equals, starts with or contains `query`, best first; `path` narrows to one
    // file or folder.
    virtual base::Result<std::vector<Symbol>> symbols(std::string_view query, std::string_view path,
                                                      int64_t limit) const = 0;
    virtual base::Result<std::vector<Reference>> references(std::string_view name,
                                                            int64_t limit) const = 0;
    // Which definition the use of `name` at this place means. Fails: notFound (no such use there),
    // corrupt, io. Cost: some microseconds; the first call after a change reads all symbols again,
    // as callers(), callees() and references() do.
    virtual base::Result<Link> resolve(std::string_view path, int32_t line,
                                       std::string_view name) const = 0;
    // The calls that mean this definition, surest first. Fails: notFound, corrupt, io.
    virtual base::Result<std::vector<CallEdge>> callers(const DefinitionPlace& definition,
                                                        int64_t limit) const = 0;
    // What this function or type calls in the repository, by line; a call that may mean several has
    // an edge for each. Fails: notFound, corrupt, io.
    virtual base::Result<std::vector<CallEdge>> callees(const DefinitionPlace& definition,
                                                        int64_t limit) const = 0;
    // Whether there is such a thing to use. Of a call in Ruby it is unsure what nobody defines,
    // unless the repository uses nothing from outside: where it is called is not asked. Fails:
    // corrupt, io. Cost: about a microsecond; the first call after a change reads all names again.
    virtual base::Result<Existence> exists(std::string_view name, NameKind kind,
                                           const NameContext& context) const = 0;
    // The functions, methods, types and imports that an edit begins to use and that are unknown,
    // by path and line; names that one of its files defines are known in all. Ask before the files
    // are written, or after. Languages other than the ten main ones have none. Fails: cancelled,
    // corrupt, io. Cost: a parse of each text.
    virtual base::Result<std::vector<UnknownName>> unknownNames(
        const std::vector<EditedText>& edit, const std::stop_token& stop) const = 0;
    // The same for every name that the edit begins to use, known or not. An index that has no more
    // than unknownNames() gives those alone.
    virtual base::Result<std::vector<NameVerdict>> nameVerdicts(const std::vector<EditedText>& edit,
                                                                const std::stop_token& stop) const;
    // What stands out, for a reader without a question. Fails: cancelled, corrupt, io.
    virtual base::Result<OrientationMap> map(const MapRequest& request,
                                             const std::stop_token& stop) const = 0;
    virtual base::Result<ContextPack> pack(const PackRequest& request,
                                           const std::stop_token& stop) const = 0;
};

struct IndexOptions {
    std::filesystem::path root;            // inside a git work tree, or a plain folder
    std::filesystem::path cacheFile = {};  // empty: the usual place
    int32_t threads = 2;                   // 0: everything on the calling thread
    int64_t fileBytesMax = 2'000'000;      // larger files get a path entry only
    // update() takes new files no further; a later one without this limit completes them.
    Tier tierMax = Tier::syntax;
};

// Opens or creates the index. Rebuilds a broken one by itself. Fails: notFound (root), io.
base::Result<std::unique_ptr<Index>> openIndex(const IndexOptions& options);

}  // namespace moxie::indexer
