#include "indexer/parsed_file.h"

#include <git2.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "indexer/outline/rules.h"
#include "indexer/outline/scanner.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kDataBytesMax = 300'000;  // data larger than this has no words worth searching
constexpr int32_t kFunctionLinesMax = 120;
constexpr int32_t kGlueLinesMax = 60;
constexpr int32_t kMergedLinesMax = 25;
constexpr size_t kMovedTextBytesMin = 64;

struct Range {
    int32_t first = 0, last = 0, symbol = -1;
};

class Lines {
public:
    explicit Lines(std::string_view text) : text_(text), starts_(lineStarts(text)) {}

    int32_t count() const { return int32_t(starts_.size()) - 1; }

    // Lines first..last, 1-based, with their ends.
    std::string_view range(int32_t first, int32_t last) const {
        first = std::clamp(first, 1, count() + 1);
        last = std::clamp(last, first - 1, count());
        const size_t begin = starts_[size_t(first - 1)], end = starts_[size_t(last)];
        return text_.substr(begin, end - begin);
    }

    bool isComment(int32_t line) const {
        const std::string_view text = base::trim(range(line, line));
        for (const std::string_view start : {"//", "/*", "*", "#", "@", "--"})
            if (text.starts_with(start)) return !text.starts_with("#include");
        return false;
    }

    bool isBlank(int32_t first, int32_t last) const {
        return base::trim(range(first, last)).empty();
    }

private:
    std::string_view text_;
    std::vector<uint32_t> starts_;
};

bool isFunction(const OutlineSymbol& symbol) {
    return !symbol.isDeclaration &&
           (symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::method ||
            symbol.kind == SymbolKind::constructor);
}

void addWindows(std::vector<Range>& out, Range range, int32_t linesMax) {
    for (int32_t first = range.first; first <= range.last; first += linesMax)
        out.push_back({first, std::min(first + linesMax - 1, range.last), range.symbol});
}

// Small neighbours become one.
void addFunction(std::vector<Range>& out, const Range& range) {
    if (!out.empty() && out.back().symbol >= 0 && range.first - out.back().last <= 2 &&
        range.last - out.back().first < kMergedLinesMax) {
        out.back().last = range.last;
        return;
    }
    addWindows(out, range, kFunctionLinesMax);
}

std::vector<Range> cut(const Lines& lines, const Outline& outline) {
    std::vector<Range> functions;
    for (size_t i = 0; i < outline.symbols.size(); i++)
        if (const OutlineSymbol& symbol = outline.symbols[i]; isFunction(symbol))
            functions.push_back({symbol.lineFirst, symbol.lineLast, int32_t(i)});
    std::stable_sort(functions.begin(), functions.end(),
                     [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> out;
    int32_t next = 1;  // first line not yet in a chunk
    for (Range function : functions) {
        if (function.first < next) {
            function.first = next;  // nested in the one before, or on its last line
            if (function.last < next) continue;
        }
        for (int i = 0; i < 40 && function.first > next && lines.isComment(function.first - 1); i++)
            function.first--;
        if (function.first > next && !lines.isBlank(next, function.first - 1))
            addWindows(out, {next, function.first - 1, -1}, kGlueLinesMax);
        addFunction(out, function);
        next = function.last + 1;
    }
    if (next <= lines.count() && !lines.isBlank(next, lines.count()))
        addWindows(out, {next, lines.count(), -1}, kGlueLinesMax);
    return out;
}

bool isBinary(std::string_view text) {
    return std::memchr(text.data(), 0, std::min<size_t>(text.size(), 8000)) != nullptr;
}

// Numbers a sequence of names.
class NameHash {
public:
    void add(std::string_view name) {
        for (const char c : name)
            add(c);
        add('\0');
    }

    int64_t value() const { return int64_t(hash_); }

private:
    void add(char c) { hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL; }

    uint64_t hash_ = 0xcbf29ce484222325ULL;
};

// Cuts the text and counts the words of each chunk: of its lines, and of the names of every symbol
// that begins in it and of the types around them.
class Chunking {
public:
    Chunking(const Lines& lines, const std::vector<CountedChunk>& counted, ParsedFile& file)
        : lines_(lines),
          counted_(counted),
          file_(file),
          counting_(file.words) {}

    void run();

private:
    void collectNames(const Chunk& chunk);
    bool isCounted(const CountedChunk& chunk);

    const Lines& lines_;
    const std::vector<CountedChunk>& counted_;
    ParsedFile& file_;
    WordCounting counting_;
    std::vector<const OutlineSymbol*> byLine_;
    std::vector<std::string_view> names_;  // of one chunk
    size_t at_ = 0;                        // in byLine_
    size_t atCounted_ = 0;                 // in counted_
};

void Chunking::collectNames(const Chunk& chunk) {
    names_.clear();
    std::string_view parent;
    if (chunk.symbol >= 0) {
        const OutlineSymbol& own = file_.outline.symbols[size_t(chunk.symbol)];
        if (own.lineFirst < chunk.lineFirst) names_.push_back(own.name);
    }
    for (; at_ < byLine_.size() && byLine_[at_]->lineFirst <= chunk.lineLast; at_++) {
        const OutlineSymbol& symbol = *byLine_[at_];
        names_.push_back(symbol.name);
        if (!symbol.parent.empty() && symbol.parent != parent)
            names_.push_back(parent = symbol.parent);
    }
}

// Both lists ascend.
bool Chunking::isCounted(const CountedChunk& chunk) {
    while (atCounted_ < counted_.size() && counted_[atCounted_].lineFirst < chunk.lineFirst)
        atCounted_++;
    return atCounted_ < counted_.size() && counted_[atCounted_] == chunk;
}

void Chunking::run() {
    for (const OutlineSymbol& symbol : file_.outline.symbols)
        byLine_.push_back(&symbol);
    std::stable_sort(byLine_.begin(), byLine_.end(),
                     [](auto* a, auto* b) { return a->lineFirst < b->lineFirst; });
    for (const Range& range : cut(lines_, file_.outline)) {
        Chunk chunk = {.lineFirst = range.first, .lineLast = range.last, .symbol = range.symbol};
        collectNames(chunk);
        NameHash hash;
        for (const std::string_view name : names_)
            hash.add(name);
        chunk.namesHash = hash.value();
        chunk.isCounted = !isCounted({range.first, range.last, chunk.namesHash});
        if (chunk.isCounted) {
            chunk.nBodyWords = counting_.addBody(lines_.range(range.first, range.last));
            for (const std::string_view name : names_)
                chunk.nNameWords += counting_.addNames(name);
        }
        counting_.endPiece();
        file_.chunks.push_back(chunk);
    }
}

bool hasGrammar(const Language& language) {
    return compiledRules(language.grammar) != nullptr;
}

base::Status addOutline(Outliner& outliner, const Language& kind, const std::stop_token& stop,
                        ParseStep step, ParsedFile& file) {
    if (step == ParseStep::lexical) {
        file.flags |= kFlagPending;
        return {};
    }
    if (step == ParseStep::outline) {
        file.outline = scanOutline(kind.family, file.text, stop);
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
        file.tier = Tier::outline;
        if (hasGrammar(kind)) file.flags |= kFlagPending;
        return {};
    }
    TRY_ASSIGN(file.outline, outliner.outline(kind, file.text, stop));
    if (file.outline.isDamaged) file.flags |= kFlagDamaged;
    if (file.outline.isCutShort) file.flags |= kFlagCutShort;
    file.tier = hasGrammar(kind) && !file.outline.isCutShort ? Tier::syntax : Tier::outline;
    return {};
}

bool hasBulk(const ParsedFile& file) {
    return isMinifiedText(file.text) ||
           (language(file.language).isData && file.bytes > kDataBytesMax);
}

// What its bytes are. False: nothing in it is searched.
bool lookAt(std::string_view path, ParsedFile& file) {
    if (isBinary(file.text)) {
        file.flags = kFlagBinary;
        file.text.clear();
        return false;
    }
    file.language = languageOfText(file.languageGuess, path, file.text);
    if (!base::isAscii(file.text) && !base::isValidUtf8(file.text)) file.flags |= kFlagInvalidUtf8;
    if (isGeneratedText(file.text)) file.flags |= kFlagGenerated;
    if (!hasBulk(file)) return true;
    file.flags |= kFlagMinified;
    file.lines = int64_t(lineStarts(file.text).size()) - 1;
    return false;
}

}  // namespace

BlobHash blobHash(std::string_view text) {
    git_oid id = {};
    BlobHash hash = {};
    if (git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB) == 0)
        std::memcpy(hash.data(), id.id, hash.size());
    return hash;
}

std::vector<uint32_t> lineStarts(std::string_view text) {
    std::vector<uint32_t> starts = {0};
    size_t at = 0;
    while ((at = text.find('\n', at)) != text.npos)
        starts.push_back(uint32_t(++at));
    if (starts.back() != text.size()) starts.push_back(uint32_t(text.size()));
    return starts;
}

base::Result<ParsedFile> parseFile(Outliner& outliner, std::string path, std::string text,
                                   const BlobHash& hash, const std::stop_token& stop,
                                   const ParseTask& task) {
    ParsedFile file;
    file.hash = hash;
    file.languageGuess = languageOfPath(path);
    file.text = std::move(text);
    // Views into it must outlive moves of the file: a short text would move along inside.
    file.text.reserve(kMovedTextBytesMin);
    file.bytes = int64_t(file.text.size());
    if (task.flags & kFlagPending) {
        file.language = task.language;
        file.flags = task.flags & ~kFlagPending;
    } else if (!lookAt(path, file)) {
        return file;
    }
    const Lines lines(file.text);
    file.lines = lines.count();
    TRY(addOutline(outliner, language(file.language), stop, task.step, file));
    Chunking(lines, task.counted, file).run();
    return file;
}

ParseTask taskAfter(const ParsedFile& file) {
    ParseTask task = {.language = file.language, .flags = file.flags};
    task.counted.reserve(file.chunks.size());
    for (const Chunk& chunk : file.chunks)
        task.counted.push_back({chunk.lineFirst, chunk.lineLast, chunk.namesHash});
    return task;
}

void countAllWords(ParsedFile& file) {
    file.chunks.clear();
    file.words = {};
    const Lines lines(file.text);
    Chunking(lines, {}, file).run();
}

}  // namespace moxie::indexer
