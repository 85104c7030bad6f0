// Which files stand in a pack in which form: greedy by expected gain per token over upgrades of
// forms, with exact costs looked at when an upgrade comes up. Ties are settled by path, form and
// place. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <queue>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "indexer/pack/callees.h"
#include "indexer/pack/file_facts.h"
#include "indexer/pack/need.h"
#include "indexer/pack/pack_text.h"
#include "indexer/pack/token_counts.h"

namespace moxie::indexer {

// All outlive the choice.
struct ChoiceInput {
    const Reading& reading;
    const std::vector<FileFacts>& facts;
    const Need& need;
    PackText& text;
    TokenCounts& count;
    CalleeFinder& callees;
    const std::stop_token& stop;
    int64_t tokens = 0;        // that may be spent
    int64_t budgetTokens = 0;  // of the pack: small ones have no skeleton of everything
};

class Choice {
public:
    explicit Choice(const ChoiceInput& input);

    // Fails: cancelled, corrupt, io.
    base::Status fill();
    // Undoes the last upgrades until about `excess` tokens are saved. False: nothing is left.
    bool giveBack(int64_t excess);

    const std::vector<PackShape>& shapes() const { return shapes_; }

    int64_t tokensOf(int32_t file) const { return tokens_[size_t(file)]; }

    // Nothing that is left would bring as much as the floor per token.
    bool isEnough() const { return isEnough_; }

private:
    enum class Unit : int8_t { signature, skeleton, documented, chunk, full };

    struct Upgrade {
        double priority = 0;
        int32_t file = 0;
        Unit unit = Unit::skeleton;
        int32_t at = -1;  // a chunk, or the position of a signature
        bool isExact = false;
    };

    struct IsWorse {
        bool operator()(const Upgrade& a, const Upgrade& b) const;
    };

    using Heap = std::priority_queue<Upgrade, std::vector<Upgrade>, IsWorse>;

    struct Taken {
        int32_t file = 0;
        int64_t tokens = 0;  // of `before`
        PackShape before;
    };

    // What an upgrade would make of its file, and what that costs more.
    struct Outcome {
        PackShape shape;
        int64_t tokens = 0;  // of the file; 0: nothing can be shown
    };

    const LiveBlob& blobOf(int32_t file) const;
    double estimate(int32_t file, double bytes) const;
    double roughCost(const Upgrade& upgrade) const;
    double worthOf(int32_t chunk) const;
    double gain(const Upgrade& upgrade) const;
    bool isOpen(const Upgrade& upgrade) const;
    base::Result<int64_t> tokensOf(int32_t file, const PackShape& shape);
    base::Result<Outcome> outcomeOf(const Upgrade& upgrade);
    void learn(int32_t file, double bytes, int64_t tokens);
    void lookWhoWroteIt(int32_t file);
    void offer(Upgrade upgrade);
    void offerAll();
    base::Status addSkeletons();
    base::Result<int64_t> skeletonCost(PackSignatures detail);
    base::Result<bool> consider(Upgrade upgrade);
    base::Status afterTaking(const Upgrade& upgrade);
    void take(int32_t file, Outcome outcome);

    const ChoiceInput in_;
    const LiveView& view_;
    Heap heap_;
    std::vector<PackShape> shapes_;  // by file
    std::vector<int64_t> tokens_;
    std::vector<double> factors_;       // 1, less for what a program wrote
    std::vector<int8_t> isLookedAt_;    // whether factors_ was decided by the text
    std::vector<int32_t> chunkTokens_;  // by chunk, -1: not counted
    std::vector<Taken> taken_;
    int64_t left_ = 0;
    int32_t calleesAsked_ = 0;
    double estimated_ = 1, counted_ = 1;  // sums, so that estimates learn the counter's scale
    int32_t learned_ = 0;
    bool isEnough_ = false;
};

}  // namespace moxie::indexer
