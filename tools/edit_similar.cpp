#include "tools/edit_similar.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "tools/edited_file.h"
#include "tools/line_distance.h"
#include "tools/line_meant.h"

namespace moxie::tools {

namespace {

constexpr int64_t kMargin = 4;        // lines a place may be longer than old, on both sides
constexpr size_t kOldLinesMax = 400;  // longer edits must match closely
constexpr size_t kCommonLine = 200;   // a line this frequent says nothing about the place
constexpr size_t kCandidatesMax = 8;
constexpr size_t kLinesExamined = 1200;  // over all candidates; long edits get fewer of them
constexpr double kAnchoredMin = 0.7;
constexpr double kAlikeMin = 0.9;
constexpr double kTwinMargin = 0.05;  // places this close are equally good
constexpr size_t kLineBytesCompared = 300;
constexpr size_t kLineBytesFolded = 8192;       // longer lines are equal as they are, or not at all
constexpr int64_t kCellsCompared = 10'000'000;  // of 64 bytes by one, for all lines: about 50 ms

// White space out, punctuation folded: what the comparison counts.
std::string essence(std::string_view line) {
    if (line.size() > kLineBytesFolded) return std::string(line);
    std::string out = normalised(line, LineRule::folded);
    std::erase(out, ' ');
    return out;
}

// One old line, compared with many lines of the file.
class OldLine {
public:
    // `cells` is what may still be compared; used up by all old lines together.
    OldLine(std::string_view line, int64_t& cells) : essence_(essence(line)), cells_(&cells) {}

    const std::string& text() const { return essence_; }

    // 1: equal; 0: nothing alike, or not at least `least`.
    double alike(const std::string& other, double least = 0.5) const {
        if (essence_ == other) return 1;
        const size_t longer = std::max(essence_.size(), other.size());
        if (longer > kLineBytesCompared || std::min(essence_.size(), other.size()) * 2 < longer)
            return 0;
        const auto cost = int64_t((essence_.size() / 64 + 1) * other.size());
        if (cost > *cells_) return 0;
        *cells_ -= cost;
        if (!distance_) distance_.emplace(essence_);
        const auto limit = int64_t(double(longer) * (1 - least));
        const int64_t distance = distance_->to(other, limit);
        return distance > limit ? 0 : 1 - double(distance) / double(longer);
    }

private:
    std::string essence_;
    int64_t* cells_;
    mutable std::optional<LineDistance> distance_;  // made when first asked for
};

using OldLines = std::vector<OldLine>;

// Aligns all old lines with file lines [begin, end) at the best total likeness; the ends of the
// window are free.
class Aligner {
public:
    Aligner(const OldLines& olds, const std::vector<std::string>& files)
        : olds_(olds),
          files_(files) {}

    std::vector<int64_t> run() {
        const size_t n = olds_.size(), m = files_.size();
        likeness_.assign(n * m, 0);
        best_.assign((n + 1) * (m + 1), 0);
        findEqual();
        for (size_t i = n; i-- > 0;)
            for (size_t j = m; j-- > 0;) {
                const double value = likeness(i, j), weight = 1 + double(olds_[i].text().size());
                likeness_[i * m + j] = value >= 0.5 ? value * weight : 0;
                best(i, j) = std::max(
                    {best(i + 1, j), best(i, j + 1), best(i + 1, j + 1) + likeness_[i * m + j]});
            }
        std::vector<int64_t> alignment(n, -1);
        for (size_t i = 0, j = 0; i < n && j < m;) {
            const double here = likeness_[i * m + j];
            if (here > 0 && best(i, j) <= best(i + 1, j + 1) + here + 1e-9) {
                alignment[i++] = int64_t(j++);
            } else if (best(i, j + 1) >= best(i + 1, j)) {
                ++j;
            } else {
                ++i;
            }
        }
        return drawnTogether(std::move(alignment));
    }

private:
    // Of equal file lines the one nearest to the line that follows: a blank line far above would
    // stretch the place.
    std::vector<int64_t> drawnTogether(std::vector<int64_t> alignment) const {
        int64_t next = -1;
        for (size_t i = olds_.size(); i-- > 0;) {
            int64_t& at = alignment[i];
            if (at < 0) continue;
            for (int64_t j = next - 1; j > at; --j)
                if (files_[size_t(j)] == files_[size_t(at)]) at = j;
            next = at;
        }
        return alignment;
    }

    static bool isNear(size_t i, size_t j) {
        const auto off = int64_t(j) - int64_t(i);
        return off >= -kMargin && off <= 3 * kMargin;
    }

    // Lines that have an equal near by are not compared with others: that is most of the work.
    void findEqual() {
        hasEqualOld_.assign(olds_.size(), false);
        hasEqualFile_.assign(files_.size(), false);
        for (size_t i = 0; i < olds_.size(); ++i)
            for (size_t j = 0; j < files_.size(); ++j)
                if (isNear(i, j) && olds_[i].text() == files_[j])
                    hasEqualOld_[i] = hasEqualFile_[j] = true;
    }

    double likeness(size_t i, size_t j) const {
        if (olds_[i].text() == files_[j]) return 1;
        if (!isNear(i, j) || hasEqualOld_[i] || hasEqualFile_[j]) return 0;
        return olds_[i].alike(files_[j]);
    }

    double& best(size_t i, size_t j) { return best_[i * (files_.size() + 1) + j]; }

    const OldLines& olds_;
    const std::vector<std::string>& files_;
    std::vector<double> likeness_, best_;
    std::vector<bool> hasEqualOld_, hasEqualFile_;
};

// The best place among file lines [begin, end).
SimilarPlace examine(const LineIndex& file, const OldLines& olds, int64_t begin, int64_t end) {
    begin = std::max<int64_t>(0, begin);
    end = std::min(file.size(), end);
    std::vector<std::string> files;
    for (int64_t i = begin; i < end; ++i)
        files.push_back(essence(file.line(i)));
    SimilarPlace place;
    place.alignment = Aligner(olds, files).run();
    place.first = -1;
    for (const int64_t at : place.alignment)
        if (at >= 0) {
            if (place.first < 0) place.first = begin + at;
            place.last = begin + at + 1;
        }
    if (place.first < 0) return place;
    double same = 0, all = 0;
    for (size_t i = 0; i < olds.size(); ++i) {
        const int64_t at = place.alignment[i];
        const double weight = 1 + double(olds[i].text().size());
        if (at >= 0) {
            const double fileWeight = 1 + double(files[size_t(at)].size());
            same += olds[i].alike(files[size_t(at)]) * std::max(weight, fileWeight);
            all += std::max(weight, fileWeight);
            place.alignment[i] = begin + at;
        } else {
            all += weight;
        }
    }
    for (int64_t i = place.first; i < place.last; ++i)  // lines that old lacks
        if (std::find(place.alignment.begin(), place.alignment.end(), i) == place.alignment.end())
            all += 1 + double(files[size_t(i - begin)].size());
    place.similarity = all > 0 ? same / all : 0;
    const auto isEqual = [&](size_t old) {
        const int64_t at = place.alignment[old];
        return at >= 0 && files[size_t(at - begin)] == olds[old].text();
    };
    place.hasAnchors = olds.size() >= 3 && isEqual(0) && isEqual(olds.size() - 1);
    return place;
}

size_t startsMax(const OldLines& olds) {
    return std::clamp<size_t>(kLinesExamined / olds.size(), 3, kCandidatesMax);
}

// Starts that the lines of old vote for.
std::vector<int64_t> candidateStarts(LineIndex& file, const Lines& oldLines, const OldLines& olds) {
    std::unordered_map<uint64_t, std::vector<int64_t>> places;
    for (size_t i = 0; i < oldLines.size(); ++i)
        if (olds[i].text().size() >= 2) places[lineHash(oldLines[i], LineRule::folded)];
    const std::vector<uint64_t>& hashes = file.hashes(LineRule::folded);
    for (size_t i = 0; i < hashes.size(); ++i)
        if (const auto found = places.find(hashes[i]);
            found != places.end() && found->second.size() <= kCommonLine)
            found->second.push_back(int64_t(i));
    std::unordered_map<int64_t, double> votes;
    for (size_t i = 0; i < oldLines.size(); ++i) {
        const auto found = places.find(lineHash(oldLines[i], LineRule::folded));
        if (found == places.end() || found->second.size() > kCommonLine) continue;
        for (const int64_t at : found->second) {
            const double vote = 1.0 / double(found->second.size());
            votes[at - int64_t(i)] += vote;
            votes[at - int64_t(i) - 1] += vote / 2;
            votes[at - int64_t(i) + 1] += vote / 2;
        }
    }
    std::vector<std::pair<double, int64_t>> ranked;
    for (const auto& [start, vote] : votes)
        ranked.emplace_back(-vote, start);
    std::sort(ranked.begin(), ranked.end());
    std::vector<int64_t> starts;
    for (const auto& [ignored, start] : ranked) {
        if (starts.size() >= startsMax(olds)) break;
        if (std::none_of(starts.begin(), starts.end(),
                         [&](int64_t other) { return std::abs(other - start) <= 2; }))
            starts.push_back(start);
    }
    return starts;
}

// Old lines that occur nowhere as they are: the file line most like the longest of them.
std::vector<int64_t> startsByLikeness(LineIndex& file, const OldLines& olds, int64_t& cells) {
    size_t key = 0;
    for (size_t i = 0; i < olds.size(); ++i)
        if (olds[i].text().size() > olds[key].text().size() &&
            olds[i].text().size() <= kLineBytesCompared)
            key = i;
    const size_t length = olds[key].text().size();
    if (length < 4) return {};
    // Half of the work at most: the other half is for the places found.
    const int64_t cellsLeft = cells / 2;
    const std::vector<int32_t>& lengths = file.contentLengths();
    std::vector<std::pair<double, int64_t>> ranked;
    for (int64_t i = 0; i < file.size() && cells > cellsLeft; ++i) {
        const auto other = size_t(lengths[size_t(i)]);
        if (std::min(other, length) * 5 < std::max(other, length) * 4) continue;
        const std::string candidate = essence(file.line(i));
        const double value = olds[key].alike(candidate, 0.6);
        if (value >= 0.6) ranked.emplace_back(-value, i - int64_t(key));
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<int64_t> starts;
    for (size_t i = 0; i < std::min(ranked.size(), startsMax(olds)); ++i)
        starts.push_back(ranked[i].second);
    return starts;
}

bool overlaps(const SimilarPlace& a, const SimilarPlace& b) {
    return a.first < b.last && b.first < a.last;
}

// Lines that are all only alike are another text, however alike they are.
bool hasEqualHalf(const LineIndex& file, const Lines& oldLines, const SimilarPlace& place) {
    int64_t nEqual = 0, nLines = 0;
    for (size_t i = 0; i < oldLines.size(); ++i) {
        const std::string line = essence(oldLines[i]);
        if (line.empty()) continue;
        ++nLines;
        if (place.alignment[i] >= 0 && essence(file.line(place.alignment[i])) == line) ++nEqual;
    }
    return nEqual * 2 >= nLines;
}

// The windows of two copies that stand close together overlap, and the better place hides the
// other one: so what is before and after it is looked at alone.
bool hasTwinBeside(const LineIndex& file, const Lines& oldLines, const SimilarPlace& place) {
    const auto reach = int64_t(oldLines.size()) + kMargin;
    int64_t cells = kCellsCompared / 4;
    OldLines olds;
    for (const std::string_view line : oldLines)
        olds.emplace_back(line, cells);
    const double least = place.similarity - kTwinMargin;
    return examine(file, olds, place.first - reach, place.first).similarity >= least ||
           examine(file, olds, place.last, place.last + reach).similarity >= least;
}

// Tabs and blanks at the beginning made visible.
std::string visible(std::string_view line) {
    std::string out;
    const std::string_view indent = indentOf(line).substr(0, 80);
    for (const char c : indent)
        out += c == '\t' ? "\u2192" : "\u00B7";
    return out +
           std::string(base::cutUtf8(base::toValidUtf8(line.substr(indent.size(), 164)), 160));
}

std::string differences(const LineIndex& file, const Lines& oldLines, const SimilarPlace& place) {
    std::string out;
    int64_t nShown = 0;
    for (size_t i = 0; i < oldLines.size() && nShown < 4; ++i) {
        const int64_t at = place.alignment[i];
        const std::string_view fileLine = at >= 0 ? file.line(at) : std::string_view();
        if (at >= 0 && fileLine == oldLines[i]) continue;
        ++nShown;
        out += at >= 0 ? fmt::format("  line {}: file {}\n  {:>{}} old  {}\n", at + 1,
                                     visible(fileLine), "", 6 + std::to_string(at + 1).size() - 1,
                                     visible(oldLines[i]))
                       : fmt::format("  not in the file: {}\n", visible(oldLines[i]));
    }
    return out;
}

}  // namespace

std::vector<SimilarPlace> similarPlaces(LineIndex& file, const Lines& oldLines) {
    if (oldLines.size() > kOldLinesMax || oldLines.empty() || file.size() == 0) return {};
    int64_t cells = kCellsCompared;
    OldLines olds;
    for (const std::string_view line : oldLines)
        olds.emplace_back(line, cells);
    std::vector<int64_t> starts = candidateStarts(file, oldLines, olds);
    if (starts.empty()) starts = startsByLikeness(file, olds, cells);
    std::vector<SimilarPlace> found;
    for (const int64_t start : starts)
        if (SimilarPlace place =
                examine(file, olds, start - kMargin, start + int64_t(olds.size()) + kMargin);
            place.similarity > 0.3)
            found.push_back(std::move(place));
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.similarity > b.similarity; });
    std::vector<SimilarPlace> apart;
    for (SimilarPlace& place : found)
        if (apart.size() < 5 && std::none_of(apart.begin(), apart.end(), [&](const auto& other) {
                return overlaps(place, other);
            }))
            apart.push_back(std::move(place));
    return apart;
}

std::optional<SimilarPlace> surePlace(const LineIndex& file, const Lines& oldLines,
                                      const Lines& newLines,
                                      const std::vector<SimilarPlace>& places) {
    const auto only = [&](auto&& fits) -> const SimilarPlace* {
        const auto first = std::find_if(places.begin(), places.end(), fits);
        if (first == places.end() || std::find_if(first + 1, places.end(), fits) != places.end())
            return nullptr;
        return &*first;
    };
    const SimilarPlace* place =
        only([](const SimilarPlace& p) { return p.hasAnchors && p.similarity >= kAnchoredMin; });
    if (place == nullptr)
        place = only([](const SimilarPlace& p) { return p.similarity >= kAlikeMin; });
    // Never second best: an anchored place must not win over a place that is more alike.
    if (place == nullptr || place != &places.front()) return std::nullopt;
    if (!hasEqualHalf(file, oldLines, *place) || hasTwinBeside(file, oldLines, *place))
        return std::nullopt;
    const std::vector<int64_t> kept = keptLines(oldLines, newLines);
    for (size_t i = 0; i < oldLines.size(); ++i) {
        const int64_t at = place->alignment[i];
        // A first line that is another one ("case two:") is another place of the same kind.
        const bool decides = kept[i] < 0 || i == 0 || i + 1 == oldLines.size();
        if (decides && (at < 0 || !isSurelyMeant(file.text(), oldLines[i], file.line(at))))
            return std::nullopt;
    }
    return *place;
}

EditMiss reportMiss(const EditRequest& request, LineIndex& file, const Lines& oldLines,
                    const std::vector<SimilarPlace>& places) {
    constexpr size_t kPlacesShown = 3;
    constexpr int64_t kLinesShown = 12;
    if (base::trim(request.newText).size() >= 10)
        if (const size_t at = findText(request.text, request.newText); at != std::string_view::npos)
            return {"already there",
                    fmt::format("old was not found, but new is in the file already, at line {}",
                                file.lineAt(int64_t(at)) + 1),
                    "Read that part before you send another edit."};
    EditMiss miss{"no match", "old is not in the file", "Copy old from the file as it is."};
    if (places.empty()) {
        miss.advice = "Nothing in it is alike. Read the file again.";
        return miss;
    }
    miss.advice += " Did you mean:\n";
    for (size_t i = 0; i < std::min(places.size(), kPlacesShown); ++i) {
        const SimilarPlace& place = places[i];
        const int64_t last = std::min(place.last, place.first + kLinesShown);
        miss.advice += fmt::format("lines {}-{} ({:.0f} % alike):\n{}", place.first + 1, place.last,
                                   place.similarity * 100,
                                   numberedLines(request.text, place.first + 1, last, 200));
        if (i == 0) miss.advice += differences(file, oldLines, place);
    }
    return miss;
}

}  // namespace moxie::tools
