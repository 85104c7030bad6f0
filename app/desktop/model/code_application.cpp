#include "app/desktop/model/code_application.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "app/desktop/text/markdown_block.h"
#include "base/text.h"

namespace moxie::desktop {

namespace {

constexpr size_t kCodeTargetsMax = 12;
constexpr double kWholeFileShare = 0.3;  // of the file's lines that the block has as well
constexpr int64_t kPartLinesMax = 2'000;
constexpr int64_t kPlacesTriedMax = 500;

std::string_view bare(std::string_view line) {
    return base::trim(line);
}

bool startsWith(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

// "// ...", "# ... existing code ...", "...": lines that stand for what is left out.
bool isElision(std::string_view line) {
    line = bare(line);
    for (const std::string_view sign : {"//", "#", "--", "/*", "<!--", ";"})
        if (startsWith(line, sign)) line = bare(line.substr(sign.size()));
    return startsWith(line, "...") || startsWith(line, "\xE2\x80\xA6");
}

struct Ends {  // of the lines of a text
    bool isWindows = false, hasLast = true;
};

Ends endsOf(std::string_view text) {
    const size_t first = text.find('\n');
    return {first != std::string_view::npos && first > 0 && text[first - 1] == '\r',
            text.empty() || text.back() == '\n'};
}

// The block's lines with the file's ends.
std::vector<std::string> linesFor(std::string_view code, const Ends& ends) {
    std::vector<std::string> lines;
    for (std::string_view line : linesWithEnds(code)) {
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
            line.remove_suffix(1);
        lines.push_back(std::string(line) + (ends.isWindows ? "\r\n" : "\n"));
    }
    return lines;
}

using Lines = std::vector<std::string>;

LineEdit editOf(const LineRange& at, const Lines& lines) {
    return {at.begin, at.end, {lines.begin(), lines.end()}};
}

FileText edited(const FileText& before, const std::vector<LineEdit>& edits) {
    return makeText(editLines(bytesOf(before), edits));
}

// ---- fitting

int64_t commonLines(const std::vector<std::string_view>& file, const LineRange& at,
                    const Lines& part) {
    int64_t common = 0;
    auto from = file.begin() + at.begin;
    for (const std::string& line : part) {
        const auto found = std::find_if(from, file.begin() + at.end, [&](std::string_view other) {
            return bare(other) == bare(line);
        });
        if (found == file.begin() + at.end) continue;
        ++common;
        from = found + 1;
    }
    return common;
}

// Where the file has lines that begin and end like the part, at or behind `from`; of several the
// place with most lines in common. nullopt: nowhere, or equally well at two places.
std::optional<LineRange> placeOf(const std::vector<std::string_view>& file, const Lines& part,
                                 int64_t from) {
    const auto nFile = int64_t(file.size()), nPart = int64_t(part.size());
    if (nPart == 0 || nPart > kPartLinesMax || bare(part.front()).empty()) return std::nullopt;
    std::optional<LineRange> best;
    int64_t bestCommon = 0;
    int64_t nTried = 0;
    bool isTwice = false;
    for (int64_t begin = from; begin < nFile; ++begin) {
        if (bare(file[size_t(begin)]) != bare(part.front())) continue;
        const int64_t last = std::min(nFile, begin + 4 * nPart + 50);
        for (int64_t end = begin; end < last; ++end) {
            if (bare(file[size_t(end)]) != bare(part.back())) continue;
            if (++nTried > kPlacesTriedMax) return std::nullopt;  // it could be anywhere
            const LineRange at = {begin, end + 1};
            const int64_t common = commonLines(file, at, part);
            if (common < bestCommon) continue;
            const bool isSame = common == bestCommon && best.has_value();
            if (isSame && best->begin != begin) isTwice = true;
            if (isSame) continue;  // the shorter one came first
            best = at;
            bestCommon = common;
            isTwice = false;
        }
    }
    return isTwice ? std::nullopt : best;
}

// The block without what stands for left-out lines, in its parts.
std::vector<Lines> partsOf(const Lines& lines) {
    std::vector<Lines> parts(1);
    for (const std::string& line : lines) {
        if (isElision(line))
            parts.emplace_back();
        else
            parts.back().push_back(line);
    }
    for (Lines& part : parts) {
        const auto isBlank = [](const std::string& line) { return bare(line).empty(); };
        part.erase(part.begin(), std::find_if_not(part.begin(), part.end(), isBlank));
        while (!part.empty() && isBlank(part.back()))
            part.pop_back();
    }
    std::erase_if(parts, [](const Lines& part) { return part.empty(); });
    return parts;
}

std::optional<FileText> fitted(const FileText& before, const Lines& lines) {
    const std::vector<std::string_view> file = linesWithEnds(bytesOf(before));
    const std::vector<Lines> parts = partsOf(lines);
    std::vector<LineEdit> edits;
    int64_t from = 0;
    for (const Lines& part : parts) {
        const auto place = placeOf(file, part, from);
        if (!place) return std::nullopt;
        edits.push_back(editOf(*place, part));
        from = place->end;
    }
    if (edits.empty()) return std::nullopt;
    return edited(before, edits);
}

// ---- patches

struct PatchHunk {
    int64_t line = 0;  // from 0, as the head says
    Lines before, after;
};

// "@@ -12,3 +12,4 @@": 11. A head without a number counts from the start.
int64_t lineOfHead(std::string_view head) {
    const size_t at = head.find('-');
    int64_t line = 1;
    if (at != std::string_view::npos)
        std::from_chars(head.data() + at + 1, head.data() + head.size(), line);
    return std::max<int64_t>(0, line - 1);
}

std::vector<PatchHunk> hunksOf(const Lines& lines) {
    std::vector<PatchHunk> hunks;
    for (const std::string& line : lines) {
        if (startsWith(line, "@@")) {
            hunks.emplace_back().line = lineOfHead(line);
            continue;
        }
        if (hunks.empty()) continue;  // the names of the files
        PatchHunk& hunk = hunks.back();
        const std::string rest = line.empty() ? line : line.substr(1);
        if (startsWith(line, "-")) {
            hunk.before.push_back(rest);
        } else if (startsWith(line, "+")) {
            hunk.after.push_back(rest);
        } else if (!startsWith(line, "\\")) {
            hunk.before.push_back(startsWith(line, " ") ? rest : line);
            hunk.after.push_back(startsWith(line, " ") ? rest : line);
        }
    }
    return hunks;
}

// The place nearest to the one that the hunk names where exactly its lines stand.
std::optional<LineRange> placeOf(const std::vector<std::string_view>& file, const PatchHunk& hunk,
                                 int64_t from) {
    const auto n = int64_t(hunk.before.size()), nFile = int64_t(file.size());
    std::optional<LineRange> best;
    for (int64_t begin = from; begin + n <= nFile; ++begin) {
        const bool isHere = std::equal(
            hunk.before.begin(), hunk.before.end(), file.begin() + begin,
            [](const std::string& a, std::string_view b) { return a == b || bare(a) == bare(b); });
        if (!isHere) continue;
        if (!best || std::abs(begin - hunk.line) < std::abs(best->begin - hunk.line))
            best = LineRange{begin, begin + n};
    }
    return best;
}

std::optional<FileText> patched(const FileText& before, const Lines& lines) {
    const std::vector<std::string_view> file = linesWithEnds(bytesOf(before));
    const std::vector<PatchHunk> hunks = hunksOf(lines);
    std::vector<LineEdit> edits;
    int64_t from = 0;
    for (const PatchHunk& hunk : hunks) {
        const auto place = placeOf(file, hunk, from);
        if (!place) return std::nullopt;
        edits.push_back(editOf(*place, hunk.after));
        from = place->end;
    }
    if (edits.empty()) return std::nullopt;
    return edited(before, edits);
}

// ---- targets

bool looksLikePath(std::string_view word) {
    if (word.size() < 3 || word.size() > 300 || word.find_first_of(" \t<>|\"'`(){}*") != word.npos)
        return false;
    if (word.find("://") != word.npos || word.front() == '-' || word.front() == '/') return false;
    const size_t dot = word.rfind('.');
    const bool hasEnding = dot != word.npos && dot + 1 < word.size() && word.size() - dot <= 12 &&
                           std::isalpha(static_cast<unsigned char>(word[dot + 1])) != 0;
    return hasEnding || word.find('/') != word.npos;
}

class Targets {
public:
    void add(std::string_view path) {
        while (startsWith(path, "./"))
            path.remove_prefix(2);
        if (const size_t line = path.find(':'); line != path.npos) path = path.substr(0, line);
        if (!looksLikePath(path) || found_.size() >= kCodeTargetsMax) return;
        if (std::find(found_.begin(), found_.end(), path) == found_.end())
            found_.emplace_back(path);
    }

    // Each word of it, without what one puts around a name.
    void addWords(std::string_view text) {
        constexpr std::string_view kAround = " \t\r\n,;()[]{}<>\"'`*@=";
        while (!text.empty()) {
            const size_t begin = text.find_first_not_of(kAround);
            if (begin == text.npos) return;
            text.remove_prefix(begin);
            const size_t end = std::min(text.find_first_of(kAround), text.size());
            std::string_view word = text.substr(0, end);
            while (!word.empty() && (word.back() == '.' || word.back() == ':'))
                word.remove_suffix(1);
            add(word);
            text.remove_prefix(end);
        }
    }

    std::vector<std::string> take() { return std::move(found_); }

private:
    std::vector<std::string> found_;
};

void addTurn(Targets& targets, const Turn& turn) {
    for (const CallKind kind : {CallKind::edit, CallKind::read})
        for (int64_t i = turn.items.size() - 1; i >= 0; --i)
            if (const auto* card = turn.items[i].as<ToolCard>(); card && card->details.kind == kind)
                for (const std::string& path : card->details.targets)
                    targets.add(path);
    targets.addWords(std::string_view(turn.task).substr(0, 4'000));
}

}  // namespace

std::vector<CodeApplication> waysToApply(const FileText& before, std::string_view code,
                                         std::string_view language) {
    const Ends ends = endsOf(bytesOf(before));
    const Lines lines = linesFor(code, ends);
    std::string whole;
    for (const std::string& line : lines)
        whole += line;
    std::vector<CodeApplication> ways;
    if (before == nullptr) {
        ways.push_back({ApplyWay::wholeFile, makeText(std::move(whole))});
        return ways;
    }
    const bool isPatch = language == "diff" || language == "patch";
    if (isPatch)
        if (auto after = patched(before, lines)) ways.push_back({ApplyWay::patch, *after});
    if (auto after = isPatch ? std::nullopt : fitted(before, lines))
        ways.push_back({ApplyWay::fitting, *after});
    const std::vector<std::string_view> file = linesWithEnds(bytesOf(before));
    const LineRange all = {0, int64_t(file.size())};
    const bool isWhole =
        int64_t(lines.size()) > kPartLinesMax ||
        double(commonLines(file, all, lines)) >= kWholeFileShare * double(file.size());
    const std::string gap = ends.hasLast ? "" : ends.isWindows ? "\r\n" : "\n";
    const CodeApplication replaced = {ApplyWay::wholeFile, makeText(whole)};
    const CodeApplication appended = {ApplyWay::atEnd,
                                      makeText(std::string(bytesOf(before)) + gap + whole)};
    ways.push_back(isWhole ? replaced : appended);
    ways.push_back(isWhole ? appended : replaced);
    return ways;
}

std::vector<std::string> targetsOfCode(const std::vector<MarkdownBlock>& answer, size_t block,
                                       const Turn& turn) {
    Targets targets;
    const MarkdownBlock& code = answer[block];
    targets.addWords(code.info);
    const std::string_view text = code.text;
    targets.addWords(text.substr(0, std::min<size_t>(text.find('\n'), 300)));
    if (code.language == "diff" || code.language == "patch") {
        for (std::string_view line : linesWithEnds(text.substr(0, 2'000))) {
            if (!startsWith(line, "+++ ")) continue;
            line = bare(line.substr(4));
            targets.add(startsWith(line, "b/") ? line.substr(2) : line);
        }
    }
    if (block > 0) {
        const MarkdownBlock& before = answer[block - 1];
        for (const TextLink& link : before.links)
            if (link.kind == TextLink::Kind::place) targets.add(link.target);
        if (before.kind != BlockKind::code)
            targets.addWords(std::string_view(before.text).substr(0, 1'000));
    }
    addTurn(targets, turn);
    return targets.take();
}

}  // namespace moxie::desktop
