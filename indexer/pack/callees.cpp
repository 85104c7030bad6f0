#include "indexer/pack/callees.h"

#include <algorithm>

#include "indexer/links/resolver.h"
#include "indexer/uses.h"

namespace moxie::indexer {
namespace {

constexpr size_t kCalleesMax = 16;

// The calls that begin in the lines of a chunk, by line.
base::Result<std::vector<StoredUse>> callsOf(const Reading& reading, const LiveChunk& chunk) {
    TRY_ASSIGN(UseReader reader, UseReader::make(reading.database()));
    TRY_ASSIGN(auto uses, reader.of(reading.view().blobs[size_t(chunk.blob)].id));
    std::erase_if(uses, [&](const StoredUse& use) {
        return use.role != Role::call || use.line < chunk.lineFirst || use.line > chunk.lineLast;
    });
    std::stable_sort(uses.begin(), uses.end(),
                     [](const StoredUse& a, const StoredUse& b) { return a.line < b.line; });
    return uses;
}

}  // namespace

base::Result<std::vector<Callee>> CalleeFinder::of(int32_t at) {
    std::vector<Callee> callees;
    const LiveView& view = reading_.view();
    const LiveChunk& chunk = view.chunks[size_t(at)];
    TRY_ASSIGN(const auto calls, callsOf(reading_, chunk));
    if (calls.empty() || !links_) return callees;
    if (!table_) {
        TRY_ASSIGN(table_, links_());
    }
    const Resolver resolver(*table_);
    for (const StoredUse& call : calls) {
        if (callees.size() >= kCalleesMax) break;
        const Resolution found = resolver.resolve(table_->useOf(call, chunk.blob));
        if (found.verdict != LinkVerdict::definition || found.targets.size() != 1) continue;
        const LinkSymbol& target = table_->symbol(found.targets.front());
        if (table_->isTest(target.blob) && !table_->isTest(chunk.blob)) continue;
        const Callee callee = {view.blobs[size_t(target.blob)].file, target.row};
        const auto isSame = [&](const Callee& known) { return known.symbol == callee.symbol; };
        if (std::none_of(callees.begin(), callees.end(), isSame)) callees.push_back(callee);
    }
    return callees;
}

}  // namespace moxie::indexer
