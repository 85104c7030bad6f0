#include "indexer/pack_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "indexer/index.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kPackedBytesMax = 8'000'000;
constexpr size_t kContentsMax = 64;  // files kept in memory

bool isInOutline(SymbolKind kind) {
    return kind != SymbolKind::enumerator && kind != SymbolKind::field &&
           kind != SymbolKind::macro && kind != SymbolKind::variable;
}

std::string header(std::string_view path, std::string_view what) {
    return what.empty() ? fmt::format("=== {}\n", base::toValidUtf8(path))
                        : fmt::format("=== {} ({})\n", base::toValidUtf8(path), what);
}

void endLine(std::string& text) {
    if (!text.empty() && text.back() != '\n') text.push_back('\n');
}

}  // namespace

std::string PackText::map(MapDetail detail) const {
    std::string out;
    std::map<std::string, std::vector<std::string>> folders;
    for (const LiveFile& file : view_.files) {
        const size_t slash = file.path.rfind('/');
        const size_t cut = slash == file.path.npos ? 0 : slash + 1;
        folders[file.path.substr(0, cut)].push_back(file.path.substr(cut));
    }
    for (const auto& [folder, names] : folders) {
        out += folder.empty() ? "./" : folder;
        if (detail == MapDetail::counts) {
            out += fmt::format(" {}\n", names.size());
            continue;
        }
        out += ":";
        for (const std::string& name : names)
            out += " " + name;
        out += "\n";
    }
    return base::toValidUtf8(out);
}

const PackText::Content& PackText::content(int32_t file) {
    if (contents_.size() > kContentsMax) contents_.clear();
    auto [at, isNew] = contents_.try_emplace(file);
    if (isNew) {
        const auto read = base::readFile(root_ / view_.files[size_t(file)].path, kPackedBytesMax);
        if (read) {
            // Line ends become LF: one form whatever the checkout.
            std::string text = base::toValidUtf8(*read);
            std::erase(text, '\r');
            std::erase(text, '\0');
            at->second.text = std::move(text);
        }
        at->second.starts = lineStarts(at->second.text);
    }
    return at->second;
}

base::Result<std::vector<PackText::Line>> PackText::signatures(int32_t file) {
    if (!hasSymbols_) {
        TRY_ASSIGN(symbols_, reading_.database().prepare(
                                 "SELECT line_first, kind, parent <> 0, signature FROM sym "
                                 "WHERE blob=? ORDER BY line_first, byte_first, id"));
        hasSymbols_ = true;
    }
    std::vector<Line> lines;
    const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(file)].blob)];
    symbols_.bind(1, blob.id);
    while (true) {
        TRY_ASSIGN(const bool hasRow, symbols_.step());
        if (!hasRow) break;
        if (!isInOutline(static_cast<SymbolKind>(symbols_.integer(1)))) continue;
        const std::string_view indent = symbols_.integer(2) ? "  " : "";
        lines.push_back(
            {int32_t(symbols_.integer(0)), fmt::format("{}{}\n", indent, symbols_.text(3))});
    }
    symbols_.reset();
    return lines;
}

base::Result<std::string> PackText::outline(int32_t file) {
    TRY_ASSIGN(const std::vector<Line> lines, signatures(file));
    if (lines.empty()) return std::string();
    std::string out = header(view_.files[size_t(file)].path, "outline");
    for (const Line& line : lines)
        out += line.text;
    return out;
}

base::Result<std::string> PackText::excerpt(int32_t file, const std::vector<int32_t>& chunks,
                                            Between between) {
    const Content& source = content(file);
    const auto nLines = int32_t(source.starts.size()) - 1;
    std::vector<Line> lines;
    if (between == Between::outline) {
        TRY_ASSIGN(lines, signatures(file));
    }
    std::string out = header(view_.files[size_t(file)].path, "excerpt");
    size_t nextSignature = 0;
    int32_t shownTo = 0;  // last line printed
    const auto addSignatures = [&](int32_t before) {
        for (; nextSignature < lines.size() && lines[nextSignature].line < before; nextSignature++)
            if (lines[nextSignature].line > shownTo) out += lines[nextSignature].text;
    };
    for (const int32_t at : chunks) {
        const LiveChunk& chunk = view_.chunks[size_t(at)];
        const int32_t last = std::min(chunk.lineLast, nLines);
        if (chunk.lineFirst > last) continue;
        addSignatures(chunk.lineFirst);
        if (chunk.lineFirst > shownTo + 1) out += "[...]\n";
        const size_t begin = source.starts[size_t(chunk.lineFirst - 1)];
        out.append(source.text, begin, source.starts[size_t(last)] - begin);
        endLine(out);
        shownTo = last;
    }
    addSignatures(nLines + 1);
    return out;
}

std::string PackText::full(int32_t file) {
    const Content& source = content(file);
    if (source.text.empty()) return {};
    std::string out = header(view_.files[size_t(file)].path, "") + source.text;
    endLine(out);
    return out;
}

}  // namespace moxie::indexer
