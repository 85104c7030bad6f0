#include "indexer/pack/near_copies.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "indexer/language.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr int64_t kLinesMin = 30;          // shorter files cost little
constexpr int64_t kRenamedLinesMin = 100;  // of copies under another name
constexpr int64_t kBytesMax = 400'000;     // longer ones cost too much to compare
constexpr double kSameShare = 0.8;
constexpr size_t kRepresentativesMax = 12;  // of one group

// Distinct lines that say something, hashed and sorted.
using LineSet = std::vector<uint64_t>;

LineSet lineSet(std::string_view text) {
    LineSet lines;
    for (std::string_view line : base::splitLines(text)) {
        line = base::trim(line);
        if (line.size() > 3) lines.push_back(base::hash128(line).low);
    }
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    return lines;
}

bool isNearlySame(const LineSet& a, const LineSet& b) {
    const auto lower = double(std::min(a.size(), b.size()));
    const auto upper = double(std::max(a.size(), b.size()));
    if (lower < kSameShare * upper || lower < 10) return false;
    size_t common = 0;
    for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
        common += a[i] == b[k];
        const bool movesFirst = a[i] <= b[k], movesSecond = b[k] <= a[i];
        i += movesFirst;
        k += movesSecond;
    }
    return double(common) >= kSameShare * double(a.size() + b.size() - common);
}

std::string_view nameOf(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

class NearCopies {
public:
    NearCopies(const LiveView& view, const std::vector<FileFacts>& facts,
               const std::function<std::string(int32_t)>& textOf)
        : view_(view),
          facts_(facts),
          textOf_(textOf),
          standsFor_(view.files.size(), -1) {}

    std::vector<int32_t> run();

private:
    const LiveBlob& blob(int32_t file) const {
        return view_.blobs[size_t(view_.files[size_t(file)].blob)];
    }

    bool isCandidate(int32_t file) const;
    bool mayBeNear(int32_t a, int32_t b) const;
    const LineSet& lines(int32_t file);
    void compareGroup(std::vector<int32_t> files);

    const LiveView& view_;
    const std::vector<FileFacts>& facts_;
    const std::function<std::string(int32_t)>& textOf_;
    std::vector<int32_t> standsFor_;
    std::unordered_map<int32_t, LineSet> lines_;
};

bool NearCopies::isCandidate(int32_t file) const {
    const FileFacts& facts = facts_[size_t(file)];
    const LiveBlob& own = blob(file);
    return facts.hasText && facts.sameAs < 0 && own.lines >= kLinesMin && own.bytes <= kBytesMax &&
           (own.flags & kFlagMinified) == 0;
}

bool NearCopies::mayBeNear(int32_t a, int32_t b) const {
    const auto near = [](int64_t x, int64_t y) {
        return double(std::min(x, y)) >= kSameShare * double(std::max(x, y));
    };
    return blob(a).language == blob(b).language && near(blob(a).bytes, blob(b).bytes) &&
           near(blob(a).lines, blob(b).lines);
}

const LineSet& NearCopies::lines(int32_t file) {
    const auto [at, isNew] = lines_.try_emplace(file);
    if (isNew) at->second = lineSet(textOf_(file));
    return at->second;
}

void NearCopies::compareGroup(std::vector<int32_t> files) {
    // What people keep stands for what they took over.
    std::stable_sort(files.begin(), files.end(), [&](int32_t a, int32_t b) {
        const auto rank = [&](int32_t file) {
            return int(facts_[size_t(file)].isVendored) * 2 + int(facts_[size_t(file)].isTest);
        };
        return rank(a) < rank(b);
    });
    std::vector<int32_t> representatives;
    for (const int32_t file : files) {
        if (standsFor_[size_t(file)] >= 0) continue;
        const auto same =
            std::find_if(representatives.begin(), representatives.end(), [&](int32_t other) {
                return mayBeNear(file, other) && isNearlySame(lines(file), lines(other));
            });
        if (same != representatives.end())
            standsFor_[size_t(file)] = *same;
        else if (representatives.size() < kRepresentativesMax)
            representatives.push_back(file);
    }
}

std::vector<int32_t> NearCopies::run() {
    std::map<std::string_view, std::vector<int32_t>> byName;
    std::map<std::pair<int64_t, int32_t>, std::vector<int32_t>> byLines;
    for (int32_t i = 0; i < int32_t(view_.files.size()); i++) {
        if (!isCandidate(i)) continue;
        byName[nameOf(view_.files[size_t(i)].path)].push_back(i);
        if (blob(i).lines >= kRenamedLinesMin)
            byLines[{blob(i).lines, blob(i).language}].push_back(i);
    }
    for (auto& [name, files] : byName)
        if (files.size() > 1) compareGroup(files);
    for (auto& [key, files] : byLines)
        if (files.size() > 1) compareGroup(files);
    // A file that stands for others may itself have come under another one.
    for (int32_t& representative : standsFor_)
        while (representative >= 0 && standsFor_[size_t(representative)] >= 0)
            representative = standsFor_[size_t(representative)];
    return standsFor_;
}

}  // namespace

std::vector<int32_t> findNearCopies(const LiveView& view, const std::vector<FileFacts>& facts,
                                    const std::function<std::string(int32_t file)>& textOf) {
    return NearCopies(view, facts, textOf).run();
}

}  // namespace moxie::indexer
