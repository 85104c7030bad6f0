// How much of what a commit changed its message gets into a pack: for COUNT commits at even steps
// through the newest WINDOW, the index has the parent's state and the pack is made for the message.
// Usage: moxie_bench_index_pack CLONE [--tokenizer FILE] [--count N] [--window N] [--speed]
//            [--features FILE] [--gains FILE]
// CLONE is checked out to many commits. Without a tokenizer 3.5 bytes count as a token. --features
// appends what the probabilities of indexer/pack/need.cpp are fitted to; --speed measures packs of
// one million tokens instead; --gains appends where the functions stand in the order of gain.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/hash.h"
#include "engine/tokenizer/tokenizer.h"
#include "indexer/index.h"
#include "indexer/language.h"
#include "indexer/pack/file_facts.h"
#include "indexer/pack/need.h"
#include "indexer/ranking.h"
#include "indexer/reader.h"
#include "tests/bench/index/git_reader.h"

namespace {

using namespace moxie;
using bench::Git;
using bench::linesOf;

constexpr std::array<int64_t, 5> kBudgets = {8192, 32768, 131'072, 524'288, 1'000'000};

struct Settings {
    std::string clone, tokenizer, features, gains;
    size_t count = 30, window = 4000;
    bool isSpeed = false;
};

struct Lines {
    int32_t first = 0, last = 0;
};

struct Task {
    std::string commit, message;
    std::map<std::string, std::vector<Lines>> hunks;  // old side, by path
};

bool isCode(const std::string& path) {
    const auto& language = indexer::language(indexer::languageOfPath(path));
    return !language.name.empty() && !language.isData &&
           indexer::languageOfPath(path) != indexer::kLanguageUnknown;
}

std::string withoutTrailers(const std::string& message) {
    std::string out;
    for (const std::string& line : linesOf(message)) {
        const size_t colon = line.find(": ");
        const bool isTrailer = colon != line.npos && line.substr(0, colon).find(' ') == line.npos &&
                               line.find("-by", 0) < colon;
        if (!isTrailer && line.find("://") == line.npos && !line.starts_with("Change-Id"))
            out += line + "\n";
    }
    return out;
}

bool isUsableMessage(const std::string& message) {
    std::string lower = linesOf(message).empty() ? "" : linesOf(message).front();
    for (char& c : lower)
        c = char(std::tolower(static_cast<unsigned char>(c)));
    for (const char* word : {"bump", "release", "typo", "revert", "format", "copyright", "merge"})
        if (lower.find(word) != lower.npos) return false;
    int words = 0;
    std::istringstream in(message);
    for (std::string word; in >> word;)
        words += word.size() > 3;
    return words >= 4;
}

std::vector<Lines> hunksOf(const Git& git, const std::string& commit, const std::string& path) {
    std::vector<Lines> hunks;
    for (const std::string& line :
         linesOf(git("diff -U0 --no-renames " + commit + "^ " + commit + " -- '" + path + "'"))) {
        int first = 0, count = 1;
        if (!line.starts_with("@@ -")) continue;
        if (std::sscanf(line.c_str(), "@@ -%d,%d", &first, &count) < 1) continue;
        hunks.push_back({std::max(1, first), std::max(1, first + std::max(count, 1) - 1)});
    }
    return hunks;
}

// False: the protocol leaves this commit out.
bool readTask(const Git& git, const std::string& commit, Task& task) {
    task = {commit, withoutTrailers(git("log -1 --format=%B " + commit)), {}};
    if (!isUsableMessage(task.message)) return false;
    const auto changes =
        linesOf(git("diff-tree -r --no-commit-id --no-renames --name-status " + commit));
    if (changes.size() > 30) return false;
    for (const std::string& change : changes) {
        const std::string path = change.size() > 2 ? change.substr(2) : "";
        if (change[0] != 'M' || path.find('\'') != path.npos || path.find('"') != path.npos)
            continue;
        if (isCode(path) && !indexer::isTestPath(path))
            task.hunks[path] = hunksOf(git, commit, path);
    }
    return !task.hunks.empty() && task.hunks.size() <= 8;
}

struct Truth {
    std::string path;
    Lines lines;
};

// The innermost functions that the hunks touch.
std::vector<Truth> functionsOf(const indexer::Index& index, const Task& task) {
    std::map<std::string, std::vector<Lines>, std::less<>> symbols;
    const auto seen = index.eachSymbol(
        [&](const indexer::SymbolEntry& symbol) {
            using K = indexer::SymbolKind;
            if (symbol.isDeclaration || (symbol.kind != K::function && symbol.kind != K::method &&
                                         symbol.kind != K::constructor))
                return;
            const auto wanted = task.hunks.find(std::string(symbol.path));
            if (wanted != task.hunks.end())
                symbols[wanted->first].push_back({symbol.lineFirst, symbol.lineLast});
        },
        {});
    if (!seen) fmt::print(stderr, "{}\n", seen.error().message());
    std::vector<Truth> truths;
    for (const auto& [path, hunks] : task.hunks) {
        for (const Lines& hunk : hunks) {
            const Lines* best = nullptr;
            for (const Lines& symbol : symbols[path])
                if (symbol.first <= hunk.last && symbol.last >= hunk.first &&
                    (!best || symbol.last - symbol.first < best->last - best->first))
                    best = &symbol;
            const bool isNew = best && std::none_of(truths.begin(), truths.end(), [&](auto& t) {
                                   return t.path == path && t.lines.first == best->first;
                               });
            if (isNew) truths.push_back({path, *best});
        }
    }
    return truths;
}

struct Sums {
    double functions = 0, files = 0, tokens = 0, distracting = 0, seconds = 0;
    int64_t withFunctions = 0, packs = 0;
};

double seconds() {
    return double(std::clock()) / CLOCKS_PER_SEC;
}

void score(const indexer::ContextPack& pack, const Task& task, const std::vector<Truth>& truths,
           Sums& sums) {
    std::map<std::string_view, const indexer::PackItem*> items;
    for (const indexer::PackItem& item : pack.items) {
        items[item.path] = &item;
        for (const std::string& copy : item.copies)
            items.emplace(copy, &item);
        if (indexer::isTestPath(item.path) || indexer::isVendoredPath(item.path) ||
            indexer::isGeneratedPath(item.path))
            sums.distracting += double(item.tokens);
    }
    const auto holds = [&](const std::string& path, Lines wanted) {
        const auto item = items.find(path);
        return item != items.end() &&
               std::any_of(item->second->lines.begin(), item->second->lines.end(),
                           [&](const indexer::PackedLines& lines) {
                               return lines.first <= wanted.first && lines.last >= wanted.last;
                           });
    };
    double found = 0, files = 0;
    for (const Truth& truth : truths)
        found += holds(truth.path, truth.lines);
    for (const auto& [path, hunks] : task.hunks) {
        const auto item = items.find(path);
        files += item != items.end() && !item->second->lines.empty();
    }
    if (!truths.empty()) sums.functions += found / double(truths.size());
    sums.withFunctions += !truths.empty();
    sums.files += files / double(task.hunks.size());
    sums.tokens += double(pack.tokens);
    sums.packs++;
}

class PackBench {
public:
    explicit PackBench(Settings settings) : settings_(std::move(settings)), git_(settings_.clone) {}

    int run();

private:
    int open();
    int measureTask(const Task& task);
    int measureSpeed();
    void dumpFeatures(const Task& task);
    void dumpGains(const Task& task, const std::vector<Truth>& truths);
    void print() const;
    indexer::PackRequest request(const std::string& task, int64_t budget) const;

    const Settings settings_;
    const Git git_;
    std::filesystem::path file_;
    std::unique_ptr<const engine::Tokenizer> tokenizer_;
    std::unique_ptr<indexer::Index> index_;
    std::array<Sums, kBudgets.size()> sums_ = {};
};

int PackBench::open() {
    if (!settings_.tokenizer.empty()) {
        auto tokenizer = engine::Tokenizer::open(settings_.tokenizer);
        if (!tokenizer) return fmt::print(stderr, "{}\n", tokenizer.error().message()), 1;
        tokenizer_ = std::move(*tokenizer);
    }
    file_ = std::filesystem::temp_directory_path() /
            fmt::format("moxie_bench_pack_{}.sqlite", getpid());
    auto index = indexer::openIndex({.root = settings_.clone, .cacheFile = file_});
    if (!index) return fmt::print(stderr, "{}\n", index.error().message()), 1;
    index_ = std::move(*index);
    return 0;
}

indexer::PackRequest PackBench::request(const std::string& task, int64_t budget) const {
    indexer::PackRequest request{.task = task, .budgetTokens = budget, .counterName = "bench"};
    if (tokenizer_)
        request.countTokens = [this](std::string_view text) { return tokenizer_->count(text); };
    else
        request.countTokens = [](std::string_view text) {
            return int64_t(double(text.size()) / 3.5);
        };
    return request;
}

void PackBench::dumpFeatures(const Task& task) {
    indexer::Readers readers(file_);
    const auto reading = readers.begin();
    if (!reading) return;
    const auto facts = indexer::readFileFacts(*reading);
    const auto ranking =
        indexer::rank(*reading, indexer::analyseQuery(task.message), settings_.clone);
    if (!facts || !ranking) return;
    const indexer::LiveView& view = reading->view();
    const indexer::NeedModel model(view, *facts, *ranking);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(
        std::fopen(settings_.features.c_str(), "a"), std::fclose);
    if (!out) return;
    for (int32_t i = 0; i < int32_t(view.files.size()); i++) {
        if ((*facts)[size_t(i)].sameAs >= 0 || !(*facts)[size_t(i)].hasText) continue;
        const auto& blob = view.blobs[size_t(view.files[size_t(i)].blob)];
        const auto hunks = task.hunks.find(view.files[size_t(i)].path);
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
            const auto& chunk = view.chunks[size_t(c)];
            const bool isNeeded =
                hunks != task.hunks.end() &&
                std::any_of(hunks->second.begin(), hunks->second.end(), [&](const Lines& hunk) {
                    return hunk.first <= chunk.lineLast && hunk.last >= chunk.lineFirst;
                });
            // One in fifty of those that rank low.
            const bool isLow = ranking->chunkScores[size_t(c)] < 0.2;
            const auto key = fmt::format("{}:{}", task.commit, c);
            if (!isNeeded && isLow && base::hash128(key).low % 50 != 0) continue;
            fmt::print(out.get(), "{} {}", isNeeded ? 1 : 0, !isNeeded && isLow ? 50 : 1);
            for (const double feature : model.features(i, c))
                fmt::print(out.get(), " {:.5g}", feature);
            fmt::print(out.get(), "\n");
        }
    }
}

// In the order of gain per token, as a pack takes them: the gain and the tokens up to there at each
// 1,000 tokens, and where the functions of the commit stand ("needed").
void PackBench::dumpGains(const Task& task, const std::vector<Truth>& truths) {
    constexpr double kBytesPerToken = 3.5, kOverheadTokens = 12, kGlueWorth = 0.4;
    indexer::Readers readers(file_);
    const auto reading = readers.begin();
    if (!reading) return;
    const auto facts = indexer::readFileFacts(*reading);
    const auto ranking =
        indexer::rank(*reading, indexer::analyseQuery(task.message), settings_.clone);
    if (!facts || !ranking) return;
    const indexer::LiveView& view = reading->view();
    const indexer::Need need = indexer::NeedModel(view, *facts, *ranking).estimate();

    struct Gain {
        double perToken = 0, tokens = 0;
        int needed = 0;
    };

    std::vector<Gain> gains;
    for (size_t file = 0; file < view.files.size(); file++) {
        if ((*facts)[file].sameAs >= 0 || !(*facts)[file].hasText) continue;
        const auto& blob = view.blobs[size_t(view.files[file].blob)];
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
            const auto& chunk = view.chunks[size_t(c)];
            const double tokens = double(blob.bytes) / kBytesPerToken *
                                  (chunk.lineLast - chunk.lineFirst + 1) /
                                  double(std::max<int64_t>(1, blob.lines));
            const double worth = need.chunks[size_t(c)] * (chunk.symbol ? 1 : kGlueWorth) *
                                 ((*facts)[file].isGenerated ? 0.1 : 1);
            Gain gain{worth / (tokens + kOverheadTokens), tokens};
            for (const Truth& truth : truths)
                gain.needed += truth.path == view.files[file].path &&
                               chunk.lineFirst <= truth.lines.last &&
                               chunk.lineLast >= truth.lines.first;
            gains.push_back(gain);
        }
    }
    std::stable_sort(gains.begin(), gains.end(),
                     [](const Gain& a, const Gain& b) { return a.perToken > b.perToken; });
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(
        std::fopen(settings_.gains.c_str(), "a"), std::fclose);
    if (!out) return;
    fmt::print(out.get(), "commit {} functions {}\n", task.commit, truths.size());
    double tokens = 0, told = -1000;
    for (size_t i = 0; i < gains.size(); i++) {
        tokens += gains[i].tokens;
        if (gains[i].needed > 0 || tokens >= told + 1000 || i < 200) {
            told = tokens;
            fmt::print(out.get(), "{} {:.5g} {:.0f} {}\n", i, gains[i].perToken, tokens,
                       gains[i].needed);
        }
    }
}

int PackBench::measureTask(const Task& task) {
    git_("checkout -q -f --detach " + task.commit + "^");
    if (const auto updated = index_->update({}, {}); !updated)
        return fmt::print(stderr, "{}\n", updated.error().message()), 1;
    if (!settings_.features.empty()) {
        dumpFeatures(task);
        return 0;
    }
    const std::vector<Truth> truths = functionsOf(*index_, task);
    if (!settings_.gains.empty()) {
        dumpGains(task, truths);
        return 0;
    }
    for (size_t i = 0; i < kBudgets.size(); i++) {
        const double start = seconds();
        const auto pack = index_->pack(request(task.message, kBudgets[i]), {});
        sums_[i].seconds += seconds() - start;
        if (!pack) return fmt::print(stderr, "{}\n", pack.error().message()), 1;
        score(*pack, task, truths, sums_[i]);
    }
    return 0;
}

int PackBench::measureSpeed() {
    if (const auto updated = index_->update({}, {}); !updated) return 1;
    const auto message = git_("log -1 --skip=20 --no-merges --format=%B");
    for (int round = 0; round < 6; round++) {
        timespec from{}, to{};
        clock_gettime(CLOCK_MONOTONIC, &from);
        const double start = seconds();
        const auto pack = index_->pack(request(message, 1'000'000), {});
        clock_gettime(CLOCK_MONOTONIC, &to);
        if (!pack) return fmt::print(stderr, "{}\n", pack.error().message()), 1;
        const double wall =
            double(to.tv_sec - from.tv_sec) + 1e-9 * double(to.tv_nsec - from.tv_nsec);
        fmt::print("{:<6} {:>8} tokens, {:>9} bytes, {:>5} items: {:.3f} s CPU, {:.3f} s wall\n",
                   round == 0 ? "cold" : "warm", pack->tokens, pack->text.size(),
                   pack->items.size(), seconds() - start, wall);
    }
    return 0;
}

void PackBench::print() const {
    fmt::print("{:>9} {:>10} {:>7} {:>10} {:>12} {:>8}\n", "budget", "functions", "files", "tokens",
               "distracting", "s CPU");
    for (size_t i = 0; i < kBudgets.size(); i++) {
        const Sums& sums = sums_[i];
        const double packs = double(std::max<int64_t>(1, sums.packs));
        fmt::print("{:>9} {:>10.3f} {:>7.3f} {:>10.0f} {:>12.3f} {:>8.3f}\n", kBudgets[i],
                   sums.functions / double(std::max<int64_t>(1, sums.withFunctions)),
                   sums.files / packs, sums.tokens / packs,
                   sums.distracting / std::max(1.0, sums.tokens), sums.seconds / packs);
    }
}

int PackBench::run() {
    if (const int failed = open(); failed != 0) return failed;
    const std::string head = linesOf(git_("rev-parse HEAD")).at(0);
    int failed = 0;
    if (settings_.isSpeed) {
        failed = measureSpeed();
    } else {
        const auto commits = linesOf(
            git_(fmt::format("rev-list --no-merges --max-count={} {}", settings_.window, head)));
        const size_t step =
            std::max<size_t>(1, commits.size() / std::max<size_t>(1, settings_.count));
        size_t done = 0;
        for (size_t i = 0; i < commits.size() && failed == 0; i += step) {
            Task task;
            size_t k = i;
            while (k < std::min(commits.size(), i + step) && !readTask(git_, commits[k], task))
                k++;
            if (k >= std::min(commits.size(), i + step)) continue;
            failed = measureTask(task);
            done++;
        }
        fmt::print("{}: {} commits\n", settings_.clone, done);
        if (settings_.features.empty()) print();
        git_("checkout -q -f --detach " + head);
    }
    index_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(file_.parent_path()))
        if (entry.path().filename().string().starts_with(file_.filename().string()))
            std::filesystem::remove(entry.path());
    return failed;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    for (int i = 1; i < argc; i++) {
        const std::string argument = argv[i];
        const auto value = [&] { return std::string(i + 1 < argc ? argv[++i] : ""); };
        if (argument == "--tokenizer")
            settings.tokenizer = value();
        else if (argument == "--features")
            settings.features = value();
        else if (argument == "--gains")
            settings.gains = value();
        else if (argument == "--count")
            settings.count = std::strtoul(value().c_str(), nullptr, 10);
        else if (argument == "--window")
            settings.window = std::strtoul(value().c_str(), nullptr, 10);
        else if (argument == "--speed")
            settings.isSpeed = true;
        else
            settings.clone = argument;
    }
    if (settings.clone.empty()) return fmt::print(stderr, "usage: {} CLONE ...\n", argv[0]), 2;
    return PackBench(std::move(settings)).run();
}
