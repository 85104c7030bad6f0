// Timelines without a model, whose rows and frontier say which tokens led to them: a row that
// belongs to other tokens is seen at once.
#pragma once
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "engine/kv/timeline_snapshot.h"

namespace moxie::tests {

// One row of four floats per token; a frontier if asked for.
inline engine::KvLayout plainLayout(int64_t frontierFloats = 0) {
    engine::KvLayout layout;
    layout.layers = {{.streams = {{.format = engine::rowFormat(engine::RowKind::f32, 4)}},
                      .frontierFloats = frontierFloats}};
    layout.pageBytes = layout.layers[0].streams[0].pageBytes();
    layout.frontierFloats = frontierFloats;
    return layout;
}

// A plan that such a layout could be of, for the codec.
inline engine::ModelPlan plainPlan() {
    return {.hiddenDim = 4, .vocabularySize = 4, .blocks = {engine::Block{}}};
}

inline std::vector<int32_t> counting(int64_t n, int32_t begin = 0) {
    std::vector<int32_t> ids(static_cast<size_t>(n));
    std::iota(ids.begin(), ids.end(), begin);
    return ids;
}

inline std::vector<int32_t> joined(std::vector<int32_t> a, const std::vector<int32_t>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

class FakeTimeline {
public:
    explicit FakeTimeline(const engine::KvLayout& layout)
        : kv_(engine::KvTimeline::make(layout).value()) {}

    void add(std::span<const int32_t> ids) {
        BASE_CHECK(kv_.reserve(std::ssize(ids)).has_value());
        for (const int32_t id : ids) {
            state_ = next(state_, id);
            const float row[4] = {asFloat(state_), asFloat(state_ >> 20), 1, 2};
            kv_.write(0, 0, 0, std::ssize(tokens_), row);
            tokens_.push_back(id);
        }
        kv_.commit(std::ssize(ids));
        for (float& value : kv_.frontier(0))
            value = asFloat(state_);
    }

    void keepPoint() {
        const auto frontier = kv_.wholeFrontier();
        points_[std::ssize(tokens_)] = std::make_shared<const engine::ResumePoint>(
            engine::ResumePoint{.frontier = {frontier.begin(), frontier.end()}});
    }

    // Takes up a state. False: its rows or frontier are not what its tokens lead to.
    bool restore(const engine::TimelineSnapshot& snapshot) {
        const auto n = std::ssize(snapshot.tokens);
        static const engine::ResumePoint kNone;
        kv_.restore(snapshot.pages, (snapshot.resume ? *snapshot.resume : kNone).frontier, n);
        tokens_ = snapshot.tokens;
        points_.clear();
        state_ = 0;
        for (int64_t i = 0; i < n; ++i) {
            state_ = next(state_, tokens_[static_cast<size_t>(i)]);
            float scratch[4];
            const float* row = kv_.read(0, 0, 0, i, 1, scratch);
            if (row[0] != asFloat(state_) || row[1] != asFloat(state_ >> 20)) return false;
        }
        for (const float value : kv_.frontier(0))
            if (value != asFloat(state_)) return false;
        return true;
    }

    std::span<const int32_t> tokens() const { return tokens_; }

    engine::TimelineView view() const {
        return {.tokens = tokens_, .pages = kv_.pages(), .points = &points_};
    }

private:
    static uint64_t next(uint64_t state, int32_t id) {
        return (state + static_cast<uint64_t>(id) + 1) * 6364136223846793005U + 1;
    }

    static float asFloat(uint64_t state) { return static_cast<float>(state >> 40); }

    engine::KvTimeline kv_;
    std::vector<int32_t> tokens_;
    engine::ResumePoints points_;
    uint64_t state_ = 0;
};

}  // namespace moxie::tests
