// The bytes of a text file, and the same text as a model sees it: line ends are '\n', no byte order
// mark. Changes are made as splices of the bytes, so every byte outside them stays. Threads:
// values.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::tools {

// Replaces text()[begin, end).
struct Splice {
    int64_t begin = 0;
    int64_t end = 0;
    std::string replacement;  // line ends are '\n'
};

enum class LineEnds { lf, crlf, mixed };

class TextFile {
public:
    explicit TextFile(std::string bytes);

    const std::string& bytes() const { return bytes_; }

    // Malformed UTF-8 is kept as it is.
    const std::string& text() const { return text_; }

    bool isUtf8() const { return isUtf8_; }

    bool hasBom() const { return bomBytes_ > 0; }

    LineEnds lineEnds() const { return lineEnds_; }

    // The bytes after `splices`, whose replacements get the line ends of their place. Requires:
    // sorted, not overlapping, inside text().
    std::string spliced(std::span<const Splice> splices) const;
    // The bytes of a whole new `content` with this file's byte order mark and line ends (mixed
    // ones: as given).
    std::string rewritten(std::string_view content) const;

private:
    int64_t byteOffset(int64_t textOffset) const;
    bool wantsCrlf(int64_t begin, int64_t end) const;

    std::string bytes_, text_;
    std::vector<int64_t> crlf_;  // offsets in text_ of each '\n' that is "\r\n" in bytes_
    LineEnds lineEnds_ = LineEnds::lf;
    int64_t bomBytes_ = 0;
    bool isUtf8_ = true;
};

// "\r\n" becomes "\n"; a lone "\r" stays.
std::string withLf(std::string_view text);

// What a file that is not text is ("PNG image"), told by its first bytes; nullopt: text.
std::optional<std::string> binaryKind(std::string_view bytes);

}  // namespace moxie::tools
