#include "indexer/ranking/orientation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "indexer/parsed_file.h"

namespace moxie::indexer {
namespace {

constexpr double kPathBytesShare = 0.75;  // of the text; the rest is for names
constexpr size_t kNamesPerFileMax = 6;

std::string_view folderOf(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash + 1);
}

double priorOfFile(const LiveFile& file, const LiveBlob& blob, const FileTraits& traits) {
    if ((blob.flags & (kFlagBinary | kFlagTooLarge | kFlagMinified)) != 0 || blob.bytes == 0)
        return 0;
    double prior = 1;
    if (traits.isTest) prior *= 0.1;
    if (traits.isVendored) prior *= 0.2;
    if (traits.isGenerated) prior *= 0.05;
    if (traits.isData) prior *= file.path.starts_with("README") ? 0.8 : 0.1;
    return prior;
}

class MapWriter {
public:
    MapWriter(const LiveView& view, const ReferenceGraph& graph, int64_t bytesMax)
        : view_(view),
          graph_(graph),
          bytesMax_(bytesMax) {}

    OrientationMap write(const std::vector<double>& weights);

private:
    void chooseFiles(const std::vector<double>& weights);
    void chooseNames();
    void addFolder(std::string_view folder, const std::vector<size_t>& entries);
    int32_t countLeft(std::string_view folder) const;

    std::string_view nameOf(const MapEntry& entry) const {
        return std::string_view(entry.path).substr(folderOf(entry.path).size());
    }

    const LiveView& view_;
    const ReferenceGraph& graph_;
    const int64_t bytesMax_;
    int64_t bytes_ = 0;
    OrientationMap map_;
    std::vector<int32_t> files_;                             // of map_.entries
    std::map<std::string_view, std::vector<size_t>> shown_;  // entries by folder
    std::map<std::string_view, int32_t> left_;               // files that are not shown, by folder
};

void MapWriter::chooseFiles(const std::vector<double>& weights) {
    std::vector<int32_t> order;
    for (size_t i = 0; i < weights.size(); i++) {
        left_[folderOf(view_.files[i].path)]++;
        if (weights[i] > 0) order.push_back(int32_t(i));
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](int32_t a, int32_t b) { return weights[size_t(a)] > weights[size_t(b)]; });
    const auto room = int64_t(double(bytesMax_) * kPathBytesShare);
    for (const int32_t file : order) {
        const std::string& path = view_.files[size_t(file)].path;
        const std::string_view folder = folderOf(path);
        const bool isNew = !shown_.contains(folder);
        // A new folder has a line of its own, with what is left out of it.
        const auto cost =
            int64_t(path.size() - folder.size()) + 2 + (isNew ? int64_t(folder.size()) + 24 : 0);
        if (bytes_ + cost > room) continue;
        bytes_ += cost;
        left_[folder]--;
        shown_[folder].push_back(map_.entries.size());
        map_.entries.push_back({.path = path, .weight = weights[size_t(file)]});
        files_.push_back(file);
    }
}

void MapWriter::chooseNames() {
    for (size_t i = 0; i < files_.size(); i++) {
        MapEntry& entry = map_.entries[i];
        const auto blob = size_t(view_.files[size_t(files_[i])].blob);
        int64_t cost = 6;  // its own line
        for (const DefinedName& defined : graph_.names[blob]) {
            if (entry.names.size() == kNamesPerFileMax) break;
            cost += int64_t(defined.name.size()) + 2;
            if (bytes_ + cost > bytesMax_) return;
            entry.names.push_back(defined.name);
        }
        if (!entry.names.empty()) bytes_ += cost;
    }
}

void MapWriter::addFolder(std::string_view folder, const std::vector<size_t>& entries) {
    std::vector<size_t> order = entries;
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return map_.entries[a].path < map_.entries[b].path; });
    const int32_t left = countLeft(folder);
    map_.text += folder.empty() ? "./" : folder;
    if (left > 0) map_.text += fmt::format(" (+{})", left);
    map_.text += '\n';
    std::string rest;
    for (const size_t at : order) {
        const MapEntry& entry = map_.entries[at];
        if (entry.names.empty()) {
            rest += fmt::format("{}{}", rest.empty() ? "  " : ", ", nameOf(entry));
            continue;
        }
        map_.text += fmt::format("  {}: {}\n", nameOf(entry), fmt::join(entry.names, ", "));
    }
    if (!rest.empty()) map_.text += rest + "\n";
}

int32_t MapWriter::countLeft(std::string_view folder) const {
    const auto at = left_.find(folder);
    return at == left_.end() ? 0 : at->second;
}

OrientationMap MapWriter::write(const std::vector<double>& weights) {
    chooseFiles(weights);
    chooseNames();
    for (const auto& [folder, entries] : shown_)
        addFolder(folder, entries);
    for (const auto& [folder, count] : left_) {
        map_.filesLeftOut += count;
        if (count == 0 || shown_.contains(folder)) continue;
        const std::string line = fmt::format("{} (+{})\n", folder, count);
        if (int64_t(map_.text.size() + line.size()) <= bytesMax_) map_.text += line;
    }
    return std::move(map_);
}

}  // namespace

std::vector<double> orientationWeights(const LiveView& view, const RankingTable& table,
                                       const ReferenceGraph& graph) {
    const std::vector<double> rank = pageRank(graph, view.blobs.size());
    const double top = rank.empty() ? 1 : *std::max_element(rank.begin(), rank.end());
    std::vector<double> weights(view.files.size(), 0);
    for (size_t i = 0; i < weights.size(); i++) {
        const LiveBlob& blob = view.blobs[size_t(view.files[i].blob)];
        if (blob.file != int32_t(i)) continue;  // the same text is shown once
        const double used = std::sqrt(rank[size_t(view.files[i].blob)] / top);
        weights[i] = (0.5 * used + 0.5 * table.files[i].recency + 0.01) *
                     priorOfFile(view.files[i], blob, table.files[i]);
    }
    const double best = weights.empty() ? 0 : *std::max_element(weights.begin(), weights.end());
    if (best > 0)
        for (double& weight : weights)
            weight /= best;
    return weights;
}

base::Result<OrientationMap> makeOrientationMap(const Reading& reading, const MapRequest& request,
                                                const std::stop_token& stop) {
    if (request.bytesMax < 0)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("a map of {} bytes cannot be", request.bytesMax));
    TRY_ASSIGN(const RankingTableSnapshot table, reading.rankingTable());
    TRY_ASSIGN(const ReferenceGraph graph, loadReferenceGraph(reading, stop));
    return MapWriter(reading.view(), graph, request.bytesMax)
        .write(orientationWeights(reading.view(), *table, graph));
}

}  // namespace moxie::indexer
