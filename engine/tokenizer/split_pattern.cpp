#include "engine/tokenizer/split_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace moxie::engine {

namespace {

constexpr size_t kPatternBytesMax = 4096;
constexpr size_t kGroupsMax = 64;
constexpr size_t kRepeatMax = 4;  // digits of a count in {m,n}

// The White_Space property of Unicode, for use inside a class: PCRE2's own \s would take U+180E.
constexpr std::string_view kWhiteSpace =
    "\\x09-\\x0D\\x20\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}"
    "\\x{205F}\\x{3000}";
constexpr std::array<std::string_view, 23> kProperties = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd",
    "Nl", "No", "P",  "S",  "Sc", "Sk", "Sm", "So", "Z",  "Zs", "Han"};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

// Walks a pattern once, left to right, and writes what PCRE2 shall read.
class PatternRewriter {
public:
    explicit PatternRewriter(std::string_view pattern) : rest_(pattern), whole_(pattern) {}

    base::Result<std::string> rewrite() {
        if (whole_.size() > kPatternBytesMax || !base::isValidUtf8(whole_) ||
            whole_.find('\0') != std::string_view::npos)
            return base::fail(
                base::Errc::unsupported,
                fmt::format("pattern of {} bytes; expected UTF-8 without NUL, at most {}",
                            whole_.size(), kPatternBytesMax));
        while (!rest_.empty())
            TRY(step());
        if (!groups_.empty()) return refuse("a group that is not closed");
        return std::move(out_);
    }

private:
    struct Group {
        bool hasQuantifier = false;
    };

    tl::unexpected<base::Error> refuse(std::string_view what) const {
        return base::fail(base::Errc::unsupported,
                          fmt::format("{} at {} of the pattern {}", what, position(),
                                      base::stripTerminalControl(base::cutUtf8(whole_, 200))));
    }

    size_t position() const { return whole_.size() - rest_.size(); }

    void copy(size_t n) {
        out_ += rest_.substr(0, n);
        rest_.remove_prefix(n);
    }

    base::Status step() {
        const char c = rest_.front();
        const bool wasGroup = std::exchange(closedGroup_, false);
        switch (c) {
            case '\\':
                return escape(false);
            case '[':
                return characterClass();
            case '(':
                return openGroup();
            case ')':
                return closeGroup();
            case '*':
            case '+':
            case '?':
            case '{':
                return quantifier(wasGroup);
            case '|':
                copy(1);
                return {};
            case '$':  // before any line end
                out_ += "(?![^\\n])";
                rest_.remove_prefix(1);
                return {};
            case '^':
            case '}':
            case ']':
                return refuse(fmt::format("\"{}\"", c));
            default:
                copy(1);
                return {};
        }
    }

    base::Status openGroup() {
        if (groups_.size() == kGroupsMax) return refuse("a group too deep");
        for (const std::string_view open : {"(?:", "(?i:", "(?=", "(?!"})
            if (rest_.starts_with(open)) {
                copy(open.size());
                groups_.emplace_back();
                return {};
            }
        if (rest_.starts_with("(?")) return refuse("a group of unknown kind");
        out_ += "(?:";
        rest_.remove_prefix(1);
        groups_.emplace_back();
        return {};
    }

    base::Status closeGroup() {
        if (groups_.empty()) return refuse("\")\"");
        copy(1);
        lastGroup_ = groups_.back();
        groups_.pop_back();
        if (!groups_.empty() && lastGroup_.hasQuantifier) groups_.back().hasQuantifier = true;
        closedGroup_ = true;
        return {};
    }

    base::Status quantifier(bool wasGroup) {
        if (wasGroup && lastGroup_.hasQuantifier && rest_.front() != '?')
            return refuse("a repeated group that repeats inside");
        if (rest_.front() == '{') {
            const size_t close = rest_.find('}');
            const std::string_view counts =
                rest_.substr(1, close == std::string_view::npos ? 0 : close - 1);
            const size_t comma = std::min(counts.find(','), counts.size());
            const bool isCount =
                comma > 0 && comma <= kRepeatMax && counts.size() - comma <= kRepeatMax + 1 &&
                std::all_of(counts.begin(), counts.begin() + int64_t(comma), isDigit) &&
                std::all_of(counts.begin() + int64_t(std::min(comma + 1, counts.size())),
                            counts.end(), isDigit);
            if (!isCount) return refuse("\"{\"");
            copy(close + 1);
        } else {
            copy(1);
        }
        // Lazy and possessive forms mean the same to both, but {m,n}+ does not.
        if (!rest_.empty() && rest_.front() == '?') copy(1);
        if (!groups_.empty()) groups_.back().hasQuantifier = true;
        if (!rest_.empty() &&
            std::string_view("*+?{").find(rest_.front()) != std::string_view::npos)
            return refuse("a quantifier after a quantifier");
        return {};
    }

    base::Status escape(bool inClass) {
        if (rest_.size() < 2) return refuse("a \"\\\" at the end");
        const char c = rest_[1];
        if (c == 'p' || c == 'P') return property();
        if (c == 's' || c == 'S') {
            if (inClass && c == 'S') return refuse("\\S inside a class");
            out_ += inClass ? std::string(kWhiteSpace)
                            : fmt::format("[{}{}]", c == 'S' ? "^" : "", kWhiteSpace);
            rest_.remove_prefix(2);
            return {};
        }
        const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c);
        if (isLetter && std::string_view("rntd").find(c) == std::string_view::npos)
            return refuse(fmt::format("\"\\{}\"", c));
        if (uint8_t(c) >= 0x80) return refuse("a \"\\\" before a letter");
        copy(2);
        return {};
    }

    base::Status property() {
        const size_t close = rest_.find('}');
        if (rest_.size() < 4 || rest_[2] != '{' || close == std::string_view::npos)
            return refuse("a property without braces");
        const std::string_view name = rest_.substr(3, close - 3);
        if (std::find(kProperties.begin(), kProperties.end(), name) == kProperties.end())
            return refuse(fmt::format("the property {}", base::cutUtf8(name, 40)));
        if (name == "Han") {  // alone it would mean the script extensions to PCRE2
            out_ += fmt::format("\\{}{{sc:Han}}", rest_[1]);
            rest_.remove_prefix(close + 1);
            return {};
        }
        copy(close + 1);
        return {};
    }

    base::Status characterClass() {
        copy(1);
        if (!rest_.empty() && rest_.front() == '^') copy(1);
        if (!rest_.empty() && rest_.front() == ']') return refuse("an empty class");
        while (!rest_.empty() && rest_.front() != ']') {
            if (rest_.front() == '\\') {
                TRY(escape(true));
            } else if (rest_.front() == '[' || rest_.starts_with("&&")) {
                return refuse("a class inside a class");
            } else {
                copy(1);
            }
        }
        if (rest_.empty()) return refuse("a class that is not closed");
        copy(1);
        return {};
    }

    std::string_view rest_;
    std::string_view whole_;
    std::string out_;
    std::vector<Group> groups_;
    Group lastGroup_;
    bool closedGroup_ = false;
};

}  // namespace

std::string canonicalPattern(std::string_view pattern) {
    std::string out;
    for (const char c : pattern) {
        if (c == '\r' || c == '\n')
            out += c == '\r' ? "\\r" : "\\n";
        else
            out += c;
    }
    return out;
}

std::string literalPattern(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\[](){}*+?|^$.-&").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return canonicalPattern(out);
}

base::Result<std::string> pcre2Pattern(std::string_view pattern) {
    return PatternRewriter(pattern).rewrite();
}

}  // namespace moxie::engine
