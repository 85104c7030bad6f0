// Search: a ranking turned into hits with snippets, reasons and companions. Threads: any thread.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/index.h"
#include "indexer/ranking.h"
#include "indexer/reader.h"

namespace moxie::indexer {

// Fails: corrupt, io.
base::Result<std::vector<SearchHit>> search(const Reading& reading,
                                            const std::filesystem::path& root,
                                            std::string_view query, int64_t limit);

}  // namespace moxie::indexer
