/* What our build of the tree-sitter core has besides its public functions (syntax_core.c). C and
 * C++. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <tree_sitter/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory for the parser and the tree of one text after the other, given back in one piece. */
typedef struct MoxieArena MoxieArena;

MoxieArena* moxieArenaNew(void); /* null: no memory */
void moxieArenaDelete(MoxieArena* arena);
/* From now on the core takes what it needs on this thread from the arena. Requires: none is
 * entered. */
void moxieArenaEnter(MoxieArena* arena);
/* What was taken since moxieArenaEnter() is gone, whether it was freed or not. */
void moxieArenaLeave(MoxieArena* arena);

/* Visits the nodes of a tree that a tree cursor visits, in its order: parents before children. */
typedef struct MoxieWalk MoxieWalk;

/* What a kind of node asks for, by its symbol. */
enum { kMoxieVisitLeaf = 1, kMoxieChildFields = 2 };

typedef struct {
    TSNode node;
    TSSymbol kind;
    TSFieldId field; /* 0: none, or the node above does not ask for kMoxieChildFields */
    uint32_t depth;  /* nodes above it */
} MoxieVisit;

/* Nodes without children are left out if their kind does not ask for kMoxieVisitLeaf. `kinds` has
   `count` entries and outlives the walk, as does the tree. Null: no memory. */
MoxieWalk* moxieWalkNew(TSNode root, const uint8_t* kinds, uint32_t count);
void moxieWalkDelete(MoxieWalk* walk);
/* False: there is no other node. */
bool moxieWalkNext(MoxieWalk* walk, MoxieVisit* visit);

#ifdef __cplusplus
}
#endif
