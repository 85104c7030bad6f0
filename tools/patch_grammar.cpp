#include "tools/patch_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "tools/line_index.h"
#include "tools/line_merge.h"

namespace moxie::tools {

using base::Errc;
using base::fail;

namespace {

constexpr std::string_view kBegin = "*** Begin Patch", kEnd = "*** End Patch";
constexpr std::string_view kAdd = "*** Add File: ", kDelete = "*** Delete File: ";
constexpr std::string_view kUpdate = "*** Update File: ", kMove = "*** Move to: ";
constexpr std::string_view kEndOfFile = "*** End of File";

class PatchParser {
public:
    explicit PatchParser(std::string_view text) : lines_(linesOf(text)) {
        while (!lines_.empty() && base::trim(lines_.back()).empty())
            lines_.pop_back();
        while (at_ < lines_.size() && base::trim(lines_[at_]).empty())
            ++at_;
    }

    base::Result<std::vector<PatchFile>> parse() {
        if (at_ >= lines_.size() || base::trim(lines_[at_]) != kBegin)
            return wrong("*** Begin Patch");
        if (base::trim(lines_.back()) != kEnd)
            return fail(Errc::invalidInput,
                        "the patch does not end with *** End Patch; it may be "
                        "cut off");
        lines_.pop_back();
        ++at_;
        std::vector<PatchFile> files;
        while (at_ < lines_.size()) {
            TRY_ASSIGN(PatchFile file, parseFile());
            files.push_back(std::move(file));
        }
        if (files.empty()) return fail(Errc::invalidInput, "the patch names no file");
        return files;
    }

private:
    tl::unexpected<base::Error> wrong(std::string_view expected) const {
        const std::string got =
            at_ < lines_.size() ? std::string(base::cutUtf8(lines_[at_], 80)) : "the end";
        return fail(Errc::invalidInput, fmt::format("line {} of the patch: expected {}, got {}",
                                                    at_ + 1, expected, got));
    }

    bool takes(std::string_view prefix, std::string& rest) {
        if (at_ >= lines_.size() || !lines_[at_].starts_with(prefix)) return false;
        rest = base::trim(lines_[at_].substr(prefix.size()));
        ++at_;
        return true;
    }

    bool isAtSection() const {
        return lines_[at_].starts_with(kAdd) || lines_[at_].starts_with(kDelete) ||
               lines_[at_].starts_with(kUpdate);
    }

    base::Result<PatchFile> parseFile() {
        PatchFile file;
        if (takes(kAdd, file.path)) {
            while (at_ < lines_.size() && lines_[at_].starts_with('+'))
                file.added.append(lines_[at_++].substr(1)) += '\n';
        } else if (takes(kDelete, file.path)) {
            file.kind = PatchFile::Kind::remove;
        } else if (takes(kUpdate, file.path)) {
            file.kind = PatchFile::Kind::update;
            takes(kMove, file.moveTo);
            while (at_ < lines_.size() && !isAtSection()) {
                TRY_ASSIGN(PatchHunk hunk, parseHunk());
                file.hunks.push_back(std::move(hunk));
            }
            if (file.hunks.empty() && file.moveTo.empty())
                return wrong("@@ and the lines of a hunk");
        } else {
            return wrong("*** Add File:, *** Update File: or *** Delete File:");
        }
        if (file.path.empty()) return fail(Errc::invalidInput, "a file of the patch has no name");
        return file;
    }

    base::Result<PatchHunk> parseHunk() {
        PatchHunk hunk;
        while (at_ < lines_.size() && lines_[at_].starts_with("@@")) {
            const std::string_view header = base::trim(lines_[at_++].substr(2));
            if (!header.empty()) hunk.headers.emplace_back(header);
        }
        bool hasChange = false;
        for (; at_ < lines_.size() && !lines_[at_].starts_with("@@") && !isAtSection(); ++at_) {
            const std::string_view line = lines_[at_];
            if (base::trim(line) == kEndOfFile) {
                hunk.isAtEnd = true;
                ++at_;
                break;
            }
            const char mark = line.empty() ? ' ' : line.front();
            const std::string content(line.empty() ? line : line.substr(1));
            if (mark != ' ' && mark != '-' && mark != '+')
                return wrong("a line that begins with ' ', '-' or '+'");
            if (mark != '+') hunk.oldLines.push_back(content);
            if (mark != '-') hunk.newLines.push_back(content);
            hasChange = hasChange || mark != ' ';
        }
        if (!hasChange) return wrong("a line that begins with '-' or '+' in this hunk");
        return hunk;
    }

    Lines lines_;
    size_t at_ = 0;
};

// Places the hunks of one file one after the other.
class Placer {
public:
    explicit Placer(std::string_view text) : file_(text) {}

    EditOutcome place(const std::vector<PatchHunk>& hunks) {
        for (size_t i = 0; i < hunks.size(); ++i)
            if (auto miss = placeOne(hunks[i], i + 1)) return tl::unexpected(std::move(*miss));
        return std::move(match_);
    }

private:
    static std::string nameOf(size_t number) { return fmt::format("hunk {}", number); }

    std::optional<EditMiss> placeOne(const PatchHunk& hunk, size_t number) {
        for (const std::string& header : hunk.headers) {
            int64_t line = from_;
            while (line < file_.size() && base::trim(file_.line(line)) != header)
                ++line;
            if (line == file_.size())  // a header may be a part of its line
                for (line = from_; line < file_.size(); ++line)
                    if (file_.line(line).find(header) != std::string_view::npos) break;
            if (line == file_.size())
                return EditMiss{"no match",
                                fmt::format("{}: there is no line {} after line {}", nameOf(number),
                                            base::cutUtf8(header, 80), from_),
                                "Nothing was changed. Read the file and send the patch again."};
            from_ = line + 1;
        }
        const Lines olds(hunk.oldLines.begin(), hunk.oldLines.end());
        const Lines news(hunk.newLines.begin(), hunk.newLines.end());
        if (olds.empty()) {
            const int64_t at = hunk.headers.empty() || hunk.isAtEnd ? file_.size() : from_;
            return insert(at, news);
        }
        return locate(hunk, olds, news, number);
    }

    std::optional<EditMiss> insert(int64_t at, const Lines& lines) {
        Splice splice{file_.offset(at), file_.offset(at), {}};
        const bool needsNewline =
            at == file_.size() && file_.size() > 0 && !file_.endsWithNewline();
        if (needsNewline) splice.replacement = "\n";
        for (const std::string_view line : lines)
            splice.replacement.append(line) += '\n';
        if (needsNewline) splice.replacement.pop_back();
        match_.splices.push_back(std::move(splice));
        from_ = at;
        return std::nullopt;
    }

    std::optional<EditMiss> locate(const PatchHunk& hunk, const Lines& olds, const Lines& news,
                                   size_t number) {
        static constexpr std::pair<LineRule, const char*> kPasses[] = {
            {LineRule::exact, ""},
            {LineRule::trailing, "white space at line ends overlooked"},
            {LineRule::trimmed, "indentation overlooked and taken from the file"},
            {LineRule::folded, "Unicode punctuation overlooked"}};
        const auto count = int64_t(olds.size());
        for (const auto& [rule, how] : kPasses) {
            std::vector<int64_t> hits = file_.find(olds, rule, from_, 20);
            if (hunk.isAtEnd)
                std::erase_if(hits, [&](int64_t hit) { return hit + count != file_.size(); });
            if (hits.empty()) continue;
            if (hits.size() > 1 && hunk.headers.empty())
                return EditMiss{"ambiguous",
                                fmt::format("{}: its lines fit lines {} and {}", nameOf(number),
                                            hits[0] + 1, hits[1] + 1),
                                "Nothing was changed. Add context lines or an @@ header."};
            std::vector<int64_t> alignment(olds.size());
            for (size_t i = 0; i < alignment.size(); ++i)
                alignment[i] = hits[0] + int64_t(i);
            const auto lines =
                mergeLines({file_, hits[0], hits[0] + count, olds, news, std::move(alignment)});
            if (!lines) continue;
            addSplice(hits[0], hits[0] + count, *lines);
            if (match_.fallback.empty()) match_.fallback = how;
            from_ = hits[0] + count;
            return std::nullopt;
        }
        return miss(olds, number);
    }

    void addSplice(int64_t first, int64_t last, const std::vector<std::string>& lines) {
        Splice splice{file_.offset(first), file_.offset(last), {}};
        for (const std::string& line : lines)
            splice.replacement += line + "\n";
        if (last == file_.size() && !file_.endsWithNewline() && !splice.replacement.empty())
            splice.replacement.pop_back();
        match_.splices.push_back(std::move(splice));
    }

    EditMiss miss(const Lines& olds, size_t number) {
        const auto earlier = file_.find(olds, LineRule::folded, 0, 1);
        if (!earlier.empty() && earlier[0] < from_)
            return {"no match",
                    fmt::format("{}: its lines stand at line {}, before the hunk ahead of it",
                                nameOf(number), earlier[0] + 1),
                    "Nothing was changed. Send the hunks in the order of the file."};
        std::string first = "its lines are not there";
        for (size_t i = 0; i < olds.size(); ++i)
            if (!base::trim(olds[i]).empty() &&
                file_.find(std::span(olds).subspan(i, 1), LineRule::folded, from_, 1).empty()) {
                first = fmt::format("there is no line {} after line {}",
                                    base::cutUtf8(olds[i], 120), from_);
                break;
            }
        return {"no match", fmt::format("{}: {}", nameOf(number), first),
                "Nothing was changed. Read the file and send the patch again."};
    }

    LineIndex file_;
    int64_t from_ = 0;  // hunks come in the order of the file
    EditMatch match_;
};

}  // namespace

base::Result<std::vector<PatchFile>> parsePatch(std::string_view text) {
    return PatchParser(text).parse();
}

EditOutcome placeHunks(std::string_view text, const std::vector<PatchHunk>& hunks) {
    return Placer(text).place(hunks);
}

}  // namespace moxie::tools
