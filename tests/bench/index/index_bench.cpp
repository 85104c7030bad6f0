// Measures the index on a real repository: cold, unchanged, one file changed, search, packs.
// Usage: moxie_bench_index REPOSITORY [TASK]. Prints a table.
#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <filesystem>

#include "indexer/index.h"

namespace {

using namespace moxie;

double seconds(const std::chrono::steady_clock::time_point& since) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

// Of all threads: what wall time would be shared between on a busy machine.
double cpuSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

// A stand-in for a model's tokenizer: a token per run of up to four letters, per two digits, per
// other character. About what real tokenizers give for code, and cheap.
int64_t countRoughly(std::string_view text) {
    int64_t tokens = 0, run = 0;
    for (const char c : text) {
        const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (isLetter && run > 0 && run < 4) {
            run++;
            continue;
        }
        run = isLetter ? 1 : 0;
        if (c != ' ') tokens++;
    }
    return tokens;
}

int measure(const std::filesystem::path& root, const std::string& task) {
    const auto file = std::filesystem::temp_directory_path() / "moxie_bench_index.sqlite";
    for (const char* end : {"", "-wal", "-shm"})
        std::filesystem::remove(file.string() + end);
    auto index = indexer::openIndex({.root = root, .cacheFile = file});
    if (!index) return fmt::print(stderr, "{}\n", index.error().message()), 1;
    const double cpuBefore = cpuSeconds();
    const auto stats = (*index)->update({}, {});
    const double cpuCold = cpuSeconds() - cpuBefore;
    if (!stats) return fmt::print(stderr, "{}\n", stats.error().message()), 1;
    fmt::print("files {} · lines {} · {:.1f} MB · symbols {} · references {}\n", stats->files,
               stats->lines, double(stats->bytes) / 1e6, stats->symbols, stats->references);
    fmt::print("cold index       {:8.3f} s   {:.2f} s CPU, {:.1f} MB on disk\n", stats->seconds,
               cpuCold, double(stats->indexBytes) / 1e6);
    const auto again = (*index)->update({}, {});
    fmt::print("nothing changed  {:8.3f} s\n", again ? again->seconds : -1);
    auto start = std::chrono::steady_clock::now();
    auto reopened = indexer::openIndex({.root = root, .cacheFile = file});
    if (!reopened || !(*reopened)->update({}, {})) return 1;
    fmt::print("open and update  {:8.3f} s\n", seconds(start));
    start = std::chrono::steady_clock::now();
    const auto hits = (*reopened)->search(task, 10);
    fmt::print("first search     {:8.3f} s\n", seconds(start));
    start = std::chrono::steady_clock::now();
    if (!(*reopened)->search(task, 10)) return 1;
    fmt::print("second search    {:8.3f} s\n", seconds(start));
    if (hits)
        for (const auto& hit : *hits)
            fmt::print("    {:.2f} {}:{} {} [{}]\n", hit.score, hit.path, hit.lineFirst, hit.symbol,
                       hit.why);
    for (const int64_t budget : {8'000, 128'000, 1'000'000}) {
        start = std::chrono::steady_clock::now();
        const auto pack =
            (*index)->pack({.task = task, .budgetTokens = budget, .countTokens = countRoughly}, {});
        if (!pack) return fmt::print(stderr, "{}\n", pack.error().message()), 1;
        int64_t forms[4] = {};
        for (const auto& item : pack->items)
            forms[int(item.form)]++;
        fmt::print(
            "pack {:>9}   {:8.3f} s   {} tokens, {} bytes, {} full, {} excerpts, {} "
            "outlines{}\n",
            budget, seconds(start), pack->tokens, pack->text.size(), forms[3], forms[2], forms[1],
            pack->tokens > budget ? "  OVER BUDGET" : "");
    }
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) return fmt::print(stderr, "usage: moxie_bench_index REPOSITORY [TASK]\n"), 2;
    return measure(arguments[1], count > 2 ? arguments[2]
                                           : "make the parser accept a trailing comma in the "
                                             "list of arguments");
}
