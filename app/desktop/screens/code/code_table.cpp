#include "app/desktop/screens/code/code_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "app/desktop/shell/fuzzy_match.h"

namespace moxie::desktop {

namespace {

constexpr size_t kNameBytesMax = 1'000;
constexpr size_t kRankedMax = 300;  // of those the exact score is computed
constexpr size_t kAskedEvery = 4'096;

// Tiers of the quick score; inside a tier shorter names come first.
constexpr int kNoMatch = -1;
constexpr int kScattered = 1'000, kInside = 2'000, kAtWord = 3'000, kBegins = 4'000, kEqual = 5'000;

char foldByte(char c) {
    return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

uint64_t letterBit(char folded) {
    if (folded >= 'a' && folded <= 'z') return uint64_t(1) << (folded - 'a');
    if (folded >= '0' && folded <= '9') return uint64_t(1) << (26 + folded - '0');
    return uint64_t(1) << (36 + (static_cast<unsigned char>(folded) % 28));
}

uint64_t lettersOf(std::string_view folded) {
    uint64_t letters = 0;
    for (const char c : folded)
        letters |= letterBit(c);
    return letters;
}

bool beginsWordAt(std::string_view name, size_t at) {
    if (at == 0) return true;
    const auto isLetter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    const char before = name[at - 1], here = name[at];
    return !isLetter(before) || (here >= 'A' && here <= 'Z' && before >= 'a' && before <= 'z');
}

bool hasInOrder(std::string_view folded, std::string_view wanted) {
    size_t at = 0;
    for (const char c : wanted) {
        at = folded.find(c, at);
        if (at == folded.npos) return false;
        ++at;
    }
    return true;
}

// Where `wanted` (folded) stands in one piece, at best where a word begins; npos: nowhere.
size_t bestPiece(std::string_view name, std::string_view folded, std::string_view wanted) {
    const size_t first = folded.find(wanted);
    size_t at = first;
    while (at != folded.npos && !beginsWordAt(name, at))
        at = folded.find(wanted, at + 1);
    return at == folded.npos ? first : at;
}

// How well `wanted` (folded) fits a name.
int quickScore(std::string_view name, std::string_view folded, std::string_view wanted) {
    const int shortness = -int(std::min<size_t>(name.size(), 400));
    const size_t at = bestPiece(name, folded, wanted);
    if (at == folded.npos) return hasInOrder(folded, wanted) ? kScattered + shortness : kNoMatch;
    if (at == 0) return (folded.size() == wanted.size() ? kEqual : kBegins) + shortness;
    return (beginsWordAt(name, at) ? kAtWord : kInside) + shortness;
}

bool isWanted(indexer::SymbolKind kind, CodeScope scope) {
    using K = indexer::SymbolKind;
    switch (scope) {
        case CodeScope::everything:
        case CodeScope::symbols:
            return true;
        case CodeScope::files:
            return false;
        case CodeScope::functions:
            return kind == K::function || kind == K::method || kind == K::constructor ||
                   kind == K::macro;
        case CodeScope::types:
            return kind == K::type || kind == K::interface || kind == K::enumeration ||
                   kind == K::typeAlias || kind == K::module;
        case CodeScope::values:
            return kind == K::variable || kind == K::constant || kind == K::field ||
                   kind == K::enumerator;
    }
    return true;
}

bool isBelow(std::string_view path, std::string_view folder) {
    return folder.empty() ||
           (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

QString toQString(std::string_view text) {
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

// The places of the letters of `wanted`, which stands in `name` in one piece.
std::vector<int> piecePlaces(const QString& name, const QString& wanted) {
    qsizetype at = name.indexOf(wanted, 0, Qt::CaseInsensitive);
    for (qsizetype next = at; next >= 0;
         next = name.indexOf(wanted, next + 1, Qt::CaseInsensitive)) {
        const bool isWordStart = next == 0 || !name[next - 1].isLetterOrNumber() ||
                                 (name[next].isUpper() && name[next - 1].isLower());
        if (!isWordStart) continue;
        at = next;
        break;
    }
    std::vector<int> places(size_t(wanted.size()));
    std::iota(places.begin(), places.end(), int(at));
    return places;
}

}  // namespace

// The typed text, taken apart once.
struct CodeTable::Pattern {
    explicit Pattern(const QString& typed) {
        std::string all = typed.toStdString();
        std::erase(all, ' ');
        for (char& c : all)
            c = foldByte(c);
        hasFolder = all.find('/') != all.npos;
        const size_t colons = all.rfind("::");
        if (colons != all.npos) {
            parent = all.substr(0, colons);
            isOfParent = true;
        }
        name = colons == all.npos ? all : all.substr(colons + 2);
        letters = lettersOf(name);
    }

    std::string name;    // folded
    std::string parent;  // of Parent::name
    uint64_t letters = 0;
    bool isOfParent = false, hasFolder = false;
};

CodeTable::Name CodeTable::addName(std::string_view text) {
    text = text.substr(0, kNameBytesMax);
    if (names_.size() + text.size() > std::numeric_limits<uint32_t>::max()) return {};
    const Name name = {uint32_t(names_.size()), uint16_t(text.size())};
    names_ += text;
    for (const char c : text)
        folded_ += foldByte(c);
    return name;
}

std::string_view CodeTable::text(Name name) const {
    return std::string_view(names_).substr(name.begin, name.length);
}

std::string_view CodeTable::folded(Name name) const {
    return std::string_view(folded_).substr(name.begin, name.length);
}

void CodeTable::addFile(const indexer::FileEntry& file) {
    FileRow row;
    row.entry = file;
    row.path = addName(file.path);
    row.ownName = uint16_t(text(row.path).rfind('/') + 1);  // npos + 1 is 0
    row.letters = lettersOf(folded(row.path));
    files_.push_back(std::move(row));
}

void CodeTable::addSymbol(const indexer::SymbolEntry& symbol) {
    const bool isSameFile =
        !symbols_.empty() && files_[symbols_.back().file].entry.path == symbol.path;
    uint32_t at = symbols_.empty() ? 0 : symbols_.back().file;
    if (!isSameFile) {
        const auto found = std::lower_bound(
            files_.begin(), files_.end(), symbol.path,
            [](const FileRow& row, std::string_view path) { return row.entry.path < path; });
        if (found == files_.end() || found->entry.path != symbol.path) return;
        at = uint32_t(found - files_.begin());
    }
    SymbolRow row;
    row.file = at;
    row.name = addName(symbol.name);
    const bool isSameParent =
        isSameFile && text(symbols_.back().parent) == symbol.parent.substr(0, kNameBytesMax);
    row.parent = isSameParent ? symbols_.back().parent : addName(symbol.parent);
    row.letters = lettersOf(folded(row.name));
    row.lineFirst = symbol.lineFirst;
    row.lineLast = symbol.lineLast;
    row.bytes = uint32_t(std::clamp<int64_t>(symbol.bytes, 0, INT32_MAX));
    row.kind = symbol.kind;
    row.isDeclaration = symbol.isDeclaration;
    symbols_.push_back(row);
}

int CodeTable::scoreOf(const FileRow& row, const Pattern& pattern) const {
    if ((row.letters & pattern.letters) != pattern.letters || pattern.isOfParent) return kNoMatch;
    const std::string_view path = text(row.path), small = folded(row.path);
    const size_t own = pattern.hasFolder ? 0 : row.ownName;
    const int score = quickScore(path.substr(own), small.substr(own), pattern.name);
    if (score != kNoMatch) return score;
    // The letters of a folder count less than those of the file's own name.
    return hasInOrder(small, pattern.name)
               ? kScattered - 400 - int(std::min<size_t>(path.size(), 400))
               : kNoMatch;
}

int CodeTable::scoreOf(const SymbolRow& row, const Pattern& pattern) const {
    if ((row.letters & pattern.letters) != pattern.letters) return kNoMatch;
    if (pattern.isOfParent && folded(row.parent).find(pattern.parent) == std::string_view::npos)
        return kNoMatch;
    const int score = quickScore(text(row.name), folded(row.name), pattern.name);
    return score == kNoMatch || !row.isDeclaration ? score : score - 1;
}

std::vector<CodeTable::Candidate> CodeTable::candidates(
    const CodeQuery& query, const Pattern& pattern, const std::function<bool()>& isOutdated) const {
    std::vector<Candidate> found;
    const std::string folder = query.folder.toStdString();
    const bool wantsFiles = query.scope == CodeScope::everything || query.scope == CodeScope::files;
    for (size_t i = 0; wantsFiles && i < files_.size(); ++i) {
        if (i % kAskedEvery == 0 && isOutdated()) return {};
        const int score = scoreOf(files_[i], pattern);
        if (score != kNoMatch && isBelow(text(files_[i].path), folder))
            found.push_back({score, uint32_t(i), CodeHitKind::file});
    }
    if (query.scope == CodeScope::files || query.line > 0) return found;
    for (size_t i = 0; i < symbols_.size(); ++i) {
        if (i % kAskedEvery == 0 && isOutdated()) return {};
        const SymbolRow& row = symbols_[i];
        if (!isWanted(row.kind, query.scope)) continue;
        const int score = scoreOf(row, pattern);
        if (score != kNoMatch && isBelow(text(files_[row.file].path), folder))
            found.push_back({score, uint32_t(i), CodeHitKind::symbol});
    }
    return found;
}

CodeHit CodeTable::hitOf(const FileRow& row) const {
    CodeHit hit;
    hit.kind = CodeHitKind::file;
    hit.path = toQString(row.entry.path);
    hit.name = hit.path.mid(hit.path.lastIndexOf(QLatin1Char('/')) + 1);
    hit.bytes = row.entry.bytes;
    return hit;
}

CodeHit CodeTable::hitOf(const Candidate& candidate) const {
    return candidate.kind == CodeHitKind::file ? hitOf(files_[candidate.row])
                                               : hitOf(symbols_[candidate.row]);
}

CodeHit CodeTable::hitOf(const SymbolRow& row) const {
    CodeHit hit;
    hit.kind = CodeHitKind::symbol;
    hit.symbolKind = row.kind;
    hit.name = toQString(text(row.name));
    hit.parent = toQString(text(row.parent));
    hit.path = toQString(files_[row.file].entry.path);
    hit.lineFirst = row.lineFirst;
    hit.lineLast = row.lineLast;
    hit.bytes = row.bytes;
    hit.isDeclaration = row.isDeclaration;
    return hit;
}

std::vector<CodeHit> CodeTable::find(const CodeQuery& query, int64_t limit,
                                     const std::function<bool()>& isOutdated) const {
    const Pattern pattern(query.text);
    std::vector<Candidate> found = candidates(query, pattern, isOutdated);
    const auto isBetter = [](const Candidate& a, const Candidate& b) {
        if (a.score != b.score) return a.score > b.score;
        if (a.kind != b.kind) return a.kind < b.kind;
        return a.row < b.row;
    };
    const size_t kept = std::min(found.size(), kRankedMax);
    std::partial_sort(found.begin(), found.begin() + std::ptrdiff_t(kept), found.end(), isBetter);
    found.resize(kept);

    struct Ranked {
        int score = 0;
        CodeHit hit;
    };

    std::vector<Ranked> ranked;
    const QString wanted = QString::fromStdString(pattern.name);
    for (const Candidate& candidate : found) {
        Ranked made = {.score = candidate.score, .hit = hitOf(candidate)};
        const qsizetype piece = made.hit.name.indexOf(wanted, 0, Qt::CaseInsensitive);
        if (piece >= 0) {
            made.hit.matched = piecePlaces(made.hit.name, wanted);
        } else if (auto match = fuzzyMatch(wanted, made.hit.name)) {
            made.hit.matched = std::move(match->positions);
            // Of scattered letters it says more how they stand than how long the name is.
            made.score = std::min(kInside - 401, kScattered + match->score);
        }
        ranked.push_back(std::move(made));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
    std::vector<CodeHit> hits;
    for (Ranked& each : ranked) {
        if (int64_t(hits.size()) >= limit) break;
        hits.push_back(std::move(each.hit));
    }
    return hits;
}

const indexer::FileEntry* CodeTable::file(std::string_view path) const {
    const auto found = std::lower_bound(
        files_.begin(), files_.end(), path,
        [](const FileRow& row, std::string_view wanted) { return row.entry.path < wanted; });
    return found != files_.end() && found->entry.path == path ? &found->entry : nullptr;
}

std::vector<CodeHit> CodeTable::filesFirst(const QStringList& paths, const CodeQuery& query,
                                           int64_t limit) const {
    std::vector<CodeHit> hits;
    const std::string folder = query.folder.toStdString();
    const auto isFull = [&] { return int64_t(hits.size()) >= limit; };
    const auto add = [&](const FileRow& row) {
        if (isBelow(row.entry.path, folder)) hits.push_back(hitOf(row));
    };
    for (const QString& path : paths) {
        if (isFull()) break;
        if (const indexer::FileEntry* known = file(path.toStdString())) {
            FileRow row;
            row.entry = *known;
            add(row);
        }
    }
    for (const FileRow& row : files_) {
        if (isFull()) break;
        if (!paths.contains(toQString(row.entry.path))) add(row);
    }
    return hits;
}

FolderListing CodeTable::listing(const QString& folder, int64_t limit) const {
    const std::string prefix = folder.isEmpty() ? std::string() : folder.toStdString() + '/';
    const auto firstNotBefore = [&](auto from, const std::string& path) {
        return std::lower_bound(
            from, files_.end(), path,
            [](const FileRow& row, const std::string& wanted) { return row.entry.path < wanted; });
    };
    FolderListing found;
    auto at = firstNotBefore(files_.begin(), prefix);
    while (at != files_.end() && at->entry.path.starts_with(prefix)) {
        const std::string_view rest = std::string_view(at->entry.path).substr(prefix.size());
        const size_t slash = rest.find('/');
        const std::string name(rest.substr(0, slash));
        const bool isFolder = slash != rest.npos;
        if (int64_t(found.entries.size()) < limit)
            found.entries.push_back({toQString(name), isFolder, isFolder ? 0 : at->entry.bytes});
        else
            ++found.nLeftOut;
        // Behind all that begins with "name/": '0' is the character after '/'.
        at = isFolder ? firstNotBefore(at, prefix + name + '0') : at + 1;
    }
    std::stable_sort(found.entries.begin(), found.entries.end(), [](const auto& a, const auto& b) {
        if (a.isFolder != b.isFolder) return a.isFolder;
        return a.name.compare(b.name, Qt::CaseInsensitive) < 0;
    });
    return found;
}

std::vector<CodeHit> CodeTable::symbolsOf(const QString& path) const {
    const std::string wanted = path.toStdString();
    const auto first = std::lower_bound(symbols_.begin(), symbols_.end(), wanted,
                                        [&](const SymbolRow& row, const std::string& name) {
                                            return files_[row.file].entry.path < name;
                                        });
    std::vector<CodeHit> hits;
    for (auto at = first; at != symbols_.end() && files_[at->file].entry.path == wanted; ++at)
        hits.push_back(hitOf(*at));
    std::stable_sort(hits.begin(), hits.end(),
                     [](const CodeHit& a, const CodeHit& b) { return a.lineFirst < b.lineFirst; });
    return hits;
}

std::vector<CodeHit> CodeTable::symbolsNamed(const QString& name, int64_t limit) const {
    const std::string wanted = name.toStdString();
    std::vector<CodeHit> hits;
    for (const SymbolRow& row : symbols_) {
        if (row.name.length != wanted.size() || text(row.name) != wanted) continue;
        if (int64_t(hits.size()) >= limit) break;
        hits.push_back(hitOf(row));
    }
    std::stable_sort(hits.begin(), hits.end(), [](const CodeHit& a, const CodeHit& b) {
        return a.isDeclaration < b.isDeclaration;
    });
    return hits;
}

base::Result<CodeTableSnapshot> loadCodeTable(const indexer::Index& index,
                                              const std::stop_token& stop) {
    auto table = std::make_shared<CodeTable>();
    TRY_ASSIGN(const std::vector<indexer::FileEntry> files, index.files());
    for (const indexer::FileEntry& file : files)
        table->addFile(file);
    TRY(index.eachSymbol([&](const indexer::SymbolEntry& symbol) { table->addSymbol(symbol); },
                         stop));
    return CodeTableSnapshot(std::move(table));
}

}  // namespace moxie::desktop
