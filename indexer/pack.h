// Choosing what of a repository goes before a model's eyes within a token budget, and writing it
// down the same way every time. Threads: any thread.
#pragma once
#include <filesystem>
#include <stop_token>

#include "indexer/index.h"
#include "indexer/reader.h"

namespace moxie::indexer {

// Fails: invalidInput (no counter, negative budget), cancelled, corrupt, io.
base::Result<ContextPack> makePack(const Reading& reading, const std::filesystem::path& root,
                                   const PackRequest& request, const std::stop_token& stop);

}  // namespace moxie::indexer
