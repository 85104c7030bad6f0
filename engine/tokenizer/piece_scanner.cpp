#include "engine/tokenizer/piece_scanner.h"

namespace moxie::engine {

namespace {

constexpr CharSet kWords = kLetters | kMarks;
// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] and [\p{Ll}\p{Lm}\p{Lo}\p{M}].
constexpr CharSet kCapitals{CharClass::upper, CharClass::title, CharClass::modifier,
                            CharClass::letter, CharClass::mark};
constexpr CharSet kSmalls{CharClass::lower, CharClass::modifier, CharClass::letter,
                          CharClass::mark};

bool isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What DeepSeek's second pattern takes: CJK ideographs of Unicode 1.1, Hiragana, Katakana.
bool isDeepSeekHan(uint32_t codePoint) {
    return (codePoint >= 0x4E00 && codePoint <= 0x9FA5) ||
           (codePoint >= 0x3040 && codePoint <= 0x30FF);
}

// A text and the classes of its characters. Positions are pointers into the text.
struct PieceView {
    const char* end;
    const uint8_t* keys;

    struct Char {
        uint32_t codePoint;
        uint8_t key;
        uint8_t bytes;
    };

    Char at(const char* p) const {
        const auto byte = [p](int i) { return uint32_t(uint8_t(p[i])); };
        const uint32_t lead = byte(0);
        if (lead < 0x80) return {lead, keys[lead], 1};
        uint32_t codePoint = 0;
        uint8_t bytes = 0;
        if (lead < 0xE0) {
            codePoint = (lead & 0x1F) << 6 | (byte(1) & 0x3F);
            bytes = 2;
        } else if (lead < 0xF0) {
            codePoint = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
            bytes = 3;
        } else {
            codePoint = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
                        (byte(3) & 0x3F);
            bytes = 4;
        }
        return {codePoint, keys[codePoint], bytes};
    }

    bool isIn(const char* p, CharSet set) const { return p < end && set.has(at(p).key); }

    const char* skip(const char* p, CharSet set) const {
        while (p < end) {
            const auto byte = uint8_t(*p);
            if (byte < 0x80) {
                if (!set.has(keys[byte])) break;
                ++p;
                continue;
            }
            const Char next = at(p);
            if (!set.has(next.key)) break;
            p += next.bytes;
        }
        return p;
    }

    // \p{N}{1,countMax}; `p` itself if there is none.
    const char* skipNumbers(const char* p, int countMax) const {
        for (int i = 0; i < countMax && isIn(p, kNumbers); ++i)
            p += at(p).bytes;
        return p;
    }
};

// 's|'t|'re|'ve|'m|'ll|'d, in small letters or in both cases. Bytes, 0: none.
enum class LetterCase { small, both };

template <LetterCase letterCase>
int contractionBytes(const PieceView& view, const char* p) {
    const auto letter = [&](int i) {
        if (view.end - p <= i) return '\0';
        const char c = p[i];
        return letterCase == LetterCase::both && c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    };
    if (letter(0) != '\'') return 0;
    switch (letter(1)) {
        case 's':
        case 't':
        case 'm':
        case 'd':
            return 2;
        case 'r':
        case 'v':
            return letter(2) == 'e' ? 3 : 0;
        case 'l':
            return letter(2) == 'l' ? 3 : 0;
        // U+017F, the long s, is an s to a pattern that ignores case.
        case '\xC5':
            return letterCase == LetterCase::both && letter(2) == '\xBF' ? 3 : 0;
        default:
            return 0;
    }
}

// \s+(?!\S)|\s+ : of several, the last one is left to what follows. `isEnd`: what counts as the end
// of the text though more follows.
const char* skipSpaces(const PieceView& view, const char* p, CharSet isEnd = CharSet{}) {
    const char* last = p;
    const char* q = p;
    while (view.isIn(q, kSpaces)) {
        last = q;
        q += view.at(q).bytes;
    }
    if (q == view.end || last == p || view.isIn(q, isEnd)) return q;
    return last;
}

// \s*[\r\n]+|\s+(?!\S)|\s+
const char* skipLinesOrSpaces(const PieceView& view, const char* p, bool endsBefore(uint32_t)) {
    const char* afterNewline = nullptr;
    const char* last = p;
    const char* q = p;
    while (q < view.end) {
        const auto next = view.at(q);
        if (!kSpaces.has(next.key)) break;
        last = q;
        q += next.bytes;
        if (kNewlines.has(next.key)) afterNewline = q;
    }
    if (afterNewline != nullptr) return afterNewline;
    if (q == view.end || last == p) return q;
    return endsBefore != nullptr && endsBefore(view.at(q).codePoint) ? q : last;
}

const char* nextGpt2(const PieceView& view, const char* p, CharSet apart) {
    if (view.isIn(p, apart)) return view.skipNumbers(p, 1);
    if (const int bytes = contractionBytes<LetterCase::small>(view, p)) return p + bytes;
    const char* word = *p == ' ' ? p + 1 : p;
    if (word < view.end) {
        const uint8_t key = view.at(word).key;
        if (kLetters.has(key)) return view.skip(word, kLetters);
        if (kNumbers.has(key) && !apart.has(key)) return view.skip(word, kNumbers);
        constexpr CharSet kSigned = ~(kSpaces | kLetters | kNumbers);
        if (kSigned.has(key)) return view.skip(word, kSigned);
    }
    return skipSpaces(view, p, apart);
}

// ` ?[^\s...]+[\r\n]*`; nullptr if it does not match. `tail`: a character taken with the line ends.
const char* skipSigns(const PieceView& view, const char* p, CharSet signs, char tail = '\n') {
    const char* q = *p == ' ' ? p + 1 : p;
    if (!view.isIn(q, signs)) return nullptr;
    q = view.skip(q, signs);
    while (q < view.end && (*q == '\r' || *q == '\n' || *q == tail))
        ++q;
    return q;
}

const char* nextLlama3(const PieceView& view, const char* p, CharSet word, int digitsMax) {
    if (const int bytes = contractionBytes<LetterCase::both>(view, p)) return p + bytes;
    const auto first = view.at(p);
    if (word.has(first.key)) return view.skip(p, word);
    if (kNumbers.has(first.key)) return view.skipNumbers(p, digitsMax);
    const char* second = p + first.bytes;
    if (!kNewlines.has(first.key) && view.isIn(second, word)) return view.skip(second, word);
    if (const char* q = skipSigns(view, p, ~(kSpaces | word | kNumbers))) return q;
    return skipLinesOrSpaces(view, p, nullptr);
}

// [capitals]*[smalls]+ or, with `hasCapital`, [capitals]+[smalls]*; nullptr if it does not match.
const char* skipCasedWord(const PieceView& view, const char* p, CharSet capitals, CharSet smalls,
                          bool hasCapital) {
    const char* afterSmall = nullptr;  // where giving back capitals would let [smalls]+ match
    const char* q = p;
    while (q < view.end) {
        const auto next = view.at(q);
        if (!capitals.has(next.key)) break;
        q += next.bytes;
        if (smalls.has(next.key)) afterSmall = q;
    }
    if (hasCapital) return q == p ? nullptr : view.skip(q, smalls);
    return view.isIn(q, smalls) ? view.skip(q, smalls) : afterSmall;
}

const char* nextGpt4o(const PieceView& view, const char* p, CharSet outside, char tail) {
    const auto first = view.at(p);
    const uint8_t key = first.key;
    if (outside.has(key)) return view.skip(p, outside);
    const CharSet capitals = outside.has(16) ? kCapitals.withoutHan() : kCapitals;
    const CharSet smalls = outside.has(16) ? kSmalls.withoutHan() : kSmalls;
    constexpr CharSet kPrefix = ~(kNewlines | kLetters | kNumbers);
    for (const bool hasCapital : {false, true}) {
        const char* q = nullptr;
        if (kPrefix.has(key) && p + first.bytes < view.end)
            q = skipCasedWord(view, p + first.bytes, capitals, smalls, hasCapital);
        if (q == nullptr) q = skipCasedWord(view, p, capitals, smalls, hasCapital);
        if (q != nullptr) return q + contractionBytes<LetterCase::both>(view, q);
    }
    if (kNumbers.has(key)) return view.skipNumbers(p, 3);
    if (const char* q = skipSigns(view, p, ~(kSpaces | kLetters | kNumbers), tail)) return q;
    return skipLinesOrSpaces(view, p, nullptr);
}

// The third pattern on what the first two left: on numbers it does nothing, on Chinese and Japanese
// and on all between them it works as if each stood alone.
struct DeepSeekView : PieceView {
    bool isHan;  // which of the two this is

    bool stopsAt(const Char& next) const { return isDeepSeekHan(next.codePoint) != isHan; }

    bool isWord(const char* p) const {
        if (p >= end) return false;
        const Char next = at(p);
        return kWords.has(next.key) && !stopsAt(next);
    }

    const char* skipInside(const char* p, CharSet set) const {
        while (p < end) {
            const Char next = at(p);
            if (!set.has(next.key) || stopsAt(next)) break;
            p += next.bytes;
        }
        return p;
    }

    // Characters that no pattern takes are one piece.
    const char* skipGap(const char* p) const {
        constexpr CharSet kGap{CharClass::other};
        while (p < end) {
            const Char next = at(p);
            if (!kGap.has(next.key) || stopsAt(next) || isWord(p + next.bytes)) break;
            p += next.bytes;
        }
        return p;
    }
};

bool endsDeepSeekText(uint32_t codePoint) {
    return isDeepSeekHan(codePoint) || kNumbers.has(charKeys()[codePoint]);
}

const char* nextDeepSeek3(const PieceView& text, const char* p) {
    const auto first = text.at(p);
    if (kNumbers.has(first.key)) return text.skipNumbers(p, 3);
    const DeepSeekView view{text, isDeepSeekHan(first.codePoint)};
    const bool isAsciiSign = first.bytes == 1 && kSigns.has(first.key);
    if (isAsciiSign && p + 1 < view.end && isAsciiLetter(p[1])) {
        p += 2;
        while (p < view.end && isAsciiLetter(*p))
            ++p;
        return p;
    }
    if (kWords.has(first.key)) return view.skipInside(p, kWords);
    const char* second = p + first.bytes;
    if (!kNewlines.has(first.key) && !kSigns.has(first.key) && view.isWord(second))
        return view.skipInside(second, kWords);
    const char* sign = *p == ' ' ? p + 1 : p;
    if (const char* q = view.skipInside(sign, kSigns); q != sign) {
        while (!view.isHan && q < view.end && (*q == '\r' || *q == '\n'))
            ++q;
        return q;
    }
    if (kSpaces.has(first.key)) return skipLinesOrSpaces(view, p, endsDeepSeekText);
    return view.skipGap(p);
}

}  // namespace

size_t PieceScanner::next(std::string_view text) const {
    const char* p = text.data();
    const PieceView view{p + text.size(), keys_};
    const auto end = [&] {
        switch (rule_) {
            case PieceRule::gpt2:
                return nextGpt2(view, p, CharSet{});
            case PieceRule::singleDigit:
                return nextGpt2(view, p, kNumbers);
            case PieceRule::llama3:
                return nextLlama3(view, p, kLetters, 3);
            case PieceRule::qwen2:
                return nextLlama3(view, p, kLetters, 1);
            case PieceRule::qwen35:
                return nextLlama3(view, p, kWords, 1);
            case PieceRule::gpt4o:
                return nextGpt4o(view, p, CharSet{}, '/');
            case PieceRule::kimi:
                return nextGpt4o(view, p, kHan, '\n');
            case PieceRule::deepseek3:
                return nextDeepSeek3(view, p);
        }
        return view.end;
    }();
    return size_t(end - p);
}

}  // namespace moxie::engine
