#include "indexer/pack/left_out.h"

#include <algorithm>
#include <map>

namespace moxie::indexer {
namespace {

constexpr size_t kExamplesMax = 5;
constexpr double kRoughBytesPerToken = 3.6;

PackOmission omissionOf(const LeftOutInput& in, size_t file) {
    const FileFacts& facts = in.facts[file];
    if (!facts.hasText) return PackOmission::noText;
    if (facts.sameAs >= 0)
        return in.view.files[file].blob == in.view.files[size_t(facts.sameAs)].blob
                   ? PackOmission::copy
                   : PackOmission::nearCopy;
    if (facts.isGenerated) return PackOmission::generated;
    return in.isEnough ? PackOmission::littleGain : PackOmission::noRoom;
}

}  // namespace

std::vector<PackLeftOut> leftOut(const LeftOutInput& in) {
    std::map<PackOmission, std::vector<size_t>> byReason;
    for (size_t i = 0; i < in.view.files.size(); i++)
        if (in.shapes[i].isEmpty()) byReason[omissionOf(in, i)].push_back(i);
    std::vector<PackLeftOut> out;
    for (auto& [why, files] : byReason) {
        std::stable_sort(files.begin(), files.end(),
                         [&](size_t a, size_t b) { return in.need.files[a] > in.need.files[b]; });
        PackLeftOut entry{.why = why, .files = int64_t(files.size())};
        double bytes = 0;
        for (const size_t file : files)
            bytes += double(in.view.blobs[size_t(in.view.files[file].blob)].bytes);
        if (why != PackOmission::noText) entry.tokens = int64_t(bytes / kRoughBytesPerToken);
        for (size_t i = 0; i < std::min(kExamplesMax, files.size()); i++)
            entry.examples.push_back(in.view.files[files[i]].path);
        out.push_back(std::move(entry));
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const PackLeftOut& a, const PackLeftOut& b) { return a.files > b.files; });
    return out;
}

}  // namespace moxie::indexer
