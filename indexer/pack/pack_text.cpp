#include "indexer/pack/pack_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "base/file.h"
#include "base/text.h"
#include "indexer/index.h"
#include "indexer/language.h"
#include "indexer/pack/documentation.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kPackedBytesMax = 8'000'000;
constexpr std::string_view kGap = "[...]\n";

bool isInSkeleton(SymbolKind kind) {
    return kind != SymbolKind::enumerator && kind != SymbolKind::field &&
           kind != SymbolKind::macro && kind != SymbolKind::variable;
}

// As far as one line tells; a guess on the generous side.
bool looksPublic(std::string_view name, std::string_view signature, Grammar grammar) {
    if (name.starts_with('_') && !name.starts_with("__")) return false;
    switch (grammar) {
        case Grammar::c:
        case Grammar::cpp:
            return signature.find("static ") == signature.npos;
        case Grammar::go:
            return !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
        case Grammar::rust:
            return signature.find("pub") != signature.npos;
        case Grammar::java:
        case Grammar::typescript:
        case Grammar::tsx:
        case Grammar::javascript:
            return signature.find("private ") == signature.npos && !name.starts_with('#');
        default:
            return true;
    }
}

PackSignature signatureOf(std::string_view name, std::string_view parent, std::string_view text,
                          Grammar grammar) {
    PackSignature made;
    made.isPublic = looksPublic(name, text, grammar);
    made.name = parent.empty() ? std::string(name) : fmt::format("{}::{}", parent, name);
    made.text = fmt::format("{}{}\n", parent.empty() ? "" : "  ", base::toValidUtf8(text));
    return made;
}

bool isShown(const PackShape& shape, int32_t at, const PackSignature& signature) {
    switch (shape.signatures) {
        case PackSignatures::none:
            return false;
        case PackSignatures::named:
            return std::binary_search(shape.named.begin(), shape.named.end(), at);
        case PackSignatures::publicOnes:
            return signature.isPublic;
        case PackSignatures::all:
        case PackSignatures::documented:
            return true;
    }
    return false;
}

}  // namespace

std::string hexId(const BlobHash& hash) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const char byte : hash) {
        hex.push_back(kDigits[size_t(static_cast<unsigned char>(byte)) >> 4]);
        hex.push_back(kDigits[size_t(static_cast<unsigned char>(byte)) & 15]);
    }
    return hex;
}

std::string symbolName(const OutlineSymbol& symbol) {
    return symbol.parent.empty() ? std::string(symbol.name)
                                 : fmt::format("{}::{}", symbol.parent, symbol.name);
}

std::vector<PackSignature> packSignatures(const ParsedFile& file) {
    std::vector<const OutlineSymbol*> symbols;
    for (const OutlineSymbol& symbol : file.outline.symbols)
        if (isInSkeleton(symbol.kind)) symbols.push_back(&symbol);
    std::stable_sort(symbols.begin(), symbols.end(), [](auto* a, auto* b) {
        return std::tie(a->lineFirst, a->byteFirst) < std::tie(b->lineFirst, b->byteFirst);
    });
    const Grammar grammar = language(file.language).grammar;
    std::vector<PackSignature> out;
    for (const OutlineSymbol* symbol : symbols) {
        out.push_back(signatureOf(symbol->name, symbol->parent, symbol->signature, grammar));
        out.back().line = symbol->lineFirst;
    }
    return out;
}

std::string packedText(std::string_view bytes) {
    std::string text = base::toValidUtf8(bytes);
    std::erase(text, '\r');
    std::erase(text, '\0');
    if (!text.empty() && text.back() != '\n') text.push_back('\n');
    return text;
}

PackedLines withoutBlankEnds(std::string_view text, const std::vector<uint32_t>& starts,
                             PackedLines lines) {
    lines.last = std::min(lines.last, int32_t(starts.size()) - 1);
    const auto isBlank = [&](int32_t line) {
        const size_t begin = starts[size_t(line - 1)], end = starts[size_t(line)];
        return base::trim(text.substr(begin, end - begin)).empty();
    };
    while (lines.first <= lines.last && isBlank(lines.first))
        lines.first++;
    while (lines.last >= lines.first && isBlank(lines.last))
        lines.last--;
    return lines;
}

std::string_view linesWithoutBlankEnds(std::string_view text, const std::vector<uint32_t>& starts,
                                       PackedLines lines) {
    lines = withoutBlankEnds(text, starts, lines);
    if (lines.first > lines.last) return {};
    const size_t begin = starts[size_t(lines.first - 1)];
    return text.substr(begin, starts[size_t(lines.last)] - begin);
}

PackForm formOf(const PackShape& shape) {
    if (shape.isFull) return PackForm::full;
    if (!shape.chunks.empty()) return PackForm::excerpt;
    switch (shape.signatures) {
        case PackSignatures::none:
            return PackForm::pathOnly;
        case PackSignatures::named:
        case PackSignatures::publicOnes:
            return PackForm::signatures;
        case PackSignatures::all:
            return PackForm::skeleton;
        case PackSignatures::documented:
            return PackForm::documented;
    }
    return PackForm::pathOnly;
}

std::string PackText::map(MapDetail detail) const {
    std::map<std::string_view, std::vector<std::string_view>> folders;
    for (const LiveFile& file : view_.files) {
        const std::string_view path = file.path;
        const size_t slash = path.rfind('/');
        const size_t cut = slash == path.npos ? 0 : slash + 1;
        folders[path.substr(0, cut)].push_back(path.substr(cut));
    }
    std::string out;
    for (const auto& [folder, names] : folders) {
        out += folder.empty() ? "./" : folder;
        if (detail == MapDetail::counts) {
            out += fmt::format(" {}\n", names.size());
            continue;
        }
        out += ":";
        for (const std::string_view name : names)
            out.append(" ").append(name);
        out += "\n";
    }
    return base::toValidUtf8(out);
}

const PackText::Content& PackText::content(int32_t file) {
    auto [at, isNew] = contents_.try_emplace(file);
    if (!isNew) return at->second;
    const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(file)].blob)];
    const auto read = base::readFile(root_ / view_.files[size_t(file)].path, kPackedBytesMax);
    // Of another length it is not the text whose functions we know.
    if (read && int64_t(read->size()) == blob.bytes) {
        at->second.blob = hexId(blobHash(*read));
        at->second.text = packedText(*read);
    }
    at->second.starts = lineStarts(at->second.text);
    return at->second;
}

base::Status PackText::loadSignatures(const LiveBlob& blob, std::vector<PackSignature>& out) {
    if (!hasSymbols_) {
        TRY_ASSIGN(symbols_,
                   reading_.database().prepare(
                       "SELECT sym.id, line_first, kind, signature, own.text, outer_name.text "
                       "FROM sym JOIN name AS own ON own.id = sym.name "
                       "LEFT JOIN name AS outer_name ON outer_name.id = sym.parent "
                       "WHERE blob=? ORDER BY line_first, byte_first, sym.id"));
        hasSymbols_ = true;
    }
    const Grammar grammar = language(blob.language).grammar;
    symbols_.bind(1, blob.id);
    while (true) {
        TRY_ASSIGN(const bool hasRow, symbols_.step());
        if (!hasRow) break;
        if (!isInSkeleton(static_cast<SymbolKind>(symbols_.integer(2)))) continue;
        const std::string_view signature = symbols_.text(3), name = symbols_.text(4),
                               parent = symbols_.text(5);
        PackSignature made = signatureOf(name, parent, signature, grammar);
        made.symbol = symbols_.integer(0);
        made.line = int32_t(symbols_.integer(1));
        out.push_back(std::move(made));
    }
    symbols_.reset();
    return {};
}

base::Result<const std::vector<PackSignature>*> PackText::signatures(int32_t file) {
    const auto [at, isNew] = signatures_.try_emplace(file);
    if (isNew) TRY(loadSignatures(view_.blobs[size_t(view_.files[size_t(file)].blob)], at->second));
    return &at->second;
}

void PackText::document(int32_t file, std::vector<PackSignature>& signatures) {
    if (!documented_.insert(file).second) return;
    const Content& source = content(file);
    for (PackSignature& signature : signatures)
        signature.documented =
            documentationOf(source.text, source.starts, signature.line) + signature.text;
}

std::string_view PackText::header(int32_t file, PackForm form) {
    std::string& text = headers_[int64_t(file) * 8 + int64_t(form)];
    if (!text.empty()) return text;
    std::string said = form == PackForm::full ? "" : std::string(toString(form));
    if (const auto note = notes_.find(file); note != notes_.end())
        said += (said.empty() ? "" : "; ") + note->second;
    const std::string path = base::toValidUtf8(view_.files[size_t(file)].path);
    text = said.empty() ? fmt::format("=== {}\n", path)
                        : fmt::format("=== {} ({})\n", path, base::toValidUtf8(said));
    return text;
}

PackedLines PackText::linesOf(int32_t chunkAt) {
    const LiveChunk& chunk = view_.chunks[size_t(chunkAt)];
    const Content& source = content(view_.blobs[size_t(chunk.blob)].file);
    return withoutBlankEnds(source.text, source.starts, {chunk.lineFirst, chunk.lineLast});
}

std::string_view PackText::chunk(int32_t at) {
    const LiveChunk& chunk = view_.chunks[size_t(at)];
    const Content& source = content(view_.blobs[size_t(chunk.blob)].file);
    return linesWithoutBlankEnds(source.text, source.starts, {chunk.lineFirst, chunk.lineLast});
}

std::string_view PackText::full(int32_t file) {
    return content(file).text;
}

base::Result<std::vector<PackPart>> PackText::parts(int32_t file, const PackShape& shape) {
    std::vector<PackPart> parts;
    if (shape.isEmpty()) return parts;
    parts.push_back({PackPart::Kind::header, header(file, formOf(shape))});
    if (shape.isFull) {
        parts.push_back({PackPart::Kind::full, full(file)});
        return parts.back().text.empty() ? std::vector<PackPart>() : parts;
    }
    std::vector<PackSignature> none;
    if (shape.signatures != PackSignatures::none) TRY(signatures(file));
    std::vector<PackSignature>& known =
        shape.signatures == PackSignatures::none ? none : signatures_[file];
    const bool isDocumented = shape.signatures == PackSignatures::documented;
    if (isDocumented) document(file, known);
    size_t next = 0;
    int32_t shownTo = 0;  // last line printed
    const auto addSignatures = [&](int32_t before) {
        for (; next < known.size() && known[next].line < before; next++) {
            if (known[next].line <= shownTo || !isShown(shape, int32_t(next), known[next]))
                continue;
            const std::string& text = isDocumented ? known[next].documented : known[next].text;
            parts.push_back({PackPart::Kind::signature, text, int32_t(next)});
        }
    };
    for (const int32_t at : shape.chunks) {
        const std::string_view text = chunk(at);
        if (text.empty()) continue;
        const PackedLines lines = linesOf(at);
        if (shape.signatures != PackSignatures::none) addSignatures(lines.first);
        if (lines.first > shownTo + 2) parts.push_back({PackPart::Kind::gap, kGap});
        parts.push_back({PackPart::Kind::chunk, text, at});
        shownTo = lines.last;
    }
    if (shape.signatures != PackSignatures::none)
        addSignatures(std::numeric_limits<int32_t>::max());
    return parts.size() > 1 ? parts : std::vector<PackPart>();
}

std::vector<PackedLines> PackText::lines(int32_t file, const PackShape& shape) {
    if (shape.isFull) return {{1, int32_t(content(file).starts.size()) - 1}};
    std::vector<PackedLines> lines;
    for (const int32_t at : shape.chunks) {
        const PackedLines next = linesOf(at);
        if (next.first > next.last) continue;
        if (!lines.empty() && next.first <= lines.back().last + 2)
            lines.back().last = next.last;
        else
            lines.push_back(next);
    }
    return lines;
}

base::Result<std::string> PackText::blobOf(int32_t file) {
    if (const auto read = contents_.find(file);
        read != contents_.end() && !read->second.blob.empty())
        return read->second.blob;
    if (!hasHash_) {
        TRY_ASSIGN(hash_, reading_.database().prepare("SELECT hash FROM blob WHERE id=?"));
        hasHash_ = true;
    }
    hash_.bind(1, view_.blobs[size_t(view_.files[size_t(file)].blob)].id);
    TRY_ASSIGN(const bool hasRow, hash_.step());
    BlobHash hash = {};
    if (hasRow) {
        const std::string_view bytes = hash_.text(0);
        std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    }
    hash_.reset();
    return hexId(hash);
}

}  // namespace moxie::indexer
