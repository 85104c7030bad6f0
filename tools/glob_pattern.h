// File name patterns: * and ? stay within one folder, ** crosses folders, [a-z] and [!a-z] are
// sets, {a,b} are alternatives. A pattern without '/' is held against the last name of a path.
// Threads: values. Cost: O(pattern * path), whatever the pattern.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::tools {

class GlobPattern {
public:
    // Fails: invalidInput (a set that is not closed, more than 64 alternatives, over 1000 bytes).
    static base::Result<GlobPattern> parse(std::string_view pattern);

    // `path`: relative, '/'-separated.
    bool matches(std::string_view path) const;

private:
    enum class Kind { literal, anyInName, name, folders, everything, set };

    struct Token {
        Kind kind = Kind::literal;
        char c = 0;       // of a literal
        std::string set;  // pairs of first and last byte
        bool isNegated = false;
    };

    using Sequence = std::vector<Token>;

    static base::Result<Sequence> parseOne(std::string_view pattern);
    static bool matchesOne(const Sequence& sequence, std::string_view path);

    std::vector<Sequence> alternatives_;
    bool isNameOnly_ = false;
};

}  // namespace moxie::tools
