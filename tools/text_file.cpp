#include "tools/text_file.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace moxie::tools {

namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::string withCrlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 16);
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

}  // namespace

TextFile::TextFile(std::string bytes) : bytes_(std::move(bytes)) {
    std::string_view rest = bytes_;
    if (rest.starts_with(kBom)) {
        bomBytes_ = int64_t(kBom.size());
        rest.remove_prefix(kBom.size());
    }
    isUtf8_ = base::isValidUtf8(rest);
    text_.reserve(rest.size());
    int64_t newlines = 0;
    for (size_t start = 0; start < rest.size();) {
        const size_t newline = rest.find('\n', start);
        if (newline == std::string_view::npos) {
            text_.append(rest.substr(start));
            break;
        }
        ++newlines;
        const bool isCrlf = newline > start && rest[newline - 1] == '\r';
        text_.append(rest.substr(start, newline - start - (isCrlf ? 1 : 0)));
        if (isCrlf) crlf_.push_back(int64_t(text_.size()));
        text_ += '\n';
        start = newline + 1;
    }
    if (!crlf_.empty())
        lineEnds_ = int64_t(crlf_.size()) == newlines ? LineEnds::crlf : LineEnds::mixed;
}

int64_t TextFile::byteOffset(int64_t textOffset) const {
    const auto before = std::lower_bound(crlf_.begin(), crlf_.end(), textOffset) - crlf_.begin();
    return bomBytes_ + textOffset + before;
}

// In a mixed file: as the first line end inside, else as the last one before, else as the next.
bool TextFile::wantsCrlf(int64_t begin, int64_t end) const {
    if (lineEnds_ != LineEnds::mixed) return lineEnds_ == LineEnds::crlf;
    size_t place = text_.find('\n', size_t(begin));
    if (place == std::string::npos || int64_t(place) >= end) {
        const size_t before = begin > 0 ? text_.rfind('\n', size_t(begin - 1)) : std::string::npos;
        if (before != std::string::npos) place = before;
    }
    return place != std::string::npos &&
           std::binary_search(crlf_.begin(), crlf_.end(), int64_t(place));
}

std::string TextFile::spliced(std::span<const Splice> splices) const {
    std::string out;
    out.reserve(bytes_.size() + 256);
    int64_t done = 0;  // in bytes_
    for (const Splice& splice : splices) {
        const int64_t begin = byteOffset(splice.begin);
        out.append(bytes_, size_t(done), size_t(begin - done));
        out +=
            wantsCrlf(splice.begin, splice.end) ? withCrlf(splice.replacement) : splice.replacement;
        done = byteOffset(splice.end);
    }
    return out.append(bytes_, size_t(done));
}

std::string TextFile::rewritten(std::string_view content) const {
    if (content.starts_with(kBom)) content.remove_prefix(kBom.size());
    std::string out = hasBom() ? std::string(kBom) : std::string();
    if (lineEnds_ == LineEnds::mixed || bytes_.empty()) return out.append(content);
    const std::string lines = withLf(content);
    return out += lineEnds_ == LineEnds::crlf ? withCrlf(lines) : lines;
}

std::string withLf(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] != '\r' || i + 1 >= text.size() || text[i + 1] != '\n') out += text[i];
    return out;
}

std::optional<std::string> binaryKind(std::string_view bytes) {
    struct Magic {
        std::string_view prefix;
        const char* name;
    };

    static constexpr std::array<Magic, 15> kMagics = {{
        {"\x89PNG\r\n", "PNG image"},
        {"\xFF\xD8\xFF", "JPEG image"},
        {"GIF8", "GIF image"},
        {"%PDF-", "PDF document"},
        {"PK\x03\x04", "ZIP archive"},
        {"\x1F\x8B", "gzip data"},
        {"\x28\xB5\x2F\xFD", "zstd data"},
        {"\xFD"
         "7zXZ",
         "xz data"},
        {"BZh", "bzip2 data"},
        {"\x7F"
         "ELF",
         "ELF program"},
        {"SQLite format 3", "SQLite database"},
        {"GGUF", "GGUF model"},
        {"!<arch>", "static library"},
        {"\xFF\xFE", "UTF-16 text"},
        {"\xFE\xFF", "UTF-16 text"},
    }};
    // As git does: a NUL among the first bytes. Magics alone would hide text that begins like one.
    constexpr size_t kLookedAt = 8192;
    const bool hasNul = bytes.substr(0, kLookedAt).find('\0') != std::string_view::npos;
    const bool isPdf = bytes.starts_with("%PDF-");
    if (!hasNul && !isPdf) return std::nullopt;
    for (const Magic& magic : kMagics)
        if (bytes.starts_with(magic.prefix)) return magic.name;
    return "unknown kind";
}

}  // namespace moxie::tools
