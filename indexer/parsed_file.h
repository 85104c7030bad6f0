// Everything the index keeps of one text, computed without the database so that workers can do it
// side by side. Threads: any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/outline/outline.h"
#include "indexer/word_bag.h"

namespace moxie::indexer {

using BlobHash = std::array<char, 20>;  // git object id of the bytes

inline std::string_view viewOf(const BlobHash& hash) {
    return {hash.data(), hash.size()};
}

BlobHash blobHash(std::string_view text);

// Bits of blob.flags, stored: append only.
enum BlobFlag : int32_t {
    kFlagBinary = 1,
    kFlagTooLarge = 2,
    kFlagMinified = 4,  // or bulk data: no words
    kFlagDamaged = 8,   // a syntax error somewhere
    kFlagCutShort = 16,
    kFlagInvalidUtf8 = 32,
    kFlagGenerated = 64,  // the first lines say so
    kFlagPending = 128,   // a better tier is to come
};

// A piece of a text that is searched and packed as one: a function with its comment, or the lines
// between functions.
struct Chunk {
    int32_t lineFirst = 0, lineLast = 0;  // 1-based, inclusive
    int32_t symbol = -1;                  // position in the outline, or -1
    int64_t nBodyWords = 0, nNameWords = 0;
    int64_t namesHash = 0;  // equal lines of a text with equal hashes have the same words
    bool isCounted = true;  // false: like one of ParseTask::counted, its words were left out
};

// A chunk whose words are known.
struct CountedChunk {
    int32_t lineFirst = 0, lineLast = 0;
    int64_t namesHash = 0;
    bool operator==(const CountedChunk&) const = default;
};

// How far a text is taken at once.
enum class ParseStep {
    whole,
    outline,  // by the scanner only; a syntax tree is to come if there is a grammar
    lexical,  // its words only
};

struct ParsedFile {
    BlobHash hash = {};
    int32_t languageGuess = 0, language = 0;
    int32_t flags = 0;
    Tier tier = Tier::lexical;
    int64_t bytes = 0, lines = 0;
    std::string text;  // the outline's names are views into it
    Outline outline;
    std::vector<Chunk> chunks;
    WordBag words;  // a piece per chunk
};

// Byte offsets of line starts; the last entry is text.size().
std::vector<uint32_t> lineStarts(std::string_view text);

struct ParseTask {
    ParseStep step = ParseStep::whole;
    // What was found out about the same text before, by the scanner; 0 flags if nothing was.
    int32_t language = 0, flags = 0;
    std::vector<CountedChunk> counted = {};  // in order
};

// Parses `text`, whose hash is known or computed before. Fails: cancelled.
base::Result<ParsedFile> parseFile(Outliner& outliner, std::string path, std::string text,
                                   const BlobHash& hash, const std::stop_token& stop,
                                   const ParseTask& task = {});

// The task that completes a pending one.
ParseTask taskAfter(const ParsedFile& file);
// Counts the words of every chunk, also those that were left out.
void countAllWords(ParsedFile& file);

}  // namespace moxie::indexer
