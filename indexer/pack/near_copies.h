// Files whose text is nearly that of another one: vendored twice, variants that a program wrote,
// copies kept for a test. Threads: any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "indexer/live_view.h"
#include "indexer/pack/file_facts.h"

namespace moxie::indexer {

// By position in LiveView::files, the file that stands for it, or -1: at least 80 % of their
// distinct lines are the same. Only files with the same name, or of 100 and more lines with the
// same number of lines, are compared, and texts are asked for only where their sizes allow it.
// Exact copies (FileFacts::sameAs) are left out. Cost: a reading and hashing of the compared files.
std::vector<int32_t> findNearCopies(const LiveView& view, const std::vector<FileFacts>& facts,
                                    const std::function<std::string(int32_t file)>& textOf);

}  // namespace moxie::indexer
