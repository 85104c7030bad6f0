// Why a hit stands where it stands, in numbers: what each retriever gave, which words matched and
// where, what was named verbatim, what raised or lowered the sum; and the files that go with it.
// Values. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

enum class Retriever {
    words,      // of the path, the names defined and the text of a file
    functions,  // the file's best functions
    history,    // messages of commits that touched the file
    commits,    // the most similar past commits and what they touched
    relatives,  // a good hit has the same name: header and source, test and tested
};
inline constexpr int kRetrieverCount = 5;
std::string_view toString(Retriever retriever);

struct RetrieverScore {
    Retriever retriever = Retriever::words;
    double score = 0;  // 1 is the best file's
    double share = 0;  // what it added to the sum
};

struct MatchedWord {
    std::string word;  // as the index has it: "pars" for parsing
    double rarity = 0;
    int32_t inPath = 0, inNames = 0, inText = 0;  // occurrences
    int32_t inCommits = 0;                        // messages
};

// Something of the request that stands verbatim in the repository.
enum class PinKind { path, frame, name, quote };
std::string_view toString(PinKind kind);

struct SearchPin {
    PinKind kind = PinKind::path;
    std::string text;
    int32_t line = 0;  // of a frame or a quote, in the file
    double share = 0;  // what it added to the sum
};

enum class PriorKind { test, vendored, generated, data, recency };
std::string_view toString(PriorKind kind);

struct SearchPrior {
    PriorKind kind = PriorKind::test;
    double factor = 1;
};

// The same in a few words, for people: fronts write it in their language.
struct HitReason {
    bool isPathNamed = false;             // or a stack frame is here
    std::vector<std::string> names = {};  // defined here and named in the request
    bool hasQuote = false;
    std::vector<std::string> words = {};  // of the request, found here; of the best 300 files only
    bool isFromHistory = false;           // only messages of commits led here

    bool isEmpty() const {
        return !isPathNamed && names.empty() && !hasQuote && words.empty() && !isFromHistory;
    }
};

// In English: "name parse_list; words: comma, trail".
std::string toText(const HitReason& reason);

struct SearchExplanation {
    std::vector<RetrieverScore> retrievers = {};  // those that found the file
    std::vector<MatchedWord> words = {};          // the rarest first
    std::vector<SearchPin> pins = {};
    std::vector<SearchPrior> priors = {};
};

enum class CompanionKind {
    changedTogether,  // by past commits
    called,           // defines what the hit calls
    relative,         // header and source, test and tested
};
std::string_view toString(CompanionKind kind);

// A file that is likely to matter with a hit. Companions are added to hits and never re-order them.
struct Companion {
    CompanionKind kind = CompanionKind::changedTogether;
    std::string path;
    std::string symbol = {};  // that is called
    int32_t line = 0;         // of its definition; 0: the file as a whole
    int32_t count = 0;        // commits, or calls
};

}  // namespace moxie::indexer
