// The tables of the index file. A file with another version is thrown away and made again; there
// are no migrations. See README.md for what each table holds.
#pragma once

namespace moxie::indexer {

// Raise it when a table, the language table, a rule of extraction or the word splitter changes.
inline constexpr int kSchemaVersion = 8;

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
CREATE INDEX sym_name ON sym(name);
CREATE INDEX sym_blob ON sym(blob);
CREATE TABLE ref(name INTEGER NOT NULL, blob INTEGER NOT NULL, sym INTEGER NOT NULL,
    role INTEGER NOT NULL, receiver INTEGER NOT NULL, line INTEGER NOT NULL,
    count INTEGER NOT NULL, arity INTEGER NOT NULL,
    PRIMARY KEY(name, blob, sym, role, receiver)) WITHOUT ROWID;
CREATE TABLE imp(blob INTEGER NOT NULL, target TEXT NOT NULL, names TEXT NOT NULL);
CREATE INDEX imp_blob ON imp(blob);
CREATE TABLE chunk(id INTEGER PRIMARY KEY, blob INTEGER NOT NULL, sym INTEGER NOT NULL,
    line_first INTEGER NOT NULL, line_last INTEGER NOT NULL, body_words INTEGER NOT NULL,
    name_words INTEGER NOT NULL);
CREATE INDEX chunk_blob ON chunk(blob);
CREATE VIRTUAL TABLE word_fts USING fts5(body, names, content='',
    tokenize="ascii tokenchars '_'");
CREATE VIRTUAL TABLE word_at USING fts5vocab(word_fts, 'instance');
CREATE TABLE commits(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, time INTEGER NOT NULL,
    words INTEGER NOT NULL, is_live INTEGER NOT NULL);
CREATE TABLE touch(commit_id INTEGER NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY(commit_id, path)) WITHOUT ROWID;
CREATE VIRTUAL TABLE hist_fts USING fts5(message, content='', tokenize="ascii tokenchars '_'");
CREATE VIRTUAL TABLE hist_at USING fts5vocab(hist_fts, 'instance');
INSERT INTO meta VALUES('generation', 0);
)sql";

inline constexpr const char* kDropAll = R"sql(
DROP TABLE word_at; DROP TABLE word_fts; DROP TABLE hist_at; DROP TABLE hist_fts;
DROP TABLE meta; DROP TABLE blob; DROP TABLE snap_path; DROP TABLE name; DROP TABLE sym;
DROP TABLE ref; DROP TABLE imp; DROP TABLE chunk; DROP TABLE commits; DROP TABLE touch;
)sql";

}  // namespace moxie::indexer
