// The renderer of packs: maps, skeletons, excerpts and full files as text, in pieces that can be
// counted one by one. Deterministic: LF, path and line order, no line numbers, no times, no
// absolute paths. Every piece ends with a newline and none but a full file begins with a blank
// line, so that joins do not merge tokens. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "indexer/context_pack.h"
#include "indexer/parsed_file.h"
#include "indexer/reader.h"

namespace moxie::indexer {

// Raise it when the same choice would give other bytes.
inline constexpr int32_t kPackRendererVersion = 2;

std::string hexId(const BlobHash& hash);  // 40 digits

struct PackSignature {
    int64_t symbol = 0;  // sym.id
    int32_t line = 0;
    bool isPublic = false;   // seen from other files, as far as its signature tells
    std::string name;        // "List::append"
    std::string text;        // "  int append(x)\n"
    std::string documented;  // the same after the comment that belongs to it
};

// "List::append".
std::string symbolName(const OutlineSymbol& symbol);
// The signatures of a text that a skeleton shows, in the order of lines; without documentation.
std::vector<PackSignature> packSignatures(const ParsedFile& file);

// How the text of a file stands in a pack: LF, valid UTF-8, a newline at the end.
std::string packedText(std::string_view bytes);
// `lines` of a text without blank lines at their ends; clamped to the text.
PackedLines withoutBlankEnds(std::string_view text, const std::vector<uint32_t>& starts,
                             PackedLines lines);
std::string_view linesWithoutBlankEnds(std::string_view text, const std::vector<uint32_t>& starts,
                                       PackedLines lines);

// Which signatures of a file are in; each step has what the step before has.
enum class PackSignatures { none, named, publicOnes, all, documented };

// How one file stands in a pack.
struct PackShape {
    PackSignatures signatures = PackSignatures::none;
    std::vector<int32_t> named = {};   // positions of signatures, sorted; counts for `named` only
    std::vector<int32_t> chunks = {};  // positions in LiveView::chunks, sorted
    bool isFull = false;

    bool isEmpty() const { return !isFull && chunks.empty() && signatures == PackSignatures::none; }
};

PackForm formOf(const PackShape& shape);

// A piece of a file's text in a pack. The view lives as long as the PackText and its contents.
struct PackPart {
    enum class Kind { header, signature, chunk, gap, full };
    Kind kind = Kind::header;
    std::string_view text;
    int32_t at = -1;  // of a signature its position, of a chunk its position in LiveView::chunks
};

class PackText {
public:
    PackText(const Reading& reading, const std::filesystem::path& root)
        : reading_(reading),
          view_(reading.view()),
          root_(root) {}

    // Directories with the names in them, or with the number of files.
    enum class MapDetail { names, counts };
    std::string map(MapDetail detail) const;

    // Said in the header of a file, e.g. "same text: a.c, b.c".
    void setNote(int32_t file, std::string note) { notes_[file] = std::move(note); }

    // The pieces of a file in their order; none if nothing of it can be shown, for instance because
    // it is another file by now. Joined they are what stands in the pack.
    base::Result<std::vector<PackPart>> parts(int32_t file, const PackShape& shape);

    // In the order of lines. With their documentation only after parts() showed it.
    base::Result<const std::vector<PackSignature>*> signatures(int32_t file);
    // The text of a chunk without blank lines around it, "" if it is not there.
    std::string_view chunk(int32_t at);
    // With LF and valid UTF-8; "" if it cannot be read, or is not the file that was indexed.
    std::string_view full(int32_t file);
    // The lines of the text that stand in the pack.
    std::vector<PackedLines> lines(int32_t file, const PackShape& shape);
    // Of the bytes on disk that full() is made of, 40 hex digits; of the index if nothing was read.
    base::Result<std::string> blobOf(int32_t file);

private:
    struct Content {
        std::string text;
        std::vector<uint32_t> starts;
        std::string blob;  // "" if it was not read
    };

    const Content& content(int32_t file);
    std::string_view header(int32_t file, PackForm form);
    PackedLines linesOf(int32_t chunkAt);
    base::Status loadSignatures(const LiveBlob& blob, std::vector<PackSignature>& out);
    void document(int32_t file, std::vector<PackSignature>& signatures);

    const Reading& reading_;
    const LiveView& view_;
    const std::filesystem::path& root_;
    std::unordered_map<int32_t, Content> contents_;  // by file
    std::unordered_map<int32_t, std::vector<PackSignature>> signatures_;
    std::unordered_set<int32_t> documented_;            // files
    std::unordered_map<int64_t, std::string> headers_;  // by file and form
    std::unordered_map<int32_t, std::string> notes_;
    Statement symbols_, hash_;
    bool hasSymbols_ = false, hasHash_ = false;
};

}  // namespace moxie::indexer
