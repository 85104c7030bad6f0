#include "indexer/lookup.h"

#include <algorithm>

#include "base/text.h"
#include "indexer/disk_lines.h"
#include "indexer/language.h"
#include "indexer/links/link_queries.h"
#include "indexer/postings.h"
#include "indexer/uses.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kLineBytesMax = 200;

std::string escapeLike(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

}  // namespace

namespace {

// Columns: name, kind, path, first and last line, signature, parent.
Symbol symbolOfRow(const Statement& row) {
    return {.name = base::toValidUtf8(row.text(0)),
            .kind = static_cast<SymbolKind>(row.integer(1)),
            .path = std::string(row.text(2)),
            .lineFirst = int32_t(row.integer(3)),
            .lineLast = int32_t(row.integer(4)),
            .signature = std::string(row.text(5)),
            .parent = base::toValidUtf8(row.text(6))};
}

constexpr const char* kSymbolColumns =
    "SELECT n.text, s.kind, p.path, s.line_first, s.line_last, s.signature, "
    "coalesce(o.text,'') FROM ";

}  // namespace

namespace {

constexpr size_t kNamesAtOnce = 64;

// The symbols of one name: definitions before declarations, each in the order of their files. What
// orders them is in an index; rows are read only of those that are taken.
class SymbolsOfName {
public:
    static base::Result<SymbolsOfName> make(const Reading& reading, int64_t limit);

    base::Status add(int64_t name);

    bool isFull() const { return int64_t(found_.size()) >= limit_; }

    std::vector<Symbol> take() { return std::move(found_); }

private:
    struct Row {
        bool isDeclaration = false;
        int32_t blob = 0;  // of the view
        int64_t id = 0;
    };

    // A file, and which rows are of its blob.
    struct Place {
        int32_t file = 0;
        size_t first = 0, end = 0;
    };

    SymbolsOfName(const LiveView& view, int64_t limit, KeptStatement order, KeptStatement row)
        : view_(&view),
          limit_(limit),
          order_(std::move(order)),
          row_(std::move(row)) {}

    void addPlaces(size_t first, size_t end);
    base::Status addRow(int64_t id, const std::string& path);

    const LiveView* view_ = nullptr;
    int64_t limit_ = 0;
    KeptStatement order_, row_;
    std::vector<Row> rows_;
    std::vector<Place> places_;
    std::vector<Symbol> found_;
};

base::Result<SymbolsOfName> SymbolsOfName::make(const Reading& reading, int64_t limit) {
    TRY_ASSIGN(KeptStatement order,
               reading.database().kept("SELECT is_declaration, blob, id FROM sym WHERE name=? "
                                       "ORDER BY is_declaration, blob, line_first"));
    TRY_ASSIGN(KeptStatement row,
               reading.database().kept(
                   "SELECT n.text, s.kind, ?2, s.line_first, s.line_last, s.signature, "
                   "coalesce(o.text,'') FROM sym s CROSS JOIN name n ON n.id = s.name "
                   "LEFT JOIN name o ON o.id = s.parent WHERE s.id = ?1"));
    return SymbolsOfName(reading.view(), limit, std::move(order), std::move(row));
}

base::Status SymbolsOfName::addRow(int64_t id, const std::string& path) {
    TRY_ASSIGN(const bool hasRow, row_->bind(1, id).bind(2, path).step());
    if (hasRow) found_.push_back(symbolOfRow(*row_));
    row_->reset();
    return {};
}

// The rows are of definitions, or of declarations; those of a blob stand together.
void SymbolsOfName::addPlaces(size_t first, size_t end) {
    places_.clear();
    for (size_t next = first; first < end; first = next) {
        const int32_t blob = rows_[first].blob;
        while (next < end && rows_[next].blob == blob)
            next++;
        for (int32_t file = view_->blobs[size_t(blob)].file; file >= 0;
             file = view_->nextFile[size_t(file)])
            places_.push_back({file, first, next});
    }
    const size_t taken = std::min(places_.size(), size_t(limit_) - found_.size());
    std::partial_sort(places_.begin(), places_.begin() + std::ptrdiff_t(taken), places_.end(),
                      [](const Place& a, const Place& b) { return a.file < b.file; });
    places_.resize(taken);
}

base::Status SymbolsOfName::add(int64_t name) {
    rows_.clear();
    order_->bind(1, name);
    while (true) {
        TRY_ASSIGN(const bool hasRow, order_->step());
        if (!hasRow) break;
        if (const auto blob = view_->blobById.find(order_->integer(1));
            blob != view_->blobById.end())
            rows_.push_back({order_->integer(0) != 0, blob->second, order_->integer(2)});
    }
    order_->reset();
    for (size_t first = 0, end = 0; first < rows_.size() && !isFull(); first = end) {
        while (end < rows_.size() && rows_[end].isDeclaration == rows_[first].isDeclaration)
            end++;
        addPlaces(first, end);
        for (const Place& place : places_)
            for (size_t i = place.first; i < place.end && !isFull(); i++)
                TRY(addRow(rows_[i].id, view_->files[size_t(place.file)].path));
    }
    return {};
}

}  // namespace

base::Result<std::vector<Symbol>> findSymbols(const Reading& reading, NameList& names,
                                              std::string_view query, int64_t limit) {
    if (limit <= 0) return std::vector<Symbol>();
    TRY_ASSIGN(SymbolsOfName symbols, SymbolsOfName::make(reading, limit));
    TRY_ASSIGN(const KeptStatement equal,
               reading.database().kept("SELECT id FROM name WHERE text=?"));
    TRY_ASSIGN(const bool hasEqual, equal->bind(1, query).step());
    const int64_t own = hasEqual ? equal->integer(0) : 0;
    if (hasEqual) TRY(symbols.add(own));
    size_t done = 0;
    for (size_t wanted = kNamesAtOnce; !symbols.isFull(); wanted *= 16) {
        TRY_ASSIGN(const auto ids, names.find(reading, query, wanted));
        for (; done < ids.size() && !symbols.isFull(); done++)
            if (ids[done] != own) TRY(symbols.add(ids[done]));
        if (ids.size() < wanted) break;
    }
    return symbols.take();
}

base::Result<std::vector<Symbol>> findSymbolsIn(const Reading& reading, std::string_view path,
                                                std::string_view query, int64_t limit) {
    std::vector<Symbol> found;
    if (limit <= 0) return found;
    while (path.ends_with('/'))
        path.remove_suffix(1);
    const std::string folder = std::string(path) + "/";
    // Best first: equal, equal but for case, prefix, inside; definitions before declarations.
    TRY_ASSIGN(
        Statement statement,
        reading.database().prepare(
            kSymbolColumns +
            std::string("snap_path p CROSS JOIN sym s ON s.blob = p.blob AND p.snap = 1 "
                        "CROSS JOIN name n ON n.id = s.name LEFT JOIN name o ON o.id = s.parent "
                        "WHERE n.text LIKE ?2 ESCAPE '\\' "
                        "AND (p.path = ?3 OR substr(p.path, 1, length(?4)) = ?4) "
                        "ORDER BY CASE WHEN n.text = ?1 THEN 0 WHEN lower(n.text) = lower(?1) "
                        "THEN 1 WHEN n.text LIKE ?5 ESCAPE '\\' THEN 2 ELSE 3 END, "
                        "s.is_declaration, length(n.text), n.text, p.path, s.line_first "
                        "LIMIT ?6")));
    const std::string inside = "%" + escapeLike(query) + "%", prefix = escapeLike(query) + "%";
    statement.bind(1, query).bind(2, inside).bind(3, path).bind(4, folder).bind(5, prefix);
    statement.bind(6, limit);
    while (true) {
        TRY_ASSIGN(const bool hasRow, statement.step());
        if (!hasRow) return found;
        found.push_back(symbolOfRow(statement));
    }
}

namespace {

// The blobs that use the name, as a mark for each of the view.
base::Result<std::vector<bool>> blobsUsing(const Reading& reading, std::string_view name) {
    std::vector<bool> isUser(reading.view().blobs.size(), false);
    TRY_ASSIGN(PostingReader postings, PostingReader::make(reading.database(), PostingList::uses));
    std::vector<Posting> rows;
    TRY(postings.find(name, rows));
    for (const Posting& row : rows)
        if (const auto blob = reading.view().blobById.find(row.row);
            blob != reading.view().blobById.end())
            isUser[size_t(blob->second)] = true;
    return isUser;
}

std::string enclosingName(const LinkTable& links, const LinkUse& use) {
    return use.symbol < 0 ? std::string()
                          : base::toValidUtf8(links.name(links.symbol(use.symbol).name));
}

}  // namespace

base::Result<std::vector<Reference>> findReferences(const Reading& reading, const LinkTable& links,
                                                    const std::filesystem::path& root,
                                                    const NameQuery& wanted) {
    std::vector<Reference> found;
    const int32_t name = links.nameOf(wanted.name);
    if (name == 0) return found;
    TRY_ASSIGN(const std::vector<bool> isUser, blobsUsing(reading, wanted.name));
    TRY_ASSIGN(UseReader reader, UseReader::make(reading.database()));
    DiskLines disk(root);
    for (const LiveFile& file : reading.view().files) {
        if (!isUser[size_t(file.blob)]) continue;
        const int64_t blob = reading.view().blobs[size_t(file.blob)].id;
        TRY_ASSIGN(auto stored, reader.of(blob, name));
        std::stable_sort(stored.begin(), stored.end(), [](const StoredUse& a, const StoredUse& b) {
            return std::pair(a.line, a.role) < std::pair(b.line, b.role);
        });
        for (const StoredUse& row : stored) {
            if (int64_t(found.size()) >= wanted.limit) return found;
            if (row.role == Role::typed) continue;
            const LinkUse use = links.useOf(row, file.blob);
            Reference made = {.path = file.path,
                              .line = use.line,
                              .count = use.count,
                              .role = std::string(toString(use.role)),
                              .enclosing = enclosingName(links, use),
                              .text = {},
                              .link = linkOf(links, use)};
            const std::string line = disk.lines(made.path, made.line, made.line);
            made.text = base::cutUtf8(base::trim(line), kLineBytesMax);
            found.push_back(std::move(made));
        }
    }
    return found;
}

std::vector<FileEntry> allFiles(const Reading& reading) {
    const LiveView& view = reading.view();
    std::vector<FileEntry> files;
    files.reserve(view.files.size());
    for (const LiveFile& file : view.files) {
        const LiveBlob& blob = view.blobs[size_t(file.blob)];
        files.push_back({.path = file.path, .bytes = blob.bytes, .lines = blob.lines});
    }
    return files;
}

base::Status visitSymbols(const Reading& reading,
                          const std::function<void(const SymbolEntry&)>& visit,
                          const std::stop_token& stop) {
    TRY_ASSIGN(Statement statement,
               reading.database().prepare(
                   "SELECT n.text, coalesce(o.text,''), p.path, s.kind, s.is_declaration, "
                   "s.line_first, s.line_last, s.byte_last - s.byte_first "
                   "FROM snap_path p CROSS JOIN sym s ON s.blob = p.blob "
                   "CROSS JOIN name n ON n.id = s.name LEFT JOIN name o ON o.id = s.parent "
                   "WHERE p.snap = 1 ORDER BY p.path"));
    for (int64_t row = 0;; row++) {
        if (row % 1024 == 0 && stop.stop_requested())
            return base::fail(base::Errc::cancelled, "reading symbols was stopped");
        TRY_ASSIGN(const bool hasRow, statement.step());
        if (!hasRow) return {};
        visit({.name = statement.text(0),
               .parent = statement.text(1),
               .path = statement.text(2),
               .kind = static_cast<SymbolKind>(statement.integer(3)),
               .isDeclaration = statement.integer(4) != 0,
               .lineFirst = int32_t(statement.integer(5)),
               .lineLast = int32_t(statement.integer(6)),
               .bytes = statement.integer(7)});
    }
}

}  // namespace moxie::indexer
