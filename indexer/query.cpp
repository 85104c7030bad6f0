#include "indexer/query.h"

#include <algorithm>

#include "base/text.h"
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

void addQuoted(Query& query, std::string_view text) {
    size_t at = 0;
    while ((at = text.find('"', at)) != text.npos) {
        const size_t end = text.find('"', at + 1);
        if (end == text.npos) return;
        const std::string_view inside = text.substr(at + 1, end - at - 1);
        if (inside.size() >= 4 && inside.size() <= 200 && inside.find('\n') == inside.npos)
            addOnce(query.quoted, inside);
        at = end + 1;
    }
}

bool hasWord(const Query& query, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return std::find(query.words.begin(), query.words.end(), word) != query.words.end();
    });
}

}  // namespace

Query analyseQuery(std::string_view text) {
    text = text.substr(0, 20'000);
    Query query;
    query.words = queryWords(text);
    addTokens(query, text);
    addQuoted(query, text);
    // A query of one bare word may well be a name.
    const std::string_view word = base::trim(text);
    if (query.identifiers.empty() && word.size() >= 2 &&
        std::all_of(word.begin(), word.end(), isNameByte))
        addOnce(query.identifiers, word);
    query.isAboutTests = hasWord(query, {"test", "spec", "fixtur"});
    query.isAboutDocs = hasWord(query, {"doc", "documentation", "readm", "comment", "changelog"});
    return query;
}

}  // namespace moxie::indexer
