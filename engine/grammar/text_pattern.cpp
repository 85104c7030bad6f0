#include "engine/grammar/text_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace moxie::engine {

namespace {

using Ranges = std::vector<ByteNfa::Characters>;
using Place = ByteNfa::Place;

constexpr uint32_t kLastCharacter = 0x10FFFF;
constexpr int32_t kNestedGroupsMax = 50;  // in each other
constexpr int32_t kTimesMax = 100000;     // of a quantifier
constexpr int32_t kEver = std::numeric_limits<int32_t>::max();

struct Part {
    enum class Kind { characters, sequence, either, repeat, atStart, atEnd };
    Kind kind = Kind::sequence;
    Ranges ranges = {};
    std::vector<Part> parts = {};
    int32_t min = 0;
    int32_t max = 0;
};

const Ranges kDecimalDigits = {{'0', '9'}};
const Ranges kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const Ranges kSpace = {{'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680},
                       {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                       {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
const Ranges kLineEnds = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

Ranges opposite(Ranges ranges) {
    std::ranges::sort(ranges, {}, &ByteNfa::Characters::first);
    Ranges others;
    uint32_t next = 0;
    for (const auto& range : ranges) {
        if (range.first > next) others.push_back({next, range.first - 1});
        next = std::max(next, range.last + 1);
    }
    if (next <= kLastCharacter) others.push_back({next, kLastCharacter});
    return others;
}

std::vector<uint32_t> charactersOf(std::string_view text) {
    std::vector<uint32_t> characters;
    for (size_t i = 0; i < text.size();) {
        const auto lead = uint8_t(text[i]);
        const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        uint32_t character = bytes == 1 ? lead : lead & (0xFFU >> (bytes + 1));
        for (size_t n = 1; n < bytes; ++n)
            character = character << 6 | (uint8_t(text[i + n]) & 0x3FU);
        characters.push_back(character);
        i += bytes;
    }
    return characters;
}

class PatternParser {
public:
    explicit PatternParser(std::vector<uint32_t> pattern) : pattern_(std::move(pattern)) {}

    base::Result<Part> parse() {
        TRY_ASSIGN(Part part, parseChoices());
        if (at_ < pattern_.size()) return fail(base::Errc::invalidInput, "an unopened )");
        return part;
    }

private:
    bool isAt(uint32_t character) const {
        return at_ < pattern_.size() && pattern_[at_] == character;
    }

    bool take(uint32_t character) {
        if (!isAt(character)) return false;
        ++at_;
        return true;
    }

    tl::unexpected<base::Error> fail(base::Errc code, std::string_view what) const {
        return base::fail(code, fmt::format("{} at character {}", what, at_));
    }

    base::Result<Part> parseChoices();
    base::Result<Part> parseSequence();
    base::Result<Part> parsePiece();
    base::Result<Part> parseGroup();
    base::Result<Part> repeated(Part part);
    base::Result<Part> parseClass();
    std::optional<int32_t> parseCount();
    base::Result<Ranges> parseEscape(bool isInClass);
    base::Result<Ranges> parseCode(uint32_t digits);
    base::Result<Ranges> classMember();

    std::vector<uint32_t> pattern_;
    size_t at_ = 0;
    int32_t groups_ = 0;
};

base::Result<Part> PatternParser::parseChoices() {
    Part choices = {.kind = Part::Kind::either};
    do {
        TRY_ASSIGN(Part part, parseSequence());
        choices.parts.push_back(std::move(part));
    } while (take('|'));
    return choices.parts.size() == 1 ? std::move(choices.parts.front()) : choices;
}

base::Result<Part> PatternParser::parseSequence() {
    Part sequence;
    while (at_ < pattern_.size() && !isAt('|') && !isAt(')')) {
        TRY_ASSIGN(Part part, parsePiece());
        TRY_ASSIGN(part, repeated(std::move(part)));
        sequence.parts.push_back(std::move(part));
    }
    return sequence;
}

base::Result<Part> PatternParser::parsePiece() {
    const uint32_t character = pattern_[at_++];
    switch (character) {
        case '^':
            return Part{.kind = Part::Kind::atStart};
        case '$':
            return Part{.kind = Part::Kind::atEnd};
        case '(':
            return parseGroup();
        case '[':
            return parseClass();
        case '.':
            return Part{.kind = Part::Kind::characters, .ranges = opposite(kLineEnds)};
        case '\\': {
            TRY_ASSIGN(Ranges ranges, parseEscape(false));
            return Part{.kind = Part::Kind::characters, .ranges = std::move(ranges)};
        }
        case '*':
        case '+':
        case '?':
        case '{':
            return fail(base::Errc::invalidInput, "a quantifier of nothing");
        default:
            return Part{.kind = Part::Kind::characters, .ranges = {{character, character}}};
    }
}

base::Result<Part> PatternParser::parseGroup() {
    if (take('?')) {
        const bool isNamed = take('<');
        if (isNamed && (isAt('=') || isAt('!')))
            return fail(base::Errc::unsupported, "looking behind");
        while (isNamed && at_ < pattern_.size() && !take('>'))
            ++at_;
        if (!isNamed && !take(':'))
            return fail(base::Errc::unsupported, "looking ahead, or flags of a group,");
    }
    if (++groups_ > kNestedGroupsMax)
        return fail(base::Errc::unsupported, "too many groups in groups");
    TRY_ASSIGN(Part part, parseChoices());
    --groups_;
    if (!take(')')) return fail(base::Errc::invalidInput, "a group that is not closed");
    return part;
}

std::optional<int32_t> PatternParser::parseCount() {
    std::optional<int32_t> count;
    for (; at_ < pattern_.size() && pattern_[at_] >= '0' && pattern_[at_] <= '9'; ++at_)
        count = std::min(count.value_or(0) * 10 + int32_t(pattern_[at_] - '0'), kTimesMax);
    return count;
}

base::Result<Part> PatternParser::repeated(Part part) {
    if (!isAt('*') && !isAt('+') && !isAt('?') && !isAt('{')) return part;
    if (part.kind == Part::Kind::atStart || part.kind == Part::Kind::atEnd)
        return fail(base::Errc::unsupported, "a quantifier of ^ or $");
    Part outer = {.kind = Part::Kind::repeat, .max = kEver};
    const uint32_t sign = pattern_[at_++];
    if (sign == '+') outer.min = 1;
    if (sign == '?') outer.max = 1;
    if (sign == '{') {
        const auto least = parseCount();
        if (!least) return fail(base::Errc::unsupported, "{ that opens no quantifier");
        outer.min = outer.max = *least;
        if (take(',')) outer.max = parseCount().value_or(kEver);
        if (!take('}') || outer.max < outer.min)
            return fail(base::Errc::invalidInput, "a quantifier that is none");
    }
    take('?');  // lazy: the same texts
    outer.parts.push_back(std::move(part));
    return outer;
}

base::Result<Ranges> PatternParser::parseCode(uint32_t digits) {
    uint32_t code = 0;
    const bool isBraced = digits == 4 && take('{');
    for (uint32_t n = 0; isBraced ? !isAt('}') : n < digits; ++n) {
        const uint32_t c = at_ < pattern_.size() ? pattern_[at_++] : 0;
        const bool isLetter = (c | 0x20) >= 'a' && (c | 0x20) <= 'f';
        if ((!isLetter && (c < '0' || c > '9')) || code > kLastCharacter)
            return fail(base::Errc::invalidInput, "a character's number that is none");
        code = code * 16 + (isLetter ? (c | 0x20) - 'a' + 10 : c - '0');
    }
    if (isBraced) take('}');
    if (code > kLastCharacter || (code >= 0xD800 && code <= 0xDFFF))
        return fail(base::Errc::unsupported, "half a character");
    return Ranges{{code, code}};
}

base::Result<Ranges> PatternParser::parseEscape(bool isInClass) {
    const uint32_t c = at_ < pattern_.size() ? pattern_[at_++] : 0;
    const auto one = [](uint32_t character) { return Ranges{{character, character}}; };
    switch (c) {
        case 'd':
            return kDecimalDigits;
        case 'D':
            return opposite(kDecimalDigits);
        case 'w':
            return kWord;
        case 'W':
            return opposite(kWord);
        case 's':
            return kSpace;
        case 'S':
            return opposite(kSpace);
        case 't':
            return one('\t');
        case 'n':
            return one('\n');
        case 'r':
            return one('\r');
        case 'f':
            return one('\f');
        case 'v':
            return one('\v');
        case 'x':
            return parseCode(2);
        case 'u':
            return parseCode(4);
        case 'b':
            if (isInClass) return one('\b');
            break;
        default:
            break;
    }
    const bool isNamed = c < 0x80 && (c == 0 || (c >= '0' && c <= '9') ||
                                      ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_');
    if (isNamed) return fail(base::Errc::unsupported, "an escape that is not taken");
    return one(c);
}

base::Result<Ranges> PatternParser::classMember() {
    if (at_ >= pattern_.size()) return fail(base::Errc::invalidInput, "a class that is not closed");
    const uint32_t c = pattern_[at_++];
    if (c == '\\') return parseEscape(true);
    return Ranges{{c, c}};
}

base::Result<Part> PatternParser::parseClass() {
    const bool isOpposite = take('^');
    Ranges all;
    while (!take(']')) {
        TRY_ASSIGN(Ranges first, classMember());
        const bool isRange = isAt('-') && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']';
        if (isRange) {
            ++at_;
            TRY_ASSIGN(const Ranges last, classMember());
            const auto isOne = [](const Ranges& ranges) {
                return ranges.size() == 1 && ranges[0].first == ranges[0].last;
            };
            if (!isOne(first) || !isOne(last) || first[0].first > last[0].first)
                return fail(base::Errc::invalidInput, "a range that is none");
            first[0].last = last[0].first;
        }
        all.insert(all.end(), first.begin(), first.end());
    }
    return Part{.kind = Part::Kind::characters,
                .ranges = isOpposite ? opposite(std::move(all)) : std::move(all)};
}

// Whether it takes no text but the empty one, and asks for nothing.
bool isNothing(const Part& part) {
    const bool isMade = part.kind == Part::Kind::sequence || part.kind == Part::Kind::either ||
                        part.kind == Part::Kind::repeat;
    return (part.kind == Part::Kind::repeat && part.max == 0) ||
           (isMade && std::ranges::all_of(part.parts, isNothing));
}

// Where `part` begins if it leads to `to`.
Place build(const Part& part, ByteNfa& nfa, Place to) {
    if (nfa.isTooLarge()) return to;
    switch (part.kind) {
        case Part::Kind::characters:
            return nfa.character(part.ranges, to);
        case Part::Kind::sequence:
            for (size_t i = part.parts.size(); i-- > 0;)
                to = build(part.parts[i], nfa, to);
            return to;
        case Part::Kind::either: {
            Place place = build(part.parts.front(), nfa, to);
            for (size_t i = 1; i < part.parts.size(); ++i)
                place = nfa.either(place, build(part.parts[i], nfa, to));
            return place;
        }
        case Part::Kind::repeat: {
            const Part& inner = part.parts.front();
            if (isNothing(inner)) return to;  // however often
            Place place = to;
            if (part.max == kEver) {
                const Place loop = nfa.open();
                nfa.close(loop, nfa.either(build(inner, nfa, loop), to));
                place = loop;
            }
            for (int32_t n = part.min; part.max != kEver && n < part.max && !nfa.isTooLarge(); ++n)
                place = nfa.either(build(inner, nfa, place), to);
            for (int32_t n = 0; n < part.min && !nfa.isTooLarge(); ++n)
                place = build(inner, nfa, place);
            return place;
        }
        case Part::Kind::atStart:
            return nfa.atStart(to);
        case Part::Kind::atEnd:
            return nfa.atEnd(to);
    }
    return to;
}

struct Format {
    std::string_view name;
    std::string_view pattern;
};

#define MOXIE_YEAR "(000[1-9]|00[1-9]\\d|0[1-9]\\d\\d|[1-9]\\d{3})"
#define MOXIE_DATE                                                                                \
    "(" MOXIE_YEAR                                                                                \
    "-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|"       \
    "1\\d|2[0-8]))|(\\d\\d(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-" \
    "29)"
#define MOXIE_TIME \
    "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)"
#define MOXIE_BYTE "(\\d|[1-9]\\d|1\\d\\d|2[0-4]\\d|25[0-5])"
#define MOXIE_LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

constexpr Format kFormats[] = {
    {"date", "^" MOXIE_DATE "$"},
    {"time", "^" MOXIE_TIME "$"},
    {"date-time", "^" MOXIE_DATE "T" MOXIE_TIME "$"},
    {"uuid", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"},
    {"email", "^[A-Za-z0-9_%+-]+(\\.[A-Za-z0-9_%+-]+)*@(" MOXIE_LABEL "\\.)+[A-Za-z][A-Za-z0-9]*$"},
    {"ipv4", "^" MOXIE_BYTE "\\." MOXIE_BYTE "\\." MOXIE_BYTE "\\." MOXIE_BYTE "$"},
    {"hostname", "^" MOXIE_LABEL "(\\." MOXIE_LABEL ")*$"},
    {"uri",
     "^[A-Za-z][A-Za-z0-9+.-]*:(//[A-Za-z0-9._~%-]+(:\\d{1,5})?)?(/[A-Za-z0-9._~%!$&'()*+,;"
     "=:@-]*)*(\\?[A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?(#[A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?$"},
};

#undef MOXIE_YEAR
#undef MOXIE_DATE
#undef MOXIE_TIME
#undef MOXIE_BYTE
#undef MOXIE_LABEL

}  // namespace

base::Result<ByteDfa> textsWithMatch(std::string_view pattern) {
    if (!base::isValidUtf8(pattern))
        return base::fail(base::Errc::invalidInput, "a pattern that is no UTF-8");
    TRY_ASSIGN(const Part part, PatternParser(charactersOf(pattern)).parse());
    const Ranges any = {{0, kLastCharacter}};
    ByteNfa nfa;
    const Place behind = nfa.open();
    nfa.close(behind, nfa.either(nfa.character(any, behind), ByteNfa::end()));
    nfa.setForever(behind);
    const Place match = build(part, nfa, behind);
    const Place ahead = nfa.open();
    nfa.close(ahead, nfa.either(nfa.character(any, ahead), match));
    auto dfa = nfa.deterministic(ahead);
    if (!dfa) return base::fail(base::Errc::unsupported, "a pattern of too many states");
    return *std::move(dfa);
}

std::string_view patternOfFormat(std::string_view format) {
    const auto found = std::ranges::find(kFormats, format, &Format::name);
    return found == std::end(kFormats) ? std::string_view() : found->pattern;
}

}  // namespace moxie::engine
