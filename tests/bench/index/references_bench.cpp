// Where every call of a repository leads, as a table for references.py, and what the answers cost.
// Usage: moxie_bench_references REPOSITORY CACHE_FILE [CALLS.tsv]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>

#include "indexer/index.h"
#include "indexer/links/link_queries.h"
#include "indexer/links/resolver.h"
#include "indexer/reader.h"

namespace {

using namespace moxie;
using indexer::LinkTable;
using indexer::LinkUse;
using indexer::Resolution;

double cpuSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

template <class T>
T orExit(base::Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::exit(1);
}

std::string placeOf(const LinkTable& table, int32_t symbol) {
    const auto& here = table.symbol(symbol);
    return fmt::format("{}:{}:{}", table.pathOf(here.blob), here.lineFirst, here.lineLast);
}

bool isSame(const LinkTable& table, const indexer::LinkSymbol& target,
            const indexer::LinkSymbol& other) {
    if (other.parent != target.parent || other.kind == indexer::SymbolKind::field) return false;
    if (table.vendoredRoot(other.blob) != table.vendoredRoot(target.blob)) return false;
    if (other.blob != target.blob) return other.isDeclaration && !other.isFileLocal;
    const bool isC = table.worldOf(target.blob) == indexer::NameWorld::c;
    return other.isDeclaration ||
           (isC && other.kind == target.kind &&
            (table.pathOf(other.blob).ends_with(".c") || other.kind == indexer::SymbolKind::macro));
}

// The targets; behind a '|' every declaration of the same thing, and its variants under #if in the
// same file of C.
std::string targetsOf(const LinkTable& table, const Resolution& found) {
    std::string out, declarations;
    for (const int32_t target : found.targets) {
        const auto& here = table.symbol(target);
        out += (out.empty() ? "" : ",") + placeOf(table, target);
        for (const int32_t other : table.symbolsNamed(here.name))
            if (isSame(table, here, table.symbol(other)) && other != target)
                declarations += (declarations.empty() ? "" : ",") + placeOf(table, other);
    }
    if (found.module >= 0) out = table.pathOf(found.module) + ":1:1";
    return out + "|" + declarations;
}

void writeCalls(const LinkTable& table, int32_t names, const std::string& path) {
    std::ofstream out(path);
    const indexer::Resolver resolver(table);
    for (int32_t name = 1; name < names; name++)
        for (const LinkUse& use : table.callsNamed(name)) {
            const Resolution found = resolver.resolve(use);
            out << table.pathOf(use.blob) << '\t' << use.line << '\t' << table.name(name) << '\t'
                << table.name(use.receiver) << '\t' << toString(found.verdict) << '\t'
                << toString(found.rule) << '\t' << found.confidence << '\t'
                << targetsOf(table, found) << '\n';
        }
}

struct Times {
    std::vector<double> microseconds;

    template <class Work>
    void measure(Work work) {
        const double start = cpuSeconds();
        work();
        microseconds.push_back((cpuSeconds() - start) * 1e6);
    }

    void print(const char* what) {
        std::sort(microseconds.begin(), microseconds.end());
        const auto at = [&](double part) {
            return microseconds.empty()
                       ? 0.0
                       : microseconds[size_t(part * double(microseconds.size() - 1))];
        };
        fmt::print("{:<12} {:>8} questions  p50 {:>8.1f} us  p95 {:>8.1f} us  p99 {:>8.1f} us\n",
                   what, microseconds.size(), at(0.5), at(0.95), at(0.99));
    }
};

// Every 50th function: what the user of a definition asks.
void timeQuestions(const indexer::Index& index) {
    std::vector<std::pair<indexer::DefinitionPlace, std::string>> places;
    std::vector<std::pair<std::string, std::string>> texts;
    int64_t count = 0;
    const auto visit = [&](const indexer::SymbolEntry& symbol) {
        const bool isFunction = symbol.kind == indexer::SymbolKind::function ||
                                symbol.kind == indexer::SymbolKind::method;
        if (!isFunction || symbol.isDeclaration || count++ % 50 != 0) return;
        texts.emplace_back(symbol.path, symbol.name);
        places.push_back({{.lineFirst = symbol.lineFirst}, {}});
    };
    if (!index.eachSymbol(visit, {})) return;
    Times definitions, references, callers, callees;
    for (size_t i = 0; i < places.size(); i++) {
        const indexer::DefinitionPlace place = {.path = texts[i].first,
                                                .name = texts[i].second,
                                                .lineFirst = places[i].first.lineFirst};
        std::vector<indexer::Reference> uses;
        references.measure([&] { uses = orExit(index.references(place.name, 100)); });
        callers.measure([&] { (void)orExit(index.callers(place, 100)); });
        callees.measure([&] { (void)orExit(index.callees(place, 100)); });
        if (!uses.empty())
            definitions.measure(
                [&] { (void)index.resolve(uses.front().path, uses.front().line, place.name); });
    }
    definitions.print("definition");
    references.print("references");
    callers.print("callers");
    callees.print("callees");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: moxie_bench_references REPOSITORY CACHE_FILE [CALLS.tsv]\n");
        return 2;
    }
    const auto index = orExit(indexer::openIndex({.root = argv[1], .cacheFile = argv[2]}));
    const auto stats = orExit(index->update({}, {}));
    indexer::Readers readers(argv[2]);
    const auto reading = orExit(readers.begin());
    double best = 1e9;
    std::shared_ptr<const LinkTable> table;
    for (int round = 0; round < 3; round++) {
        const double start = cpuSeconds();
        table = orExit(LinkTable::load(reading, argv[1]));
        best = std::min(best, cpuSeconds() - start);
    }
    fmt::print("{} files, {} symbols, {} references; link table in {:.3f} s of CPU\n", stats.files,
               stats.symbols, stats.references, best);
    if (argc > 3) {
        const auto names =
            orExit(reading.database().integer("SELECT coalesce(max(id), 0) FROM name"));
        writeCalls(*table, int32_t(names) + 1, argv[3]);
    }
    timeQuestions(*index);
    return 0;
}
