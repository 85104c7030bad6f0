#include "tests/indexer/answers.h"

#include <fmt/format.h>

namespace moxie::testing {

using namespace moxie::indexer;

std::string answersOf(const Index& index) {
    std::string out;
    const auto add = [&](const auto& asked) {
        if (!asked) out += "failed: " + asked.error().message() + "\n";
        return asked.has_value();
    };
    for (int attempt = 0; attempt < 2; attempt++) {  // the first may find damage on its way
        std::string symbols;
        const auto visit = [&](const SymbolEntry& symbol) {
            symbols += fmt::format("{} {}:{}\n", symbol.name, symbol.path, symbol.lineFirst);
        };
        const base::Status visited = index.eachSymbol(visit, {});
        if (!visited && attempt == 0) continue;
        if (add(visited)) out += symbols;
        break;
    }
    if (const auto stats = index.stats(); add(stats))
        out += fmt::format("{} {} {} {}\n", stats->files, stats->lines, stats->symbols,
                           stats->references);
    if (const auto files = index.files(); add(files))
        for (const FileEntry& file : *files)
            out += fmt::format("{} {} {}\n", file.path, file.bytes, file.lines);
    for (const char* path : {"", "src"})
        if (const auto symbols = index.symbols("count_1", path, 500); add(symbols))
            for (const Symbol& symbol : *symbols)
                out += fmt::format("{} {}:{}-{} {}\n", symbol.name, symbol.path, symbol.lineFirst,
                                   symbol.lineLast, symbol.signature);
    for (const char* query : {"count the totals of part 7", "lonely", "cart total"})
        if (const auto hits = index.search(query, 50); add(hits))
            for (const SearchHit& hit : *hits)
                out += fmt::format("{} {:.9f} {}:{}\n", query, hit.score, hit.path, hit.lineFirst);
    for (const char* name : {"count_4_2", "helper_3", "total_9"})
        if (const auto uses = index.references(name, 500); add(uses))
            for (const Reference& use : *uses)
                out += fmt::format("{} {}:{} {} in {}\n", name, use.path, use.line, use.role,
                                   use.enclosing);
    if (const auto link = index.resolve("src/f1.c", 5, "count_2_0"); add(link))
        for (const LinkTarget& target : link->targets)
            out += fmt::format("-> {}:{}\n", target.path, target.lineFirst);
    for (const char* name : {"count_0_0", "nobody_knows"})
        if (const auto known = index.exists(name, NameKind::function, {.path = "src/f2.c"});
            add(known))
            out += fmt::format("{} {}\n", name, toString(*known));
    if (const auto map = index.map({}, {}); add(map)) out += map->text;
    return out;
}

}  // namespace moxie::testing
