// What was collected of a repository, a row of its table, and the search for better weights.
// Threads: one thread at a time.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/index/retrieval_rankers.h"

namespace moxie::bench {

struct Repository {
    std::string name;
    std::vector<Trial> trials;
    std::vector<double> seconds;  // CPU of each search, warm
    double mapShare = 0;
    int64_t maps = 0;
    size_t files = 0;
};

enum class Ask { full, subject };
enum class Stratum { all, unnamed };

using Order = std::function<std::vector<int32_t>(const Trial&, const Question&)>;

struct Row {
    const char* name;
    Order order;
    Ask ask = Ask::full;
    Stratum stratum = Stratum::all;
};

Measures measureRow(const Repository& repository, const Row& row);

// "name = value" a line, as tune() prints them. False: not such a line.
bool setWeight(indexer::RankingWeights& weights, std::string_view line);

// One constant at a time, as long as a step helps; prints what is better. Priors for tests and the
// like are left alone: the protocol's truth has no tests, so it would always drop them.
void tune(const std::vector<Repository>& repositories, const indexer::RankingWeights& start);

}  // namespace moxie::bench
