// The tree-sitter core, compiled in one piece with three of its parts replaced, none of which
// changes a tree: where its memory comes from, how references to subtrees are counted, and how the
// parse table is searched; and with a walk of our own over its trees. Threads: as tree-sitter, but
// a tree and what was parsed from it belong to one thread at a time, because the counts are plain
// numbers; ts_tree_copy() does not make them independent.
#include "indexer/syntax_core.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Counts of references, in place of the core's atomic.h.
#define TREE_SITTER_ATOMIC_H_

static inline size_t atomic_load(const volatile size_t* count) {
    return *count;
}

static inline uint32_t atomic_inc(volatile uint32_t* count) {
    return ++*(uint32_t*)count;
}

static inline uint32_t atomic_dec(volatile uint32_t* count) {
    return --*(uint32_t*)count;
}

// Each block has a word before it that says where it came from.
enum {
    kStep = 16,
    kHeader = 8,
    kClasses = 64,          // of small blocks, by size in steps
    kFromLibrary = 0,       // the word of a block of the C library; small ones have their class
    kLarge = kClasses,      // the word of a large block of an arena
    kPieceBytes = 1 << 18,  // the first piece; each is twice the one before
    kPieceBytesMax = 4 << 20,
    kKeptBytesMax = 2 << 20  // stay with the arena for the next text
};

typedef struct FreeBlock {
    struct FreeBlock* next;
} FreeBlock;

typedef struct Piece {
    struct Piece* next;
    size_t bytes;
} Piece;

typedef struct LargeBlock {
    struct LargeBlock *before, *next;
    uint64_t unused, word;
} LargeBlock;

struct MoxieArena {
    char *at, *end;  // of the current piece
    FreeBlock* heads[kClasses];
    Piece *first, *current;  // in the order in which they are used
    LargeBlock large;        // a ring
};

static __thread MoxieArena* enteredArena;

static void* orStop(void* block) {
    if (!block) abort();  // as the core itself
    return block;
}

static uint64_t* wordOf(void* block) {
    return (uint64_t*)block - 1;
}

static size_t classOf(size_t bytes) {
    return (bytes + kHeader + kStep - 1) / kStep;
}

static void usePiece(MoxieArena* arena, Piece* piece) {
    arena->current = piece;
    arena->at = (char*)piece + sizeof(Piece) + kHeader;  // blocks lie at multiples of a step
    arena->end = (char*)piece + piece->bytes;
}

static __attribute__((noinline)) void nextPiece(MoxieArena* arena) {
    Piece* before = arena->current;
    if (before && before->next) {
        usePiece(arena, before->next);
        return;
    }
    size_t bytes = before ? before->bytes * 2 : kPieceBytes;
    if (bytes > kPieceBytesMax) bytes = kPieceBytesMax;
    Piece* piece = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) abort();
    piece->next = NULL;
    piece->bytes = bytes;
    if (before)
        before->next = piece;
    else
        arena->first = piece;
    usePiece(arena, piece);
}

static __attribute__((noinline)) void* takeLarge(MoxieArena* arena, size_t bytes) {
    if (bytes > SIZE_MAX - sizeof(LargeBlock)) abort();
    LargeBlock* block = orStop(malloc(bytes + sizeof(LargeBlock)));
    block->word = kLarge;
    block->before = &arena->large;
    block->next = arena->large.next;
    block->next->before = arena->large.next = block;
    return block + 1;
}

static __attribute__((noinline)) void* takeFromLibrary(size_t bytes) {
    if (bytes > SIZE_MAX - kStep) abort();
    char* block = (char*)orStop(malloc(bytes + kStep)) + kStep;
    *wordOf(block) = kFromLibrary;
    return block;
}

static inline void* takeBlock(size_t bytes) {
    MoxieArena* arena = enteredArena;
    if (!arena) return takeFromLibrary(bytes);
    const size_t class = classOf(bytes);
    if (bytes > kClasses * kStep || class >= kClasses) return takeLarge(arena, bytes);
    FreeBlock* block = arena->heads[class];
    if (block) {
        arena->heads[class] = block->next;
        return block;
    }
    if ((size_t)(arena->end - arena->at) < class * kStep) nextPiece(arena);
    char* made = arena->at + kHeader;
    arena->at += class * kStep;
    *wordOf(made) = class;
    return made;
}

static inline void giveBlock(void* block) {
    if (!block) return;
    const uint64_t word = *wordOf(block);
    if (word == kFromLibrary) {
        free((char*)block - kStep);
    } else if (word == kLarge) {
        LargeBlock* large = (LargeBlock*)block - 1;
        large->before->next = large->next;
        large->next->before = large->before;
        free(large);
    } else {
        FreeBlock* made = block;
        made->next = enteredArena->heads[word];
        enteredArena->heads[word] = made;
    }
}

static void* takeZeroed(size_t count, size_t bytes) {
    if (bytes != 0 && count > SIZE_MAX / bytes) abort();
    return memset(takeBlock(count * bytes), 0, count * bytes);
}

static void* resizeBlock(void* block, size_t bytes) {
    if (!block) return takeBlock(bytes);
    const uint64_t word = *wordOf(block);
    if (word == kFromLibrary) {
        if (bytes > SIZE_MAX - kStep) abort();
        return (char*)orStop(realloc((char*)block - kStep, bytes + kStep)) + kStep;
    }
    if (word == kLarge) {
        if (bytes > SIZE_MAX - sizeof(LargeBlock)) abort();
        LargeBlock* large = orStop(realloc((LargeBlock*)block - 1, bytes + sizeof(LargeBlock)));
        large->before->next = large->next->before = large;
        return large + 1;
    }
    const size_t held = word * kStep - kHeader;
    if (bytes <= held) return block;
    void* made = takeBlock(bytes);
    memcpy(made, block, held);
    giveBlock(block);
    return made;
}

// The sanitizers see more when each block is the C library's.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ts_malloc takeBlock
#define ts_calloc takeZeroed
#define ts_realloc resizeBlock
#define ts_free giveBlock
#endif

// The states of a grammar that have few symbols are lists that the core searches from the front, a
// sixth of a parse of C. What was found is remembered.
#define ts_language_lookup searchParseTable
#include <language.h>
#undef ts_language_lookup

enum { kLookupBits = 13, kNoKey = 0xffffffff };

typedef struct {
    uint32_t key, value;
} Lookup;

static __thread struct {
    const TSLanguage* language;
    Lookup slots[1 << kLookupBits];
} lookups;

static __attribute__((noinline)) uint16_t searchAndRemember(const TSLanguage* self, TSStateId state,
                                                            TSSymbol symbol, Lookup* slot) {
    if (lookups.language != self) {
        memset(lookups.slots, 0xff, sizeof(lookups.slots));
        lookups.language = self;
    }
    slot->key = (uint32_t)state << 16 | symbol;
    return slot->value = searchParseTable(self, state, symbol);
}

static inline uint16_t ts_language_lookup(const TSLanguage* self, TSStateId state,
                                          TSSymbol symbol) {
    if (state < self->large_state_count)
        return self->parse_table[state * self->symbol_count + symbol];
    const uint32_t key = (uint32_t)state << 16 | symbol;
    Lookup* slot = &lookups.slots[key * 0x9e3779b1u >> (32 - kLookupBits)];
    if (slot->key == key && key != kNoKey && lookups.language == self) return (uint16_t)slot->value;
    return searchAndRemember(self, state, symbol, slot);
}

#include <lib.c>

MoxieArena* moxieArenaNew(void) {
    MoxieArena* arena = calloc(1, sizeof(MoxieArena));
    if (arena) arena->large.before = arena->large.next = &arena->large;
    return arena;
}

static void dropAllPieces(MoxieArena* arena, size_t keptBytes) {
    size_t kept = 0;
    for (Piece** link = &arena->first; *link;) {
        Piece* piece = *link;
        if (kept + piece->bytes <= keptBytes) {
            kept += piece->bytes;
            link = &piece->next;
            continue;
        }
        *link = piece->next;
        munmap(piece, piece->bytes);
    }
}

void moxieArenaDelete(MoxieArena* arena) {
    if (!arena) return;
    dropAllPieces(arena, 0);
    free(arena);
}

void moxieArenaEnter(MoxieArena* arena) {
    memset(arena->heads, 0, sizeof(arena->heads));
    arena->current = NULL;
    arena->at = arena->end = NULL;
    if (arena->first) usePiece(arena, arena->first);
    enteredArena = arena;
}

void moxieArenaLeave(MoxieArena* arena) {
    enteredArena = NULL;
    while (arena->large.next != &arena->large)
        giveBlock(arena->large.next + 1);
    dropAllPieces(arena, kKeptBytesMax);
}

// A node whose children are being visited.
typedef struct {
    const Subtree* children;
    uint32_t count, index;
    uint32_t structural;  // of the next child: without extras
    Length position;      // of the next child
    const TSSymbol* aliases;
    const TSFieldMapEntry *fields, *fieldsEnd;
    TSFieldId ownField;  // of a hidden node: its children have it
    bool asksForFields;  // the visible node that they belong to
    uint32_t depth;      // of its visible children
} OpenNode;

struct MoxieWalk {
    const TSTree* tree;
    const uint8_t* kinds;
    uint32_t kindCount;
    uint32_t size, capacity;
    OpenNode* open;
    TSNode root;
    bool isBegun;
};

MoxieWalk* moxieWalkNew(TSNode root, const uint8_t* kinds, uint32_t count) {
    MoxieWalk* walk = calloc(1, sizeof(MoxieWalk));
    if (!walk) return NULL;
    walk->tree = root.tree;
    walk->root = root;
    walk->kinds = kinds;
    walk->kindCount = count;
    walk->capacity = 64;
    walk->open = orStop(malloc(walk->capacity * sizeof(OpenNode)));
    return walk;
}

void moxieWalkDelete(MoxieWalk* walk) {
    if (!walk) return;
    free(walk->open);
    free(walk);
}

static uint8_t askedFor(const MoxieWalk* walk, TSSymbol kind) {
    return kind < walk->kindCount ? walk->kinds[kind] : 0;
}

// Requires: it has children.
static OpenNode* openNode(MoxieWalk* walk, Subtree node, Length position) {
    if (walk->size == walk->capacity) {
        walk->capacity *= 2;
        walk->open = orStop(realloc(walk->open, (size_t)walk->capacity * sizeof(OpenNode)));
    }
    OpenNode* open = &walk->open[walk->size++];
    open->children = ts_subtree_children(node);
    open->count = node.ptr->child_count;
    open->index = open->structural = 0;
    open->position = position;
    open->aliases = ts_language_alias_sequence(walk->tree->language, node.ptr->production_id);
    ts_language_field_map(walk->tree->language, node.ptr->production_id, &open->fields,
                          &open->fieldsEnd);
    return open;
}

static TSFieldId fieldOf(const OpenNode* open, bool isExtra, uint32_t structural) {
    if (!open->asksForFields || isExtra) return 0;
    for (const TSFieldMapEntry* entry = open->fields; entry < open->fieldsEnd; entry++)
        if (!entry->inherited && entry->child_index == structural) return entry->field_id;
    return open->ownField;
}

static void openVisible(MoxieWalk* walk, Subtree node, Length position, const MoxieVisit* visit) {
    OpenNode* open = openNode(walk, node, position);
    open->ownField = 0;
    open->asksForFields = askedFor(walk, visit->kind) & kMoxieChildFields;
    open->depth = visit->depth + 1;
}

static void openHidden(MoxieWalk* walk, Subtree node, Length position, TSFieldId field) {
    const OpenNode above = walk->open[walk->size - 1];
    OpenNode* open = openNode(walk, node, position);
    open->ownField = field;
    open->asksForFields = above.asksForFields;
    open->depth = above.depth;
}

static bool visitRoot(MoxieWalk* walk, MoxieVisit* visit) {
    walk->isBegun = true;
    const Subtree node = *(const Subtree*)walk->root.id;
    *visit = (MoxieVisit){walk->root, ts_node_symbol(walk->root), 0, 0};
    const Length position = {ts_node_start_byte(walk->root), ts_node_start_point(walk->root)};
    if (ts_subtree_visible_child_count(node) > 0) openVisible(walk, node, position, visit);
    return true;
}

bool moxieWalkNext(MoxieWalk* walk, MoxieVisit* visit) {
    if (!walk->isBegun) return visitRoot(walk, visit);
    while (walk->size > 0) {
        OpenNode* open = &walk->open[walk->size - 1];
        if (open->index == open->count) {
            walk->size--;
            continue;
        }
        const Subtree* child = &open->children[open->index++];
        const Length position = open->position;
        const bool isExtra = ts_subtree_extra(*child);
        const uint32_t structural = open->structural;
        const TSSymbol alias = open->aliases && !isExtra ? open->aliases[structural] : 0;
        if (!isExtra) open->structural++;
        if (open->index < open->count)
            open->position = length_add(length_add(position, ts_subtree_size(*child)),
                                        ts_subtree_padding(child[1]));
        const uint32_t inside = ts_subtree_visible_child_count(*child);
        if (!alias && !ts_subtree_visible(*child)) {
            if (inside > 0) openHidden(walk, *child, position, fieldOf(open, isExtra, structural));
            continue;
        }
        const TSSymbol kind = ts_language_public_symbol(walk->tree->language,
                                                        alias ? alias : ts_subtree_symbol(*child));
        if (inside == 0 && !(askedFor(walk, kind) & kMoxieVisitLeaf)) continue;
        visit->node = ts_node_new(walk->tree, child, position, alias);
        visit->kind = kind;
        visit->field = fieldOf(open, isExtra, structural);
        visit->depth = open->depth;
        if (inside > 0) openVisible(walk, *child, position, visit);
        return true;
    }
    return false;
}
