// What is asked of a context pack and what it is: the part of a repository that goes before a
// model's eyes within a token budget, and an account of it. Values. Threads: any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/search_explanation.h"

namespace moxie::indexer {

struct PackRequest {
    std::string task;             // what the user asked
    int64_t budgetTokens = 8192;  // never exceeded, by countTokens
    // Exact counter of the model that will read the pack.
    std::function<int64_t(std::string_view)> countTokens = {};
    // Names that counter. Counts are then kept beside the index, for the next pack; empty: only
    // as long as the pack is made.
    std::string counterName = {};
};

// How much of a file is in, from least to most.
enum class PackForm {
    pathOnly,
    signatures,  // of some of its symbols
    skeleton,    // of all, in their order
    documented,  // with the comments that belong to them
    excerpt,     // some functions as text, the rest as skeleton or left out
    full,
};
std::string_view toString(PackForm form);
std::optional<PackForm> packFormFromString(std::string_view text);

// Which part of the pack a file stands in: what changes least comes first, so that a later pack
// begins with the same bytes for as long as possible.
enum class PackBand { vendored, settled, active };
std::string_view toString(PackBand band);

struct PackedLines {
    int32_t first = 0, last = 0;  // 1-based, inclusive
    bool operator==(const PackedLines&) const = default;
};

struct PackItem {
    std::string path;
    PackForm form = PackForm::pathOnly;
    PackBand band = PackBand::settled;
    int64_t tokens = 0;
    HitReason reason = {};                // empty: background, no answer to the request
    std::vector<PackedLines> lines = {};  // that stand in it as text; all of them if full
    std::vector<std::string> copies =
        {};  // paths with the same text, or nearly, that it stands for
};

enum class PackOmission { noRoom, littleGain, copy, nearCopy, generated, noText };
std::string_view toString(PackOmission why);

// Files of which nothing but perhaps the path is in.
struct PackLeftOut {
    PackOmission why = PackOmission::noRoom;
    int64_t files = 0;
    int64_t tokens = 0;                      // estimated, of their whole texts
    std::vector<std::string> examples = {};  // the likeliest first, at most five
};

// A stretch of a file that the pack shows, by name and content.
struct PackedPiece {
    std::string anchor;  // "List::append", "start of the file", "after List::append"
    uint64_t hash = 0;
    bool isSignature = false;
    bool operator==(const PackedPiece&) const = default;
};

// What a reader of the pack believes of a file. See PackSession.
struct PackedFile {
    std::string path;
    PackForm form = PackForm::pathOnly;
    std::string blob = {};  // git object id of its bytes, 40 hex digits
    std::vector<PackedPiece> pieces = {};
    bool operator==(const PackedFile&) const = default;
};

// Equal (tree, history, task, budget, counter) give equal bytes: path order inside each band, no
// line numbers, no times, no absolute paths.
struct ContextPack {
    std::string text;
    int64_t tokens = 0;  // countTokens(text), at most the budget
    std::vector<PackItem> items;
    int64_t filesLeftOut = 0;
    std::vector<PackLeftOut> leftOut = {};
    int64_t mapTokens = 0, hotTokens = 0;  // of the tree at the head, of the list at the end
    // There was room, but what is left would bring less than the floor per token.
    bool isEnough = false;
    std::vector<PackedFile> files = {};
};

}  // namespace moxie::indexer
