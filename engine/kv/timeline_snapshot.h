// The state of a token timeline as values: what a session takes up and gives away, what the prefix
// tree shares and the store keeps.
// Threads: immutable once made; any thread may share them.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "engine/kv/kv_timeline.h"

namespace moxie::engine {

// What going on at one point of a timeline takes besides the rows before it.
struct ResumePoint {
    std::vector<float> frontier = {};   // KvLayout::frontierFloats
    std::vector<float> lastState = {};  // of the last token, for the draft block; empty without
    std::vector<float> logits = {};     // after the last token; empty: not kept

    int64_t bytes() const {
        return static_cast<int64_t>((frontier.size() + lastState.size() + logits.size()) *
                                    sizeof(float));
    }
};

using ResumeSnapshot = std::shared_ptr<const ResumePoint>;
using ResumePoints = std::map<int64_t, ResumeSnapshot>;  // by token count

struct TimelineSnapshot {
    std::vector<int32_t> tokens = {};
    std::vector<std::shared_ptr<KvPage>> pages = {};  // of these tokens, may hold later rows
    ResumeSnapshot resume = {};  // nullptr where KvLayout::needsResumePoint() is false
};

// A timeline and all points at which it can be gone on from. Valid until its session changes.
struct TimelineView {
    std::span<const int32_t> tokens = {};
    std::span<const std::shared_ptr<KvPage>> pages = {};
    const ResumePoints* points = nullptr;  // empty where none is needed
};

// Of a branch in memory, and of one on disk.
constexpr size_t kPointsPerPathMax = 32;

// Which of the rising token counts to give up when there are too many for a timeline of `tokens`
// tokens: spacing is to grow with the distance from the end, so that about as many are left in each
// power of two. The first and the last one stay. Requires: three points or more.
int64_t mostCrowdedPoint(std::span<const int64_t> points, int64_t tokens);

}  // namespace moxie::engine
