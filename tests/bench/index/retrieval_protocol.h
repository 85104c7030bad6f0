// The retrieval protocol: commits that are held out, the state before each, what each changed, and
// the measures. Section numbers are of the reference on indexing. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "indexer/reader.h"
#include "tests/bench/index/git_reader.h"

namespace moxie::bench {

struct HeldOut {
    std::string commit;
    std::string subject, full;       // without trailers and addresses
    std::vector<std::string> files;  // code that it modified, tests left out
    bool isNamed = false;            // the message has the stem of one of them
};

struct HeldOutOptions {
    size_t count = 40;
    size_t window = 0;  // newest commits to choose from; 0: half of the history, 2,000 to 9,000
};

// Commits by the rules of 5.1, oldest first, at even steps.
std::vector<HeldOut> heldOutCommits(const Git& git, const HeldOutOptions& options);

// "changed.c" or a folder deeper: programs, no tests and no data.
bool isCode(std::string_view path);

struct ChangedFunction {
    int32_t file = 0;  // in LiveView::files
    int32_t line = 0;  // the first changed one
};

// Innermost functions that the commit's hunks overlap, on the old side.
std::vector<ChangedFunction> changedFunctions(const Git& git, const indexer::Reading& reading,
                                              const HeldOut& query);

struct Measures {
    double r1 = 0, r5 = 0, r10 = 0, r20 = 0, r50 = 0, mrr = 0, all10 = 0;
    int64_t queries = 0;

    void add(const Measures& other);
    Measures mean() const;
};

// `places`: positions of the truth in the ranking, from 0; -1 where it is not there.
Measures measure(const std::vector<int32_t>& places);

}  // namespace moxie::bench
