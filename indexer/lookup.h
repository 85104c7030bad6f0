// The questions that need no ranking: symbols by name, references of a name, what the index holds.
// Threads: any thread.
#pragma once
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "indexer/index.h"
#include "indexer/links/link_table.h"
#include "indexer/name_list.h"
#include "indexer/reader.h"

namespace moxie::indexer {

// Symbols called so or nearly so, best names first, definitions before declarations. Requires: the
// view.
base::Result<std::vector<Symbol>> findSymbols(const Reading& reading, NameList& names,
                                              std::string_view query, int64_t limit);
// The same in one file or folder. Requires: a path.
base::Result<std::vector<Symbol>> findSymbolsIn(const Reading& reading, std::string_view path,
                                                std::string_view query, int64_t limit);

struct NameQuery {
    std::string_view name = {};
    int64_t limit = 100;
};

// `links` is of the same state as `reading`.
base::Result<std::vector<Reference>> findReferences(const Reading& reading, const LinkTable& links,
                                                    const std::filesystem::path& root,
                                                    const NameQuery& wanted);
std::vector<FileEntry> allFiles(const Reading& reading);
base::Status visitSymbols(const Reading& reading,
                          const std::function<void(const SymbolEntry&)>& visit,
                          const std::stop_token& stop);

}  // namespace moxie::indexer
