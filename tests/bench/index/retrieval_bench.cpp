// How well search finds what real commits changed, beside grep and BM25 in the same run: for each
// of COUNT held-out commits the index has the parent's state and the message is the request.
// Usage: moxie_bench_retrieval [--tune] [--count N] [--snapshot N] [--weights FILE] [--work DIR]
// CLONE... Works in clones of its own under DIR, which keep their index, so that a second run is
// quick.
// --snapshot asks all of one state, N commits back, and writes DIR/NAME.questions for rivals that
// index one state only (retrieval.py). --weights takes lines "name = value". --tune tries other
// weights on all the clones given and prints those that are better.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>

#include "indexer/index.h"
#include "indexer/ranking/orientation.h"
#include "tests/bench/index/retrieval_tuning.h"

namespace {

using namespace moxie;
using namespace moxie::bench;
namespace fs = std::filesystem;
using indexer::RankingWeights;

constexpr int64_t kMapBytes = 28'000;  // 8k tokens
constexpr size_t kMapEvery = 4;        // a map at every fourth state: it is the same for long

struct Options {
    size_t count = 40, snapshot = 0;
    bool tunes = false;
    fs::path weights;  // read when all is collected
    fs::path work = fs::temp_directory_path() / "moxie_bench_retrieval";
    std::vector<fs::path> clones;
};

double cpuSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

base::Result<Question> ask(const indexer::Reading& reading, const indexer::RankingTable& table,
                           const std::string& text, const fs::path& root) {
    Question question;
    question.query = indexer::analyseQuery(text);
    TRY_ASSIGN(question.evidence, indexer::gatherEvidence(reading, table, question.query, root));
    return question;
}

// The view without what only reading needs: many are held at once.
std::shared_ptr<const indexer::LiveView> copyOf(const indexer::LiveView& view) {
    auto copy = std::make_shared<indexer::LiveView>(view);
    copy->chunkById = {};
    copy->blobById = {};
    return copy;
}

double shareNamed(const indexer::OrientationMap& map, const Trial& trial) {
    double named = 0;
    for (const int32_t file : trial.truth)
        for (const indexer::MapEntry& entry : map.entries)
            named += entry.path == trial.view->files[size_t(file)].path;
    return named / double(trial.truth.size());
}

class Collector {
public:
    Collector(const fs::path& clone, const Options& options)
        : clone_(clone),
          options_(options),
          root_(options.work / clone.filename()),
          file_(options.work / (clone.filename().string() + ".sqlite")) {}

    base::Result<Repository> run();

private:
    base::Status prepare();
    base::Status collect(const HeldOut& heldOut, const std::string& state);
    base::Status collectSnapshot();
    void writeQuestions() const;

    const fs::path clone_;
    const Options& options_;
    const fs::path root_, file_;
    std::unique_ptr<indexer::Index> index_;
    Repository made_;
};

base::Status Collector::prepare() {
    std::error_code ignored;
    fs::create_directories(options_.work, ignored);
    if (!fs::exists(root_, ignored))
        Git{clone_}("clone -q -s -n . '" + fs::absolute(root_).string() + "'");
    TRY_ASSIGN(index_, indexer::openIndex({.root = root_, .cacheFile = file_}));
    return {};
}

base::Status Collector::collect(const HeldOut& heldOut, const std::string& state) {
    const Git git(root_);
    git("checkout -q -f --detach " + state);
    TRY(index_->update({}, {}));
    indexer::Readers readers(file_);
    TRY_ASSIGN(const indexer::Reading reading, readers.begin());
    Trial trial;
    trial.heldOut = heldOut;
    trial.view = copyOf(reading.view());
    TRY_ASSIGN(trial.table, reading.rankingTable());
    TRY_ASSIGN(trial.facts, indexer::readFileFacts(reading));
    for (size_t i = 0; i < trial.view->files.size(); i++) {
        const std::string& path = trial.view->files[i].path;
        trial.isCandidate.push_back(isCode(path));
        if (std::find(heldOut.files.begin(), heldOut.files.end(), path) != heldOut.files.end())
            trial.truth.push_back(int32_t(i));
    }
    if (trial.truth.empty()) return {};
    TRY_ASSIGN(trial.full, ask(reading, *trial.table, heldOut.full, root_));
    TRY_ASSIGN(trial.subject, ask(reading, *trial.table, heldOut.subject, root_));
    if (options_.snapshot == 0) trial.functions = changedFunctions(git, reading, heldOut);
    const double start = cpuSeconds();
    TRY(indexer::rank(reading, indexer::analyseQuery(heldOut.subject), root_));
    made_.seconds.push_back(cpuSeconds() - start);
    if (made_.trials.size() % kMapEvery == 0) {
        TRY_ASSIGN(const auto map,
                   indexer::makeOrientationMap(reading, {.bytesMax = kMapBytes}, {}));
        made_.mapShare += shareNamed(map, trial);
        made_.maps++;
    }
    made_.files = std::max(made_.files, trial.view->files.size());
    made_.trials.push_back(std::move(trial));
    return {};
}

base::Result<Repository> Collector::run() {
    made_.name = clone_.filename().string();
    TRY(prepare());
    if (options_.snapshot > 0) {
        TRY(collectSnapshot());
        return std::move(made_);
    }
    for (const HeldOut& heldOut : heldOutCommits(Git{clone_}, {.count = options_.count}))
        TRY(collect(heldOut, heldOut.commit + "^"));
    return std::move(made_);
}

base::Status Collector::collectSnapshot() {
    const Git git(clone_);
    const auto state =
        linesOf(git(fmt::format("log --no-merges -n 1 --skip {} --format=%H", options_.snapshot)));
    if (state.empty())
        return base::fail(base::Errc::notFound,
                          fmt::format("there is no state {} commits back", options_.snapshot));
    for (const HeldOut& heldOut :
         heldOutCommits(git, {.count = options_.count, .window = options_.snapshot}))
        TRY(collect(heldOut, state[0]));
    writeQuestions();
    return {};
}

// A line each: commit, paths of the truth, message.
void Collector::writeQuestions() const {
    std::ofstream out(options_.work / (made_.name + ".questions"));
    for (const Trial& trial : made_.trials) {
        std::string paths, message = trial.heldOut.full;
        for (const int32_t file : trial.truth)
            paths += (paths.empty() ? "" : ",") + trial.view->files[size_t(file)].path;
        std::replace(message.begin(), message.end(), '\n', ' ');
        std::replace(message.begin(), message.end(), '\t', ' ');
        out << trial.heldOut.commit << '\t' << paths << '\t' << message << '\n';
    }
}

// Our ranking by one retriever alone.
Order only(RankingWeights weights, double RankingWeights::*share) {
    for (const auto other :
         {&RankingWeights::wordShare, &RankingWeights::functionShare, &RankingWeights::historyShare,
          &RankingWeights::commitShare, &RankingWeights::relative})
        if (other != share) weights.*other = 0;
    weights.*share = 1;
    return [weights](const Trial& trial, const Question& question) {
        return ourOrder(trial, question, weights);
    };
}

std::vector<Row> rows(const RankingWeights& weights) {
    const Order ours = [weights](const Trial& trial, const Question& question) {
        return ourOrder(trial, question, weights);
    };
    return {{"grep-like", grepOrder},
            {"BM25, whole file", bm25Order},
            {"words alone", only(weights, &RankingWeights::wordShare)},
            {"functions alone", only(weights, &RankingWeights::functionShare)},
            {"history alone", only(weights, &RankingWeights::historyShare)},
            {"similar commits alone", only(weights, &RankingWeights::commitShare)},
            {"moxie", ours},
            {"BM25, subject", bm25Order, Ask::subject},
            {"moxie, subject", ours, Ask::subject},
            {"BM25, unnamed", bm25Order, Ask::full, Stratum::unnamed},
            {"moxie, unnamed", ours, Ask::full, Stratum::unnamed}};
}

void printRow(const char* name, const Measures& m) {
    fmt::print("{:24} {:.3f} {:.3f} {:.3f} {:.3f} {:.3f} {:.3f} {:.3f}\n", name, m.r1, m.r5, m.r10,
               m.r20, m.r50, m.mrr, m.all10);
}

void printHead(const std::string& title) {
    fmt::print("\n{}\n{:24} {:5} {:5} {:5} {:5} {:5} {:5} {:5}\n", title, "", "R@1", "R@5", "R@10",
               "R@20", "R@50", "MRR", "all10");
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, size_t(share * double(values.size())))];
}

struct Functions {
    Budgets ours, files;
};

void addTo(Budgets& sum, const Budgets& one, double share) {
    sum.at8k += share * one.at8k;
    sum.at32k += share * one.at32k;
    sum.at128k += share * one.at128k;
}

Functions measureFunctions(const Repository& repository, const RankingWeights& weights) {
    Functions mean;
    int64_t count = 0;
    for (const Trial& trial : repository.trials)
        count += !trial.functions.empty();
    for (const Trial& trial : repository.trials) {
        if (trial.functions.empty()) continue;
        addTo(mean.ours, functionsFound(trial, trial.full, weights), 1 / double(count));
        addTo(mean.files, functionsInFiles(trial, bm25Order(trial, trial.full)), 1 / double(count));
    }
    return mean;
}

void printBudgets(const char* name, const Budgets& b) {
    fmt::print("{:24} 8k {:.3f}  32k {:.3f}  128k {:.3f}\n", name, b.at8k, b.at32k, b.at128k);
}

void printRatios(const std::vector<Measures>& means) {
    const auto ratio = [](double ours, double other) { return other > 0 ? ours / other : 0; };
    const auto print = [&](const char* name, const Measures& ours, const Measures& bm25) {
        fmt::print("{:24} recall@10 {:.2f}x  MRR {:.2f}x of BM25\n", name,
                   ratio(ours.r10, bm25.r10), ratio(ours.mrr, bm25.mrr));
    };
    print("full (I17, I18)", means[6], means[1]);
    print("subject", means[8], means[7]);
    print("unnamed (I19)", means[10], means[9]);
}

void printReport(const std::vector<Repository>& repositories, const RankingWeights& weights) {
    const std::vector<Row> all = rows(weights);
    std::vector<Measures> sums(all.size());
    Functions functions;
    double map = 0;
    for (const Repository& repository : repositories) {
        const auto unnamed = std::count_if(repository.trials.begin(), repository.trials.end(),
                                           [](const Trial& t) { return !t.heldOut.isNamed; });
        printHead(fmt::format("{}: {} queries, {} unnamed, {} files", repository.name,
                              repository.trials.size(), unnamed, repository.files));
        for (size_t i = 0; i < all.size(); i++) {
            const Measures m = measureRow(repository, all[i]);
            printRow(all[i].name, m);
            sums[i].add(m);
        }
        const Functions own = measureFunctions(repository, weights);
        printBudgets("functions, moxie", own.ours);
        printBudgets("functions, BM25 files", own.files);
        const double share = 1 / double(repositories.size());
        addTo(functions.ours, own.ours, share);
        addTo(functions.files, own.files, share);
        const double mapOwn = repository.mapShare / double(std::max<int64_t>(1, repository.maps));
        map += share * mapOwn;
        fmt::print("{:24} {:.3f} at 8k\n", "named by the map", mapOwn);
        fmt::print("{:24} p50 {:.1f}  p95 {:.1f} ms CPU\n", "one search, warm",
                   1e3 * percentile(repository.seconds, 0.5),
                   1e3 * percentile(repository.seconds, 0.95));
    }
    printHead(fmt::format("mean of {} repositories", repositories.size()));
    std::vector<Measures> means;
    for (size_t i = 0; i < all.size(); i++) {
        means.push_back(sums[i].mean());
        means.back().queries = 1;
        printRow(all[i].name, means.back());
    }
    printRatios(means);
    printBudgets("functions, moxie (I21)", functions.ours);
    printBudgets("functions, BM25 files", functions.files);
    fmt::print("{:24} {:.3f} at 8k\n", "named by the map (I23)", map);
}

RankingWeights readWeights(const fs::path& file) {
    RankingWeights weights;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (!setWeight(weights, line)) fmt::print(stderr, "no weight: {}\n", line);
    return weights;
}

bool readOptions(int count, char** arguments, Options& options) {
    for (int i = 1; i < count; i++) {
        const std::string argument = arguments[i];
        if (argument == "--tune")
            options.tunes = true;
        else if (argument == "--count" && i + 1 < count)
            options.count = std::strtoul(arguments[++i], nullptr, 10);
        else if (argument == "--snapshot" && i + 1 < count)
            options.snapshot = std::strtoul(arguments[++i], nullptr, 10);
        else if (argument == "--weights" && i + 1 < count)
            options.weights = arguments[++i];
        else if (argument == "--work" && i + 1 < count)
            options.work = arguments[++i];
        else if (argument.starts_with("--"))
            return false;
        else
            options.clones.push_back(argument);
    }
    return !options.clones.empty() && options.count > 0;
}

}  // namespace

int main(int count, char** arguments) {
    Options options;
    if (!readOptions(count, arguments, options))
        return fmt::print(stderr,
                          "usage: {} [--tune] [--count N] [--snapshot N] [--weights FILE] [--work "
                          "DIR] CLONE...\n",
                          arguments[0]),
               2;
    std::vector<Repository> repositories;
    for (const fs::path& clone : options.clones) {
        auto repository = Collector(clone, options).run();
        if (!repository)
            return fmt::print(stderr, "{}: {}\n", clone.string(), repository.error().message()), 1;
        repositories.push_back(std::move(*repository));
        fmt::print(stderr, "{} is read\n", clone.string());
    }
    const RankingWeights weights = readWeights(options.weights);
    printReport(repositories, weights);
    std::fflush(stdout);
    if (options.tunes) tune(repositories, weights);
    return 0;
}
