#include "tools/glob_pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace moxie::tools {

using base::Errc;
using base::fail;

namespace {

constexpr size_t kAlternativesMax = 64;
constexpr size_t kPatternBytesMax = 1000;

// "a{b,c}d" -> "abd", "acd"; innermost braces first, so nesting works. A brace that is not closed
// stays as it is.
std::vector<std::string> expandBraces(std::string pattern) {
    std::vector<std::string> done, open = {std::move(pattern)};
    while (!open.empty() && done.size() + open.size() <= kAlternativesMax) {
        const std::string current = std::move(open.back());
        open.pop_back();
        const size_t close = current.find('}');
        const size_t begin =
            close == std::string::npos || close == 0 ? close : current.rfind('{', close);
        if (close == std::string::npos || begin == std::string::npos || begin > close) {
            done.push_back(current);
            continue;
        }
        for (size_t start = begin + 1; start <= close;) {
            const size_t end = std::min(current.find(',', start), close);
            open.push_back(current.substr(0, begin) + current.substr(start, end - start) +
                           current.substr(close + 1));
            start = end + 1;
        }
    }
    done.insert(done.end(), open.begin(), open.end());
    return done;
}

}  // namespace

base::Result<GlobPattern> GlobPattern::parse(std::string_view pattern) {
    if (pattern.empty() || pattern.size() > kPatternBytesMax)
        return fail(Errc::invalidInput, fmt::format("the pattern has {} bytes, 1 to {} expected",
                                                    pattern.size(), kPatternBytesMax));
    GlobPattern result;
    while (pattern.starts_with("./"))
        pattern.remove_prefix(2);
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    result.isNameOnly_ = pattern.find('/') == std::string_view::npos && pattern != "**";
    const std::vector<std::string> expanded = expandBraces(std::string(pattern));
    if (expanded.size() > kAlternativesMax)
        return fail(Errc::invalidInput,
                    fmt::format("the pattern has more than {} alternatives", kAlternativesMax));
    for (const std::string& one : expanded) {
        TRY_ASSIGN(Sequence sequence, parseOne(one));
        result.alternatives_.push_back(std::move(sequence));
    }
    return result;
}

base::Result<GlobPattern::Sequence> GlobPattern::parseOne(std::string_view pattern) {
    Sequence sequence;
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        const std::string_view rest = pattern.substr(i);
        if (rest.starts_with("**/")) {
            sequence.push_back({Kind::folders, 0, {}, false});
            i += 3;
        } else if (rest.starts_with("**")) {
            sequence.push_back({Kind::everything, 0, {}, false});
            i += 2;
        } else if (c == '*') {
            sequence.push_back({Kind::name, 0, {}, false});
            ++i;
        } else if (c == '?') {
            sequence.push_back({Kind::anyInName, 0, {}, false});
            ++i;
        } else if (c == '[') {
            Token token{Kind::set, 0, {}, false};
            size_t at = i + 1;
            token.isNegated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
            if (token.isNegated) ++at;
            const size_t first = at;
            while (at < pattern.size() && (pattern[at] != ']' || at == first)) {
                const bool isRange =
                    at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']';
                token.set += pattern[at];
                token.set += pattern[isRange ? at + 2 : at];
                at += isRange ? 3 : 1;
            }
            if (at >= pattern.size())
                return fail(Errc::invalidInput, "a [ of the pattern is not closed");
            sequence.push_back(std::move(token));
            i = at + 1;
        } else {
            if (c == '\\' && i + 1 < pattern.size()) ++i;
            sequence.push_back({Kind::literal, pattern[i], {}, false});
            ++i;
        }
    }
    return sequence;
}

// Simulates the automaton whose states are the positions between tokens.
bool GlobPattern::matchesOne(const Sequence& sequence, std::string_view path) {
    const size_t n = sequence.size();
    std::vector<char> now(n + 1, 0), next(n + 1, 0);
    const auto enter = [&](std::vector<char>& states, size_t state) {
        states[state] = 1;
        // Tokens that may match nothing let the next one begin here, too.
        while (state < n &&
               (sequence[state].kind == Kind::name || sequence[state].kind == Kind::folders ||
                sequence[state].kind == Kind::everything))
            states[++state] = 1;
    };
    enter(now, 0);
    for (const char c : path) {
        std::fill(next.begin(), next.end(), char(0));
        for (size_t state = 0; state < n; ++state) {
            if (now[state] == 0) continue;
            const Token& token = sequence[state];
            switch (token.kind) {
                case Kind::literal:
                    if (token.c == c) enter(next, state + 1);
                    break;
                case Kind::anyInName:
                    if (c != '/') enter(next, state + 1);
                    break;
                case Kind::name:
                    if (c != '/') enter(next, state);
                    break;
                case Kind::folders:
                    next[state] = 1;
                    if (c == '/') enter(next, state + 1);
                    break;
                case Kind::everything:
                    enter(next, state);
                    break;
                case Kind::set: {
                    bool isIn = false;
                    for (size_t i = 0; i + 1 < token.set.size(); i += 2)
                        isIn = isIn || (uint8_t(token.set[i]) <= uint8_t(c) &&
                                        uint8_t(c) <= uint8_t(token.set[i + 1]));
                    if (isIn != token.isNegated && c != '/') enter(next, state + 1);
                    break;
                }
            }
        }
        now.swap(next);
    }
    return now[n] != 0;
}

bool GlobPattern::matches(std::string_view path) const {
    if (isNameOnly_) path = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
    return std::any_of(alternatives_.begin(), alternatives_.end(),
                       [&](const Sequence& sequence) { return matchesOne(sequence, path); });
}

}  // namespace moxie::tools
