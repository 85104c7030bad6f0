// Times of files that tell whether a file changed. Threads: any.
#pragma once
#include <cstdint>

#include "indexer/work_tree.h"

namespace moxie::indexer {

// A file changed just now may change again within the same time stamp: 0, look at its bytes next
// time.
int64_t trustedTime(const FileOnDisk& file);

}  // namespace moxie::indexer
