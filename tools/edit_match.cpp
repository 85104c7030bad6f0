#include "tools/edit_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "tools/edit_similar.h"
#include "tools/edit_slip.h"
#include "tools/line_indent.h"
#include "tools/line_index.h"
#include "tools/line_merge.h"

namespace moxie::tools {

namespace {

constexpr int64_t kPlacesShown = 8;
constexpr int64_t kLoosePlacesMax = 1000;
constexpr int64_t kHintLines = 2;  // a hint may be off by this much

std::vector<int64_t> findAll(std::string_view text, std::string_view part) {
    std::vector<int64_t> places;
    for (size_t at = findText(text, part); at != std::string_view::npos;
         at = findText(text, part, at + part.size()))
        places.push_back(int64_t(at));
    return places;
}

EditMiss ambiguous(const LineIndex& file, const std::vector<int64_t>& offsets,
                   std::string_view how) {
    std::string lines;
    for (size_t i = 0; i < std::min(offsets.size(), size_t(kPlacesShown)); ++i)
        lines += fmt::format("{}{}", i == 0 ? "" : ", ", file.lineAt(offsets[i]) + 1);
    if (int64_t(offsets.size()) > kPlacesShown) lines += ", ...";
    return {"ambiguous",
            fmt::format("old fits {} places{}{}, at lines {}", offsets.size(),
                        how.empty() ? "" : " with ", how, lines),
            "Send more lines around it, or set replace_all."};
}

bool isEqualLine(std::string_view a, std::string_view b, LineRule rule) {
    return rule == LineRule::trailing ? withoutTrailing(a) == withoutTrailing(b)
                                      : base::trim(a) == base::trim(b);
}

// One after the other: each gives an outcome, or nothing if its way does not fit at all.
class Chain {
public:
    explicit Chain(const EditRequest& request)
        : request_(request),
          file_(request.text),
          oldLines_(linesOf(request.oldText)),
          newLines_(linesOf(request.newText)) {
        // "b" -> "b\nc\n": the line end of b stays in the file, so c gets an empty line after it.
        if (!request.oldText.ends_with('\n') && request.newText.ends_with('\n'))
            newLines_.emplace_back();
    }

    EditOutcome run() {
        if (auto outcome = exact()) return std::move(*outcome);
        for (const auto& [rule, how] :
             {std::pair{LineRule::trailing, "white space at line ends overlooked"},
              std::pair{LineRule::trimmed, "indentation overlooked and taken from the file"},
              std::pair{LineRule::folded, "Unicode punctuation and blanks overlooked"}})
            if (auto outcome = byLines(rule, how)) return std::move(*outcome);
        if (auto outcome = foldedInLine()) return std::move(*outcome);
        if (auto outcome = unescaped()) return std::move(*outcome);
        if (auto outcome = elided()) return std::move(*outcome);
        if (auto outcome = withOneSlip()) return std::move(*outcome);
        const std::vector<SimilarPlace> places = similarPlaces(file_, oldLines_);
        if (auto outcome = similar(places)) return std::move(*outcome);
        return tl::unexpected(reportMiss(request_, file_, oldLines_, places));
    }

private:
    using Attempt = std::optional<EditOutcome>;

    Attempt exact() {
        const std::vector<int64_t> places = findAll(request_.text, request_.oldText);
        if (places.empty()) return std::nullopt;
        const auto indented = indentedLikeFile(
            {file_, file_.lineAt(places.front()), request_.oldText, request_.newText});
        if (indented)
            return replaceAt(places, int64_t(request_.oldText.size()), *indented,
                             "indentation of new changed to the file's");
        return replaceAt(places, int64_t(request_.oldText.size()), request_.newText, "");
    }

    // Exact places of a text that may differ from request_.oldText.
    EditOutcome replaceAt(const std::vector<int64_t>& places, int64_t length,
                          std::string_view newText, std::string_view how) {
        EditMatch match{{}, std::string(how)};
        std::vector<int64_t> chosen = places;
        if (places.size() > 1 && request_.count == MatchCount::one) {
            chosen = nearHint(places);
            if (chosen.size() != 1) return tl::unexpected(ambiguous(file_, places, how));
        }
        for (const int64_t place : chosen)
            match.splices.push_back({place, place + length, std::string(newText)});
        return match;
    }

    // The places nearest to the hint, if it is near any.
    std::vector<int64_t> nearHint(const std::vector<int64_t>& places) const {
        std::vector<int64_t> nearest;
        int64_t distance = request_.line > 0 ? kHintLines : -1;
        for (const int64_t place : places) {
            const int64_t here = std::abs(file_.lineAt(place) + 1 - request_.line);
            if (here > distance) continue;
            if (here < distance) nearest.clear();
            distance = here;
            nearest.push_back(place);
        }
        return nearest;
    }

    // Each rule fits only where the loosest one does: the file is folded once.
    std::vector<int64_t> lineHits(LineRule rule) {
        if (!looseHits_) looseHits_ = file_.find(oldLines_, LineRule::folded, 0, file_.size());
        if (rule == LineRule::folded) return *looseHits_;
        std::vector<int64_t> hits;
        for (const int64_t hit : *looseHits_) {
            bool fits = true;
            for (size_t i = 0; i < oldLines_.size() && fits; ++i)
                fits = isEqualLine(oldLines_[i], file_.line(hit + int64_t(i)), rule);
            if (fits) hits.push_back(hit);
        }
        return hits;
    }

    Attempt byLines(LineRule rule, std::string_view how) {
        if (base::trim(request_.oldText).empty()) return std::nullopt;
        const std::vector<int64_t> hits = lineHits(rule);
        if (hits.empty()) return std::nullopt;
        if (int64_t(hits.size()) > kLoosePlacesMax)
            return tl::unexpected(
                EditMiss{"too many places",
                         fmt::format("old fits more than {} places with {}", kLoosePlacesMax, how),
                         "Copy old from the file as it is."});
        if (hits.size() > 1 && request_.count == MatchCount::one) {
            std::vector<int64_t> offsets;
            for (const int64_t hit : hits)
                offsets.push_back(file_.offset(hit));
            return tl::unexpected(ambiguous(file_, offsets, how));
        }
        EditMatch match{{}, std::string(how)};
        if (rule == LineRule::trailing && indentNew(hits.front()))
            match.fallback += ", indentation of new changed to the file's";
        int64_t done = 0;
        for (const int64_t hit : hits) {
            if (hit < done) continue;  // overlaps the one before
            std::vector<int64_t> alignment(oldLines_.size());
            for (size_t i = 0; i < alignment.size(); ++i)
                alignment[i] = hit + int64_t(i);
            done = hit + int64_t(oldLines_.size());
            const auto splice = merged(hit, done, std::move(alignment));
            if (!splice) return std::nullopt;
            match.splices.push_back(*splice);
        }
        return match;
    }

    // old has the file's indentation: new gets it, too. false: it needs none.
    bool indentNew(int64_t line) {
        const auto indented = indentedLikeFile({file_, line, request_.oldText, request_.newText});
        if (!indented) return false;
        indentedNew_ = *indented;
        Lines lines = linesOf(indentedNew_);
        if (lines.size() < newLines_.size()) lines.emplace_back();  // see the constructor
        newLines_ = std::move(lines);
        return true;
    }

    std::optional<Splice> merged(int64_t first, int64_t last,
                                 std::vector<int64_t> alignment) const {
        const auto lines =
            mergeLines({file_, first, last, oldLines_, newLines_, std::move(alignment)});
        if (!lines) return std::nullopt;
        Splice splice{file_.offset(first), file_.offset(last), {}};
        for (const std::string& line : *lines)
            splice.replacement += line + "\n";
        const bool endsFile = last == file_.size() && !file_.endsWithNewline();
        if (endsFile && splice.replacement.ends_with('\n')) splice.replacement.pop_back();
        return splice;
    }

    // Old text that begins or ends amid a line: fold the whole file, keeping the way back.
    Attempt foldedInLine() {
        const std::string wanted = foldedPunctuation(request_.oldText);
        if (base::trim(wanted).size() < 4) return std::nullopt;
        // Nothing to fold on either side: that was the exact search.
        const FoldedText folded = foldedText(request_.text);
        if (wanted == request_.oldText && folded.steps.empty()) return std::nullopt;
        std::vector<int64_t> places = findAll(folded.text, wanted);
        const auto length = int64_t(wanted.size());
        // Never a part of what one character of the file became.
        std::erase_if(places, [&](int64_t place) {
            return !folded.isBorder(place) || !folded.isBorder(place + length);
        });
        if (places.empty()) return std::nullopt;
        std::vector<int64_t> offsets;
        for (const int64_t place : places)
            offsets.push_back(folded.origin(place));
        if (places.size() > 1)
            return tl::unexpected(ambiguous(file_, offsets, "Unicode punctuation overlooked"));
        const int64_t end = folded.origin(places[0] + length);
        // What was typed in fancy characters where the file has plain ones is meant plain.
        const std::string_view region =
            request_.text.substr(size_t(offsets[0]), size_t(end - offsets[0]));
        TypedPunctuation typed;
        typed.learn(request_.oldText, region);
        if (!typed.isClear()) return std::nullopt;
        EditMatch match{{}, "Unicode punctuation overlooked"};
        match.splices.push_back({offsets[0], end, typed.fit(request_.newText)});
        return match;
    }

    // \n between quotes may be meant literally: whoever has one declines.
    static bool hasDoubtfulEscape(std::string_view text) {
        bool isQuoted = false;
        for (size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') isQuoted = false;
            if (text[i] == '"') isQuoted = !isQuoted;
            if (text[i] != '\\' || i + 1 >= text.size()) continue;
            if (isQuoted && (text[i + 1] == 'n' || text[i + 1] == 't')) return true;
            ++i;
        }
        return false;
    }

    enum class Escapes { lineEnds, all };

    static std::string withoutEscapes(std::string_view text, Escapes which) {
        std::string out;
        for (size_t i = 0; i < text.size(); ++i) {
            const char next = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
            const bool isQuote = next == '"' || next == '\'' || next == '\\';
            if (next == 'n' || next == 't' || (which == Escapes::all && isQuote)) {
                out += next == 'n' ? '\n' : next == 't' ? '\t' : next;
                ++i;
            } else {
                out += text[i];
            }
        }
        return out;
    }

    Attempt unescaped() {
        if (request_.oldText.find('\\') == std::string_view::npos) return std::nullopt;
        for (const Escapes which : {Escapes::all, Escapes::lineEnds}) {
            if (which == Escapes::lineEnds &&
                (hasDoubtfulEscape(request_.oldText) || hasDoubtfulEscape(request_.newText)))
                continue;
            const std::string oldText = withoutEscapes(request_.oldText, which);
            if (oldText == request_.oldText || base::trim(oldText).empty()) continue;
            const std::vector<int64_t> places = findAll(request_.text, oldText);
            if (places.size() != 1) continue;
            return replaceAt(places, int64_t(oldText.size()),
                             withoutEscapes(request_.newText, which), "escapes such as \\n undone");
        }
        return std::nullopt;
    }

    static bool isElision(std::string_view line) {
        std::string_view rest = base::trim(line);
        for (const std::string_view mark : {"//", "#", "--", "/*", ";"})
            if (rest.starts_with(mark)) {
                rest = base::trim(rest.substr(mark.size()));
                break;
            }
        if (rest.ends_with("*/")) rest = base::trim(rest.substr(0, rest.size() - 2));
        return rest == "..." || rest == "\u2026";
    }

    static std::vector<Lines> segmentsOf(const Lines& lines) {
        std::vector<Lines> segments(1);
        for (const std::string_view line : lines) {
            if (isElision(line))
                segments.emplace_back();
            else
                segments.back().push_back(line);
        }
        return segments;
    }

    // Old and new have the same gaps; a segment that changes must fit one place only.
    Attempt elided() {
        const std::vector<Lines> olds = segmentsOf(oldLines_), news = segmentsOf(newLines_);
        if (olds.size() < 2 || olds.size() != news.size()) return std::nullopt;
        if (olds.front().empty() || request_.count == MatchCount::all) return std::nullopt;
        EditMatch match{{}, "lines left out with ... taken from the file"};
        // The beginning stands in one place only, or else each segment that changes does.
        const bool isFrontOnly = file_.find(olds[0], LineRule::trailing, 0, 2).size() == 1;
        int64_t from = 0;
        for (size_t s = 0; s < olds.size(); ++s) {
            if (olds[s].empty()) {
                if (!news[s].empty()) return std::nullopt;
                continue;
            }
            const bool isChanged = olds[s] != news[s];
            const int64_t searched = isChanged && !isFrontOnly ? 0 : from;
            const std::vector<int64_t> hits = file_.find(olds[s], LineRule::trailing, searched, 2);
            if (hits.empty() || hits[0] < from) return std::nullopt;
            if (hits.size() > 1 && isChanged) return std::nullopt;
            const int64_t end = hits[0] + int64_t(olds[s].size());
            if (olds[s] != news[s]) {
                std::vector<int64_t> alignment(olds[s].size());
                for (size_t i = 0; i < alignment.size(); ++i)
                    alignment[i] = hits[0] + int64_t(i);
                const auto lines =
                    mergeLines({file_, hits[0], end, olds[s], news[s], std::move(alignment)});
                if (!lines) return std::nullopt;
                Splice splice{file_.offset(hits[0]), file_.offset(end), {}};
                for (const std::string& line : *lines)
                    splice.replacement += line + "\n";
                if (end == file_.size() && !file_.endsWithNewline() && !splice.replacement.empty())
                    splice.replacement.pop_back();
                match.splices.push_back(std::move(splice));
            }
            from = end;
        }
        if (match.splices.empty()) return std::nullopt;
        return match;
    }

    Attempt withOneSlip() {
        if (request_.count == MatchCount::all || !looseHits_ || !looseHits_->empty())
            return std::nullopt;
        const auto place = slipPlace(file_, oldLines_, newLines_);
        if (!place) return std::nullopt;
        const auto splice = merged(place->first, place->last, place->alignment);
        if (!splice) return std::nullopt;
        return EditMatch{
            {*splice},
            place->slip == Slip::inventedLine
                ? fmt::format("line {} of old is not in the file and was left out", place->line + 1)
                : fmt::format("line {} of the file is not in old and was kept", place->line + 1)};
    }

    Attempt similar(const std::vector<SimilarPlace>& places) const {
        if (request_.count == MatchCount::all) return std::nullopt;
        const auto place = surePlace(file_, oldLines_, newLines_, places);
        if (!place) return std::nullopt;
        const auto splice = merged(place->first, place->last, place->alignment);
        if (!splice) return std::nullopt;
        EditMatch match{{*splice},
                        fmt::format("old is {:.0f} % like the file; lines that differ kept the "
                                    "file's text",
                                    place->similarity * 100)};
        return match;
    }

    const EditRequest& request_;
    LineIndex file_;
    Lines oldLines_, newLines_;
    std::string indentedNew_;  // what newLines_ shows, if not empty
    std::optional<std::vector<int64_t>> looseHits_;
};

}  // namespace

EditOutcome matchEdit(const EditRequest& request) {
    if (request.oldText.empty())
        return tl::unexpected(EditMiss{"bad arguments",
                                       "edit.old: expected text of the file, got nothing",
                                       "Use write for a new file."});
    if (request.oldText == request.newText)
        return tl::unexpected(EditMiss{"bad arguments", "edit.new: expected other text than old",
                                       "Nothing to change."});
    return Chain(request).run();
}

}  // namespace moxie::tools
