#include "indexer/ranking/reference_graph.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>

#include "indexer/index.h"
#include "indexer/uses.h"

namespace moxie::indexer {
namespace {

constexpr size_t kDefinersMax = 12;  // a name that so many files define leads nowhere
constexpr double kFixedPoint = 1 << 20;
constexpr int kRankRounds = 20;
constexpr double kRankDamping = 0.85;

// Long and compound names say more than short ones, private ones less.
double weightOfName(std::string_view name) {
    const bool isCompound = name.find('_', 1) != name.npos ||
                            std::any_of(name.begin() + (name.empty() ? 0 : 1), name.end(),
                                        [](char c) { return c >= 'A' && c <= 'Z'; });
    double weight = name.size() < 4 ? 0.3 : 1;
    if (isCompound && name.size() >= 8) weight *= 5;
    if (name.starts_with('_')) weight *= 0.1;
    return weight;
}

class GraphLoader {
public:
    GraphLoader(const Reading& reading, const std::stop_token& stop)
        : database_(reading.database()),
          view_(reading.view()),
          stop_(stop) {}

    base::Result<ReferenceGraph> run();

private:
    struct Definition {
        std::string name;
        std::vector<int32_t> blobs;  // ascending
        std::vector<int64_t> uses;   // of each
    };

    base::Status loadDefinitions();
    base::Status loadUses();
    void addUse(Definition& definition, int32_t from, int64_t count);
    void addNames();

    const Database& database_;
    const LiveView& view_;
    const std::stop_token& stop_;
    std::unordered_map<int64_t, Definition> definitions_;  // by name
    ReferenceGraph graph_;
};

base::Status GraphLoader::loadDefinitions() {
    TRY_ASSIGN(Statement query, database_.prepare("SELECT s.name, s.blob, n.text FROM sym s JOIN "
                                                  "name n ON n.id = s.name WHERE "
                                                  "s.is_declaration = 0"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const auto blob = view_.blobById.find(query.integer(1));
        if (blob == view_.blobById.end()) continue;
        Definition& definition = definitions_[query.integer(0)];
        if (definition.blobs.empty()) definition.name = query.text(2);
        definition.blobs.push_back(blob->second);
    }
    for (auto& [id, definition] : definitions_) {
        std::sort(definition.blobs.begin(), definition.blobs.end());
        definition.blobs.erase(std::unique(definition.blobs.begin(), definition.blobs.end()),
                               definition.blobs.end());
        definition.uses.assign(definition.blobs.size(), 0);
    }
    return {};
}

void GraphLoader::addUse(Definition& definition, int32_t from, int64_t count) {
    const size_t definers = definition.blobs.size();
    if (definers > kDefinersMax) return;
    // A name that the file defines itself means its own.
    if (std::binary_search(definition.blobs.begin(), definition.blobs.end(), from)) return;
    const double weight =
        weightOfName(definition.name) * std::sqrt(double(count)) / double(definers);
    const auto fixed = int64_t(weight * kFixedPoint);
    if (fixed <= 0) return;
    for (size_t i = 0; i < definers; i++) {
        definition.uses[i] += fixed;
        graph_.edges.push_back({from, definition.blobs[i], fixed});
    }
}

base::Status GraphLoader::loadUses() {
    TRY_ASSIGN(UseReader reader, UseReader::make(database_));
    for (size_t blob = 0; blob < view_.blobs.size(); blob++) {
        if (stop_.stop_requested())
            return base::fail(base::Errc::cancelled, "reading references was stopped");
        TRY_ASSIGN(const auto uses, reader.of(view_.blobs[blob].id));
        for (size_t i = 0, end = 0; i < uses.size(); i = end) {
            int64_t count = 0;
            for (; end < uses.size() && uses[end].name == uses[i].name; end++)
                count += uses[end].count;
            const auto definition = definitions_.find(uses[i].name);
            if (count > 0 && definition != definitions_.end())
                addUse(definition->second, int32_t(blob), count);
        }
    }
    return {};
}

void GraphLoader::addNames() {
    graph_.names.resize(view_.blobs.size());
    for (const auto& [id, definition] : definitions_)
        for (size_t i = 0; i < definition.blobs.size(); i++)
            if (definition.uses[i] > 0)
                graph_.names[size_t(definition.blobs[i])].push_back(
                    {definition.name, double(definition.uses[i]) / kFixedPoint});
    for (std::vector<DefinedName>& names : graph_.names)
        std::sort(names.begin(), names.end(), [](const DefinedName& a, const DefinedName& b) {
            return a.uses != b.uses ? a.uses > b.uses : a.name < b.name;
        });
}

base::Result<ReferenceGraph> GraphLoader::run() {
    TRY(loadDefinitions());
    TRY(loadUses());
    addNames();
    auto& edges = graph_.edges;
    std::sort(edges.begin(), edges.end(), [](const auto& a, const auto& b) {
        return std::tie(a.from, a.to) < std::tie(b.from, b.to);
    });
    size_t kept = 0;
    for (size_t i = 0; i < edges.size(); i++) {
        if (kept > 0 && edges[kept - 1].from == edges[i].from && edges[kept - 1].to == edges[i].to)
            edges[kept - 1].weight += edges[i].weight;
        else
            edges[kept++] = edges[i];
    }
    edges.resize(kept);
    return std::move(graph_);
}

}  // namespace

base::Result<ReferenceGraph> loadReferenceGraph(const Reading& reading,
                                                const std::stop_token& stop) {
    return GraphLoader(reading, stop).run();
}

std::vector<double> pageRank(const ReferenceGraph& graph, size_t blobs) {
    if (blobs == 0) return {};
    std::vector<int64_t> given(blobs, 0);
    for (const ReferenceGraph::Edge& edge : graph.edges)
        given[size_t(edge.from)] += edge.weight;
    std::vector<double> rank(blobs, 1.0 / double(blobs)), next(blobs);
    for (int round = 0; round < kRankRounds; round++) {
        double idle = 0;  // of files that use nothing: goes to all
        for (size_t i = 0; i < blobs; i++)
            if (given[i] == 0) idle += rank[i];
        const double base = (1 - kRankDamping + kRankDamping * idle) / double(blobs);
        std::fill(next.begin(), next.end(), base);
        for (const ReferenceGraph::Edge& edge : graph.edges)
            next[size_t(edge.to)] += kRankDamping * rank[size_t(edge.from)] * double(edge.weight) /
                                     double(given[size_t(edge.from)]);
        rank.swap(next);
    }
    return rank;
}

}  // namespace moxie::indexer
