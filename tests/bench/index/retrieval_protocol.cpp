#include "tests/bench/index/retrieval_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "base/text.h"
#include "indexer/language.h"
#include "indexer/words.h"

namespace moxie::bench {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return out;
}

// "Signed-off-by: X", "Closes #12", an address: they name nothing that can be searched.
bool isTrailer(std::string_view line) {
    const std::string text = lower(base::trim(line));
    for (const std::string_view start :
         {"signed-off-by:", "co-authored-by:", "reviewed-by:", "differential revision:",
          "fbshipit-source-id:", "reported-by:", "ref:", "closes #", "closes:", "fixes #",
          "close #", "cc:", "pull request", "bug:", "summary:", "test plan:", "github-"})
        if (text.starts_with(start)) return true;
    return false;
}

std::string cleaned(const std::string& message) {
    std::string out;
    for (const std::string& line : linesOf(message)) {
        if (isTrailer(line)) continue;
        std::istringstream words(line);
        std::string kept;
        for (std::string word; words >> word;)
            if (word.find("://") == word.npos) kept += (kept.empty() ? "" : " ") + word;
        out += kept + "\n";
    }
    return out;
}

// Versions, spelling and looks say nothing about where.
bool isChore(std::string_view subject) {
    const std::string text = " " + lower(subject);
    for (const std::string_view word : {" bump", " release", " typo", " revert", " format",
                                        " copyright", " version", " changelog", "clang-format"})
        if (text.find(word) != text.npos) return true;
    return false;
}

std::string_view stemOf(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return name.substr(0, name.find('.', 1));
}

bool namesOneOf(const std::string& message, const std::vector<std::string>& files) {
    const std::string text = lower(message);
    return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
        const std::string stem = lower(stemOf(file));
        return stem.size() >= 3 && text.find(stem) != text.npos;
    });
}

// One record of the log: hash, message, status lines.
bool readCommit(std::string_view record, HeldOut& query) {
    const size_t message = record.find('\x02'), status = record.find('\x03');
    if (message == record.npos || status == record.npos) return false;
    query.commit = record.substr(0, message);
    query.full = cleaned(std::string(record.substr(message + 1, status - message - 1)));
    const std::vector<std::string> lines = linesOf(query.full);
    query.subject = lines.empty() ? "" : lines[0];
    size_t all = 0;
    for (const std::string& line : linesOf(std::string(record.substr(status + 1)))) {
        const size_t tab = line.find('\t');
        if (tab == line.npos) continue;
        all++;
        const std::string path = line.substr(tab + 1);
        const bool isOdd = path.find_first_of("'\"\\") != path.npos;
        if (line[0] == 'M' && !isOdd && isCode(path) && !indexer::isTestPath(path))
            query.files.push_back(path);
    }
    query.isNamed = namesOneOf(query.full, query.files);
    return !query.files.empty() && query.files.size() <= 8 && all <= 30 &&
           !isChore(query.subject) && indexer::queryWords(query.full).size() >= 4;
}

struct Lines {
    int32_t first = 0, last = 0;
};

// "@@ -12,3 +12,4 @@": lines 12 to 14; an insertion after line 12 touches that line.
std::vector<Lines> oldSides(const std::string& diff) {
    std::vector<Lines> hunks;
    for (const std::string& line : linesOf(diff)) {
        if (!line.starts_with("@@ -")) continue;
        int32_t first = 0, count = 1;
        const char* end = line.data() + line.size();
        const auto [at, error] = std::from_chars(line.data() + 4, end, first);
        if (error != std::errc()) continue;
        if (at != end && *at == ',') std::from_chars(at + 1, end, count);
        hunks.push_back({std::max(1, first), std::max(first, first + count - 1)});
    }
    return hunks;
}

base::Result<std::vector<Lines>> functionsOf(const indexer::Reading& reading, int64_t blob) {
    std::vector<Lines> functions;
    TRY_ASSIGN(indexer::Statement query,
               reading.database().prepare("SELECT line_first, line_last FROM sym WHERE blob=? AND "
                                          "is_declaration=0 AND kind IN (0,1,2)"));
    query.bind(1, blob);
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return functions;
        functions.push_back({int32_t(query.integer(0)), int32_t(query.integer(1))});
    }
}

}  // namespace

bool isCode(std::string_view path) {
    const int32_t id = indexer::languageOfPath(path);
    return id != indexer::kLanguageUnknown && !indexer::language(id).isData;
}

std::vector<HeldOut> heldOutCommits(const Git& git, const HeldOutOptions& options) {
    const size_t count = options.count;
    const size_t total = std::strtoul(git("rev-list --count HEAD").c_str(), nullptr, 10);
    const size_t window =
        options.window > 0 ? options.window : std::clamp<size_t>(total / 2, 2000, 9000);
    const std::string log =
        git(fmt::format("log --no-merges --no-renames --name-status -n {} "
                        "--format=%x01%H%x02%B%x03",
                        window));
    std::vector<HeldOut> eligible;
    for (size_t at = log.find('\x01'); at != log.npos;) {
        const size_t next = log.find('\x01', at + 1);
        HeldOut query;
        const size_t end = next == log.npos ? log.size() : next;
        if (readCommit(std::string_view(log).substr(at + 1, end - at - 1), query))
            eligible.push_back(std::move(query));
        at = next;
    }
    std::vector<HeldOut> chosen;
    const double step = std::max(1.0, double(eligible.size()) / double(std::max<size_t>(1, count)));
    for (double at = 0; at < double(eligible.size()) && chosen.size() < count; at += step)
        chosen.push_back(std::move(eligible[size_t(at)]));
    std::reverse(chosen.begin(), chosen.end());
    return chosen;
}

std::vector<ChangedFunction> changedFunctions(const Git& git, const indexer::Reading& reading,
                                              const HeldOut& query) {
    std::vector<ChangedFunction> changed;
    const indexer::LiveView& view = reading.view();
    for (size_t i = 0; i < view.files.size(); i++) {
        const std::string& path = view.files[i].path;
        if (std::find(query.files.begin(), query.files.end(), path) == query.files.end()) continue;
        const auto functions = functionsOf(reading, view.blobs[size_t(view.files[i].blob)].id);
        if (!functions) continue;
        std::set<std::pair<int32_t, int32_t>> seen;
        const std::string diff = git("diff -U0 --no-ext-diff --no-renames " + query.commit + "^ " +
                                     query.commit + " -- '" + path + "'");
        for (const Lines& hunk : oldSides(diff))
            for (int32_t line = hunk.first; line <= hunk.last; line++) {
                Lines inner;
                for (const Lines& function : *functions)
                    if (function.first <= line && line <= function.last &&
                        (inner.last == 0 ||
                         function.last - function.first < inner.last - inner.first))
                        inner = function;
                if (inner.last > 0 && seen.emplace(inner.first, inner.last).second)
                    changed.push_back({int32_t(i), line});
            }
    }
    return changed;
}

void Measures::add(const Measures& other) {
    r1 += other.r1;
    r5 += other.r5;
    r10 += other.r10;
    r20 += other.r20;
    r50 += other.r50;
    mrr += other.mrr;
    all10 += other.all10;
    queries += other.queries;
}

Measures Measures::mean() const {
    const double n = double(std::max<int64_t>(1, queries));
    return {r1 / n, r5 / n, r10 / n, r20 / n, r50 / n, mrr / n, all10 / n, 1};
}

Measures measure(const std::vector<int32_t>& places) {
    Measures one;
    one.queries = 1;
    if (places.empty()) return one;
    const auto within = [&](int32_t limit) {
        return double(std::count_if(places.begin(), places.end(),
                                    [&](int32_t at) { return at >= 0 && at < limit; })) /
               double(places.size());
    };
    one.r1 = within(1);
    one.r5 = within(5);
    one.r10 = within(10);
    one.r20 = within(20);
    one.r50 = within(50);
    one.all10 = one.r10 == 1 ? 1 : 0;
    for (const int32_t at : places)
        if (at >= 0) one.mrr = std::max(one.mrr, 1.0 / double(at + 1));
    return one;
}

}  // namespace moxie::bench
