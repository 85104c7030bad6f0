#include "indexer/syntax_memory.h"

#include <malloc.h>
#include <tree_sitter/api.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

namespace moxie::indexer {
namespace {

constexpr size_t kStep = 16, kHeader = 8;  // of the C library's blocks
constexpr size_t kSizeClasses = 64;        // up to 1 kB
constexpr size_t kKeptBytesMax = 4 << 20;  // of a thread

struct FreeBlock {
    FreeBlock* next;
};

struct KeptBlocks {
    FreeBlock* heads[kSizeClasses];
    size_t bytes;
    bool isClosed;
};

constinit thread_local KeptBlocks keptBlocks = {};

// Gives the blocks back when the thread ends.
struct KeptBlocksOwner {
    ~KeptBlocksOwner() {
        keptBlocks.isClosed = true;
        for (FreeBlock*& head : keptBlocks.heads)
            while (FreeBlock* block = head) {
                head = block->next;
                std::free(block);
            }
    }

    bool isThere = false;
};

thread_local KeptBlocksOwner blocksOwner;

size_t classOf(size_t bytes) {
    return (bytes + kHeader + kStep - 1) / kStep;
}

void* takeBlock(size_t bytes) {
    const size_t at = classOf(bytes);
    if (at >= kSizeClasses) return std::malloc(bytes);
    if (FreeBlock* block = keptBlocks.heads[at]) {
        keptBlocks.heads[at] = block->next;
        keptBlocks.bytes -= at * kStep;
        return block;
    }
    return std::malloc(at * kStep - kHeader);
}

void giveBlock(void* block) {
    if (!block) return;
    const size_t at = classOf(malloc_usable_size(block));
    if (at >= kSizeClasses || keptBlocks.bytes > kKeptBytesMax || keptBlocks.isClosed)
        return std::free(block);
    blocksOwner.isThere = true;
    auto* made = static_cast<FreeBlock*>(block);
    made->next = keptBlocks.heads[at];
    keptBlocks.heads[at] = made;
    keptBlocks.bytes += at * kStep;
}

void* takeZeroed(size_t count, size_t bytes) {
    if (bytes != 0 && count > SIZE_MAX / bytes) return nullptr;
    if (classOf(count * bytes) >= kSizeClasses) return std::calloc(count, bytes);
    void* block = takeBlock(count * bytes);
    if (block) std::memset(block, 0, count * bytes);
    return block;
}

}  // namespace

void useSyntaxMemory() {
    static std::once_flag once;
    std::call_once(once, [] {
    // The sanitizers watch each block better when it is freed at once.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        ts_set_allocator(takeBlock, takeZeroed, std::realloc, giveBlock);
#else
        (void)takeZeroed;
        (void)giveBlock;
#endif
    });
}

void giveFreedMemoryBack() {
    (void)malloc_trim(0);  // 0: there was nothing to give
}

}  // namespace moxie::indexer
