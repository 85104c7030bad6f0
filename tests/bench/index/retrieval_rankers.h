// One held-out commit with all that ranking needs, kept apart from the index so that many weights
// can be tried; our ranking and the baselines over it. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "indexer/pack/file_facts.h"
#include "indexer/ranking.h"
#include "tests/bench/index/retrieval_protocol.h"

namespace moxie::bench {

struct Question {
    indexer::Query query;
    indexer::Evidence evidence;
};

struct Trial {
    HeldOut heldOut;
    std::shared_ptr<const indexer::LiveView> view;
    indexer::RankingTableSnapshot table;
    std::vector<indexer::FileFacts> facts;
    std::vector<bool> isCandidate;  // by file: code
    std::vector<int32_t> truth;     // files
    std::vector<ChangedFunction> functions;
    Question full, subject;
};

// Positions of the truth; `order` holds files, best first.
std::vector<int32_t> placesOf(const Trial& trial, const std::vector<int32_t>& order);

// Files by our ranking, by the same functions as Index::search.
std::vector<int32_t> ourOrder(const Trial& trial, const Question& question,
                              const indexer::RankingWeights& weights);
// Most distinct words of the request, then most occurrences.
std::vector<int32_t> grepOrder(const Trial& trial, const Question& question);
// BM25 over whole files.
std::vector<int32_t> bm25Order(const Trial& trial, const Question& question);

struct Budgets {
    double at8k = 0, at32k = 0, at128k = 0;
};

// Share of the changed functions in the first tokens of functions in the order in which a pack
// considers them, and of whole files in the order of BM25; 3.5 bytes are a token.
Budgets functionsFound(const Trial& trial, const Question& question,
                       const indexer::RankingWeights& weights);
Budgets functionsInFiles(const Trial& trial, const std::vector<int32_t>& order);

}  // namespace moxie::bench
