#include "indexer/links/link_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "indexer/links/resolver.h"

namespace moxie::indexer {
namespace {

LinkTarget targetOf(const LinkTable& table, int32_t symbol, double confidence) {
    const LinkSymbol& here = table.symbol(symbol);
    return {.name = base::toValidUtf8(table.name(here.name)),
            .parent = base::toValidUtf8(table.name(here.parent)),
            .path = table.pathOf(here.blob),
            .kind = here.kind,
            .lineFirst = here.lineFirst,
            .lineLast = here.lineLast,
            .confidence = confidence};
}

// A use at file level has no name: the file stands for the caller.
LinkTarget callerOf(const LinkTable& table, const LinkUse& use, double confidence) {
    if (use.symbol >= 0) return targetOf(table, use.symbol, confidence);
    return {.name = {},
            .parent = {},
            .path = table.pathOf(use.blob),
            .kind = SymbolKind::module,
            .lineFirst = use.line,
            .lineLast = use.line,
            .confidence = confidence};
}

base::Result<int32_t> symbolAt(const LinkTable& table, const DefinitionPlace& place) {
    const int32_t symbol = table.find(place);
    if (symbol < 0)
        return base::fail(base::Errc::notFound,
                          fmt::format("{}:{}: nothing called {} begins there", place.path,
                                      place.lineFirst, place.name));
    return symbol;
}

// The uses of a name in one file, by line.
base::Result<std::vector<LinkUse>> usesIn(const Reading& reading, const LinkTable& table,
                                          int32_t blob, int32_t name) {
    TRY_ASSIGN(UseReader reader, UseReader::make(reading.database()));
    TRY_ASSIGN(const auto stored, reader.of(reading.view().blobs[size_t(blob)].id, name));
    std::vector<LinkUse> uses;
    for (const StoredUse& row : stored)
        uses.push_back(table.useOf(row, blob));
    std::stable_sort(uses.begin(), uses.end(), [&](const LinkUse& a, const LinkUse& b) {
        const std::pair at(a.line, a.role), other(b.line, b.role);
        return at != other ? at < other : table.name(a.receiver) < table.name(b.receiver);
    });
    return uses;
}

}  // namespace

std::string_view toString(LinkVerdict verdict) {
    static constexpr std::array<std::string_view, 4> kNames = {"outside", "definition", "ambiguous",
                                                               "local"};
    return kNames[static_cast<size_t>(verdict)];
}

std::string_view toString(LinkRule rule) {
    static constexpr std::array<std::string_view, 7> kNames = {
        "none", "local", "same_file", "imported", "same_package", "unique", "shape"};
    return kNames[static_cast<size_t>(rule)];
}

Link linkOf(const LinkTable& table, const LinkUse& use) {
    const Resolution found = Resolver(table).resolve(use);
    Link link = {.verdict = found.verdict, .rule = found.rule, .targets = {}};
    for (const int32_t target : found.targets)
        link.targets.push_back(targetOf(table, target, found.confidence));
    if (found.module >= 0)
        link.targets.push_back({.name = std::string(table.name(use.name)),
                                .parent = {},
                                .path = table.pathOf(found.module),
                                .kind = SymbolKind::module,
                                .lineFirst = 1,
                                .lineLast = 1,
                                .confidence = found.confidence});
    return link;
}

base::Result<Link> linkAt(const Reading& reading, const LinkTable& table, std::string_view path,
                          int32_t line, std::string_view name) {
    const int32_t blob = table.blobOf(path), number = table.nameOf(name);
    std::vector<LinkUse> uses;
    if (blob >= 0 && number > 0) {
        TRY_ASSIGN(uses, usesIn(reading, table, blob, number));
    }
    // Rows say where a function uses the name first.
    const int32_t around = blob < 0 ? -1 : table.enclosing(blob, line);
    const LinkUse* best = nullptr;
    for (const LinkUse& use : uses)
        if (use.line <= line && (use.symbol == around || use.line == line)) best = &use;
    if (!best)
        return base::fail(base::Errc::notFound,
                          fmt::format("{}:{}: no use of {} there", path, line, name));
    return linkOf(table, *best);
}

base::Result<std::vector<CallEdge>> callersOf(const LinkTable& table, const DefinitionPlace& place,
                                              int64_t limit) {
    TRY_ASSIGN(const int32_t wanted, symbolAt(table, place));
    const Resolver resolver(table);
    std::vector<CallEdge> edges;
    const auto addCalls = [&](int32_t name) {
        for (const LinkUse& use : table.callsNamed(name)) {
            const Resolution found = resolver.resolve(use);
            const auto& targets = found.targets;
            if (std::find(targets.begin(), targets.end(), wanted) == targets.end()) continue;
            edges.push_back({.other = callerOf(table, use, found.confidence),
                             .rule = found.rule,
                             .path = table.pathOf(use.blob),
                             .line = use.line,
                             .count = use.count});
        }
    };
    const LinkSymbol& symbol = table.symbol(wanted);
    addCalls(symbol.name);
    // Ruby calls initialize as new.
    if (table.worldOf(symbol.blob) == NameWorld::ruby && table.name(symbol.name) == "initialize")
        addCalls(table.nameOf("new"));
    std::stable_sort(edges.begin(), edges.end(), [](const CallEdge& a, const CallEdge& b) {
        return a.other.confidence > b.other.confidence;
    });
    if (int64_t(edges.size()) > limit) edges.resize(size_t(std::max<int64_t>(limit, 0)));
    return edges;
}

base::Result<std::vector<CallEdge>> calleesOf(const LinkTable& table, const DefinitionPlace& place,
                                              int64_t limit) {
    TRY_ASSIGN(const int32_t caller, symbolAt(table, place));
    const Resolver resolver(table);
    std::vector<CallEdge> edges;
    for (const int32_t at : table.callsIn(caller)) {
        const LinkUse& use = table.call(at);
        const Resolution found = resolver.resolve(use);
        for (const int32_t target : found.targets) {
            if (int64_t(edges.size()) >= limit) return edges;
            edges.push_back({.other = targetOf(table, target, found.confidence),
                             .rule = found.rule,
                             .path = table.pathOf(use.blob),
                             .line = use.line,
                             .count = use.count});
        }
    }
    return edges;
}

}  // namespace moxie::indexer
