// Everything the index keeps of one text, computed without the database so that workers can do it
// side by side. Threads: any thread.
#pragma once
#include <array>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/outline/outline.h"

namespace moxie::indexer {

using BlobHash = std::array<char, 20>;  // git object id of the bytes

BlobHash blobHash(std::string_view text);

// Bits of blob.flags, stored: append only.
enum BlobFlag : int32_t {
    kFlagBinary = 1,
    kFlagTooLarge = 2,
    kFlagMinified = 4,  // or bulk data: no words
    kFlagDamaged = 8,   // a syntax error somewhere
    kFlagCutShort = 16,
    kFlagInvalidUtf8 = 32,
};

// A piece of a text that is searched and packed as one: a function with its comment, or the lines
// between functions.
struct Chunk {
    int32_t lineFirst = 0, lineLast = 0;  // 1-based, inclusive
    int32_t symbol = -1;                  // position in the outline, or -1
    std::string body, names;              // words for the full text index
    int64_t nBodyWords = 0, nNameWords = 0;
};

struct ParsedFile {
    BlobHash hash = {};
    int32_t languageGuess = 0, language = 0;
    int32_t flags = 0;
    int64_t bytes = 0, lines = 0;
    std::string text;  // the outline's names are views into it
    Outline outline;
    std::vector<Chunk> chunks;
};

// Byte offsets of line starts; the last entry is text.size().
std::vector<uint32_t> lineStarts(std::string_view text);

std::vector<Chunk> makeChunks(std::string_view text, const Outline& outline);

// Parses `text`, whose hash is known or computed before. Fails: cancelled.
base::Result<ParsedFile> parseFile(Outliner& outliner, std::string path, std::string text,
                                   const BlobHash& hash, const std::stop_token& stop);

}  // namespace moxie::indexer
