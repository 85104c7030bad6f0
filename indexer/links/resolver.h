// The seven rules that lead from a use to its definition. A declaration and its definition count as
// one thing. Threads: any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "indexer/links/scopes.h"

namespace moxie::indexer {

// As Link, by numbers.
struct Resolution {
    LinkVerdict verdict = LinkVerdict::outside;
    LinkRule rule = LinkRule::none;
    double confidence = 0;              // of each target
    std::vector<int32_t> targets = {};  // symbols
    int32_t module = -1;                // the file that is meant as a whole
};

class Resolver {
public:
    explicit Resolver(const LinkTable& table) : table_(table), scopes_(table) {}

    Resolution resolve(const LinkUse& use) const;

private:
    using Numbers = std::vector<int32_t>;

    Resolution plain(const LinkUse& use) const;
    Resolution ofMember(const LinkUse& use) const;
    // What is left when scopes know nothing: the names of the whole repository.
    Resolution anywhere(const LinkUse& use) const;
    Resolution anyMember(const LinkUse& use, std::string_view receiver) const;
    Resolution settled(const LinkUse& use, LinkRule rule, Numbers found) const;
    Resolution narrowed(const LinkUse& use, LinkRule rule, Numbers found) const;
    Resolution from(const LinkUse& use, const Meaning& meaning) const;

    bool fitsRole(const LinkUse& use, const LinkSymbol& symbol) const;
    bool isVisible(const LinkUse& use, const LinkSymbol& symbol) const;
    Numbers definitionsOf(int32_t declaration) const;
    void preferDefinitions(Numbers& found) const;
    void keepOneOfFile(Numbers& found) const;
    bool isSameOfRuby(int32_t a, int32_t b) const;
    void keepFitting(const LinkUse& use, Numbers& found) const;
    // Keeps those for which it holds, if there are any.
    bool prefer(Numbers& found, const std::function<bool(const LinkSymbol&)>& holds) const;

    const LinkTable& table_;
    const Scopes scopes_;
};

}  // namespace moxie::indexer
