#include "indexer/syntax_memory.h"

#include <malloc.h>

namespace moxie::indexer {

SyntaxArena::Use::Use(SyntaxArena& arena) : arena_(arena.arena_.get()) {
    if (arena_) moxieArenaEnter(arena_);
}

SyntaxArena::Use::~Use() {
    if (arena_) moxieArenaLeave(arena_);
}

void SyntaxArena::Use::drop(SyntaxTree tree) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    tree.reset();  // it is the C library's there
#else
    (void)tree.release();
#endif
}

void giveFreedMemoryBack() {
    (void)malloc_trim(0);  // 0: there was nothing to give
}

}  // namespace moxie::indexer
