/* What our build of the tree-sitter core has besides its public functions (syntax_core.c). C and
 * C++. */
#pragma once
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

#ifdef __cplusplus
}
#endif
