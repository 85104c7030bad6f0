#include "engine/kv/timeline_snapshot.h"

#include "base/result.h"

namespace moxie::engine {

int64_t mostCrowdedPoint(std::span<const int64_t> points, int64_t tokens) {
    BASE_CHECK(points.size() >= 3);
    size_t best = 1;
    double bestGap = 0;
    for (size_t i = 1; i + 1 < points.size(); ++i) {
        const auto gap = static_cast<double>(points[i + 1] - points[i - 1]);
        const double relative = gap / static_cast<double>(tokens - points[i - 1] + 1);
        if (i > 1 && relative >= bestGap) continue;
        best = i;
        bestGap = relative;
    }
    return points[best];
}

}  // namespace moxie::engine
