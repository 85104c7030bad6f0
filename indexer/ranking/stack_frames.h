// Places that a stack trace or a compiler's message names: gcc, clang, gdb, Python, JavaScript,
// Java, Go, Rust. Threads: any thread.
#pragma once
#include <string_view>
#include <vector>

#include "indexer/query.h"

namespace moxie::indexer {

// In the order of the text, at most 40.
std::vector<QueryFrame> stackFrames(std::string_view text);

}  // namespace moxie::indexer
