#include "engine/tokenizer/canonical_text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/text.h"
#include "engine/tokenizer/unicode_class.h"

namespace moxie::engine {

namespace {

struct CombiningRange {
    uint32_t first, last;
    uint8_t combining;
};

struct Decomposition {
    uint32_t composed, first, second;
    bool composes;
};

constexpr CombiningRange kCombiningRanges[] = {
#define MOXIE_COMBINING_RANGES
#include "engine/tokenizer/unicode_tables.def"
#undef MOXIE_COMBINING_RANGES
};

constexpr Decomposition kDecompositions[] = {
#define MOXIE_DECOMPOSITIONS
#include "engine/tokenizer/unicode_tables.def"
#undef MOXIE_DECOMPOSITIONS
};

// Korean syllables compose by arithmetic (The Unicode Standard, 3.12).
constexpr uint32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr uint32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr uint32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

struct Character {
    uint32_t codePoint;
    uint8_t combining;
};

class CanonicalTables {
public:
    CanonicalTables() : combining_(kCodePoints, 0), changes_(kCodePoints, 0) {
        for (const auto& range : kCombiningRanges) {
            std::fill(combining_.begin() + range.first, combining_.begin() + range.last + 1,
                      range.combining);
            std::fill(changes_.begin() + range.first, changes_.begin() + range.last + 1,
                      uint8_t(1));
        }
        for (const auto& entry : kDecompositions) {
            if (!entry.composes) {
                changes_[entry.composed] = 1;
                continue;
            }
            changes_[entry.second] = 1;
            pairs_.push_back(entry);
        }
        std::fill(changes_.begin() + kVowels, changes_.begin() + kVowels + kVowelCount, uint8_t(1));
        std::fill(changes_.begin() + kTails + 1, changes_.begin() + kTails + kTailCount,
                  uint8_t(1));
        std::sort(pairs_.begin(), pairs_.end(), [](const auto& a, const auto& b) {
            return keyOf(a.first, a.second) < keyOf(b.first, b.second);
        });
    }

    // Whether the character may be another one in NFC, or may change with what is before it. One
    // that may not begins a part that is composed by itself.
    bool mayChange(uint32_t codePoint) const { return changes_[codePoint] != 0; }

    void decompose(uint32_t codePoint, std::vector<Character>& out) const {
        if (codePoint - kSyllables < kSyllableCount) {
            const uint32_t index = codePoint - kSyllables;
            out.push_back({kLeads + index / (kVowelCount * kTailCount), 0});
            out.push_back({kVowels + index / kTailCount % kVowelCount, 0});
            if (index % kTailCount != 0) out.push_back({kTails + index % kTailCount, 0});
            return;
        }
        const auto* at = std::lower_bound(
            std::begin(kDecompositions), std::end(kDecompositions), codePoint,
            [](const auto& entry, uint32_t wanted) { return entry.composed < wanted; });
        if (at == std::end(kDecompositions) || at->composed != codePoint)
            return out.push_back({codePoint, combining_[codePoint]});
        decompose(at->first, out);
        if (at->second != 0) decompose(at->second, out);
    }

    // What the two are together; 0: nothing.
    uint32_t compose(uint32_t first, uint32_t second) const {
        if (first - kLeads < kLeadCount && second - kVowels < kVowelCount)
            return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
        const bool isOpen =
            first - kSyllables < kSyllableCount && (first - kSyllables) % kTailCount == 0;
        if (isOpen && second - kTails - 1 < kTailCount - 1) return first + (second - kTails);
        const auto at = std::lower_bound(
            pairs_.begin(), pairs_.end(), keyOf(first, second),
            [](const auto& entry, uint64_t key) { return keyOf(entry.first, entry.second) < key; });
        if (at == pairs_.end() || at->first != first || at->second != second) return 0;
        return at->composed;
    }

private:
    static uint64_t keyOf(uint32_t first, uint32_t second) {
        return uint64_t(first) << 32 | second;
    }

    std::vector<uint8_t> combining_;
    std::vector<uint8_t> changes_;
    std::vector<Decomposition> pairs_;  // sorted by their parts
};

const CanonicalTables& canonicalTables() {
    static const CanonicalTables kTables;
    return kTables;
}

// Requires: well-formed UTF-8 at `p`.
uint32_t readCodePoint(const char*& p) {
    const auto next = [&p] { return uint32_t(uint8_t(*p++)); };
    const uint32_t lead = next();
    if (lead < 0x80) return lead;
    uint32_t codePoint = lead < 0xE0 ? lead & 0x1F : lead < 0xF0 ? lead & 0x0F : lead & 0x07;
    for (int tail = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3; tail > 0; --tail)
        codePoint = codePoint << 6 | (next() & 0x3F);
    return codePoint;
}

void appendCodePoint(uint32_t codePoint, std::string& out) {
    if (codePoint < 0x80) {
        out.push_back(char(codePoint));
        return;
    }
    const int tails = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
    constexpr uint8_t kLeadMarks[] = {0, 0xC0, 0xE0, 0xF0};
    out.push_back(char(kLeadMarks[tails] | codePoint >> 6 * tails));
    for (int tail = tails - 1; tail >= 0; --tail)
        out.push_back(char(0x80 | (codePoint >> 6 * tail & 0x3F)));
}

void composePart(std::string_view part, std::vector<Character>& characters, std::string& out) {
    const auto& tables = canonicalTables();
    characters.clear();
    for (const char* p = part.data(); p != part.data() + part.size();)
        tables.decompose(readCodePoint(p), characters);
    // Marks in the order of their class, those of one class in their own.
    for (auto begin = characters.begin(); begin != characters.end();) {
        const auto isStarter = [](const Character& c) { return c.combining == 0; };
        begin = std::find_if_not(begin, characters.end(), isStarter);
        const auto end = std::find_if(begin, characters.end(), isStarter);
        std::stable_sort(begin, end, [](const Character& a, const Character& b) {
            return a.combining < b.combining;
        });
        begin = end;
    }
    // Each mark goes to the last starter unless one of its class or above stands between.
    size_t kept = 0;
    size_t starter = SIZE_MAX;
    for (size_t i = 0; i < characters.size(); ++i) {
        const Character next = characters[i];
        const bool isAdjacent = starter != SIZE_MAX && starter + 1 == kept;
        const bool isBlocked = starter == SIZE_MAX ||
                               (!isAdjacent && characters[kept - 1].combining >= next.combining);
        const uint32_t composed =
            isBlocked ? 0 : tables.compose(characters[starter].codePoint, next.codePoint);
        if (composed != 0) {
            characters[starter].codePoint = composed;
            continue;
        }
        if (next.combining == 0) starter = kept;
        characters[kept++] = next;
    }
    for (size_t i = 0; i < kept; ++i)
        appendCodePoint(characters[i].codePoint, out);
}

// Appends valid text composed. Parts that cannot change are copied.
void composeValid(std::string_view text, std::string& out) {
    const auto& tables = canonicalTables();
    std::vector<Character> characters;
    const char* const end = text.data() + text.size();
    const char* partBegin = text.data();  // the last character that may not change
    bool mayPartChange = false;
    for (const char* p = text.data(); p != end;) {
        const char* begin = p;
        const bool mayChange = tables.mayChange(readCodePoint(p));
        if (!mayChange) {
            const std::string_view part(partBegin, size_t(begin - partBegin));
            if (mayPartChange)
                composePart(part, characters, out);
            else
                out += part;
            partBegin = begin;
        }
        mayPartChange = mayChange || (mayPartChange && partBegin != begin);
    }
    composePart(std::string_view(partBegin, size_t(end - partBegin)), characters, out);
}

// Whether valid text has no character that may change.
bool isComposed(std::string_view text) {
    const bool isBelow300 =
        std::all_of(text.begin(), text.end(), [](char c) { return uint8_t(c) < 0xCC; });
    if (isBelow300) return true;  // the first combining mark is U+0300, CC 80
    const auto& tables = canonicalTables();
    for (const char* p = text.data(); p != text.data() + text.size();)
        if (tables.mayChange(readCodePoint(p))) return false;
    return true;
}

}  // namespace

std::string_view composeText(std::string_view text, std::string& storage) {
    storage.clear();
    bool isChanged = false;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view valid = rest.substr(0, size_t(base::validUtf8Prefix(rest)));
        if (!isChanged && !isComposed(valid)) {
            isChanged = true;
            storage.assign(text.data(), rest.data());
        }
        if (isChanged) composeValid(valid, storage);
        rest.remove_prefix(valid.size());
        if (rest.empty()) break;
        if (isChanged) storage.push_back(rest.front());
        rest.remove_prefix(1);
    }
    return isChanged ? std::string_view(storage) : text;
}

}  // namespace moxie::engine
