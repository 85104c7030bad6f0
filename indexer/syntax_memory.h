// The memory of the syntax trees of one text after the other. Threads: one thread at a time.
#pragma once
#include <memory>

#include "indexer/syntax_core.h"
#include "indexer/syntax_tree.h"

namespace moxie::indexer {

class SyntaxArena {
public:
    SyntaxArena() : arena_(moxieArenaNew()) {}

    // While it lives, parsers and trees that its thread makes are in the arena. They must be gone
    // before it: the parser deleted, since scanners have memory of their own; a tree may be
    // dropped, which costs nothing, and its memory goes with this.
    class Use {
    public:
        explicit Use(SyntaxArena& arena);
        ~Use();
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

        static void drop(SyntaxTree tree);

    private:
        MoxieArena* arena_;
    };

private:
    struct Free {
        void operator()(MoxieArena* arena) const { moxieArenaDelete(arena); }
    };

    std::unique_ptr<MoxieArena, Free> arena_;  // null: there was no memory, the library's is used
};

// To the system: what was freed since the history was read. Cost: some ms.
void giveFreedMemoryBack();

}  // namespace moxie::indexer
