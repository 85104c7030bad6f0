// How often the language of a labelled file is told right: a folder of folders named as languages
// (the samples/ of GitHub's Linguist). Usage: moxie_bench_languages SAMPLES [NAMES], where NAMES is
// a file of language names, one a line, that must all be known.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "indexer/grammar_modules.h"
#include "indexer/language.h"

namespace {

using namespace moxie;
using namespace moxie::indexer;
namespace fs = std::filesystem;

struct Score {
    int64_t files = 0, right = 0, skipped = 0, byPath = 0;
    double pathSeconds = 0, textSeconds = 0;
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> confusions;
};

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void judge(const fs::path& file, int32_t expected, Score& score) {
    const auto text = base::readFile(file);
    if (!text) return;
    const std::string name = file.filename().string();
    auto start = std::chrono::steady_clock::now();
    const int32_t guess = languageOfPath(name);
    score.pathSeconds += secondsSince(start);
    start = std::chrono::steady_clock::now();
    const int32_t found = languageOfText(guess, name, *text);
    score.textSeconds += secondsSince(start);
    score.files++;
    score.byPath += guess == found;
    if (found == expected)
        score.right++;
    else
        score.confusions[{std::string(language(expected).name), std::string(language(found).name)}]
            .push_back(name);
}

void judgeFolder(const fs::path& folder, Score& score) {
    const int32_t expected = languageOfName(folder.filename().string());
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        if (expected == kLanguageUnknown)
            score.skipped++;
        else
            judge(entry.path(), expected, score);
    }
}

void print(const Score& score) {
    std::printf("%lld of %lld files right: %.2f %%; %lld of languages that are not in the table\n",
                static_cast<long long>(score.right), static_cast<long long>(score.files),
                100.0 * double(score.right) / double(std::max<int64_t>(1, score.files)),
                static_cast<long long>(score.skipped));
    std::printf("decided by the name alone: %lld; %.2f us a name, %.1f us a text\n",
                static_cast<long long>(score.byPath), 1e6 * score.pathSeconds / double(score.files),
                1e6 * score.textSeconds / double(score.files));
    std::vector<std::pair<std::pair<std::string, std::string>, std::vector<std::string>>> worst(
        score.confusions.begin(), score.confusions.end());
    std::stable_sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) {
        return a.second.size() > b.second.size();
    });
    for (size_t i = 0; i < std::min<size_t>(worst.size(), 45); i++)
        std::printf("%4zu  %s taken for %s: %s\n", worst[i].second.size(),
                    worst[i].first.first.c_str(), worst[i].first.second.c_str(),
                    worst[i].second.front().c_str());
}

int checkNames(const char* file) {
    const auto text = base::readFile(file);
    if (!text) return 1;
    int unknown = 0, known = 0, parsed = 0, scanned = 0;
    for (const std::string_view line : base::splitLines(*text)) {
        const int32_t id = languageOfName(base::trim(line));
        if (id == kLanguageUnknown) std::printf("unknown name: %s\n", std::string(line).c_str());
        id == kLanguageUnknown ? ++unknown : ++known;
        parsed += language(id).grammar != Grammar::none;
        scanned += language(id).family != Family::words;
    }
    std::printf("%d names known, %d unknown; %d with a grammar, %d with rules of a family\n", known,
                unknown, parsed, scanned);
    return unknown == 0 ? 0 : 1;
}

void printGrammars() {
    int loaded = 0;
    std::string missing;
    for (int i = kLinkedGrammarCount; i < kGrammarCount; i++) {
        const auto grammar = static_cast<Grammar>(i);
        if (moduleLanguage(grammar))
            loaded++;
        else
            missing += " " + std::string(toString(grammar));
    }
    std::printf("grammars: %d linked in, %d modules loaded; not there:%s\n",
                kLinkedGrammarCount - 1, loaded, missing.empty() ? " none" : missing.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    Score score;
    for (const auto& entry : fs::directory_iterator(argv[1]))
        if (entry.is_directory()) judgeFolder(entry.path(), score);
    print(score);
    printGrammars();
    return argc > 2 ? checkNames(argv[2]) : 0;
}
