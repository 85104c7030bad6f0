#include "indexer/calls.h"

#include <algorithm>

#include "base/text.h"
#include "indexer/highlight.h"
#include "indexer/outline/outline.h"

namespace moxie::indexer {

base::Result<std::vector<CalledName>> callsIn(std::string_view text, const CallerPlace& caller,
                                              const std::stop_token& stop) {
    Outliner outliner;
    TRY_ASSIGN(const Outline outline,
               outliner.outline(grammarOfFile(caller.path, text), text, stop));
    const auto own = std::find_if(
        outline.symbols.begin(), outline.symbols.end(), [&](const OutlineSymbol& symbol) {
            return symbol.name == caller.name && symbol.lineFirst == caller.lineFirst;
        });
    std::vector<CalledName> calls;
    if (own == outline.symbols.end()) return calls;
    const auto index = int32_t(own - outline.symbols.begin());
    for (const OutlineReference& reference : outline.references)
        if (reference.symbol == index && reference.role == Role::call)
            calls.push_back({base::toValidUtf8(reference.name), reference.line, reference.count});
    std::stable_sort(calls.begin(), calls.end(),
                     [](const CalledName& a, const CalledName& b) { return a.line < b.line; });
    return calls;
}

}  // namespace moxie::indexer
