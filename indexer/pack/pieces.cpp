#include "indexer/pack/pieces.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "indexer/language.h"
#include "indexer/pack/documentation.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

PackedPiece pieceOf(std::string anchor, std::string_view text) {
    return {std::move(anchor), base::hash128(text).low, false};
}

std::string_view anchorOf(PackSignatures detail) {
    switch (detail) {
        case PackSignatures::publicOnes:
            return kPublicSignatures;
        case PackSignatures::documented:
            return kDocumentedSignatures;
        default:
            return kAllSignatures;
    }
}

// The signatures that a detail shows, joined, bodies or not.
std::string joined(const std::vector<PackSignature>& signatures, PackSignatures detail) {
    std::string out;
    for (const PackSignature& signature : signatures)
        if (detail != PackSignatures::publicOnes || signature.isPublic)
            out += detail == PackSignatures::documented ? signature.documented : signature.text;
    return out;
}

PackedPiece signaturePiece(std::string anchor, std::string_view text) {
    return {std::move(anchor), base::hash128(text).low, true};
}

base::Status addSignaturePieces(PackText& text, int32_t file, const PackShape& shape,
                                std::vector<PackedPiece>& pieces) {
    if (shape.signatures == PackSignatures::none) return {};
    TRY_ASSIGN(const std::vector<PackSignature>* all, text.signatures(file));
    if (shape.signatures != PackSignatures::named) {
        pieces.push_back(signaturePiece(std::string(anchorOf(shape.signatures)),
                                        joined(*all, shape.signatures)));
        return {};
    }
    for (const int32_t at : shape.named) {
        const PackSignature& signature = (*all)[size_t(at)];
        pieces.push_back(signaturePiece(signature.name, signature.text));
    }
    return {};
}

// By the id of the symbol.
base::Result<std::vector<std::string>> chunkNames(PackText& text, const LiveView& view,
                                                  int32_t file) {
    TRY_ASSIGN(const std::vector<PackSignature>* signatures, text.signatures(file));
    std::unordered_map<int64_t, std::string_view> nameById;
    for (const PackSignature& signature : *signatures)
        nameById.emplace(signature.symbol, signature.name);
    const LiveBlob& blob = view.blobs[size_t(view.files[size_t(file)].blob)];
    std::vector<std::string> names;
    for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
        const auto name = nameById.find(view.chunks[size_t(c)].symbol);
        names.emplace_back(name == nameById.end() ? std::string_view() : name->second);
    }
    return names;
}

}  // namespace

std::vector<std::string> anchorsOf(const std::vector<std::string>& symbolNames) {
    std::vector<std::string> anchors;
    std::map<std::string, int32_t> uses;
    std::string last;
    for (const std::string& name : symbolNames) {
        std::string anchor = name;
        if (name.empty()) anchor = last.empty() ? "start of the file" : "after " + last;
        if (!name.empty()) last = name;
        const int32_t nth = ++uses[anchor];
        anchors.push_back(nth == 1 ? anchor : fmt::format("{} #{}", anchor, nth));
    }
    return anchors;
}

base::Result<PackedFile> packedFileOf(PackText& text, const LiveView& view, int32_t file,
                                      const PackShape& shape) {
    PackedFile made{.path = view.files[size_t(file)].path, .form = formOf(shape)};
    TRY_ASSIGN(made.blob, text.blobOf(file));
    const LiveBlob& blob = view.blobs[size_t(view.files[size_t(file)].blob)];
    if (!shape.isFull) TRY(addSignaturePieces(text, file, shape, made.pieces));
    if (shape.isFull && blob.chunkCount == 0) {
        made.pieces.push_back(pieceOf(std::string(kWholeFile), text.full(file)));
        return made;
    }
    if (!shape.isFull && shape.chunks.empty()) return made;
    TRY_ASSIGN(const std::vector<std::string> names, chunkNames(text, view, file));
    const std::vector<std::string> anchors = anchorsOf(names);
    for (int32_t i = 0; i < blob.chunkCount; i++) {
        const int32_t chunk = blob.chunkFirst + i;
        if (!shape.isFull && !std::binary_search(shape.chunks.begin(), shape.chunks.end(), chunk))
            continue;
        made.pieces.push_back(pieceOf(anchors[size_t(i)], text.chunk(chunk)));
    }
    return made;
}

namespace {

void addChunkTexts(const ParsedFile& file, const std::string& text, CurrentPieces& out) {
    if (file.chunks.empty()) {
        out.chunks.push_back({pieceOf(std::string(kWholeFile), text), text});
        return;
    }
    std::vector<std::string> names;
    for (const Chunk& chunk : file.chunks)
        names.push_back(chunk.symbol < 0 ? std::string()
                                         : symbolName(file.outline.symbols[size_t(chunk.symbol)]));
    const std::vector<std::string> anchors = anchorsOf(names);
    const std::vector<uint32_t> starts = lineStarts(text);
    for (size_t i = 0; i < file.chunks.size(); i++) {
        const std::string_view lines = linesWithoutBlankEnds(
            text, starts, {file.chunks[i].lineFirst, file.chunks[i].lineLast});
        out.chunks.push_back({pieceOf(anchors[i], lines), std::string(lines)});
    }
}

void addSignatureTexts(const ParsedFile& file, const std::string& text, CurrentPieces& out) {
    const std::vector<uint32_t> starts = lineStarts(text);
    std::vector<PackSignature> signatures = packSignatures(file);
    for (PackSignature& signature : signatures) {
        signature.documented = documentationOf(text, starts, signature.line) + signature.text;
        out.signatures.push_back({signaturePiece(signature.name, signature.text), signature.text});
    }
    for (const auto detail :
         {PackSignatures::publicOnes, PackSignatures::all, PackSignatures::documented}) {
        std::string all = joined(signatures, detail);
        const PackedPiece piece = signaturePiece(std::string(anchorOf(detail)), all);
        out.signatures.push_back({piece, std::move(all)});
    }
}

}  // namespace

base::Result<CurrentPieces> currentPieces(Outliner& outliner, const std::string& path,
                                          const std::string& bytes, const std::stop_token& stop) {
    CurrentPieces out;
    const BlobHash hash = blobHash(bytes);
    out.blob = hexId(hash);
    TRY_ASSIGN(const ParsedFile file, parseFile(outliner, path, bytes, hash, stop));
    if ((file.flags & kFlagBinary) != 0) return out;
    const std::string text = packedText(bytes);
    addChunkTexts(file, text, out);
    addSignatureTexts(file, text, out);
    return out;
}

}  // namespace moxie::indexer
