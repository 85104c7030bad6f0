#include "tests/bench/index/retrieval_tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace moxie::bench {
namespace {

using indexer::RankingWeights;

struct Knob {
    const char* name;
    double RankingWeights::*value;
    double least;  // what zero is tried with
};

constexpr std::array<Knob, 30> kKnobs = {{
    {"stem", &RankingWeights::stem, 1},
    {"folder", &RankingWeights::folder, 1},
    {"names", &RankingWeights::names, 1},
    {"wholeStem", &RankingWeights::wholeStem, 5},
    {"bPath", &RankingWeights::bPath, 0.2},
    {"bNames", &RankingWeights::bNames, 0.2},
    {"bBody", &RankingWeights::bBody, 0.2},
    {"k1", &RankingWeights::k1, 1},
    {"chunkNames", &RankingWeights::chunkNames, 1},
    {"bChunk", &RankingWeights::bChunk, 0.2},
    {"chunkK1", &RankingWeights::chunkK1, 1},
    {"chunkDecay", &RankingWeights::chunkDecay, 0.3},
    {"bHistory", &RankingWeights::bHistory, 0.2},
    {"historyK1", &RankingWeights::historyK1, 1},
    {"bCommit", &RankingWeights::bCommit, 0.2},
    {"commitSpread", &RankingWeights::commitSpread, 0.3},
    {"rest", &RankingWeights::rest, 0.3},
    {"repeat", &RankingWeights::repeat, 0.3},
    {"pair", &RankingWeights::pair, 0.4},
    {"rarity", &RankingWeights::rarity, 0.5},
    {"wordShare", &RankingWeights::wordShare, 0.3},
    {"functionShare", &RankingWeights::functionShare, 0.3},
    {"historyShare", &RankingWeights::historyShare, 0.3},
    {"commitShare", &RankingWeights::commitShare, 0.3},
    {"relative", &RankingWeights::relative, 0.15},
    {"recency", &RankingWeights::recency, 0.15},
    {"path", &RankingWeights::path, 0.5},
    {"name", &RankingWeights::name, 0.3},
    {"quote", &RankingWeights::quote, 0.3},
    {"frame", &RankingWeights::frame, 0.3},
}};

// Recall and first hit, of whole messages and of subjects alike.
double worth(const std::vector<Repository>& repositories, const RankingWeights& weights) {
    const Order order = [&](const Trial& trial, const Question& question) {
        return ourOrder(trial, question, weights);
    };
    double sum = 0;
    for (const Repository& repository : repositories)
        for (const Ask ask : {Ask::full, Ask::subject}) {
            const Measures m = measureRow(repository, {"", order, ask, Stratum::all});
            sum += 0.5 * m.r10 + 0.4 * m.mrr + 0.1 * m.r20;
        }
    return sum / double(2 * repositories.size());
}

// One step of every constant; true if one helped.
bool improve(const std::vector<Repository>& repositories, RankingWeights& best) {
    constexpr double kGainMin = 0.0004;
    double bestWorth = worth(repositories, best);
    fmt::print("now {:.4f}\n", bestWorth);
    bool hasGained = false;
    for (const Knob& knob : kKnobs)
        for (const double factor : {0.0, 0.5, 0.75, 1.35, 2.0}) {
            RankingWeights tried = best;
            double& value = tried.*knob.value;
            value = value == 0 ? knob.least * factor : value * factor;
            if (value == best.*knob.value || (knob.name[0] == 'b' && value > 1)) continue;
            const double now = worth(repositories, tried);
            if (now < bestWorth + kGainMin) continue;
            best = tried;
            bestWorth = now;
            hasGained = true;
            fmt::print("{:.4f} {} = {:.3f}\n", now, knob.name, value);
            std::fflush(stdout);
        }
    return hasGained;
}

}  // namespace

Measures measureRow(const Repository& repository, const Row& row) {
    Measures sum;
    for (const Trial& trial : repository.trials) {
        if (row.stratum == Stratum::unnamed && trial.heldOut.isNamed) continue;
        const Question& question = row.ask == Ask::full ? trial.full : trial.subject;
        sum.add(measure(placesOf(trial, row.order(trial, question))));
    }
    return sum.mean();
}

bool setWeight(RankingWeights& weights, std::string_view line) {
    const size_t equals = line.find(" = ");
    if (equals == line.npos) return false;
    const std::string_view name = base::trim(line.substr(0, equals));
    const double value = std::strtod(std::string(line.substr(equals + 3)).c_str(), nullptr);
    for (const Knob& knob : kKnobs)
        if (knob.name == name) {
            weights.*knob.value = value;
            return true;
        }
    return false;
}

void tune(const std::vector<Repository>& repositories, const RankingWeights& start) {
    constexpr int kRoundsMax = 4;
    RankingWeights best = start;
    for (int round = 0; round < kRoundsMax; round++)
        if (!improve(repositories, best)) break;
    for (const Knob& knob : kKnobs)
        fmt::print("    {} = {:.3f}\n", knob.name, best.*knob.value);
}

}  // namespace moxie::bench
