#include "indexer/ranking/companions.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "indexer/language.h"
#include "indexer/uses.h"

namespace moxie::indexer {
namespace {

constexpr int32_t kTogetherMin = 3;        // commits: fewer may be chance
constexpr int32_t kCommitFilesMax = 12;    // of a commit that says something about each
constexpr double kTogetherShareMin = 0.1;  // of the commits that touched the hit
constexpr size_t kTogetherMax = 3, kCalledMax = 3, kRelativesShownMax = 2;

class CompanionFinder {
public:
    CompanionFinder(const Reading& reading, const RankingTable& table, const CompanionQuery& wanted)
        : reading_(reading),
          table_(table),
          wanted_(wanted) {}

    void addTogether();
    base::Status addCalled();
    void addRelatives();

    std::vector<Companion> take() { return std::move(found_); }

private:
    base::Result<std::vector<StoredUse>> calls() const;

    const std::string& pathOf(int32_t file) const {
        return reading_.view().files[size_t(file)].path;
    }

    bool isKnown(std::string_view path) const {
        return std::any_of(found_.begin(), found_.end(),
                           [&](const Companion& known) { return known.path == path; });
    }

    const Reading& reading_;
    const RankingTable& table_;
    const CompanionQuery& wanted_;
    std::vector<Companion> found_;
};

void CompanionFinder::addTogether() {
    std::map<int32_t, int32_t> together;
    int32_t touches = 0;
    for (const PastCommit& commit : table_.commits) {
        if (commit.fileCount < 2 || commit.fileCount > kCommitFilesMax) continue;
        const auto files = table_.filesOf(commit);
        if (std::find(files.begin(), files.end(), wanted_.file) == files.end()) continue;
        touches++;
        for (const int32_t other : files)
            if (other != wanted_.file) together[other]++;
    }
    std::vector<std::pair<int32_t, int32_t>> order;  // commits, file
    for (const auto& [file, count] : together)
        if (count >= kTogetherMin && count >= kTogetherShareMin * touches)
            order.emplace_back(count, file);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (size_t i = 0; i < std::min(kTogetherMax, order.size()); i++)
        found_.push_back({.kind = CompanionKind::changedTogether,
                          .path = pathOf(order[i].second),
                          .count = order[i].first});
}

// What the function calls by its row, in the order of lines.
base::Result<std::vector<StoredUse>> CompanionFinder::calls() const {
    const LiveView& view = reading_.view();
    const LiveBlob& blob = view.blobs[size_t(view.files[size_t(wanted_.file)].blob)];
    TRY_ASSIGN(UseReader reader, UseReader::make(reading_.database()));
    TRY_ASSIGN(auto uses, reader.of(blob.id));
    std::erase_if(uses, [&](const StoredUse& use) {
        return use.role != Role::call || use.symbol != wanted_.symbol;
    });
    std::stable_sort(uses.begin(), uses.end(),
                     [](const StoredUse& a, const StoredUse& b) { return a.line < b.line; });
    return uses;
}

// Names that only one other file defines: the others may mean anything. What tests define (their
// macros above all) is a companion of tests only.
base::Status CompanionFinder::addCalled() {
    if (wanted_.symbol == 0) return {};
    TRY_ASSIGN(const auto uses, calls());
    TRY_ASSIGN(Statement query,
               reading_.database().prepare(
                   "SELECT p.path, s.line_first, n.text FROM sym s CROSS JOIN snap_path p ON "
                   "p.blob = s.blob AND p.snap = 1 CROSS JOIN name n ON n.id = s.name "
                   "WHERE s.name = ? AND s.is_declaration = 0 AND s.kind IN (0,1,2,10) "
                   "ORDER BY p.path LIMIT 2"));
    const bool isTest = isTestPath(pathOf(wanted_.file));
    size_t added = 0;
    for (const StoredUse& use : uses) {
        if (added == kCalledMax) break;
        TRY_ASSIGN(const bool hasOne, query.bind(1, use.name).step());
        if (hasOne) {
            Companion made = {.kind = CompanionKind::called,
                              .path = std::string(query.text(0)),
                              .symbol = base::toValidUtf8(query.text(2)),
                              .line = int32_t(query.integer(1)),
                              .count = use.count};
            TRY_ASSIGN(const bool hasTwo, query.step());
            if (!hasTwo && made.path != pathOf(wanted_.file) && !isKnown(made.path) &&
                (isTest || !isTestPath(made.path))) {
                found_.push_back(std::move(made));
                added++;
            }
        }
        query.reset();
    }
    return {};
}

void CompanionFinder::addRelatives() {
    const int32_t group = table_.files[size_t(wanted_.file)].relatives;
    if (group < 0) return;
    size_t added = 0;
    for (const int32_t other : table_.relatives[size_t(group)]) {
        if (other == wanted_.file || isKnown(pathOf(other))) continue;
        if (added++ == kRelativesShownMax) return;
        found_.push_back({.kind = CompanionKind::relative, .path = pathOf(other)});
    }
}

}  // namespace

base::Result<std::vector<Companion>> companionsOf(const Reading& reading, const RankingTable& table,
                                                  const CompanionQuery& wanted) {
    CompanionFinder finder(reading, table, wanted);
    finder.addTogether();
    TRY(finder.addCalled());
    finder.addRelatives();
    return finder.take();
}

}  // namespace moxie::indexer
