// Measures the index on a real repository: how long it takes from nothing beside the raw parse, how
// much memory, how fast it answers and follows edits. Usage: moxie_bench_index REPOSITORY [--write]
// [--cold] [--words] [--answers] [--keep FILE] [--rounds N] [--threads N]. With --write it changes
// files of REPOSITORY, which must be a clone that may be spoiled. With --cold it only makes the
// index, with
// --words only tier 0, with --answers it only asks: for a profiler; with --keep it leaves it in
// FILE, for comparing what two versions find (dump.py).
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include "base/file.h"
#include "indexer/index.h"
#include "indexer/language.h"
#include "indexer/outline/rules.h"
#include "indexer/syntax_memory.h"
#include "indexer/syntax_tree.h"
#include "indexer/watch.h"

namespace {

using namespace moxie;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of all threads: what wall time would be shared between on a busy machine.
double cpuSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

double peakMegabytes() {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_maxrss) / 1024;
}

[[noreturn]] void stop(const base::Error& error) {
    fmt::print(stderr, "{}\n", error.message());
    std::exit(1);
}

template <class T>
T take(base::Result<T> result) {
    if (!result) stop(result.error());
    return std::move(*result);
}

// Milliseconds of wall and of CPU since it was made.
struct Times {
    std::vector<double> wall, cpu;
};

class Stopwatch {
public:
    void addTo(Times& times) const {
        times.wall.push_back(secondsSince(start_) * 1000);
        times.cpu.push_back((cpuSeconds() - cpu_) * 1000);
    }

private:
    Clock::time_point start_ = Clock::now();
    double cpu_ = cpuSeconds();
};

void printSpread(const char* what, Times times) {
    auto& ms = times.wall;
    if (ms.empty()) return;
    std::sort(ms.begin(), ms.end());
    std::sort(times.cpu.begin(), times.cpu.end());
    const auto of = [](const std::vector<double>& sorted, double share) {
        return sorted[std::min(sorted.size() - 1, size_t(share * double(sorted.size())))];
    };
    const auto at = [&](double share) { return of(ms, share); };
    fmt::print(
        "{:<28} wall p50 {:8.3f}  p95 {:8.3f}  p99 {:8.3f} · CPU {:7.3f} {:7.3f} {:7.3f} ms\n",
        what, at(0.5), at(0.95), at(0.99), of(times.cpu, 0.5), of(times.cpu, 0.95),
        of(times.cpu, 0.99));
}

struct Bench {
    std::filesystem::path root;
    int32_t threads = 2;
    std::filesystem::path cache =
        std::filesystem::temp_directory_path() / fmt::format("moxie_bench_{}.sqlite", getpid());

    void removeCache() const {
        for (const char* end : {"", "-wal", "-shm"})
            std::filesystem::remove(cache.string() + end);
    }

    std::unique_ptr<indexer::Index> open(indexer::Tier tier = indexer::Tier::syntax) const {
        return take(indexer::openIndex(
            {.root = root, .cacheFile = cache, .threads = threads, .tierMax = tier}));
    }
};

struct Cold {
    double cpu = 1e9, wall = 1e9;                // of the fastest round
    double outlineCpu = 1e9, outlineWall = 1e9;  // until every file has its outline
    double megabytesMax = 0;                     // of memory, after the first round
    indexer::IndexStats stats = {};
};

Cold measureCold(const Bench& bench, int rounds) {
    Cold best;
    for (int i = 0; i < rounds; i++) {
        bench.removeCache();
        const auto index = bench.open();
        const auto start = Clock::now();
        const double cpu = cpuSeconds();
        double outlineCpu = 0, outlineWall = 0;
        const auto onProgress = [&](indexer::Progress at) {
            if (at.tier != indexer::Tier::outline) return;
            outlineCpu = cpuSeconds() - cpu;
            outlineWall = secondsSince(start);
        };
        best.stats = take(index->update(onProgress, {}));
        if (i == 0) best.megabytesMax = peakMegabytes();
        best.wall = std::min(best.wall, secondsSince(start));
        best.cpu = std::min(best.cpu, cpuSeconds() - cpu);
        best.outlineCpu = std::min(best.outlineCpu, outlineCpu);
        best.outlineWall = std::min(best.outlineWall, outlineWall);
    }
    return best;
}

// Every file hashed, its words stored and searchable, and nothing else (tier 0).
void measureWords(Bench bench, int rounds) {
    double cpu = 1e9, wall = 1e9;
    for (int i = 0; i < rounds; i++) {
        bench.removeCache();
        const auto index = bench.open(indexer::Tier::lexical);
        const auto start = Clock::now();
        const double before = cpuSeconds();
        take(index->update({}, {}));
        wall = std::min(wall, secondsSince(start));
        cpu = std::min(cpu, cpuSeconds() - before);
        if (take(index->search("parse the list of arguments", 10)).empty())
            fmt::print(stderr, "nothing is found by its words\n");
    }
    bench.removeCache();
    fmt::print("words searchable, {} threads  {:8.3f} s wall {:8.3f} s CPU\n", bench.threads, wall,
               cpu);
}

struct Raw {
    double cpu = 1e9;
    int64_t bytes = 0, files = 0;
};

// The parser alone, on the same files with the same grammars, one thread.
Raw measureRaw(const Bench& bench, const indexer::Index& index, int rounds) {
    Raw best;
    std::set<std::string> leftOut;
    const auto stats = take(index.stats());
    for (const auto& file : stats.excluded)
        leftOut.insert(file.path);
    indexer::SyntaxArena arena;
    for (int i = 0; i < rounds; i++) {
        Raw round = {.cpu = 0};
        for (const auto& file : take(index.files())) {
            if (file.bytes > 2'000'000 || leftOut.contains(file.path)) continue;
            const auto text = base::readFile(bench.root / file.path);
            if (!text) continue;
            const int32_t id =
                indexer::languageOfText(indexer::languageOfPath(file.path), file.path, *text);
            const auto* rules = indexer::compiledRules(indexer::language(id).grammar);
            if (!rules) continue;
            const double before = cpuSeconds();
            {
                indexer::SyntaxArena::Use memory(arena);
                indexer::SyntaxParser parser = indexer::newSyntaxParser();
                if (ts_parser_set_language(parser.get(), rules->language))
                    memory.drop(indexer::parseText(*parser, *text, {}));
                parser.reset();
            }
            round.cpu += cpuSeconds() - before;
            round.bytes += int64_t(text->size());
            round.files++;
        }
        if (round.cpu < best.cpu) best = round;
    }
    return best;
}

void printCold(const Cold& cold, double oneThreadCpu, const Raw& raw) {
    const auto& stats = cold.stats;
    fmt::print("files {} · lines {} · {:.1f} MB · symbols {} · references {}\n", stats.files,
               stats.lines, double(stats.bytes) / 1e6, stats.symbols, stats.references);
    fmt::print("tiers: syntax {} · outline {} · lexical {}\n", stats.filesSyntax,
               stats.filesOutline, stats.filesLexical);
    fmt::print("all outlines stored          {:8.3f} s wall {:8.3f} s CPU\n", cold.outlineWall,
               cold.outlineCpu);
    fmt::print("full index                   {:8.3f} s wall {:8.3f} s CPU\n", cold.wall, cold.cpu);
    fmt::print("raw parse, {:5} files       {:8.3f} s CPU  {:8.2f} MB/s\n", raw.files, raw.cpu,
               double(raw.bytes) / 1e6 / raw.cpu);
    fmt::print("full index, one thread       {:8.3f} s CPU  {:8.2f} of the raw parse\n",
               oneThreadCpu, oneThreadCpu / raw.cpu);
    fmt::print("full index CPU / raw parse   {:8.2f}\nfull index wall / raw parse  {:8.2f}\n",
               cold.cpu / raw.cpu, cold.wall / raw.cpu);
    fmt::print("index on disk                {:8.1f} MB  {:.2f} of the source\n",
               double(stats.indexBytes) / 1e6, double(stats.indexBytes) / double(stats.bytes));
}

// Of what was found, in its order: equal answers of two versions have equal hashes.
uint64_t hashOf(const std::vector<indexer::Symbol>& symbols, uint64_t hash) {
    for (const indexer::Symbol& symbol : symbols)
        for (const char c : fmt::format("{} {} {}-{} {}\n", symbol.name, symbol.path,
                                        symbol.lineFirst, symbol.lineLast, int(symbol.tier)))
            hash = (hash ^ uint8_t(c)) * 0x100000001b3ULL;
    return hash;
}

void measureAnswers(const Bench& bench) {
    Times opened, answered;
    for (int i = 0; i < 7; i++) {
        const Stopwatch start;
        const auto index = bench.open();
        take(index->search("parse the list of arguments", 10));
        start.addTo(answered);
        take(index->update({}, {}));
        take(index->search("parse the list of arguments", 10));
        start.addTo(opened);
    }
    printSpread("open, search", answered);
    printSpread("open, search, update, search", opened);
    const auto index = bench.open();
    take(index->update({}, {}));
    std::vector<std::string> names;
    int64_t seen = 0;
    const auto collect = [&](const indexer::SymbolEntry& symbol) {
        if (seen++ % 61 == 0 && names.size() < 400) names.emplace_back(symbol.name);
    };
    if (!index->eachSymbol(collect, {})) return;
    take(index->references("main", 1));  // reads what it needs once
    take(index->symbols("main", "", 10));
    Times definitions, parts, references;
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (const std::string& name : names) {
        Stopwatch start;
        const auto named = take(index->symbols(name, "", 10));
        start.addTo(definitions);
        start = Stopwatch();
        const auto alike = take(index->symbols(name.substr(name.size() / 3), "", 10));
        start.addTo(parts);
        hash = hashOf(alike, hashOf(named, hash));
        start = Stopwatch();
        take(index->references(name, 100));
        start.addTo(references);
    }
    printSpread("symbols by name", definitions);
    printSpread("symbols by a part of a name", parts);
    fmt::print("hash of these                {:016x}\n", hash);
    printSpread("references", references);
}

// About 120 files of 2 to 100 kB that have a grammar, by a fixed rule.
std::vector<std::string> editedFiles(const Bench& bench, const indexer::Index& index) {
    std::vector<std::string> fitting;
    for (const auto& file : take(index.files())) {
        const auto& kind = indexer::language(indexer::languageOfPath(file.path));
        if (file.bytes >= 2000 && file.bytes <= 100'000 && !kind.isData &&
            std::filesystem::is_regular_file(bench.root / file.path))
            fitting.push_back(file.path);
    }
    std::vector<std::string> chosen;
    const size_t step = std::max<size_t>(1, fitting.size() / 120);
    for (size_t i = 0; i < fitting.size(); i += step)
        chosen.push_back(fitting[i]);
    return chosen;
}

// With a line that says `word` in the middle.
std::string edited(const std::string& text, const std::string& word) {
    const size_t line = std::min(text.find('\n', text.size() / 2), text.size() - 1) + 1;
    return text.substr(0, line) + word + "\n" + text.substr(line);
}

void measureOwnEdits(const Bench& bench) {
    const auto index = bench.open();
    take(index->update({}, {}));
    Times taken, outlined, searched;
    for (const std::string& path : editedFiles(bench, *index)) {
        const std::string before = take(base::readFile(bench.root / path));
        const std::string after = edited(before, "int edited_by_bench = 1;");
        std::ofstream(bench.root / path, std::ios::binary) << after;
        const Stopwatch start;
        if (!index->updateText(path, after)) return;
        start.addTo(taken);
        take(index->symbols("", path, 50));
        start.addTo(outlined);
        take(index->search("edited by bench", 3));
        start.addTo(searched);
        std::ofstream(bench.root / path, std::ios::binary) << before;
        if (!index->updateText(path, before)) return;
    }
    printSpread("own edit: stored", taken);
    printSpread("own edit: and its outline", outlined);
    printSpread("own edit: and searched", searched);
}

void measureForeignEdits(const Bench& bench) {
    const auto index = bench.open();
    take(index->update({}, {}));
    std::mutex mutex;
    std::condition_variable came;
    int64_t events = 0;
    const auto watching = take(
        indexer::watch(*index, {.root = bench.root, .onChanged = [&](const indexer::WatchEvent&) {
                                    std::lock_guard lock(mutex);
                                    events++;
                                    came.notify_all();
                                }}));
    Times delays;
    auto paths = editedFiles(bench, *index);
    if (paths.size() > 40) paths.resize(40);
    for (const std::string& path : paths) {
        const std::string before = take(base::readFile(bench.root / path));
        for (const std::string& text : {edited(before, "int foreign_edit = 1;"), before}) {
            std::unique_lock lock(mutex);
            const int64_t known = events;
            const Stopwatch start;
            std::ofstream(bench.root / path, std::ios::binary) << text;
            came.wait_for(lock, std::chrono::seconds(10), [&] { return events > known; });
            lock.unlock();
            take(index->search("foreign edit", 3));
            start.addTo(delays);
        }
    }
    printSpread("foreign edit: searchable", delays);
    fmt::print("watched folders {} · sweeps {}\n", watching->stats().folders,
               watching->stats().sweeps);
}

bool git(const Bench& bench, const std::string& arguments) {
    const std::string command = "git -C '" + bench.root.string() +
                                "' -c user.name=B -c user.email=b@example.com " + arguments +
                                " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

void measureBranches(const Bench& bench) {
    const auto index = bench.open();
    take(index->update({}, {}));
    if (!git(bench, "checkout -q -b moxie-bench")) return;
    int64_t count = 0;
    for (const auto& file : take(index->files())) {
        if (file.bytes == 0 || file.bytes > 200'000 || count == 500) continue;
        std::ofstream(bench.root / file.path, std::ios::app) << "\n// of another branch\n";
        count++;
    }
    if (!git(bench, "commit -qam 'another branch'") || !git(bench, "checkout -q -")) return;
    take(index->update({}, {}));
    for (const char* to : {"moxie-bench", "-", "moxie-bench", "-"}) {
        if (!git(bench, std::string("checkout -q ") + to)) return;
        const auto start = Clock::now();
        const double cpu = cpuSeconds();
        const auto stats = take(index->update({}, {}));
        take(index->search("another branch", 3));
        fmt::print("branch switch, {} files      {:8.3f} s wall {:8.3f} s CPU  ({} parsed)\n",
                   count, secondsSince(start), cpuSeconds() - cpu, stats.filesParsed);
    }
}

}  // namespace

int main(int count, char** arguments) {
    Bench bench;
    bool mayWrite = false, isColdOnly = false, isKept = false, isWordsOnly = false,
         isAnswers = false;
    int rounds = 3;
    for (int i = 1; i < count; i++) {
        const std::string_view word = arguments[i];
        if (word == "--write")
            mayWrite = true;
        else if (word == "--cold")
            isColdOnly = true;
        else if (word == "--words")
            isWordsOnly = true;
        else if (word == "--answers")
            isAnswers = true;
        else if (word == "--keep" && i + 1 < count)
            isColdOnly = isKept = true, bench.cache = arguments[++i];
        else if (word == "--threads" && i + 1 < count)
            bench.threads = std::max(0, std::atoi(arguments[++i]));
        else if (word == "--rounds" && i + 1 < count)
            rounds = std::max(1, std::atoi(arguments[++i]));
        else
            bench.root = word;
    }
    if (bench.root.empty())
        return fmt::print(
                   stderr,
                   "usage: moxie_bench_index REPOSITORY [--write] [--cold] [--words] [--answers] "
                   "[--keep FILE] [--rounds N] [--threads N]\n"),
               2;
    if (isWordsOnly) return measureWords(bench, rounds), 0;
    const Cold cold = measureCold(bench, rounds);
    if (isColdOnly) {
        fmt::print("all outlines stored          {:8.3f} s wall {:8.3f} s CPU\n", cold.outlineWall,
                   cold.outlineCpu);
        fmt::print("full index                   {:8.3f} s wall {:8.3f} s CPU\n", cold.wall,
                   cold.cpu);
        fmt::print("peak memory of indexing      {:8.1f} MB\n", cold.megabytesMax);
        if (!isKept) bench.removeCache();
        return 0;
    }
    if (isAnswers) return measureAnswers(bench), bench.removeCache(), 0;
    Bench alone = bench;
    alone.threads = 0;
    measureWords(alone, rounds);
    measureWords(bench, rounds);
    const double oneThreadCpu = measureCold(alone, rounds).cpu;
    printCold(cold, oneThreadCpu, measureRaw(bench, *bench.open(), rounds));
    fmt::print("peak memory of indexing      {:8.1f} MB\n", cold.megabytesMax);
    measureAnswers(bench);
    if (mayWrite) {
        measureOwnEdits(bench);
        measureForeignEdits(bench);
        measureBranches(bench);
    }
    bench.removeCache();
    return 0;
}
