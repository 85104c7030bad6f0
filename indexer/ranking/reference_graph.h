// Which files use what other files define, by name alone: good enough to see what a repository
// turns around. Immutable once loaded. Threads: any thread.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct DefinedName {
    std::string name;
    double uses = 0;  // weighed, from other files
};

struct ReferenceGraph {
    struct Edge {
        int32_t from = 0, to = 0;  // blobs: positions in LiveView::blobs
        int64_t weight = 0;        // fixed point, so that the order of adding does not matter
    };

    std::vector<Edge> edges;                      // by from, then to
    std::vector<std::vector<DefinedName>> names;  // by blob, most used first
};

// Fails: cancelled, corrupt, io.
base::Result<ReferenceGraph> loadReferenceGraph(const Reading& reading,
                                                const std::stop_token& stop);

// By blob; sums to 1.
std::vector<double> pageRank(const ReferenceGraph& graph, size_t blobs);

}  // namespace moxie::indexer
