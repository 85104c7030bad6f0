#include "indexer/query.h"

#include <algorithm>

#include "base/text.h"
#include "indexer/ranking/stack_frames.h"
#include "indexer/words.h"

namespace moxie::indexer {
namespace {

constexpr size_t kItemsMax = 40;

void addOnce(std::vector<std::string>& list, std::string_view item) {
    if (list.size() < kItemsMax && std::find(list.begin(), list.end(), item) == list.end())
        list.emplace_back(item);
}

bool isNameByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// snake_case, camelCase, a name with a digit, or one that is called or marked as code.
bool looksLikeIdentifier(std::string_view word, bool isMarked) {
    if (word.size() < 3 || (word[0] >= '0' && word[0] <= '9')) return false;
    if (isMarked || word.find('_') != word.npos) return true;
    for (size_t i = 1; i < word.size(); i++) {
        const bool isUpper = word[i] >= 'A' && word[i] <= 'Z';
        if (isUpper && word[i - 1] >= 'a' && word[i - 1] <= 'z') return true;
        if (word[i] >= '0' && word[i] <= '9') return true;
    }
    return false;
}

bool looksLikePath(std::string_view token) {
    if (token.size() < 3 || token.find("://") != token.npos) return false;
    const size_t dot = token.rfind('.');
    const bool hasExtension =
        dot != token.npos && dot > 0 && token.size() - dot <= 6 && token.size() - dot >= 2 &&
        std::all_of(token.begin() + int64_t(dot) + 1, token.end(), isNameByte);
    if (token.find('/') != token.npos)
        return hasExtension || std::count(token.begin(), token.end(), '/') > 0;
    return hasExtension && !(token[dot + 1] >= '0' && token[dot + 1] <= '9');
}

void addTokens(Query& query, std::string_view text) {
    size_t i = 0;
    while (i < text.size()) {
        const auto isPathByte = [](char c) {
            return isNameByte(c) || c == '/' || c == '.' || c == '-' || c == '+';
        };
        if (!isPathByte(text[i])) {
            i++;
            continue;
        }
        const size_t first = i;
        while (i < text.size() && isPathByte(text[i]))
            i++;
        std::string_view token = text.substr(first, i - first);
        while (!token.empty() && (token.back() == '.' || token.back() == '-'))
            token.remove_suffix(1);
        while (token.starts_with("./"))
            token.remove_prefix(2);
        if (looksLikePath(token)) addOnce(query.paths, token);
        const bool isMarked = (first > 0 && text[first - 1] == '`') ||
                              (i + 1 < text.size() && text[i] == '(' && text[i + 1] == ')');
        for (size_t at = 0; at < token.size();) {
            size_t end = at;
            while (end < token.size() && isNameByte(token[end]))
                end++;
            if (looksLikeIdentifier(token.substr(at, end - at), isMarked))
                addOnce(query.identifiers, token.substr(at, end - at));
            at = std::max(end, at + 1);
        }
    }
}

// Text between two of `mark`, on one line. An apostrophe opens only at the start of a word.
void addQuotedBy(Query& query, std::string_view text, char mark) {
    size_t at = 0;
    while ((at = text.find(mark, at)) != text.npos) {
        const size_t end = text.find(mark, at + 1);
        if (end == text.npos) return;
        const bool opens = mark != '\'' || at == 0 || !isNameByte(text[at - 1]);
        const bool closes = mark != '\'' || end + 1 == text.size() || !isNameByte(text[end + 1]);
        const std::string_view inside = text.substr(at + 1, end - at - 1);
        const bool isText = inside.size() >= 4 && inside.size() <= 200 &&
                            inside.find('\n') == inside.npos &&
                            // A lone word is an identifier or means little.
                            inside.find_first_of(" .:/=(<-%") != inside.npos;
        if (opens && closes && isText) addOnce(query.quoted, inside);
        at = opens ? end + 1 : at + 1;
    }
}

// What programs print after "error:": the stretches that no number, name or path interrupts.
void addMessages(Query& query, std::string_view text) {
    constexpr size_t kMessageBytesMin = 14;
    for (const std::string_view line : base::splitLines(text)) {
        for (const std::string_view mark :
             {"error: ", "Error: ", "ERROR: ", "panic: ", "Exception: ", "warning: ", "fatal: "}) {
            const size_t at = line.find(mark);
            if (at == line.npos) continue;
            std::string_view rest = line.substr(at + mark.size());
            while (!rest.empty()) {
                const size_t end =
                    std::min(rest.find_first_of("0123456789'\"`/:[]()"), rest.size());
                const std::string_view piece = base::trim(rest.substr(0, end));
                if (piece.size() >= kMessageBytesMin && piece.find(' ') != piece.npos)
                    addOnce(query.quoted, piece);
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            break;
        }
    }
}

bool hasWord(const Query& query, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return std::any_of(query.words.begin(), query.words.end(), [&](const QueryWord& asked) {
            return asked.text == word && asked.isInTitle;
        });
    });
}

std::string_view titleOf(std::string_view text) {
    text = base::trim(text);
    return text.substr(0, text.find('\n'));
}

void addWords(Query& query, std::string_view text) {
    const std::vector<std::string> title = queryWords(titleOf(text));
    std::string all;
    appendWords(text, all);
    all = " " + all + " ";
    for (std::string& word : queryWords(text)) {
        QueryWord made;
        const std::string whole = " " + word + " ";
        made.count = 0;
        for (size_t at = all.find(whole); at != all.npos; at = all.find(whole, at + 1))
            made.count++;
        made.isInTitle = std::find(title.begin(), title.end(), word) != title.end();
        made.text = std::move(word);
        query.words.push_back(std::move(made));
    }
}

// "trailing comma" may be trailing_comma or trailingComma in the code.
void addPairs(Query& query, std::string_view text) {
    constexpr size_t kPairsMax = 24;
    std::string before;
    size_t pairs = 0, i = 0;
    const auto put = [&](const std::string& pair) {
        const auto known = std::find_if(query.words.begin(), query.words.end(),
                                        [&](const QueryWord& word) { return word.text == pair; });
        if (known == query.words.end()) query.words.push_back({.text = pair, .isPair = true});
    };
    while (i < text.size() && pairs < kPairsMax) {
        const size_t first = i;
        std::string word;
        for (; i < text.size() && isNameByte(text[i]) && text[i] != '_'; i++)
            word.push_back(text[i] >= 'A' && text[i] <= 'Z' ? char(text[i] - 'A' + 'a') : text[i]);
        const bool isWord = word.size() >= 2 && !queryWords(word).empty();
        if (isWord && !before.empty()) {
            put(before + "_" + word);
            put(before + word);
            pairs++;
        }
        if (i > first) before = isWord ? word : std::string();
        if (i < text.size() && text[i] != ' ' && text[i] != '-' && !isNameByte(text[i]))
            before.clear();
        if (i == first) i++;
    }
}

}  // namespace

Query analyseQuery(std::string_view text) {
    text = text.substr(0, 20'000);
    Query query;
    addWords(query, text);
    addPairs(query, titleOf(text));
    addTokens(query, text);
    for (const char mark : {'"', '`', '\''})
        addQuotedBy(query, text, mark);
    addMessages(query, text);
    query.frames = stackFrames(text);
    for (const QueryFrame& frame : query.frames)
        if (frame.function.size() >= 3) addOnce(query.identifiers, frame.function);
    // A query of one bare word may well be a name.
    const std::string_view word = base::trim(text);
    if (query.identifiers.empty() && word.size() >= 2 &&
        std::all_of(word.begin(), word.end(), isNameByte))
        addOnce(query.identifiers, word);
    query.isAboutTests = hasWord(query, {"test", "spec", "fixtur"});
    query.isAboutDocs = hasWord(query, {"doc", "documentation", "readm", "comment", "changelog"});
    query.isAboutSamples =
        hasWord(query, {"vendor", "generat", "sampl", "exampl", "dep", "thirdparty"});
    return query;
}

}  // namespace moxie::indexer
