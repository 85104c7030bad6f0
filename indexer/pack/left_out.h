// The account of what is not in a pack. Threads: any thread; pure.
#pragma once
#include <vector>

#include "indexer/context_pack.h"
#include "indexer/live_view.h"
#include "indexer/pack/file_facts.h"
#include "indexer/pack/need.h"
#include "indexer/pack/pack_text.h"

namespace moxie::indexer {

struct LeftOutInput {
    const LiveView& view;
    const std::vector<FileFacts>& facts;
    const Need& need;
    const std::vector<PackShape>& shapes;
    bool isEnough = false;  // there was room for more
};

// Files with no text in the pack, by reason, the most files first.
std::vector<PackLeftOut> leftOut(const LeftOutInput& input);

}  // namespace moxie::indexer
