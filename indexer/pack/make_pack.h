// The door of packing: ranks, chooses what goes before a model's eyes within a token budget, writes
// it down the same way every time, and gives an account. Threads: any thread.
#pragma once
#include <filesystem>
#include <stop_token>

#include "base/result.h"
#include "indexer/context_pack.h"
#include "indexer/pack/callees.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct PackPlace {
    std::filesystem::path root;       // of the work tree
    std::filesystem::path indexFile;  // token counts are kept beside it; empty: nowhere
    LinkSource links = {};            // of the same state as the reading; empty: no callees
};

// Fails: invalidInput (no counter, negative budget), cancelled, corrupt, io.
base::Result<ContextPack> makePack(const Reading& reading, const PackPlace& place,
                                   const PackRequest& request, const std::stop_token& stop);

}  // namespace moxie::indexer
