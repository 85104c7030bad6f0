// The seven rules that lead from a use to its definition. Threads: any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "indexer/links/link_table.h"

namespace moxie::indexer {

// As Link, by numbers.
struct Resolution {
    LinkVerdict verdict = LinkVerdict::outside;
    LinkRule rule = LinkRule::none;
    double confidence = 0;         // of each target
    std::vector<int32_t> targets;  // symbols
};

class Resolver {
public:
    explicit Resolver(const LinkTable& table) : table_(table) {}

    Resolution resolve(const LinkUse& use) const;

private:
    const LinkTable& table_;
};

}  // namespace moxie::indexer
