#include "indexer/outline/merge.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace moxie::indexer {
namespace {

constexpr int32_t kSameLines = 3;

bool isCallableKind(SymbolKind kind) {
    return kind == SymbolKind::function || kind == SymbolKind::method ||
           kind == SymbolKind::constructor;
}

// The functions of an outline as sorted, joined ranges of lines.
std::vector<std::pair<int32_t, int32_t>> functionLines(const Outline& outline) {
    std::vector<std::pair<int32_t, int32_t>> all, joined;
    for (const OutlineSymbol& symbol : outline.symbols)
        if (isCallableKind(symbol.kind) && symbol.lineLast > symbol.lineFirst)
            all.emplace_back(symbol.lineFirst, symbol.lineLast);
    std::sort(all.begin(), all.end());
    for (const auto& range : all) {
        if (!joined.empty() && range.first <= joined.back().second)
            joined.back().second = std::max(joined.back().second, range.second);
        else
            joined.push_back(range);
    }
    return joined;
}

// A function that swallowed the ones behind it, as a damaged tree has it, ends where the scanner
// saw its brace.
void shrinkSwollen(const Outline& scanned, Outline& out) {
    std::unordered_map<int32_t, const OutlineSymbol*> byLine;
    std::vector<int32_t> starts;
    for (const OutlineSymbol& symbol : scanned.symbols)
        if (isCallableKind(symbol.kind) && !symbol.isDeclaration) {
            byLine.emplace(symbol.lineFirst, &symbol);
            starts.push_back(symbol.lineFirst);
        }
    std::sort(starts.begin(), starts.end());
    for (OutlineSymbol& symbol : out.symbols) {
        const auto same = byLine.find(symbol.lineFirst);
        if (!isCallableKind(symbol.kind) || same == byLine.end()) continue;
        const OutlineSymbol& seen = *same->second;
        if (seen.name != symbol.name || seen.lineLast >= symbol.lineLast) continue;
        const auto next = std::upper_bound(starts.begin(), starts.end(), seen.lineLast);
        if (next == starts.end() || *next > symbol.lineLast) continue;
        symbol.lineLast = seen.lineLast;
        symbol.byteLast = seen.byteLast;
    }
}

}  // namespace

void sortByPlace(Outline& out) {
    const auto isBefore = [](const OutlineSymbol& a, const OutlineSymbol& b) {
        return a.byteFirst < b.byteFirst;
    };
    if (std::is_sorted(out.symbols.begin(), out.symbols.end(), isBefore)) return;
    std::vector<int32_t> order(out.symbols.size()), place(out.symbols.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
        return isBefore(out.symbols[size_t(a)], out.symbols[size_t(b)]);
    });
    std::vector<OutlineSymbol> sorted;
    sorted.reserve(order.size());
    for (size_t i = 0; i < order.size(); i++) {
        place[size_t(order[i])] = int32_t(i);
        sorted.push_back(std::move(out.symbols[size_t(order[i])]));
    }
    out.symbols = std::move(sorted);
    for (OutlineReference& reference : out.references)
        if (reference.symbol >= 0) reference.symbol = place[size_t(reference.symbol)];
}

void addScannedSymbols(const Outline& scanned, Outline& out) {
    if (out.isDamaged) shrinkSwollen(scanned, out);
    std::unordered_map<std::string_view, std::vector<int32_t>> linesOf;
    for (const OutlineSymbol& symbol : out.symbols)
        linesOf[symbol.name].push_back(symbol.lineFirst);
    for (auto& [name, lines] : linesOf)
        std::sort(lines.begin(), lines.end());
    const auto functions = functionLines(out);
    const auto isKnown = [&](const OutlineSymbol& symbol) {
        const auto lines = linesOf.find(symbol.name);
        if (lines == linesOf.end()) return false;
        const auto near = std::lower_bound(lines->second.begin(), lines->second.end(),
                                           symbol.lineFirst - kSameLines);
        return near != lines->second.end() && *near <= symbol.lineFirst + kSameLines;
    };
    const auto isInside = [&](int32_t line) {
        const auto after = std::upper_bound(functions.begin(), functions.end(),
                                            std::pair<int32_t, int32_t>(line, 0));
        return after != functions.begin() && std::prev(after)->second >= line;
    };
    const size_t before = out.symbols.size();
    for (const OutlineSymbol& symbol : scanned.symbols)
        if (!isKnown(symbol) && !isInside(symbol.lineFirst)) out.symbols.push_back(symbol);
    if (out.symbols.size() != before) sortByPlace(out);
}

}  // namespace moxie::indexer
