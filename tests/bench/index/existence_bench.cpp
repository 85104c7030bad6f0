// How often the existence check calls a name of a real commit unknown. Works in a clone that it may
// check out: for each of COUNT commits at even steps through the newest WINDOW, the index has the
// parent's state and the commit is the edit.
// Usage: moxie_bench_existence CLONE [COUNT] [WINDOW]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <unordered_set>

#include "indexer/existence/edit_check.h"
#include "indexer/index.h"
#include "tests/bench/index/git_reader.h"

namespace {

using namespace moxie;
using bench::Git;
using bench::linesOf;

struct Counts {
    int64_t commits = 0, files = 0, names = 0, fresh = 0, unknown = 0, commitsAlarmed = 0;
    double seconds = 0;
};

struct Change {
    std::string path, before, after;
};

std::vector<Change> changesOf(const Git& git, const std::string& commit) {
    std::vector<Change> changes;
    for (const std::string& path : linesOf(git(
             "diff-tree -r --no-commit-id --no-renames --diff-filter=AM --name-only " + commit))) {
        if (path.find('\'') != path.npos || path.find('"') != path.npos) continue;
        changes.push_back({path, git("show '" + commit + "^:" + path + "'"),
                           git("show '" + commit + ":" + path + "'")});
    }
    return changes;
}

// Names used on lines that the text before does not have.
int64_t countNewUses(const Change& change, Counts& counts) {
    const auto used = indexer::usedNames(change.path, change.after, {});
    if (!used) return 0;
    const auto before = linesOf(change.before), after = linesOf(change.after);
    const std::unordered_set<std::string> known(before.begin(), before.end());
    std::set<std::string_view> names;
    for (const auto& use : *used) {
        const auto line = size_t(use.line);
        if (line >= 1 && line <= after.size() && !known.contains(after[line - 1]))
            names.insert(use.name);
    }
    for (const std::string_view name : names)
        counts.fresh += change.before.find(name) == std::string::npos;
    return int64_t(names.size());
}

int measureCommit(const Git& git, indexer::Index& index, const std::string& commit,
                  Counts& counts) {
    git("checkout -q -f --detach " + commit + "^");
    if (const auto updated = index.update({}, {}); !updated)
        return fmt::print(stderr, "{}\n", updated.error().message()), 1;
    const std::vector<Change> changes = changesOf(git, commit);
    if (changes.size() > 60) return 0;
    std::vector<indexer::EditedText> edit;
    for (const Change& change : changes) {
        counts.names += countNewUses(change, counts);
        edit.push_back({change.path, change.before, change.after});
    }
    if (const auto warm = index.exists("x", indexer::NameKind::function, {}); !warm) return 1;
    const auto start = std::chrono::steady_clock::now();
    const auto found = index.unknownNames(edit, {});
    counts.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!found) return fmt::print(stderr, "{}\n", found.error().message()), 1;
    counts.commits++;
    counts.files += int64_t(edit.size());
    counts.unknown += int64_t(found->size());
    counts.commitsAlarmed += found->empty() ? 0 : 1;
    for (const auto& name : *found)
        fmt::print("  {:.9} {}:{} {} {}\n", commit, name.path, name.line, toString(name.kind),
                   name.name);
    return 0;
}

void timeQuestions(const indexer::Index& index, const std::vector<std::string>& names) {
    const auto start = std::chrono::steady_clock::now();
    int64_t known = 0;
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; round++)
        for (const std::string& name : names) {
            const auto answer = index.exists(name, indexer::NameKind::function, {.path = "a.c"});
            known += answer && *answer != indexer::Existence::unknown;
        }
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("one question      {:.2f} us (mean of {})\n",
               1e6 * took / double(names.size() * kRounds), names.size() * kRounds);
}

int measure(const std::string& clone, size_t count, size_t window) {
    const Git git(clone);
    const std::string head = linesOf(git("rev-parse HEAD")).at(0);
    const auto commits =
        linesOf(git(fmt::format("rev-list --no-merges --max-count={} {}", window, head)));
    const auto file = std::filesystem::temp_directory_path() /
                      fmt::format("moxie_bench_existence_{}.sqlite", getpid());
    auto index = indexer::openIndex({.root = clone, .cacheFile = file});
    if (!index) return fmt::print(stderr, "{}\n", index.error().message()), 1;
    Counts counts;
    const size_t step = std::max<size_t>(1, commits.size() / std::max<size_t>(1, count));
    for (size_t i = 0; i < commits.size(); i += step)
        if (measureCommit(git, **index, commits[i], counts) != 0) return 1;
    fmt::print("commits           {} ({} with an alarm), {} files\n", counts.commits,
               counts.commitsAlarmed, counts.files);
    fmt::print("names on new lines {}, of them not in the file before {}\n", counts.names,
               counts.fresh);
    fmt::print("called unknown    {}: {:.2f} % of the names, {:.2f} % of the fresh ones\n",
               counts.unknown,
               100.0 * double(counts.unknown) / double(std::max<int64_t>(1, counts.names)),
               100.0 * double(counts.unknown) / double(std::max<int64_t>(1, counts.fresh)));
    fmt::print("check of a commit {:.1f} ms\n",
               1e3 * counts.seconds / double(std::max<int64_t>(1, counts.commits)));
    timeQuestions(**index, {"memcpy", "no_such_function", "main", "sdsnew", "a"});
    git("checkout -q -f --detach " + head);
    for (const char* end : {"", "-wal", "-shm"})
        std::filesystem::remove(file.string() + end);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return fmt::print(stderr, "usage: {} CLONE [COUNT] [WINDOW]\n", argv[0]), 2;
    const size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200;
    const size_t window = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 2000;
    return measure(argv[1], count, window);
}
