// The orientation map: files weighed by who uses what they define (PageRank over the references
// between files) and by how much and how lately they change. Threads: any thread.
// Source: the repository map of aider, with weights of our own.
#pragma once
#include <stop_token>

#include "base/result.h"
#include "indexer/orientation_map.h"
#include "indexer/ranking/reference_graph.h"
#include "indexer/reader.h"

namespace moxie::indexer {

// Fails: cancelled, corrupt, io. Cost: reads every reference, about 0.3 µs each.
base::Result<OrientationMap> makeOrientationMap(const Reading& reading, const MapRequest& request,
                                                const std::stop_token& stop);

// By file, the most standing out is 1.
std::vector<double> orientationWeights(const LiveView& view, const RankingTable& table,
                                       const ReferenceGraph& graph);

}  // namespace moxie::indexer
