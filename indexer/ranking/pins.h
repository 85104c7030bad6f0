// What a request names and the repository has verbatim: paths, stack frames, identifiers that are
// defined here, quoted texts. Threads: any thread.
#pragma once
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/ranking/evidence.h"

namespace moxie::indexer {

// `words` are of Query::words. Fails: corrupt, io.
base::Result<std::vector<PinPlace>> findPins(const Reading& reading, const RankingTable& table,
                                             const Query& query,
                                             const std::vector<WordEvidence>& words,
                                             const std::filesystem::path& root);

// The files a path of a request may mean, "src/a.c" of "/home/me/src/a.c" too; by path.
std::vector<int32_t> filesNamed(const LiveView& view, std::string_view path);

}  // namespace moxie::indexer
