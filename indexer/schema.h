// The tables of the index file. A file with another version is thrown away and made again; there
// are no migrations. See README.md for what each table holds.
#pragma once

namespace moxie::indexer {

// The generation of a new file begins with the milliseconds since 1970, so that it rises when an
// index is made again, also for other processes that hold what they read from the old one.
//
// Raise it when a table, the language table, a rule of extraction or the word splitter changes.
inline constexpr int kSchemaVersion = 16;

inline constexpr const char* kSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE blob(id INTEGER PRIMARY KEY, hash BLOB NOT NULL, guess INTEGER NOT NULL,
    lang INTEGER NOT NULL, bytes INTEGER NOT NULL, lines INTEGER NOT NULL, flags INTEGER NOT NULL,
    tier INTEGER NOT NULL, symbols INTEGER NOT NULL, uses INTEGER NOT NULL,
    changed INTEGER NOT NULL, UNIQUE(hash, guess));
CREATE TABLE snap_path(snap INTEGER NOT NULL, path TEXT NOT NULL, blob INTEGER NOT NULL,
    bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, PRIMARY KEY(snap, path)) WITHOUT ROWID;
CREATE INDEX snap_path_blob ON snap_path(blob, snap);
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE sym(id INTEGER PRIMARY KEY, blob INTEGER NOT NULL, name INTEGER NOT NULL,
    parent INTEGER NOT NULL, kind INTEGER NOT NULL, is_declaration INTEGER NOT NULL,
    line_first INTEGER NOT NULL, line_last INTEGER NOT NULL, byte_first INTEGER NOT NULL,
    byte_last INTEGER NOT NULL, signature TEXT NOT NULL);
CREATE INDEX sym_name ON sym(name, is_declaration, blob, line_first);
CREATE INDEX sym_blob ON sym(blob);
CREATE TABLE uses(blob INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE imp(blob INTEGER NOT NULL, target TEXT NOT NULL, names TEXT NOT NULL);
CREATE INDEX imp_blob ON imp(blob);
CREATE TABLE chunk(id INTEGER PRIMARY KEY, blob INTEGER NOT NULL, sym INTEGER NOT NULL,
    line_first INTEGER NOT NULL, line_last INTEGER NOT NULL, body_words INTEGER NOT NULL,
    name_words INTEGER NOT NULL, names_hash INTEGER NOT NULL);
CREATE INDEX chunk_blob ON chunk(blob);
CREATE TABLE segment(id INTEGER PRIMARY KEY, list INTEGER NOT NULL, level INTEGER NOT NULL,
    bytes INTEGER NOT NULL);
CREATE TABLE block(id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE block_first(segment INTEGER NOT NULL, first BLOB NOT NULL, block INTEGER NOT NULL,
    PRIMARY KEY(segment, first)) WITHOUT ROWID;
CREATE TABLE commits(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, time INTEGER NOT NULL,
    words INTEGER NOT NULL, is_live INTEGER NOT NULL);
CREATE TABLE touch(commit_id INTEGER NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY(commit_id, path)) WITHOUT ROWID;
INSERT INTO meta VALUES
    ('generation', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)), ('last_chunk', 0), ('epoch', random());
)sql";

inline constexpr const char* kDropAll = R"sql(
DROP TABLE segment; DROP TABLE block; DROP TABLE block_first; DROP TABLE uses;
DROP TABLE meta; DROP TABLE blob; DROP TABLE snap_path; DROP TABLE name; DROP TABLE sym;
DROP TABLE imp; DROP TABLE chunk; DROP TABLE commits; DROP TABLE touch;
)sql";

}  // namespace moxie::indexer
