// How often the existence check calls a name of a real commit unknown, and how often it finds one
// that was invented. Works in a clone that it may check out: for each of COUNT commits at even
// steps through the newest WINDOW, the index has the parent's state and the commit is the edit.
// Then up to three names that each file begins to use are replaced, one at a time, by a name that
// is nowhere in the tree: the last word exchanged for that of another name ("recombined"), or a
// letter left out ("misspelled"); where it is a file's name as well, the import counts as found.
// Names that the commit itself defines are left alone. What was missed is listed by the reason.
// Usage: moxie_bench_existence CLONE [COUNT] [WINDOW]
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <unordered_set>

#include "indexer/existence/edit_check.h"
#include "indexer/index.h"
#include "indexer/outline/outline.h"
#include "tests/bench/index/git_reader.h"

namespace {

using namespace moxie;
using bench::Git;
using bench::linesOf;

struct Invented {
    int64_t names = 0, found = 0;
    std::map<std::string, int64_t> missed;  // by what the check said instead
};

struct Counts {
    int64_t commits = 0, files = 0, names = 0, fresh = 0, unknown = 0, commitsAlarmed = 0;
    double seconds = 0;
    Invented recombined, misspelled;
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

size_t lastWordOf(std::string_view name) {
    for (size_t i = name.size(); i-- > 1;) {
        const bool isHump =
            name[i] >= 'A' && name[i] <= 'Z' && name[i - 1] >= 'a' && name[i - 1] <= 'z';
        if (name[i] == '_') return i + 1;
        if (isHump) return i;
    }
    return 0;
}

std::string recombined(std::string_view name, std::string_view other) {
    return std::string(name.substr(0, lastWordOf(name))) +
           std::string(other.substr(lastWordOf(other)));
}

std::string misspelled(std::string_view name) {
    std::string out(name);
    return out.erase(out.size() - std::min<size_t>(3, out.size()), 1);
}

std::string replaced(const std::string& text, std::string_view name, const std::string& by) {
    const auto isPart = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    std::string out;
    size_t done = 0;
    for (size_t at = 0; (at = text.find(name, at)) != text.npos; at += name.size()) {
        const size_t end = at + name.size();
        if ((at > 0 && isPart(text[at - 1])) || (end < text.size() && isPart(text[end]))) continue;
        out.append(text, done, at - done).append(by);
        done = end;
    }
    return out.append(text, done, text.npos);
}

// Names of the tree that the change begins to use.
std::vector<std::string> freshNames(const indexer::Index& index, const Change& change) {
    std::vector<std::string> names;
    const auto used = indexer::usedNames(change.path, change.after, {});
    if (!used) return names;
    for (const auto& use : *used) {
        if (use.name.size() < 6 || lastWordOf(use.name) == 0) continue;
        if (change.before.find(use.name) != std::string::npos) continue;
        const auto known = index.exists(use.name, use.kind, {.path = change.path});
        if (known && *known == indexer::Existence::defined &&
            std::find(names.begin(), names.end(), use.name) == names.end())
            names.emplace_back(use.name);
    }
    return names;
}

// The edit itself defines the name: then the other one is no invention.
bool isDefinedIn(const std::string& path, const std::string& text, std::string_view name) {
    indexer::Outliner outliner;
    const auto& language = indexer::language(indexer::languageOfPath(path));
    const auto outline = outliner.outline(language, text, {});
    return outline && std::any_of(outline->symbols.begin(), outline->symbols.end(),
                                  [&](const auto& symbol) { return symbol.name == name; });
}

void tryInvented(const Git& git, const indexer::Index& index, const Change& change,
                 std::string_view name, const std::string& invented, Invented& counts) {
    if (invented == name || !git("grep -lwF -e '" + invented + "'").empty()) return;
    if (change.after.find(invented) != std::string::npos) return;
    const std::string after = replaced(change.after, name, invented);
    const auto verdicts = index.nameVerdicts({{change.path, change.before, after}}, {});
    if (!verdicts) return;
    if (isDefinedIn(change.path, after, invented)) return;
    counts.names++;
    std::string said = "not looked at";
    for (const indexer::NameVerdict& verdict : *verdicts) {
        const bool isPath =
            verdict.kind == indexer::NameKind::import && verdict.name.ends_with("/" + invented);
        if (verdict.name != invented && !isPath) continue;
        said = fmt::format("{} {}{}{}", toString(verdict.existence), toString(verdict.kind),
                           verdict.reason.empty() ? "" : ": ", verdict.reason);
        if (verdict.existence == indexer::Existence::unknown) {
            counts.found++;
            return;
        }
    }
    counts.missed[said]++;
    fmt::print("  missed {} ({} for {}) {}\n", change.path, invented, name, said);
}

void inventNames(const Git& git, const indexer::Index& index, const Change& change,
                 Counts& counts) {
    constexpr size_t kNamesPerFile = 3;
    const std::vector<std::string> names = freshNames(index, change);
    for (size_t i = 0; i < std::min(names.size(), kNamesPerFile); i++) {
        const std::string& other = names[(i + 1) % names.size()];
        tryInvented(git, index, change, names[i], recombined(names[i], other), counts.recombined);
        tryInvented(git, index, change, names[i], misspelled(names[i]), counts.misspelled);
    }
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
    for (const Change& change : changes)
        inventNames(git, index, change, counts);
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

void printInvented(const char* how, const Invented& invented) {
    fmt::print("{:<18}{} of {} invented names found: {:.1f} %\n", how, invented.found,
               invented.names,
               100.0 * double(invented.found) / double(std::max<int64_t>(1, invented.names)));
    for (const auto& [said, count] : invented.missed)
        fmt::print("    {:>4} {}\n", count, said);
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
    printInvented("recombined", counts.recombined);
    printInvented("misspelled", counts.misspelled);
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
