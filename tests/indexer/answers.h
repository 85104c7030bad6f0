// What a user sees of the index of parts_sample.h, for comparing it with that of a new index.
#pragma once
#include <string>

#include "indexer/index.h"

namespace moxie::testing {

// From every table that questions read; of a question that fails "failed: " and why.
std::string answersOf(const indexer::Index& index);

}  // namespace moxie::testing
