// The renderer of packs: maps, outlines, excerpts and full files as text. Deterministic: LF, path
// and line order, no times, no absolute paths. Every piece ends with a newline, so that joins do
// not merge tokens. Threads: one thread at a time.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/reader.h"

namespace moxie::indexer {

class PackText {
public:
    PackText(const Reading& reading, const std::filesystem::path& root)
        : reading_(reading),
          view_(reading.view()),
          root_(root) {}

    // Directories with the names in them; only counts if `namesToo` is false.
    enum class MapDetail { names, counts };
    std::string map(MapDetail detail) const;

    // Signatures of the file, "" if it has none.
    base::Result<std::string> outline(int32_t file);
    // The chunks' text with what was left out marked, and signatures between if `withOutline`.
    enum class Between { nothing, outline };
    base::Result<std::string> excerpt(int32_t file, const std::vector<int32_t>& chunks,
                                      Between between);
    // Empty if the file cannot be read any more.
    std::string full(int32_t file);

private:
    struct Line {
        int32_t line = 0;
        std::string text;
    };

    struct Content {
        std::string text;  // valid UTF-8
        std::vector<uint32_t> starts;
    };

    base::Result<std::vector<Line>> signatures(int32_t file);
    const Content& content(int32_t file);

    const Reading& reading_;
    const LiveView& view_;
    const std::filesystem::path& root_;
    std::map<int32_t, Content> contents_;
    Statement symbols_;
    bool hasSymbols_ = false;
};

}  // namespace moxie::indexer
