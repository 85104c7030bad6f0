#include "indexer/pack/file_facts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "indexer/language.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr double kActiveShare = 0.1;  // of the indexed commits

base::Status addTouches(const Reading& reading, std::vector<FileFacts>& facts) {
    const LiveView& view = reading.view();
    std::unordered_map<std::string_view, size_t> fileByPath;
    for (size_t i = 0; i < view.files.size(); i++)
        fileByPath.emplace(view.files[i].path, i);
    std::unordered_map<int64_t, int64_t> age;  // of a commit: 0 is the newest
    TRY_ASSIGN(Statement commits,
               reading.database().prepare("SELECT id FROM commits WHERE is_live > 0 "
                                          "ORDER BY time DESC, hash"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, commits.step());
        if (!hasRow) break;
        age.emplace(commits.integer(0), int64_t(age.size()));
    }
    TRY_ASSIGN(Statement touches, reading.database().prepare("SELECT commit_id, path FROM touch"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, touches.step());
        if (!hasRow) return {};
        const auto commit = age.find(touches.integer(0));
        const auto file = fileByPath.find(touches.text(1));
        if (commit == age.end() || file == fileByPath.end()) continue;
        FileFacts& touched = facts[file->second];
        touched.touches++;
        touched.recency =
            std::max(touched.recency, 1 - double(commit->second) / double(age.size()));
    }
}

void addKind(const LiveFile& file, const LiveBlob& blob, FileFacts& facts) {
    facts.isTest = isTestPath(file.path);
    facts.isVendored = isVendoredPath(file.path);
    facts.isGenerated = isGeneratedPath(file.path) || (blob.flags & kFlagMinified) != 0;
    facts.isData = language(blob.language).isData;
    facts.hasText = (blob.flags & (kFlagBinary | kFlagTooLarge)) == 0 && blob.bytes > 0;
    if (facts.isVendored)
        facts.band = PackBand::vendored;
    else if (facts.recency > 1 - kActiveShare)
        facts.band = PackBand::active;
}

// Of equal texts the one stands for all that people keep: not vendored, no test, then by path.
void addCopies(const LiveView& view, std::vector<FileFacts>& facts) {
    const auto rank = [&](size_t file) {
        return int(facts[file].isVendored) * 2 + int(facts[file].isTest);
    };
    std::vector<int32_t> chosen(view.blobs.size(), -1);
    for (size_t i = 0; i < view.files.size(); i++) {
        int32_t& best = chosen[size_t(view.files[i].blob)];
        if (best < 0 || rank(i) < rank(size_t(best))) best = int32_t(i);
    }
    for (size_t i = 0; i < view.files.size(); i++) {
        const int32_t best = chosen[size_t(view.files[i].blob)];
        if (best != int32_t(i) && facts[i].hasText) facts[i].sameAs = best;
    }
}

}  // namespace

base::Result<std::vector<FileFacts>> readFileFacts(const Reading& reading) {
    const LiveView& view = reading.view();
    std::vector<FileFacts> facts(view.files.size());
    TRY(addTouches(reading, facts));
    for (size_t i = 0; i < facts.size(); i++)
        addKind(view.files[i], view.blobs[size_t(view.files[i].blob)], facts[i]);
    addCopies(view, facts);
    return facts;
}

}  // namespace moxie::indexer
