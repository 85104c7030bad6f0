#include "indexer/index_stats.h"

#include <algorithm>
#include <map>
#include <optional>

#include "indexer/language.h"
#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr size_t kExcludedMax = 100;

std::optional<Exclusion> whyExcluded(const LiveBlob& blob) {
    if (blob.flags & kFlagTooLarge) return Exclusion::tooLarge;
    if (blob.flags & kFlagBinary) return Exclusion::binary;
    if (blob.flags & kFlagMinified) return Exclusion::bulkData;
    return std::nullopt;
}

void countTier(const LiveBlob& blob, IndexStats& stats) {
    switch (blob.tier) {
        case Tier::lexical:
            stats.filesLexical++;
            break;
        case Tier::outline:
            stats.filesOutline++;
            break;
        case Tier::syntax:
            stats.filesSyntax++;
            break;
    }
    if (blob.flags & kFlagPending) stats.filesPending++;
}

void listExcluded(const LiveView& view, IndexStats& stats) {
    for (const LiveFile& file : view.files) {
        const LiveBlob& blob = view.blobs[size_t(file.blob)];
        if (const auto why = whyExcluded(blob))
            stats.excluded.push_back({file.path, *why, blob.bytes});
    }
    stats.filesExcluded = int64_t(stats.excluded.size());
    std::stable_sort(stats.excluded.begin(), stats.excluded.end(),
                     [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    if (stats.excluded.size() > kExcludedMax) stats.excluded.resize(kExcludedMax);
}

}  // namespace

IndexStats statsOf(const LiveView& view) {
    IndexStats stats;
    stats.generation = view.generation;
    std::map<std::string_view, IndexStats::Language> languages;
    for (const LiveFile& file : view.files) {
        const LiveBlob& blob = view.blobs[size_t(file.blob)];
        stats.files++;
        stats.lines += blob.lines;
        stats.bytes += blob.bytes;
        stats.symbols += blob.nSymbols;
        if (blob.file == int32_t(&file - view.files.data())) stats.references += blob.nUses;
        countTier(blob, stats);
        auto& entry = languages[language(blob.language).name];
        entry.files++;
        entry.lines += blob.lines;
        entry.symbols += blob.nSymbols;
        if (blob.flags & (kFlagDamaged | kFlagCutShort)) entry.filesDamaged++;
    }
    for (auto& [name, entry] : languages) {
        entry.name = name;
        stats.languages.push_back(entry);
    }
    std::stable_sort(stats.languages.begin(), stats.languages.end(),
                     [](const auto& a, const auto& b) { return a.lines > b.lines; });
    listExcluded(view, stats);
    return stats;
}

}  // namespace moxie::indexer
