// The stretches of a file that a pack shows, named and hashed, so that what changed since can be
// told: computed from the index when a pack is made, and from the bytes on disk later. Both ways
// give equal pieces for equal texts. Threads: any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/context_pack.h"
#include "indexer/outline/outline.h"
#include "indexer/pack/pack_text.h"

namespace moxie::indexer {

// The anchors of the pieces that stand for many signatures at once.
inline constexpr std::string_view kPublicSignatures = "public signatures";
inline constexpr std::string_view kAllSignatures = "signatures";
inline constexpr std::string_view kDocumentedSignatures = "signatures with comments";
inline constexpr std::string_view kWholeFile = "the whole file";

// A name for each chunk from that of its symbol ("" for lines between functions): "List::append",
// "List::append #2", "start of the file", "after List::append".
std::vector<std::string> anchorsOf(const std::vector<std::string>& symbolNames);

base::Result<PackedFile> packedFileOf(PackText& text, const LiveView& view, int32_t file,
                                      const PackShape& shape);

struct PieceText {
    PackedPiece piece;
    std::string text;
};

// A file as it is on disk now.
struct CurrentPieces {
    std::string blob;
    std::vector<PieceText> chunks;      // all of them, or the whole file as one
    std::vector<PieceText> signatures;  // one by one, then those that stand for many
};

// Fails: cancelled.
base::Result<CurrentPieces> currentPieces(Outliner& outliner, const std::string& path,
                                          const std::string& bytes, const std::stop_token& stop);

}  // namespace moxie::indexer
