#include "tools/edit_slip.h"

#include <algorithm>

#include "tools/line_distance.h"

namespace moxie::tools {

namespace {

constexpr int64_t kEqualLinesMin = 2;   // not counting empty ones
constexpr int64_t kEqualBytesMin = 20;  // white space not counted at the ends
constexpr double kEqualShareMin = 0.6;  // of the lines of old
constexpr double kStandInMin = 0.5;     // from here on a line stands in place of the other

// z[i]: how many items from i on are the first ones of the list (the Z algorithm, Gusfield 1997).
std::vector<int64_t> prefixLengths(const std::vector<uint64_t>& list) {
    const auto n = int64_t(list.size());
    std::vector<int64_t> z(list.size(), 0);
    for (int64_t i = 1, left = 0, right = 0; i < n; ++i) {
        int64_t k = i < right ? std::min(right - i, z[size_t(i - left)]) : 0;
        while (i + k < n && list[size_t(k)] == list[size_t(i + k)])
            ++k;
        z[size_t(i)] = k;
        if (i + k > right) {
            left = i;
            right = i + k;
        }
    }
    return z;
}

// For each file line (and the end): how many lines of old, from its first, stand from there on.
std::vector<int64_t> headsAt(const std::vector<uint64_t>& olds, const std::vector<uint64_t>& all) {
    std::vector<uint64_t> joined = olds;
    joined.insert(joined.end(), all.begin(), all.end());
    std::vector<int64_t> z = prefixLengths(joined);
    z.erase(z.begin(), z.begin() + int64_t(olds.size()));
    for (int64_t& length : z)
        length = std::min(length, int64_t(olds.size()));
    z.push_back(0);
    return z;
}

// For each file line (and the end): how many lines of old, from its last back, stand before it.
std::vector<int64_t> tailsAt(std::vector<uint64_t> olds, std::vector<uint64_t> all) {
    std::reverse(olds.begin(), olds.end());
    std::reverse(all.begin(), all.end());
    std::vector<int64_t> tails = headsAt(olds, all);
    std::reverse(tails.begin(), tails.end());
    return tails;
}

class SlipSearch {
public:
    SlipSearch(LineIndex& file, const Lines& oldLines, const Lines& newLines)
        : file_(file),
          oldLines_(oldLines),
          newLines_(newLines),
          n_(int64_t(oldLines.size())) {
        for (const std::string_view line : oldLines)
            hashes_.push_back(lineHash(line, LineRule::folded));
        heads_ = headsAt(hashes_, file.hashes(LineRule::folded));
        tails_ = tailsAt(hashes_, file.hashes(LineRule::folded));
    }

    std::optional<SlipPlace> find() {
        std::optional<SlipPlace> only;
        for (int64_t at = 0; at <= file_.size(); ++at)
            for (const Slip slip : {Slip::inventedLine, Slip::droppedLine}) {
                if (!fits(at, length(slip))) continue;
                if (only) return std::nullopt;
                only = SlipPlace{slip, at, at + length(slip), 0, {}};
            }
        if (!only || hasStandInElsewhere(*only) || !complete(*only)) return std::nullopt;
        return only;
    }

private:
    int64_t length(Slip slip) const { return slip == Slip::inventedLine ? n_ - 1 : n_ + 1; }

    // Whether file lines [at, at + length) are old but for one line at most.
    bool fits(int64_t at, int64_t length) const {
        if (at + length > file_.size()) return false;
        const int64_t head = heads_[size_t(at)], tail = tails_[size_t(at + length)];
        if (head + tail < std::min(n_, length)) return false;
        return length <= n_ || (head > 0 && tail > 0);  // an extra line is inside
    }

    bool hasStandInElsewhere(const SlipPlace& place) const {
        for (int64_t at = 0; at + n_ <= file_.size(); ++at) {
            const bool isHere = at < place.last + 1 && at + n_ > place.first - 1;
            if (!isHere && heads_[size_t(at)] + tails_[size_t(at + n_)] >= n_ - 1) return true;
        }
        return false;
    }

    // Finds the line, sets line and alignment; false: not sure.
    bool complete(SlipPlace& place) const {
        const int64_t head = heads_[size_t(place.first)], tail = tails_[size_t(place.last)];
        const std::vector<int64_t> kept = keptLines(oldLines_, newLines_);
        // Among equal lines it may be any of them: there nothing may change.
        if (place.slip == Slip::inventedLine) {
            place.line = std::min(head, n_ - 1);
            if (!isUntouched(kept, n_ - 1 - tail, place.line)) return false;
            if (!isInvented(place, kept)) return false;
        } else {
            if (n_ - tail < head && !isUntouched(kept, n_ - tail - 1, head)) return false;
            place.line = place.first + head;
        }
        place.alignment.assign(size_t(n_), -1);
        for (int64_t old = 0; old < n_; ++old) {
            if (place.slip == Slip::inventedLine && old != place.line)
                place.alignment[size_t(old)] = place.first + old - (old > place.line ? 1 : 0);
            if (place.slip == Slip::droppedLine)
                place.alignment[size_t(old)] = place.first + old + (old >= head ? 1 : 0);
        }
        return hasEvidence(place);
    }

    // Whether old lines [from, to] are kept with nothing added between them.
    bool isUntouched(const std::vector<int64_t>& kept, int64_t from, int64_t to) const {
        from = std::max<int64_t>(from, 0);
        to = std::min(to, n_ - 1);
        for (int64_t old = from; old <= to; ++old) {
            if (kept[size_t(old)] < 0) return false;
            if (old > from && kept[size_t(old)] != kept[size_t(old - 1)] + 1) return false;
        }
        return true;
    }

    // At the edge of old, an invented line cannot be told from a line that the file has otherwise
    // by its neighbours: there the two must be unlike. What is added beyond it has no place.
    bool isInvented(const SlipPlace& place, const std::vector<int64_t>& kept) const {
        const std::string_view line = oldLines_[size_t(place.line)];
        if (place.line == 0) {
            if (kept.front() != 0) return false;
            if (place.first > 0 && isStandIn(line, file_.line(place.first - 1))) return false;
        }
        if (place.line == n_ - 1) {
            if (kept.back() != int64_t(newLines_.size()) - 1) return false;
            if (place.last < file_.size() && isStandIn(line, file_.line(place.last))) return false;
        }
        return true;
    }

    static bool isStandIn(std::string_view oldLine, std::string_view fileLine) {
        constexpr size_t kBytesCompared = 300;
        const std::string a = normalised(oldLine.substr(0, kBytesCompared), LineRule::folded);
        const std::string b = normalised(fileLine.substr(0, kBytesCompared), LineRule::folded);
        if (a.empty() || b.empty()) return false;
        const auto longer = double(std::max(a.size(), b.size()));
        const auto limit = int64_t(longer * (1 - kStandInMin));
        return LineDistance(a).to(b, limit) <= limit;
    }

    bool hasEvidence(const SlipPlace& place) const {
        int64_t nLines = 0, nEqual = 0, nBytes = 0;
        for (int64_t old = 0; old < n_; ++old) {
            const std::string line = normalised(oldLines_[size_t(old)], LineRule::folded);
            if (line.empty()) continue;
            ++nLines;
            if (place.alignment[size_t(old)] < 0) continue;
            ++nEqual;
            nBytes += int64_t(line.size());
        }
        return nEqual >= kEqualLinesMin && nBytes >= kEqualBytesMin &&
               double(nEqual) >= kEqualShareMin * double(nLines);
    }

    LineIndex& file_;
    const Lines& oldLines_;
    const Lines& newLines_;
    int64_t n_;
    std::vector<uint64_t> hashes_;
    std::vector<int64_t> heads_, tails_;
};

}  // namespace

std::optional<SlipPlace> slipPlace(LineIndex& file, const Lines& oldLines, const Lines& newLines) {
    if (oldLines.size() < 3 || file.size() < 2) return std::nullopt;
    return SlipSearch(file, oldLines, newLines).find();
}

}  // namespace moxie::tools
