#include "indexer/links/resolver.h"

#include <algorithm>

namespace moxie::indexer {
namespace {

constexpr size_t kTargetsMax = 8;

Resolution decided(LinkRule rule, double confidence, int32_t target) {
    return {LinkVerdict::definition, rule, confidence, {target}};
}

}  // namespace

Resolution Resolver::resolve(const LinkUse& use) const {
    std::vector<int32_t> candidates;
    for (const int32_t at : table_.symbolsNamed(use.name))
        if (table_.worldOf(table_.symbol(at).blob) == table_.worldOf(use.blob))
            candidates.push_back(at);
    if (candidates.empty()) return {};
    const auto isHere = [&](int32_t at) { return table_.symbol(at).blob == use.blob; };
    if (std::count_if(candidates.begin(), candidates.end(), isHere) == 1)
        return decided(LinkRule::sameFile, 0.9,
                       *std::find_if(candidates.begin(), candidates.end(), isHere));
    const auto isDeclaration = [&](int32_t at) { return table_.symbol(at).isDeclaration; };
    if (!std::all_of(candidates.begin(), candidates.end(), isDeclaration))
        std::erase_if(candidates, isDeclaration);
    if (candidates.size() == 1) return decided(LinkRule::unique, 0.85, candidates.front());
    Resolution open = {LinkVerdict::ambiguous, LinkRule::none, 1.0 / double(candidates.size()), {}};
    candidates.resize(std::min(candidates.size(), kTargetsMax));
    open.targets = std::move(candidates);
    return open;
}

}  // namespace moxie::indexer
