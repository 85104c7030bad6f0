// What packing wants to know of each file besides its relevance: how long it has been left alone,
// whether people wrote it, and which other file it repeats. Threads: any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "indexer/context_pack.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct FileFacts {
    PackBand band = PackBand::settled;
    bool isTest = false, isVendored = false, isGenerated = false, isData = false;
    bool hasText = true;  // neither binary nor too large nor empty
    int32_t touches = 0;  // commits of the indexed history that changed it
    double recency = 0;   // 1: by the newest commit, 0: by none of them
    int32_t sameAs = -1;  // position of the file that has the same text and is packed
};

// By position in LiveView::files. A file counts as active if one of the newest tenth of the indexed
// commits touched it. Fails: corrupt, io.
base::Result<std::vector<FileFacts>> readFileFacts(const Reading& reading);

}  // namespace moxie::indexer
