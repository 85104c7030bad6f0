// An Index that holds what a test puts into it. Fill the public lists before use; updateFile() only
// records its paths. Threads: updateFile() and updatedPaths() from any thread; fill the rest first.
#pragma once
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "indexer/index.h"

namespace moxie::tests {

class FakeIndex final : public indexer::Index {
public:
    std::vector<indexer::FileEntry> fileList;
    std::vector<indexer::Symbol> symbolList;
    std::vector<std::pair<std::string, indexer::Reference>> referenceList;  // name, use
    std::vector<indexer::SearchHit> hits;                                   // answer of search()
    std::vector<indexer::UnknownName> unknownNameList;                      // in any edit

    struct Call {
        std::string from, to;  // names of symbolList
    };

    std::vector<Call> calls;
    indexer::IndexStats statistics;
    std::string packText = "(repository map)\n";
    bool failsUpdates = false;

    base::Result<indexer::IndexStats> update(const std::function<void(indexer::Progress)>&,
                                             const std::stop_token& stop) override {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        if (failsUpdates) return base::fail(base::Errc::io, "disk is full");
        return statistics;
    }

    base::Status updateFile(std::string_view path) override {
        std::lock_guard lock(mutex_);
        updatedPaths_.emplace_back(path);
        if (failsUpdates) return base::fail(base::Errc::io, "disk is full");
        return {};
    }

    std::vector<std::string> updatedPaths() const {
        std::lock_guard lock(mutex_);
        return updatedPaths_;
    }

    base::Result<indexer::IndexStats> stats() const override { return statistics; }

    base::Result<std::vector<indexer::FileEntry>> files() const override { return fileList; }

    base::Status eachSymbol(const std::function<void(const indexer::SymbolEntry&)>& visit,
                            const std::stop_token& stop) const override {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        for (const indexer::Symbol& symbol : symbolList)
            visit({.name = symbol.name,
                   .parent = symbol.parent,
                   .path = symbol.path,
                   .kind = symbol.kind,
                   .isDeclaration = false,
                   .lineFirst = symbol.lineFirst,
                   .lineLast = symbol.lineLast,
                   .bytes = 40 * int64_t(symbol.lineLast - symbol.lineFirst + 1)});
        return {};
    }

    base::Result<std::vector<indexer::SearchHit>> search(std::string_view,
                                                         int64_t limit) const override {
        return firstOf(hits, limit);
    }

    // Names that contain `query` inside `path` (file or folder; empty: everywhere).
    base::Result<std::vector<indexer::Symbol>> symbols(std::string_view query,
                                                       std::string_view path,
                                                       int64_t limit) const override {
        std::vector<indexer::Symbol> found;
        for (const indexer::Symbol& symbol : symbolList)
            if (symbol.name.find(query) != std::string::npos && symbol.path.starts_with(path))
                found.push_back(symbol);
        return firstOf(found, limit);
    }

    base::Result<std::vector<indexer::Reference>> references(std::string_view name,
                                                             int64_t limit) const override {
        std::vector<indexer::Reference> found;
        for (const auto& [used, reference] : referenceList)
            if (used == name) found.push_back(reference);
        return firstOf(found, limit);
    }

    base::Result<indexer::Link> resolve(std::string_view, int32_t,
                                        std::string_view name) const override {
        indexer::Link link;
        for (const indexer::Symbol& symbol : symbolList)
            if (symbol.name == name) link.targets.push_back(targetOf(symbol));
        if (link.targets.size() == 1) link.verdict = indexer::LinkVerdict::definition;
        if (link.targets.size() > 1) link.verdict = indexer::LinkVerdict::ambiguous;
        return link;
    }

    base::Result<std::vector<indexer::CallEdge>> callers(const indexer::DefinitionPlace& definition,
                                                         int64_t limit) const override {
        return edgesOf(definition, limit, calls, &Call::to, &Call::from);
    }

    base::Result<std::vector<indexer::CallEdge>> callees(const indexer::DefinitionPlace& definition,
                                                         int64_t limit) const override {
        return edgesOf(definition, limit, calls, &Call::from, &Call::to);
    }

    base::Result<indexer::Existence> exists(std::string_view name, indexer::NameKind,
                                            const indexer::NameContext&) const override {
        for (const indexer::Symbol& symbol : symbolList)
            if (symbol.name == name) return indexer::Existence::defined;
        return indexer::Existence::unknown;
    }

    base::Result<std::vector<indexer::UnknownName>> unknownNames(
        const std::vector<indexer::EditedText>&, const std::stop_token& stop) const override {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        return unknownNameList;
    }

    base::Result<indexer::OrientationMap> map(const indexer::MapRequest&,
                                              const std::stop_token&) const override {
        indexer::OrientationMap made;
        for (const indexer::FileEntry& file : fileList) {
            made.text += file.path + "\n";
            made.entries.push_back({.path = file.path});
        }
        return made;
    }

    base::Result<indexer::ContextPack> pack(const indexer::PackRequest& request,
                                            const std::stop_token& stop) const override {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        indexer::ContextPack result;
        result.text = packText;
        const auto count = [&](std::string_view text) {
            return request.countTokens ? request.countTokens(text) : int64_t(text.size()) / 4;
        };
        if (count(result.text) > request.budgetTokens) result.text.clear();
        result.tokens = count(result.text);
        return result;
    }

private:
    static indexer::LinkTarget targetOf(const indexer::Symbol& symbol) {
        return {.name = symbol.name,
                .parent = symbol.parent,
                .path = symbol.path,
                .kind = symbol.kind,
                .lineFirst = symbol.lineFirst,
                .lineLast = symbol.lineLast,
                .confidence = 1};
    }

    std::vector<indexer::CallEdge> edgesOf(const indexer::DefinitionPlace& definition,
                                           int64_t limit, const std::vector<Call>& all,
                                           std::string Call::*end, std::string Call::*other) const {
        std::vector<indexer::CallEdge> found;
        for (const Call& call : all)
            for (const indexer::Symbol& symbol : symbolList)
                if (call.*end == definition.name && symbol.name == call.*other)
                    found.push_back({.other = targetOf(symbol),
                                     .rule = indexer::LinkRule::unique,
                                     .path = symbol.path,
                                     .line = symbol.lineFirst});
        return firstOf(found, limit);
    }

    template <class T>
    static std::vector<T> firstOf(std::vector<T> list, int64_t limit) {
        if (int64_t(list.size()) > limit) list.resize(size_t(std::max<int64_t>(limit, 0)));
        return list;
    }

    mutable std::mutex mutex_;  // guards updatedPaths_
    std::vector<std::string> updatedPaths_;
};

}  // namespace moxie::tests
