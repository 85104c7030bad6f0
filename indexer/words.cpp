#include "indexer/words.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <unordered_set>

namespace moxie::indexer {
namespace {

constexpr size_t kWordBytesMax = 64;

constexpr bool isUpper(char c) {
    return c >= 'A' && c <= 'Z';
}

constexpr bool isLower(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool isWide(char c) {
    return (static_cast<unsigned char>(c) & 0x80) != 0;
}

// A letter, digit, underscore or part of a wide character: 1, else 0. Without branches or tables,
// so that the compiler does many at once.
constexpr uint8_t wordByte(uint8_t c) {
    const auto isLetter = uint8_t(uint8_t((c | 0x20) - 'a') < 26);
    const auto isNumber = uint8_t(uint8_t(c - '0') < 10);
    return uint8_t(isLetter | isNumber | uint8_t(c == '_') | uint8_t(c >> 7));
}

// Bit i of the result says that byte i belongs to an identifier.
uint64_t wordMask(const char* bytes) {
    static_assert(std::endian::native == std::endian::little);
    constexpr size_t kBytes = 64;
    std::array<uint8_t, kBytes> is;
    for (size_t i = 0; i < kBytes; i++)
        is[i] = wordByte(uint8_t(bytes[i]));
    uint64_t mask = 0;
    for (size_t i = 0; i < kBytes; i += 8) {
        uint64_t eight = 0;
        std::memcpy(&eight, is.data() + i, 8);
        // Gathers the lowest bit of each byte in the highest byte.
        mask |= (eight * 0x0102040810204080ULL) >> 56 << i;
    }
    return mask;
}

bool isVowelLeft(std::string_view stem) {
    return stem.find_first_of("aeiouy") != stem.npos;
}

// A word of at most kWordBytesMax bytes, in lower case, on the stack.
class ShortWord {
public:
    explicit ShortWord(std::string_view word) : size_(word.size()) {
        for (size_t i = 0; i < size_; i++)
            bytes_[i] = isUpper(word[i]) ? char(word[i] - 'A' + 'a') : word[i];
    }

    std::string_view text() const { return {bytes_.data(), size_}; }

    // commas -> comma, parsing -> pars, parsed -> pars, parse -> pars, entries -> entry.
    void stem();

private:
    bool endsWith(std::string_view end, size_t rest) const {
        return size_ >= end.size() + rest && text().ends_with(end);
    }

    void stemVerb();

    std::array<char, kWordBytesMax> bytes_;
    size_t size_;
};

void ShortWord::stem() {
    if (endsWith("ies", 2)) {
        size_ -= 2;
        bytes_[size_ - 1] = 'y';
    } else if (endsWith("sses", 2)) {
        size_ -= 2;
    } else if (endsWith("s", 3) && !endsWith("ss", 1) && !endsWith("us", 1) && !endsWith("is", 1)) {
        size_--;
    }
    stemVerb();
    if (endsWith("e", 3)) size_--;
}

void ShortWord::stemVerb() {
    for (const std::string_view end : {"ing", "ed"}) {
        if (!endsWith(end, 3) || !isVowelLeft(text().substr(0, size_ - end.size()))) continue;
        size_ -= end.size();
        // stopped -> stop
        const char last = bytes_[size_ - 1];
        if (size_ > 3 && last == bytes_[size_ - 2] && last != 's' && last != 'l') size_--;
        return;
    }
}

class Splitter {
public:
    explicit Splitter(const std::function<void(std::string_view)>& visit) : visit_(visit) {}

    void identifier(std::string_view word);

private:
    void part(std::string_view word);
    void put(std::string_view word);
    void wide(std::string_view word);

    const std::function<void(std::string_view)>& visit_;
    int64_t count_ = 0;
};

void Splitter::put(std::string_view word) {
    visit_(word);
    count_++;
}

void Splitter::part(std::string_view word) {
    if (word.size() < 2 || word.size() > kWordBytesMax) return;
    if (std::all_of(word.begin(), word.end(), isDigit) && word.size() > 6) return;
    ShortWord made(word);
    made.stem();
    put(made.text());
}

// Scripts without spaces: overlapping pairs of characters.
void Splitter::wide(std::string_view word) {
    std::vector<size_t> starts;
    for (size_t i = 0; i < word.size(); i++)
        if ((static_cast<unsigned char>(word[i]) & 0xc0) != 0x80) starts.push_back(i);
    if (starts.size() < 3) return put(word.substr(0, kWordBytesMax));
    starts.push_back(word.size());
    for (size_t i = 0; i + 2 < starts.size(); i++)
        put(word.substr(starts[i], starts[i + 2] - starts[i]));
}

void Splitter::identifier(std::string_view word) {
    if (std::any_of(word.begin(), word.end(), isWide)) {
        // Mixed text: the ASCII runs as parts, the others as pairs.
        size_t i = 0;
        while (i < word.size()) {
            size_t end = i;
            while (end < word.size() && isWide(word[end]) == isWide(word[i]))
                end++;
            if (isWide(word[i]))
                wide(word.substr(i, std::min(end - i, size_t(300))));
            else
                part(word.substr(i, end - i));
            i = end;
        }
        return;
    }
    if (word.size() < 2 || word.size() > 128) return;
    const int64_t before = count_;
    size_t first = 0;
    for (size_t i = 1; i <= word.size(); i++) {
        const bool atEnd = i == word.size();
        const bool cut =
            atEnd || word[i] == '_' || word[i - 1] == '_' ||
            (isUpper(word[i]) && !isUpper(word[i - 1])) ||
            (isUpper(word[i - 1]) && isLower(word[i]) && i - 1 > first && isUpper(word[i - 2]));
        if (!cut) continue;
        // HTTPServer: the cut is before the S.
        size_t end = i;
        if (!atEnd && isUpper(word[i - 1]) && isLower(word[i]) && word[i] != '_') end = i - 1;
        if (word[first] != '_') part(word.substr(first, end - first));
        first = end;
    }
    if (count_ - before < 2) return;
    // The whole identifier too, unstemmed.
    put(ShortWord(word.substr(0, kWordBytesMax)).text());
}

// Words of requests, not of code. Stemmed like everything else before they are compared.
constexpr std::string_view kEmptyWords =
    "about add after all also an and any are as at be been before but by can code could do does "
    "doing done each every file fix for from get has have how if implement in instead into is it "
    "its like make me more must my need new no not now of on one only or other our out please "
    "should so some such support than that the their them then there these they this those to too "
    "update us use using very want was way we were what when where which while who why will with "
    "without work would you your";

bool carriesNothing(const std::string& word) {
    static const std::unordered_set<std::string> kEmpty = [] {
        std::string stemmed;
        appendWords(kEmptyWords, stemmed);
        std::unordered_set<std::string> words;
        for (std::string_view rest = stemmed; !rest.empty();) {
            const size_t end = std::min(rest.find(' '), rest.size());
            words.emplace(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return words;
    }();
    return kEmpty.contains(word);
}

}  // namespace

void IdentifierReader::readBlock() {
    const size_t left = text_.size() - first_;
    if (left >= kBlock) {
        words_ = wordMask(text_.data() + first_);
        return;
    }
    std::array<char, kBlock> last = {};
    if (left > 0) std::memcpy(last.data(), text_.data() + first_, left);
    words_ = wordMask(last.data());
}

std::string_view IdentifierReader::next() {
    while (words_ == 0) {
        if (text_.size() - first_ <= kBlock) return {};
        first_ += kBlock;
        readBlock();
    }
    const auto begin = size_t(std::countr_zero(words_));
    const size_t found = first_ + begin;
    size_t end = begin + size_t(std::countr_one(words_ >> begin));
    while (end == kBlock && text_.size() - first_ > kBlock) {  // it may go on in the next block
        first_ += kBlock;
        readBlock();
        end = size_t(std::countr_one(words_));
    }
    words_ = end == kBlock ? 0 : words_ >> end << end;
    return text_.substr(found, first_ + end - found);
}

void eachWordOf(std::string_view identifier, const std::function<void(std::string_view)>& visit) {
    Splitter(visit).identifier(identifier);
}

int64_t appendWords(std::string_view text, std::string& out) {
    int64_t count = 0;
    const std::function<void(std::string_view)> put = [&](std::string_view word) {
        if (!out.empty()) out.push_back(' ');
        out.append(word);
        count++;
    };
    Splitter splitter(put);
    IdentifierReader reader(text);
    while (true) {
        const std::string_view identifier = reader.next();
        if (identifier.empty()) return count;
        splitter.identifier(identifier);
    }
}

std::vector<std::string> queryWords(std::string_view query) {
    std::string all;
    appendWords(query.substr(0, 20'000), all);
    std::vector<std::string> words;
    std::string_view rest = all;
    while (!rest.empty() && words.size() < 200) {
        const size_t end = std::min(rest.find(' '), rest.size());
        std::string word(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!carriesNothing(word) && std::find(words.begin(), words.end(), word) == words.end())
            words.push_back(std::move(word));
    }
    return words;
}

}  // namespace moxie::indexer
