#include "indexer/words.h"

#include <algorithm>
#include <array>
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

constexpr std::array<bool, 256> kIsWordByte = [] {
    std::array<bool, 256> is = {};
    for (int c = 0; c < 256; c++)
        is[size_t(c)] =
            isUpper(char(c)) || isLower(char(c)) || isDigit(char(c)) || c == '_' || (c & 0x80) != 0;
    return is;
}();

bool isWordByte(char c) {
    return kIsWordByte[static_cast<unsigned char>(c)];
}

bool isVowelLeft(std::string_view stem) {
    return stem.find_first_of("aeiouy") != stem.npos;
}

// commas -> comma, parsing -> pars, parsed -> pars, parse -> pars, entries -> entry.
void stem(std::string& word) {
    const auto endsWith = [&](std::string_view end, size_t rest) {
        return word.size() >= end.size() + rest && std::string_view(word).ends_with(end);
    };
    if (endsWith("ies", 2)) {
        word.replace(word.size() - 3, 3, "y");
    } else if (endsWith("sses", 2)) {
        word.resize(word.size() - 2);
    } else if (endsWith("s", 3) && !endsWith("ss", 1) && !endsWith("us", 1) && !endsWith("is", 1)) {
        word.resize(word.size() - 1);
    }
    for (const std::string_view end : {"ing", "ed"}) {
        if (!endsWith(end, 3)) continue;
        if (!isVowelLeft(std::string_view(word).substr(0, word.size() - end.size()))) continue;
        word.resize(word.size() - end.size());
        // stopped -> stop
        const size_t n = word.size();
        if (n > 3 && word[n - 1] == word[n - 2] && word[n - 1] != 's' && word[n - 1] != 'l')
            word.pop_back();
        break;
    }
    if (endsWith("e", 3)) word.pop_back();
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
    std::string scratch_;
    int64_t count_ = 0;
};

void Splitter::put(std::string_view word) {
    visit_(word);
    count_++;
}

void Splitter::part(std::string_view word) {
    if (word.size() < 2 || word.size() > kWordBytesMax) return;
    if (std::all_of(word.begin(), word.end(), isDigit) && word.size() > 6) return;
    scratch_.assign(word);
    for (char& c : scratch_)
        if (isUpper(c)) c = char(c - 'A' + 'a');
    stem(scratch_);
    put(scratch_);
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
    scratch_.assign(word.substr(0, kWordBytesMax));
    for (char& c : scratch_)
        if (isUpper(c)) c = char(c - 'A' + 'a');
    put(scratch_);
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

std::string_view nextIdentifier(std::string_view text, size_t& at) {
    while (at < text.size() && !isWordByte(text[at]))
        at++;
    const size_t first = at;
    while (at < text.size() && isWordByte(text[at]))
        at++;
    return text.substr(first, at - first);
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
    size_t at = 0;
    while (true) {
        const std::string_view identifier = nextIdentifier(text, at);
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
