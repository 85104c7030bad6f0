#include "engine/execute/expert_choice.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace moxie::engine {

namespace {

double score(RouterScore kind, float logit) {
    const double x = logit;
    if (kind == RouterScore::sigmoid) return 1 / (1 + std::exp(-x));
    if (kind == RouterScore::sqrtSoftplus) return std::sqrt(x > 20 ? x : std::log1p(std::exp(x)));
    return x;  // softmaxOfChosen: of the logits themselves, later
}

void softmaxOver(std::vector<double>& values) {
    const double max = *std::max_element(values.begin(), values.end());
    double sum = 0;
    for (double& v : values)
        sum += v = std::exp(v - max);
    for (double& v : values)
        v /= sum;
}

double groupScore(const MoeFfn& step, std::vector<double> scores) {
    if (step.groupScore == GroupScore::max) return *std::max_element(scores.begin(), scores.end());
    std::partial_sort(scores.begin(), scores.begin() + 2, scores.end(), std::greater<>());
    return scores[0] + scores[1];
}

// Sets the scores of experts in groups that are not kept to step.droppedScore.
void dropGroups(const MoeFfn& step, std::vector<double>& scores) {
    if (step.nGroups <= 1) return;
    const int64_t size = std::ssize(scores) / step.nGroups;
    std::vector<std::pair<double, int64_t>> groups;
    for (int64_t g = 0; g < step.nGroups; ++g)
        groups.emplace_back(
            -groupScore(step, {scores.begin() + g * size, scores.begin() + (g + 1) * size}), g);
    std::sort(groups.begin(), groups.end());
    for (int64_t i = step.nGroupsKept; i < step.nGroups; ++i) {
        const auto begin = scores.begin() + groups[static_cast<size_t>(i)].second * size;
        std::fill(begin, begin + size, double{step.droppedScore});
    }
}

struct Choice {
    int64_t expert = 0;
    float weight = 0;
};

// The experts of one token, best first, with their weights. Equal scores: the lower number.
std::vector<Choice> choose(const MoeFfn& step, const float* logits, int32_t token) {
    const int64_t n = std::ssize(step.experts);
    std::vector<double> scores(static_cast<size_t>(n));
    for (int64_t e = 0; e < n; ++e)
        scores[static_cast<size_t>(e)] = score(step.score, logits[e]);
    if (step.score == RouterScore::softmax) softmaxOver(scores);

    std::vector<int64_t> order(static_cast<size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    if (step.hashTable.data != nullptr) {
        for (int64_t i = 0; i < step.topK; ++i)
            order[static_cast<size_t>(i)] = hashEntry(step.hashTable, token, i);
    } else {
        std::vector<double> ranking = scores;
        for (size_t e = 0; e < step.selectionBias.size(); ++e)
            ranking[e] += double{step.selectionBias[e]};
        dropGroups(step, ranking);
        std::partial_sort(order.begin(), order.begin() + step.topK, order.end(),
                          [&](int64_t a, int64_t b) {
                              const double x = ranking[static_cast<size_t>(a)];
                              const double y = ranking[static_cast<size_t>(b)];
                              return x != y ? x > y : a < b;
                          });
    }
    std::vector<double> chosen;
    for (int64_t i = 0; i < step.topK; ++i)
        chosen.push_back(scores[static_cast<size_t>(order[static_cast<size_t>(i)])]);
    if (step.score == RouterScore::softmaxOfChosen) softmaxOver(chosen);
    const double sum = step.isNormalised ? std::accumulate(chosen.begin(), chosen.end(), 0.0) : 1;
    std::vector<Choice> choices;
    for (int64_t i = 0; i < step.topK; ++i)
        choices.push_back(
            {order[static_cast<size_t>(i)],
             static_cast<float>(chosen[static_cast<size_t>(i)] / sum * double{step.scale})});
    return choices;
}

}  // namespace

std::vector<ExpertSlot> chooseExperts(const Pass& pass, const MoeFfn& step, const float* logits) {
    const int64_t n = std::ssize(step.experts);
    std::vector<std::vector<Choice>> choices(static_cast<size_t>(pass.nTokens));
    // A drafter's guesses stand in no history; its experts are not chosen by token.
    const bool isHashed = step.hashTable.data != nullptr;
    forRanges(pass.pool, pass.nTokens, 4, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t t = begin; t < end; ++t)
            choices[static_cast<size_t>(t)] =
                choose(step, logits + t * n,
                       isHashed ? pass.history[static_cast<size_t>(pass.begin + t)] : 0);
    });
    std::vector<ExpertSlot> slots;
    for (int64_t t = 0; t < pass.nTokens; ++t)
        for (const Choice& choice : choices[static_cast<size_t>(t)])
            slots.push_back({choice.expert, t, choice.weight});
    std::stable_sort(slots.begin(), slots.end(),
                     [](const ExpertSlot& a, const ExpertSlot& b) { return a.expert < b.expert; });
    return slots;
}

}  // namespace moxie::engine
