// The memory of tree-sitter: small blocks that are freed stay with their thread for the next tree,
// which wants the same sizes. Blocks are the C library's own, so any may be freed on any thread.
// Threads: any thread.
#pragma once

namespace moxie::indexer {

// Has an effect once.
void useSyntaxMemory();

// To the system: what was freed since a large text or the history was read. Cost: some ms.
void giveFreedMemoryBack();

}  // namespace moxie::indexer
