#include "engine/grammar/number_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/grammar/text_pattern.h"

namespace moxie::engine {

namespace {

using Place = ByteNfa::Place;

constexpr int32_t kPlacesMax = 15;
constexpr int32_t kBoundDigitsMax = 30;
constexpr int64_t kRemaindersMax = 1000;
constexpr std::string_view kAnyFraction = "(\\.\\d+)?";

struct Decimal {
    bool isNegative = false;
    std::string whole = {};     // no zeros ahead; "0"
    std::string fraction = {};  // no zeros behind

    bool isZero() const { return whole == "0" && fraction.empty(); }
};

base::Result<Decimal> decimalOf(std::string_view text) {
    const auto fail = [text](base::Errc code) {
        return base::fail(code, fmt::format("the number {}", text.substr(0, 60)));
    };
    Decimal decimal;
    decimal.isNegative = text.starts_with('-');
    std::string_view mantissa = text.substr(decimal.isNegative ? 1 : 0);
    int32_t exponent = 0;
    if (const size_t at = mantissa.find_first_of("eE"); at != std::string_view::npos) {
        std::string_view power = mantissa.substr(at + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        const auto [end, error] =
            std::from_chars(power.data(), power.data() + power.size(), exponent);
        if (error != std::errc() || std::abs(exponent) > kBoundDigitsMax)
            return fail(base::Errc::unsupported);
        mantissa = mantissa.substr(0, at);
    }
    const size_t point = std::min(mantissa.find('.'), mantissa.size());
    std::string digits(mantissa.substr(0, point));
    digits += mantissa.substr(std::min(point + 1, mantissa.size()));
    const bool areDigits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (digits.empty() || !areDigits) return fail(base::Errc::invalidInput);
    int64_t wholeDigits = int64_t(point) + exponent;
    if (wholeDigits < 0) digits.insert(0, size_t(-wholeDigits), '0');
    wholeDigits = std::max<int64_t>(wholeDigits, 0);
    if (int64_t(digits.size()) < wholeDigits) digits.resize(size_t(wholeDigits), '0');
    decimal.whole = digits.substr(0, size_t(wholeDigits));
    decimal.fraction = digits.substr(size_t(wholeDigits));
    decimal.whole.erase(0, std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size()));
    decimal.fraction.erase(decimal.fraction.find_last_not_of('0') + 1);
    if (decimal.whole.empty()) decimal.whole = "0";
    if (decimal.whole.size() + decimal.fraction.size() > size_t(kBoundDigitsMax))
        return fail(base::Errc::unsupported);
    if (decimal.isZero()) decimal.isNegative = false;
    return decimal;
}

enum class Equal { isIn, isOut };

// Patterns of what is written without a sign, no less or no more than `bound`'s size.
std::string sizesAtMost(const Decimal& bound, Equal equal) {
    const std::string& whole = bound.whole;
    const std::string& fraction = bound.fraction;
    std::string pattern;
    const auto add = [&pattern](const std::string& one) {
        pattern += (pattern.empty() ? "" : "|") + one;
    };
    if (whole.size() > 1) add(fmt::format("\\d{{1,{}}}{}", whole.size() - 1, kAnyFraction));
    for (size_t i = 0; i < whole.size(); ++i)
        if (whole[i] > '0')
            add(fmt::format("{}[0-{}]\\d{{{}}}{}", whole.substr(0, i), char(whole[i] - 1),
                            whole.size() - 1 - i, kAnyFraction));
    if (!fraction.empty()) add(whole);
    for (size_t i = 0; i < fraction.size(); ++i) {
        const std::string same = whole + "\\." + fraction.substr(0, i);
        if (i > 0) add(same);
        if (fraction[i] > '0') add(fmt::format("{}[0-{}]\\d*", same, char(fraction[i] - 1)));
    }
    if (equal == Equal::isIn)
        add(fraction.empty() ? whole + "(\\.0+)?" : whole + "\\." + fraction + "0*");
    return pattern.empty() ? "[]" : pattern;
}

std::string sizesAtLeast(const Decimal& bound, Equal equal) {
    const std::string& whole = bound.whole;
    const std::string& fraction = bound.fraction;
    std::string pattern = fmt::format("\\d{{{},}}{}", whole.size() + 1, kAnyFraction);
    for (size_t i = 0; i < whole.size(); ++i)
        if (whole[i] < '9')
            pattern += fmt::format("|{}[{}-9]\\d{{{}}}{}", whole.substr(0, i), char(whole[i] + 1),
                                   whole.size() - 1 - i, kAnyFraction);
    for (size_t i = 0; i < fraction.size(); ++i)
        if (fraction[i] < '9')
            pattern += fmt::format("|{}\\.{}[{}-9]\\d*", whole, fraction.substr(0, i),
                                   char(fraction[i] + 1));
    if (equal == Equal::isOut) return pattern + fmt::format("|{}\\.{}0*[1-9]\\d*", whole, fraction);
    if (fraction.empty()) return pattern + "|" + whole + std::string(kAnyFraction);
    return pattern + fmt::format("|{}\\.{}\\d*", whole, fraction);
}

std::string patternAtMost(const Decimal& bound, Equal equal) {
    if (bound.isNegative) return fmt::format("^-({})$", sizesAtLeast(bound, equal));
    if (bound.isZero() && equal == Equal::isOut)
        return fmt::format("^-({})$", sizesAtLeast(bound, equal));
    return fmt::format("^({}|-.*)$", sizesAtMost(bound, equal));
}

std::string patternAtLeast(const Decimal& bound, Equal equal) {
    if (bound.isNegative) return fmt::format("^(\\d.*|-({}))$", sizesAtMost(bound, equal));
    if (bound.isZero() && equal == Equal::isIn) return "^(\\d.*|-0(\\.0+)?)$";
    return fmt::format("^({})$", sizesAtLeast(bound, equal));
}

// Remainders of what is written, digit by digit; `behind`: digits behind the point, -1 ahead of it.
struct Remainders {
    int64_t of;
    int32_t digits;  // behind the point that count

    size_t placeOf(int64_t remainder, int32_t behind) const {
        return size_t(remainder) * size_t(digits + 2) + size_t(behind + 1);
    }

    bool isMultiple(int64_t remainder, int32_t behind) const {
        for (int32_t i = std::max(behind, 0); i < digits; ++i)
            remainder = remainder * 10 % of;
        return remainder == 0;
    }
};

base::Result<ByteDfa> multiplesOf(const std::string& text) {
    TRY_ASSIGN(const Decimal step, decimalOf(text));
    if (step.isZero() || step.isNegative)
        return base::fail(base::Errc::invalidInput, "a multiple of " + text);
    const std::string all = step.whole + step.fraction;
    Remainders left = {.of = 0, .digits = int32_t(step.fraction.size())};
    for (const char c : all)
        left.of = std::min(left.of * 10 + (c - '0'), kRemaindersMax + 1);
    if (left.of * (left.digits + 2) > kRemaindersMax * 2)
        return base::fail(base::Errc::unsupported, "a multiple of " + text);
    ByteNfa nfa;
    std::vector<Place> places(left.placeOf(left.of, -1));
    for (Place& place : places)
        place = nfa.open();
    for (int64_t r = 0; r < left.of; ++r)
        for (int32_t behind = -1; behind <= left.digits; ++behind) {
            Place at = nfa.byte(1, 0, ByteNfa::end());  // nothing
            if (left.isMultiple(r, behind)) at = nfa.either(at, ByteNfa::end());
            const int32_t after = behind < 0 ? -1 : behind + 1;
            for (int64_t digit = 0; digit < 10 && after <= left.digits; ++digit)
                at = nfa.either(at,
                                nfa.byte(uint8_t('0' + digit), uint8_t('0' + digit),
                                         places[left.placeOf((r * 10 + digit) % left.of, after)]));
            if (behind == left.digits)
                at = nfa.either(at, nfa.byte('0', '0', places[left.placeOf(r, behind)]));
            if (behind < 0) at = nfa.either(at, nfa.byte('.', '.', places[left.placeOf(r, 0)]));
            nfa.close(places[left.placeOf(r, behind)], at);
        }
    const Place number = places[left.placeOf(0, -1)];
    auto dfa = nfa.deterministic(nfa.either(number, nfa.byte('-', '-', number)));
    if (!dfa) return base::fail(base::Errc::unsupported, "a multiple of " + text);
    return *std::move(dfa);
}

base::Result<ByteDfa> within(const ByteDfa& all, base::Result<ByteDfa> limit) {
    if (!limit) return base::fail(std::move(limit).error());
    auto both = ByteDfa::both(all, *limit);
    if (!both) return base::fail(base::Errc::unsupported, "bounds of too many states");
    return *std::move(both);
}

}  // namespace

base::Result<ByteDfa> numbersWithin(const NumberBounds& bounds) {
    size_t digits = size_t(kPlacesMax);
    std::vector<std::string> patterns;
    const auto add = [&](const std::string& text, auto& pattern, Equal equal) -> base::Status {
        if (text.empty()) return {};
        TRY_ASSIGN(const Decimal bound, decimalOf(text));
        digits = std::max(digits, bound.whole.size());
        patterns.push_back(pattern(bound, equal));
        return {};
    };
    TRY(add(bounds.atLeast, patternAtLeast, Equal::isIn));
    TRY(add(bounds.above, patternAtLeast, Equal::isOut));
    TRY(add(bounds.atMost, patternAtMost, Equal::isIn));
    TRY(add(bounds.below, patternAtMost, Equal::isOut));
    const std::string form =
        fmt::format("^-?(0|[1-9]\\d{{0,{}}}){}$", digits - 1,
                    bounds.isInteger ? "" : fmt::format("(\\.\\d{{1,{}}})?", kPlacesMax));
    TRY_ASSIGN(ByteDfa numbers, textsWithMatch(form));
    for (const auto& pattern : patterns) {
        TRY_ASSIGN(numbers, within(numbers, textsWithMatch(pattern)));
    }
    if (!bounds.multipleOf.empty()) {
        TRY_ASSIGN(numbers, within(numbers, multiplesOf(bounds.multipleOf)));
    }
    return numbers;
}

}  // namespace moxie::engine
