#include "indexer/lookup.h"

#include <algorithm>

#include "base/text.h"
#include "indexer/disk_lines.h"
#include "indexer/language.h"
#include "indexer/links/link_queries.h"

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

base::Result<std::vector<Symbol>> findSymbols(const Reading& reading, std::string_view query,
                                              std::string_view path, int64_t limit) {
    std::vector<Symbol> found;
    if (limit <= 0) return found;
    while (path.ends_with('/'))
        path.remove_suffix(1);
    const std::string folder = std::string(path) + "/";
    // All names are looked at, or all symbols of one file or folder.
    const std::string tables =
        path.empty() ? "name n CROSS JOIN sym s ON s.name = n.id CROSS JOIN snap_path p ON "
                       "p.blob = s.blob AND p.snap = 1 "
                     : "snap_path p CROSS JOIN sym s ON s.blob = p.blob AND p.snap = 1 "
                       "CROSS JOIN name n ON n.id = s.name ";
    // Best first: equal, equal but for case, prefix, inside; definitions before declarations.
    TRY_ASSIGN(Statement statement,
               reading.database().prepare(
                   "SELECT n.text, s.kind, p.path, s.line_first, s.line_last, s.signature, "
                   "coalesce(o.text,'') FROM " +
                   tables +
                   "LEFT JOIN name o ON o.id = s.parent "
                   "WHERE n.text LIKE ?2 ESCAPE '\\' "
                   "AND (?3 = '' OR p.path = ?3 OR substr(p.path, 1, length(?4)) = ?4) "
                   "ORDER BY CASE WHEN n.text = ?1 THEN 0 WHEN lower(n.text) = lower(?1) THEN 1 "
                   "WHEN n.text LIKE ?5 ESCAPE '\\' THEN 2 ELSE 3 END, s.is_declaration, "
                   "length(n.text), n.text, p.path, s.line_first LIMIT ?6"));
    const std::string inside = "%" + escapeLike(query) + "%", prefix = escapeLike(query) + "%";
    statement.bind(1, query).bind(2, inside).bind(3, path).bind(4, folder).bind(5, prefix);
    statement.bind(6, limit);
    while (true) {
        TRY_ASSIGN(const bool hasRow, statement.step());
        if (!hasRow) return found;
        found.push_back({.name = base::toValidUtf8(statement.text(0)),
                         .kind = static_cast<SymbolKind>(statement.integer(1)),
                         .path = std::string(statement.text(2)),
                         .lineFirst = int32_t(statement.integer(3)),
                         .lineLast = int32_t(statement.integer(4)),
                         .signature = std::string(statement.text(5)),
                         .parent = base::toValidUtf8(statement.text(6))});
    }
}

base::Result<std::vector<Reference>> findReferences(const Reading& reading, const LinkTable& links,
                                                    const std::filesystem::path& root,
                                                    const NameQuery& wanted) {
    std::vector<Reference> found;
    if (wanted.limit <= 0) return found;
    TRY_ASSIGN(Statement statement,
               reading.database().prepare(
                   "SELECT p.path, coalesce(e.text,''), p.blob, r.* FROM name n "
                   "CROSS JOIN ref r ON r.name = n.id "
                   "CROSS JOIN snap_path p ON p.blob = r.blob AND p.snap = 1 "
                   "LEFT JOIN sym s ON s.id = r.sym LEFT JOIN name e ON e.id = s.name "
                   "WHERE n.text = ?1 AND r.role <> ?3 ORDER BY p.path, r.line, r.role LIMIT ?2"));
    statement.bind(1, wanted.name).bind(2, wanted.limit).bind(3, int64_t(Role::typed));
    DiskLines disk(root);
    while (true) {
        TRY_ASSIGN(const bool hasRow, statement.step());
        if (!hasRow) return found;
        const int32_t blob = reading.view().blobById.at(statement.integer(2));
        const LinkUse use = links.useOfRow(statement, 3, blob);
        Reference made = {.path = std::string(statement.text(0)),
                          .line = use.line,
                          .count = use.count,
                          .role = std::string(toString(use.role)),
                          .enclosing = base::toValidUtf8(statement.text(1)),
                          .text = {},
                          .link = linkOf(links, use)};
        const std::string line = disk.lines(made.path, made.line, made.line);
        made.text = base::cutUtf8(base::trim(line), kLineBytesMax);
        found.push_back(std::move(made));
    }
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
